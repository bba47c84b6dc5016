//! What came of the demo: one value that the report, the JSON and the checks are made from.

use inktensor_agent::figure::Measure;
use inktensor_agent::journal::Verdict;
use inktensor_chain::ss58;
use inktensor_primitives::Uid;
use inktensor_primitives::emission::{EpochPaid, RewardSplit};
use inktensor_primitives::incentive::{NeuronStanding, WeightsRevealed};
use serde::Serialize;

use super::books::Reconciliation;
use super::cast::{Nominator, Player};
use super::network::Network;
use super::scene::Scene;
use super::stage::RunningValidator;
use crate::error::CliError;
use crate::evaluate::bits;

/// What one neuron got of one epoch.
#[derive(Debug, Clone, Serialize)]
pub struct Paid {
    /// Its uid.
    pub uid: Uid,
    /// `validator` or `miner`.
    pub role: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Amount in rao.
    pub rao: u64,
}

/// How one epoch divided its emission, in rao.
#[derive(Debug, Clone, Serialize)]
pub struct Epoch {
    /// Its number.
    pub epoch: u64,
    /// What there was to divide, carry of the epoch before included.
    pub emission: u64,
    /// To miners.
    pub miners: u64,
    /// To validators and nominators.
    pub validators: u64,
    /// To the reserve.
    pub reserve: u64,
    /// To the subnet's owner.
    pub owner: u64,
    /// Carried into the next epoch.
    pub carry: u64,
    /// To whom.
    pub paid: Vec<Paid>,
    /// Validators that revealed weights in it.
    pub revealed: Vec<Uid>,
}

/// A neuron at the end.
#[derive(Debug, Clone, Serialize)]
pub struct Neuron {
    /// Its uid.
    pub uid: Uid,
    /// Its name.
    pub name: &'static str,
    /// Its hotkey, SS58.
    pub hotkey: String,
    /// `validator` or `miner`.
    pub role: &'static str,
    /// Moving average of its model's loss, as the first validator sees it, where the evaluator measures losses.
    pub bits_per_byte: Option<f64>,
    /// Moving average of its contribution's merit, as the first validator sees it, where the evaluator gives merits.
    pub merit: Option<u64>,
    /// Why its contribution earns nothing, if so.
    pub fault: Option<String>,
    /// u16 proportion.
    pub incentive: u16,
    /// u16 proportion.
    pub dividends: u16,
    /// Stake on its hotkey in rao.
    pub stake: u64,
    /// All that it got, in rao: credited as a miner, or distributed to its pool as a validator.
    pub payout_rao: u64,
}

/// What the nominator made of its stake, in rao.
#[derive(Debug, Clone, Serialize)]
pub struct Nomination {
    /// Its name.
    pub name: &'static str,
    /// On which validator.
    pub validator: &'static str,
    /// What it staked.
    pub staked: u64,
    /// What its position is worth.
    pub value: u64,
}

/// One part of the reward split.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// What it should be, in basis points.
    pub bps: u16,
    /// What it was, in rao, carry included.
    pub rao: u64,
}

/// The reward split.
#[derive(Debug, Clone, Serialize)]
pub struct Split {
    /// Miners.
    pub miners: Part,
    /// Validators.
    pub validators: Part,
    /// Reserve.
    pub reserve: Part,
    /// Owners.
    pub owner: Part,
}

/// How long things took, in ms of wall time.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Timings {
    /// Opening the adapter and compiling kernels.
    pub adapter_ms: u64,
    /// Starting the chain, deploying, registering and staking.
    pub deploy_ms: u64,
    /// While at least one validator fetched or judged.
    pub evaluate_ms: u64,
    /// All epochs.
    pub epochs_ms: u64,
    /// Everything.
    pub total_ms: u64,
}

/// A validator that was killed once its commit was on chain, and started again.
#[derive(Debug, Clone, Serialize)]
pub struct Killed {
    /// Epoch of the commit.
    pub epoch: u64,
    /// Uid of the validator.
    pub uid: Uid,
}

/// Something that must hold.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it does.
    pub passed: bool,
}

/// What came of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Where it took place.
    pub stage: String,
    /// How the validators judged.
    pub evaluator: Scene,
    /// What models were evaluated on.
    pub adapter: String,
    /// All epochs.
    pub epochs: Vec<Epoch>,
    /// All neurons, in order of uid.
    pub neurons: Vec<Neuron>,
    /// The nominator.
    pub nominator: Nomination,
    /// The split.
    pub split: Split,
    /// Where every rao went.
    pub reconciliation: Reconciliation,
    /// What miners then drew, in rao.
    pub claimed: u64,
    /// Validators that were killed between commit and reveal.
    pub killed: Vec<Killed>,
    /// How long it took.
    pub timings: Timings,
    /// What must hold.
    pub checks: Vec<Check>,
}

/// The epochs, from the events of their turns and reveals. `players` are in order of uid.
pub fn epochs(turned: &[EpochPaid], reveals: &[WeightsRevealed], players: &[Player]) -> Vec<Epoch> {
    let paid = |event: &EpochPaid| {
        let rows = (0..).zip(players).zip(&event.paid);
        rows.map(|((uid, player), rao)| Paid { uid, role: player.role.name(), name: player.name, rao: *rao }).collect()
    };
    turned
        .iter()
        .map(|event| Epoch {
            epoch: event.epoch,
            emission: event.emission,
            miners: event.miners,
            validators: event.validators,
            reserve: event.reserve,
            owner: event.owner,
            carry: event.carry,
            paid: paid(event),
            // A reveal names the epoch of its commit, one before.
            revealed: reveals.iter().filter(|of| of.epoch + 1 == event.epoch).map(|reveal| reveal.uid).collect(),
        })
        .collect()
}

/// The neurons, from the metagraph, the payouts and the verdicts of one validator.
pub async fn neurons(
    network: &Network,
    players: &[Player],
    epochs: &[Epoch],
    witness: &RunningValidator,
) -> Result<Vec<Neuron>, CliError> {
    let verdicts = witness.verdicts()?;
    let standings = metagraph(network).await?;
    let rows = players.iter().zip(&standings).map(|(player, standing)| {
        let verdict = verdicts.iter().find(|verdict| verdict.uid == standing.uid);
        let payouts = epochs.iter().flat_map(|epoch| &epoch.paid).filter(|paid| paid.uid == standing.uid);
        Neuron {
            uid: standing.uid,
            name: player.name,
            hotkey: ss58(&standing.hotkey),
            role: player.role.name(),
            bits_per_byte: verdict.and_then(|verdict| average(verdict, Measure::Loss)).map(bits),
            merit: verdict.and_then(|verdict| average(verdict, Measure::Merit)),
            fault: verdict.and_then(|verdict| verdict.fault.clone()),
            incentive: standing.incentive,
            dividends: standing.dividends,
            stake: standing.stake,
            payout_rao: payouts.map(|paid| paid.rao).sum(),
        }
    });
    Ok(rows.collect())
}

/// The average of a verdict, if that is what it measures.
fn average(verdict: &Verdict, measure: Measure) -> Option<u64> {
    verdict.average.filter(|_| verdict.yardstick.measure == measure).map(|figure| figure.0)
}

/// The first page of the metagraph: the demo has fewer neurons than a page.
pub async fn metagraph(network: &Network) -> Result<Vec<NeuronStanding>, CliError> {
    let netuid = network.netuid;
    let message = network.suite.incentive.message(|incentive| incentive.metagraph(netuid, 0));
    network.client.query(&message).await?.map_err(|error| refused("incentive", &error))
}

/// What the nominator's position has become.
pub async fn nomination(network: &Network, nominator: &Nominator, validator: &Player) -> Result<Nomination, CliError> {
    let (hotkey, coldkey) = (validator.hotkey.account(), nominator.coldkey.account());
    let message = network.suite.staking.message(|staking| staking.position(hotkey, coldkey));
    let value = network.client.query(&message).await?.value;
    let staked = u64::try_from(nominator.stake).unwrap_or(u64::MAX);
    Ok(Nomination { name: nominator.name, validator: validator.name, staked, value })
}

/// The split as it is set, and as it came out.
pub async fn split(network: &Network, reconciliation: &Reconciliation) -> Result<Split, CliError> {
    let message = network.suite.emission.message(|emission| emission.split());
    let RewardSplit { miners, validators, reserve, owner } =
        network.client.query(&message).await?.map_err(|error| refused("emission", &error))?;
    let netuid = network.netuid;
    let emission = network.client.query(&network.suite.emission.message(|emission| emission.emission(netuid))).await?;
    let emission = emission.unwrap_or_default();
    Ok(Split {
        miners: Part { bps: miners, rao: reconciliation.miners + emission.carry_miners },
        validators: Part { bps: validators, rao: reconciliation.validators + emission.carry_validators },
        reserve: Part { bps: reserve, rao: reconciliation.reserve },
        owner: Part { bps: owner, rao: reconciliation.owners },
    })
}

/// A refusal of a view.
pub fn refused(contract: &'static str, error: &impl std::fmt::Debug) -> CliError {
    let error = format!("{error:?}");
    let hint = "the suite is not wired as it should be".to_owned();
    CliError::Chain(inktensor_chain::ChainError::Refused { contract, error, hint })
}
