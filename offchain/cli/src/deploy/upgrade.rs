//! `inktensor upgrade`: other code for a contract, through governance. Every step reads the chain, so each can be taken by
//! somebody else.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use inktensor_chain::deploy::{Upgrade, UpgradeState};
use inktensor_chain::{AccountId, Bundles, Hash, Keypair, Manifest, Part, parse_ss58};
use serde_json::{Value, json};

use super::session::Session;
use super::{Place, confirm::confirm, units};
use crate::error::CliError;

/// Arguments of `inktensor upgrade`.
#[derive(Args)]
pub struct Options {
    /// Which contract gets the code of the local bundle.
    #[arg(value_parser = part)]
    contract: Part,
    #[command(flatten)]
    place: Place,
    /// What `inktensor deploy` wrote. A step that exchanges the code notes it there.
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    manifest: PathBuf,
    /// What to do.
    #[arg(long, value_enum, default_value_t = Step::Propose)]
    step: Step,
    /// Who signs: a file with the secret, of mode 0600, or a development key such as //Alice. `status` needs none.
    #[arg(long, value_name = "FILE|//NAME")]
    key: Option<String>,
    /// The hotkey with the signer's stake, which `propose` and `vote` need.
    #[arg(long, value_name = "ADDRESS", value_parser = account)]
    hotkey: Option<AccountId>,
    /// Votes against the proposal instead of for it.
    #[arg(long)]
    against: bool,
    /// Hash of the proposal's description, which is published elsewhere: 32 bytes as hex behind 0x. Without it, that of
    /// the new code.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    description: Option<Hash>,
    /// Does not ask before it sends.
    #[arg(long)]
    yes: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Tells how far the upgrade has come and what is next.
    Status,
    /// Uploads the code and proposes to exchange it.
    Propose,
    /// Votes for the proposal, or against it.
    Vote,
    /// Executes the proposal that passed.
    Execute,
}

/// Takes one step of an upgrade.
pub async fn upgrade(options: &Options) -> Result<(), CliError> {
    let deed = Deed::of(options)?;
    let mut manifest = Manifest::read(&options.manifest)?;
    let bundles = Bundles::find(options.place.bundles.as_deref())?;
    let session = Session::open(&options.place.chain).await?;
    let bundle = bundles.of(options.contract);
    let upgrade = Upgrade::new(&session.client, &manifest.deployment(), options.contract, bundle);
    deed.carry_out(options, &upgrade).await?;
    let state = upgrade.state().await?;
    if options.step == Step::Execute && state == UpgradeState::Running {
        manifest.upgraded(options.contract, bundle);
        manifest.write(&options.manifest)?;
    }
    let now_ms = session.client.head().await?.timestamp_ms;
    if options.json {
        println!("{}", as_json(options.contract, &upgrade, &state));
    } else {
        println!("{} to 0x{}: {}", options.contract, hex::encode(upgrade.code_hash()), as_text(&state, now_ms));
    }
    Ok(())
}

/// A step with what it needs.
enum Deed {
    Status,
    Propose(Keypair, AccountId),
    Vote(Keypair, AccountId),
    Execute(Keypair),
}

impl Deed {
    /// Errors: `Argument` where the step lacks something, `Secret`.
    fn of(options: &Options) -> Result<Self, CliError> {
        let missing = |what, reason: &str| CliError::Argument { what, reason: reason.into() };
        let key = || {
            let key = options.key.as_deref().ok_or_else(|| missing("--key", "this step is signed: name who signs"))?;
            Ok::<_, CliError>(Keypair::from_argument(key)?)
        };
        let hotkey =
            || options.hotkey.ok_or_else(|| missing("--hotkey", "this step needs the hotkey that has the stake"));
        Ok(match options.step {
            Step::Status => Self::Status,
            Step::Propose => Self::Propose(key()?, hotkey()?),
            Step::Vote => Self::Vote(key()?, hotkey()?),
            Step::Execute => Self::Execute(key()?),
        })
    }

    /// Does it, if it is time for it.
    async fn carry_out(&self, options: &Options, upgrade: &Upgrade<'_>) -> Result<(), CliError> {
        use UpgradeState::{Due, Expired, Rejected, Running, Unproposed, Voting};
        let (contract, state) = (options.contract, upgrade.state().await?);
        match (self, &state) {
            (Self::Status, _) => {}
            (Self::Propose(key, hotkey), Unproposed | Rejected(..) | Expired(..)) => {
                let description = options.description.unwrap_or_else(|| upgrade.code_hash().into());
                upgrade.check_proposal(key.account(), *hotkey, description).await?;
                confirm(options.yes, &format!("This uploads code and proposes to exchange that of {contract}."))?;
                upgrade.upload(key).await?;
                upgrade.propose(key, *hotkey, description).await?;
            }
            (Self::Vote(key, hotkey), Voting(number, _)) => {
                let side = if options.against { "against" } else { "for" };
                let what = format!("This votes {side} proposal {number} and locks the stake until voting ends.");
                confirm(options.yes, &what)?;
                upgrade.vote(key, *number, *hotkey, !options.against).await?;
            }
            (Self::Execute(key), Due(number, _)) => {
                confirm(options.yes, &format!("This exchanges the code of {contract} by proposal {number}."))?;
                upgrade.execute(key, *number).await?;
            }
            // Somebody else was faster: the manifest is brought up to date all the same.
            (Self::Execute(_), Running) => {}
            _ => return Err(CliError::NotTheTime { contract: contract.name(), state: name(&state) }),
        }
        Ok(())
    }
}

fn name(state: &UpgradeState) -> &'static str {
    match state {
        UpgradeState::Running => "running",
        UpgradeState::Unproposed => "unproposed",
        UpgradeState::Voting(..) => "voting",
        UpgradeState::Waiting(..) => "waiting",
        UpgradeState::Due(..) => "due",
        UpgradeState::Rejected(..) => "rejected",
        UpgradeState::Expired(..) => "expired",
    }
}

/// Where it stands and what is next.
fn as_text(state: &UpgradeState, now_ms: u64) -> String {
    let until = |ms: u64| units::span(ms.saturating_sub(now_ms));
    match state {
        UpgradeState::Running => "the contract runs it".into(),
        UpgradeState::Unproposed => "not proposed. Next: --step propose, by whoever has the stake".into(),
        UpgradeState::Voting(number, proposal) => format!(
            "proposal {number} is voted on for {}: {} rao for it, {} against, quorum {}. Next: --step vote",
            until(proposal.voting_ends_ms),
            proposal.ayes,
            proposal.nays,
            proposal.quorum
        ),
        UpgradeState::Waiting(number, proposal) => {
            format!(
                "proposal {number} passed and waits for {}. Next: --step execute, by anyone",
                until(proposal.due_ms)
            )
        }
        UpgradeState::Due(number, proposal) => {
            format!("proposal {number} passed. Next: --step execute, by anyone, within {}", until(proposal.expires_ms))
        }
        UpgradeState::Rejected(number, _) => {
            format!("proposal {number} failed. Next: --step propose, if that is wanted")
        }
        UpgradeState::Expired(number, _) => {
            format!("proposal {number} passed and was not executed in time. Next: --step propose")
        }
    }
}

fn as_json(contract: Part, upgrade: &Upgrade<'_>, state: &UpgradeState) -> Value {
    let mut value = json!({
        "contract": contract,
        "code_hash": format!("0x{}", hex::encode(upgrade.code_hash())),
        "state": name(state),
    });
    if let UpgradeState::Voting(number, proposal)
    | UpgradeState::Waiting(number, proposal)
    | UpgradeState::Due(number, proposal)
    | UpgradeState::Rejected(number, proposal)
    | UpgradeState::Expired(number, proposal) = state
    {
        value["proposal"] = json!({
            "number": number,
            "ayes_rao": proposal.ayes.to_string(),
            "nays_rao": proposal.nays.to_string(),
            "quorum_rao": proposal.quorum.to_string(),
            "voting_ends_ms": proposal.voting_ends_ms,
            "due_ms": proposal.due_ms,
            "expires_ms": proposal.expires_ms,
        });
    }
    value
}

fn part(text: &str) -> Result<Part, String> {
    Part::of_name(text).ok_or_else(|| format!("there are: {}", Part::ALL.map(Part::name).join(", ")))
}

fn account(text: &str) -> Result<AccountId, String> {
    parse_ss58(text).map_err(|error| error.to_string())
}

fn hash(text: &str) -> Result<Hash, String> {
    let mut bytes = [0; 32];
    let digits = text.strip_prefix("0x").ok_or("a hash is hex behind 0x")?;
    hex::decode_to_slice(digits, &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.into())
}
