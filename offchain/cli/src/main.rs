//! The command line of Inktensor.
//!
//! Results go to standard output, as text or as one JSON object with `--json`; progress and errors go to standard error.
//! Exit codes are those of [`error::exit`].

mod demo;
mod devnet;
mod error;
mod evaluate;
mod explain;
mod home;
mod simulate;

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
    /// Runs a whole network in this process: contracts, validators, miners, epochs, payouts.
    Demo(demo::Options),
    /// Runs a development chain on this machine: starts, stops and resets its node.
    Devnet(devnet::Options),
    /// Measures model files in bits per byte on this machine's adapter.
    Evaluate(evaluate::Options),
    /// Tells what something of the network means.
    Explain {
        #[command(subcommand)]
        what: Explain,
    },
    /// Runs consensus away from any chain.
    Simulate {
        #[command(subcommand)]
        what: Simulate,
    },
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
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match arguments.command {
        Command::Demo(options) => demo::run(&options),
        Command::Devnet(options) => devnet::run(&options),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Explain { what: Explain::Hyperparameter { name, json } } => {
            explain::hyperparameter(name.as_deref(), json)
        }
        Command::Simulate { what: Simulate::Epoch { input, json } } => simulate_epoch(&input, json),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
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
