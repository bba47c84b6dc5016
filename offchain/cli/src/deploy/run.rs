//! `inktensor deploy`: plan, ask, build, write the manifest.

use std::path::{Path, PathBuf};

use clap::Args;
use inktensor_chain::deploy::{Blueprint, Happening, Journal, Patience, Plan, Step, build};
use inktensor_chain::{Bundles, Keypair, Manifest};

use super::session::Session;
use super::{Place, config, confirm::confirm, report};
use crate::error::CliError;

/// What to deploy, for whom, and where to write it down.
#[derive(Args)]
pub struct Order {
    /// What the suite starts with; docs/deploy.example.toml is an example.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Who deploys and pays: a file with the secret, of mode 0600, or a development key such as //Alice.
    #[arg(long, value_name = "FILE|//NAME")]
    key: String,
    /// Where to write what was deployed, which everybody else needs.
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    manifest: PathBuf,
    /// Where to write what was sent, by which an interrupted deployment goes on; without it, beside the manifest.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Does not ask before it sends.
    #[arg(long)]
    yes: bool,
    /// Prints the plan and sends nothing.
    #[arg(long)]
    dry_run: bool,
    /// Sends a step again whose fate is unknown since an interruption, instead of waiting. The chain refuses the second of
    /// two, which costs a fee.
    #[arg(long)]
    resend: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Deploys.
pub async fn deploy(place: &Place, options: &Order) -> Result<(), CliError> {
    let config = config::read(&options.config)?;
    let key = Keypair::from_argument(&options.key)?;
    let bundles = Bundles::find(place.bundles.as_deref())?;
    let session = Session::open(&place.chain).await?;
    let blueprint = Blueprint::new(key.account(), &bundles, &config);
    let plan = Plan::of(&session.client, &blueprint).await?;
    if options.dry_run {
        if options.json {
            println!("{}", report::plan_json(&plan));
        } else {
            print!("{}", report::plan_text(&plan, &session));
        }
        return Ok(plan.check_balance()?);
    }
    eprint!("{}", report::plan_text(&plan, &session));
    plan.check_balance()?;
    if !plan.is_done() {
        confirm(options.yes, &format!("This deploys on {}.", session.identity.name))?;
    }
    let steps = carry_out(options, &session, &key, &blueprint).await?;
    let manifest = Manifest::of(&session.client, &blueprint, session.identity.clone()).await?;
    manifest.write(&options.manifest)?;
    if options.json {
        println!("{}", report::deployed_json(&manifest, &steps, &options.manifest));
    } else {
        print!("{}", report::addresses(&manifest));
        eprintln!("written to {}", options.manifest.display());
    }
    Ok(())
}

/// Does what is left, and says so while it does.
async fn carry_out(
    options: &Order,
    session: &Session,
    key: &Keypair,
    blueprint: &Blueprint<'_>,
) -> Result<Vec<(Step, Happening)>, CliError> {
    let genesis = session.client.block_hash(0).await?;
    let path = options.journal.clone().unwrap_or_else(|| beside(&options.manifest));
    let mut journal = Journal::open(&path, genesis, blueprint)?;
    let patience = Patience { resend: options.resend, ..Patience::default() };
    let mut steps = Vec::new();
    let mut tell = |step: Step, happening: &Happening| {
        eprintln!("{}", report::progress(step, happening, session));
        if matches!(happening, Happening::Found | Happening::Done(_)) {
            steps.push((step, happening.clone()));
        }
    };
    build(&session.client, key, blueprint, &mut journal, patience, &mut tell).await?;
    Ok(steps)
}

fn beside(manifest: &Path) -> PathBuf {
    let mut name = manifest.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}
