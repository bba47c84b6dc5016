//! `inktensor demo`: the whole network, in one process or on a dev node.
//!
//! In one process the contracts run as they would on a node, and validators and miners are the agent's services as tasks;
//! with `--chain` they run on a node, and each service is a process of its own. Each has its own hotkey.
//! Miners serve models of different quality, a copy of the best one and a broken one; validators evaluate them on this
//! machine's adapter, commit and reveal weights and turn epochs; the best model earns most, and every rao is accounted
//! for. With `--evaluator` the subnet's evaluator is a component that its owner serves; `dataset` rewards text instead of
//! models. What must hold is checked at the end.

mod books;
mod cast;
mod checks;
mod network;
mod outcome;
mod plot;
mod report;
mod scenario;
mod scene;
mod stage;
mod stopwatch;
mod texts;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use inktensor_agent::config::EvaluationConfig;
use inktensor_evaluation::task::{self, Arithmetic};
use inktensor_primitives::incentive::WeightsRevealed;

use crate::device::adapter;
use crate::error::CliError;
use cast::{Player, Role};
use network::Network;
use outcome::{Outcome, Timings};
use scenario::Driver;
use scene::Scene;
use stage::{Choice, Equipment};
use stopwatch::Stopwatch;

/// Arguments of `inktensor demo`.
#[derive(Args)]
pub struct Options {
    /// A dev node to run on, each service a process of its own: `node` starts one, an address (ws://…) uses one that runs.
    #[arg(long, value_name = "node|URL", value_parser = stage::choice)]
    chain: Option<Choice>,
    /// Kills a validator in each epoch between its commit and its reveal, and starts it again.
    #[arg(long, requires = "chain")]
    kill: bool,
    /// How the subnet's validators judge.
    #[arg(long, value_enum, default_value_t = Scene::BuiltIn)]
    evaluator: Scene,
    /// Epochs that pay miners by weights.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100))]
    epochs: u64,
    /// Part of the adapter's name; the fastest adapter without it.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// What losses are computed in: `fast` (f32 in shaders, whatever the adapter) or `canonical` (integers).
    #[arg(long, default_value = "fast")]
    arithmetic: Arithmetic,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the demo, prints what came of it, and fails if a check does.
pub fn run(options: &Options) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| CliError::Io { path: PathBuf::from("async runtime"), source })?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = play(options) => outcome,
            // Dropping the play stops the services and removes their folder.
            _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
        }
    })?;
    if options.json {
        println!("{}", serde_json::json!(outcome));
    } else {
        print!("{}", report::text(&outcome));
    }
    let failed: Vec<&str> = outcome.checks.iter().filter(|check| !check.passed).map(|check| check.name).collect();
    if failed.is_empty() { Ok(()) } else { Err(CliError::Check(failed.join("; "))) }
}

async fn play(options: &Options) -> Result<Outcome, CliError> {
    let began = Instant::now();
    let ms = |since: Instant| since.elapsed().as_millis() as u64;
    let (players, nominator) = (cast::players(options.evaluator), cast::nominator());
    let folder = tempfile::tempdir().map_err(|source| CliError::Io { path: std::env::temp_dir(), source })?;
    let set = options.evaluator.set(&players, folder.path()).await?;

    let choice = adapter(options.adapter.as_deref());
    let arithmetic = options.arithmetic;
    let opening = tokio::task::spawn_blocking(move || (task::evaluator(arithmetic, choice), ms(began)));
    let stage = stage::open(options.chain.as_ref().unwrap_or(&Choice::InProcess), folder.path()).await?;
    eprintln!("deploying the contracts on {}", stage.name());
    let network = Network::open(stage.clone(), &set.evaluator).await?;
    for player in &players {
        let uid = network.enrol(player).await?;
        eprintln!("  uid {uid}: {} {}", player.role.name(), player.name);
    }
    let nominated = player(&players, nominator.on)?;
    network.nominate(&nominator, nominated.hotkey.account()).await?;
    let deploy_ms = ms(began);

    let (evaluator, adapter_ms) = opening.await.map_err(|failure| CliError::Check(failure.to_string()))?;
    let evaluator = evaluator?;
    eprintln!("evaluating on {}", evaluator.describe());

    let (measured_on, stopwatch) = (evaluator.describe(), Arc::<Stopwatch>::default());
    let equipment = Equipment {
        evaluator,
        adapter: options.adapter.clone(),
        corpus: set.corpus.clone(),
        text: set.text.clone(),
        family: set.family,
        evaluation: EvaluationConfig { arithmetic, ..EvaluationConfig::default() },
        folder: folder.path().to_owned(),
        stopwatch: stopwatch.clone(),
    };
    let epochs_began = Instant::now();
    let services = stage.services(&network, equipment)?;
    let (validators, killed) = (Vec::new(), Vec::new());
    let mut driver = Driver { network: &network, services, validators, kills: options.kill, killed };
    start(&mut driver, &players, &set.files).await?;
    let turned = driver.run_epochs(options.epochs, report::tell).await?;
    let epochs_ms = ms(epochs_began);

    let reveals = network.client.events_since(network.began).await?.from(network.suite.incentive.address());
    let epochs = outcome::epochs(&turned, &reveals.of::<WeightsRevealed>()?, &players);
    let neurons = outcome::neurons(&network, &players, &epochs, &driver.validators[0]).await?;
    let reconciliation = books::reconcile(&network, &turned, cast::staked(&players, &nominator)).await?;
    let mut outcome = Outcome {
        stage: stage.name(),
        evaluator: options.evaluator,
        adapter: measured_on,
        epochs,
        neurons,
        nominator: outcome::nomination(&network, &nominator, nominated).await?,
        split: outcome::split(&network, &reconciliation).await?,
        reconciliation,
        claimed: claim_all(&network).await?,
        killed: driver.killed,
        timings: Timings::default(),
        checks: Vec::new(),
    };
    driver.services.stop().await?;
    let evaluate_ms = stopwatch.total_ms();
    outcome.timings = Timings { adapter_ms, deploy_ms, evaluate_ms, epochs_ms, total_ms: ms(began) };
    outcome.checks = checks::checks(&outcome, options.epochs, options.kill);
    Ok(outcome)
}

/// Starts emission, then the miners, of whom the copy commits last, then the validators.
async fn start(driver: &mut Driver<'_>, players: &[Player], files: &[Option<PathBuf>]) -> Result<(), CliError> {
    driver.network.start_emission().await?;
    // The uid of a player is its place: the contracts hand them out in the order of registration.
    for late in [false, true] {
        let mut started = Vec::new();
        for ((uid, player), file) in (0..).zip(players).zip(files) {
            if let (Some(file), true) = (file, player.role == (Role::Miner { copies: late })) {
                driver.services.start_miner(player, file).await?;
                started.push(uid);
            }
        }
        for uid in started {
            driver.wait_for_model(uid).await?;
        }
    }
    for player in players.iter().filter(|player| matches!(player.role, Role::Validator { .. })) {
        let running = driver.services.start_validator(player).await?;
        driver.validators.push(running);
    }
    Ok(())
}

/// Lets every miner draw what it is owed; the sum in rao.
async fn claim_all(network: &Network) -> Result<u64, CliError> {
    let mut claimed = 0;
    for standing in outcome::metagraph(network).await? {
        if network.owed(standing.hotkey).await? > 0 {
            let before = network.balance(standing.coldkey).await?;
            network.claim(standing.hotkey).await?;
            claimed += network.balance(standing.coldkey).await? - before;
        }
    }
    Ok(u64::try_from(claimed).unwrap_or(u64::MAX))
}

fn player<'a>(players: &'a [Player], name: &str) -> Result<&'a Player, CliError> {
    let found = players.iter().find(|player| player.name == name);
    found.ok_or_else(|| CliError::Argument { what: "cast", reason: format!("nobody is called {name}") })
}
