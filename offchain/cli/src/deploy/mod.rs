//! `inktensor deploy`, `inktensor deploy verify`, `inktensor upgrade`: the suite on a chain of somebody's own.

mod check;
mod config;
mod confirm;
mod report;
mod run;
mod session;
mod units;
pub mod upgrade;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::CliError;

/// Arguments of `inktensor deploy`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Options {
    #[command(subcommand)]
    what: Option<What>,
    // Two groups side by side: the parser does not look for one inside another to tell whether it was given.
    #[command(flatten)]
    place: Option<Place>,
    #[command(flatten)]
    order: Option<run::Order>,
}

#[derive(Subcommand)]
enum What {
    /// Compares the chain and the local bundles with a deployment's manifest. Exits with 20 if anything differs.
    Verify(check::Options),
}

/// The chain and the bundles, which all these commands need.
#[derive(Args)]
pub struct Place {
    /// Endpoints of the chain's nodes (`ws://…` or `wss://…`), with commas between them; `dev` is a node on this machine.
    #[arg(long, value_name = "URL,…")]
    chain: String,
    /// Folder of the contracts' bundles; without it, where `scripts/build` puts them.
    #[arg(long, value_name = "FOLDER")]
    bundles: Option<PathBuf>,
}

/// Deploys the suite, or verifies a deployment.
pub fn run(options: &Options) -> Result<(), CliError> {
    match (&options.what, &options.place, &options.order) {
        (Some(What::Verify(options)), ..) => block_on(check::check(options)),
        (None, Some(place), Some(order)) => block_on(run::deploy(place, order)),
        // The parser demands the arguments of one or the other.
        (None, ..) => Err(CliError::Argument { what: "deploy", reason: "see inktensor deploy --help".into() }),
    }
}

/// Runs a command to its end, or until it is interrupted from the keyboard.
pub fn block_on(command: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| CliError::Io { path: PathBuf::from("async runtime"), source })?;
    runtime.block_on(async {
        tokio::select! {
            outcome = command => outcome,
            _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted),
        }
    })
}
