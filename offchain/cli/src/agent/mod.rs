//! `inktensor validator run` and `inktensor miner run`: the services of the agent, each a process of its own.
//!
//! A process holds one hotkey and serves one subnet. It goes on through everything that passes by itself, endpoints that
//! are down above all, and ends with an error where somebody has to do something. SIGTERM and SIGINT end it well: a reveal
//! that is due goes out first.

mod connect;
pub mod family;
pub mod miner;
pub mod settings;
pub mod status;
pub mod validator;

use std::future::Future;
use std::path::{Path, PathBuf};

use clap::Args;
use inktensor_agent::Supervisor;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::error::CliError;
use settings::Settings;

/// Arguments of `run`.
#[derive(Args)]
pub struct Options {
    /// TOML file with the settings.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs a validator until it fails or is told to stop.
pub fn run_validator(options: &Options) -> Result<(), CliError> {
    let settings = Settings::read(&options.config)?;
    run(validator::start(settings))
}

/// Runs a miner until it fails or is told to stop.
pub fn run_miner(options: &Options) -> Result<(), CliError> {
    let settings = Settings::read(&options.config)?;
    run(miner::start(settings))
}

/// Starts the services and runs them until one fails or the process is told to stop.
fn run(start: impl Future<Output = Result<Supervisor, CliError>>) -> Result<(), CliError> {
    let failed = |source| CliError::Io { path: PathBuf::from("async runtime"), source };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    let outcome = runtime.block_on(async {
        let listen = |kind| signal(kind).map_err(|source| CliError::Io { path: PathBuf::from("signals"), source });
        let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
        let mut order = std::pin::pin!(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            info!("told to stop");
        });
        let supervisor = tokio::select! {
            () = &mut order => return Ok(()),
            started = start => started?,
        };
        Ok(supervisor.run(order).await?)
    });
    // An evaluation on the device cannot be broken off. The process ends without it: nothing of it was promised.
    runtime.shutdown_background();
    outcome
}

/// A folder of the service's own, made if it is not there.
fn folder(path: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(path).map_err(|source| CliError::Io { path: path.to_owned(), source })
}
