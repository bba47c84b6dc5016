//! The command line of Inktensor.
//!
//! Results go to standard output, as text or as one JSON object with `--json`; progress and errors go to standard error.
//! Exit codes are those of [`error::exit`].

mod agent;
mod audit;
mod demo;
mod deploy;
mod device;
mod devnet;
mod error;
mod evaluate;
mod evaluator;
mod explain;
mod home;
mod model;
mod pack;
mod simulate;
mod task;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use error::CliError;
use tracing_subscriber::EnvFilter;

/// Bittensor-style incentive networks as ink! contracts, with GPU validators.
#[derive(Parser)]
#[command(name = "inktensor", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Computes windows of a transcript again, on the CPU, and says whether they agree.
    Audit(audit::Options),
    /// Runs a whole network, in this process or on a dev node: contracts, validators, miners, epochs, payouts.
    Demo(demo::Options),
    /// Runs a development chain on this machine: starts, stops and resets its node.
    Devnet(devnet::Options),
    /// Deploys the contracts on a chain, or verifies a deployment.
    Deploy(deploy::Options),
    /// Measures models in bits per byte of held-out text.
    Evaluate(evaluate::Options),
    /// Builds, checks and tries evaluators of subnets.
    Evaluator {
        #[command(subcommand)]
        action: evaluator::Action,
    },
    /// Tells what something of the network means.
    Explain {
        #[command(subcommand)]
        what: Explain,
    },
    /// Serves a model or a data set to the validators of a subnet.
    #[command(after_help = agent::settings::MINER_EXAMPLE)]
    Miner {
        #[command(subcommand)]
        what: Service,
    },
    /// Makes of a model's folder the one file that a miner serves.
    Pack(pack::Options),
    /// Runs consensus away from any chain.
    Simulate {
        #[command(subcommand)]
        what: Simulate,
    },
    /// Asks models for choices, answers, embeddings or classes, as a file says.
    Task(task::Options),
    /// Exchanges a contract's code through governance.
    Upgrade(deploy::upgrade::Options),
    /// Judges what the miners of a subnet contribute and reports on chain.
    #[command(after_help = agent::settings::VALIDATOR_EXAMPLE)]
    Validator {
        #[command(subcommand)]
        what: Service,
    },
}

#[derive(Subcommand)]
enum Service {
    /// Runs until it fails or is told to stop by SIGTERM or SIGINT.
    Run(agent::Options),
}

#[derive(Subcommand)]
enum Explain {
    /// A hyperparameter of subnets: unit, value of a new subnet, bounds, who sets it, what it does.
    Hyperparameter {
        /// Its name; all of them without it.
        name: Option<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum Simulate {
    /// Runs one epoch, or a list of them, from a file.
    Epoch {
        /// JSON file with the epoch's input, or a list of inputs.
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
        /// Prints compact JSON; without it the JSON is indented.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(arguments.command.verbosity()));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match arguments.command {
        Command::Audit(options) => audit::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Devnet(options) => devnet::run(&options),
        Command::Deploy(options) => deploy::run(&options),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Evaluator { action } => evaluator::run(&action),
        Command::Pack(options) => pack::run(&options),
        Command::Task(options) => task::run(&options),
        Command::Explain { what: Explain::Hyperparameter { name, json } } => {
            explain::hyperparameter(name.as_deref(), json)
        }
        Command::Miner { what: Service::Run(options) } => agent::run_miner(&options),
        Command::Simulate { what: Simulate::Epoch { input, json } } => simulate_epoch(&input, json),
        Command::Upgrade(options) => deploy::block_on(deploy::upgrade::upgrade(&options)),
        Command::Validator { what: Service::Run(options) } => agent::run_validator(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

impl Command {
    /// What is logged where `RUST_LOG` does not say: a service tells what it does, others only what is wrong.
    fn verbosity(&self) -> &'static str {
        match self {
            Self::Miner { .. } | Self::Validator { .. } => {
                "warn,inktensor=info,inktensor_agent=info,inktensor_chain=info"
            }
            _ => "warn",
        }
    }
}

fn simulate_epoch(input: &std::path::Path, json: bool) -> Result<(), CliError> {
    let text = std::fs::read_to_string(input).map_err(|source| CliError::Io { path: input.to_owned(), source })?;
    let outcome = simulate::epoch_json(&text)?;
    if json {
        println!("{outcome}");
    } else {
        println!("{outcome:#}");
    }
    Ok(())
}
