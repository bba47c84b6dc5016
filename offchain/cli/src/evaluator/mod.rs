//! `inktensor evaluator`: for those who write evaluators.

mod attempt;
mod build;
mod check;
mod new;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use inktensor_plugins::{Host, Limits, Plugin};

use crate::error::CliError;

/// What to do with an evaluator.
#[derive(Subcommand)]
pub enum Action {
    /// Makes a crate to begin with.
    New(new::Options),
    /// Builds an evaluator's crate into a component.
    Build(build::Options),
    /// Does what a validator does with a component before it runs, and prints what the component says of itself.
    Check(check::Options),
    /// Runs a round on this machine: verdicts, and what they took.
    Try(attempt::Options),
}

/// Does what the arguments say.
pub fn run(action: &Action) -> Result<(), CliError> {
    match action {
        Action::New(options) => new::run(options),
        Action::Build(options) => build::run(options),
        Action::Check(options) => check::run(options),
        Action::Try(options) => attempt::run(options),
    }
}

/// A component from its file, compiled, and its size in bytes.
fn load(path: &Path) -> Result<(Plugin, usize), CliError> {
    let bytes = read(path)?;
    let plugin = Host::new(Limits::default())?.load(&bytes).map_err(|fault| refuse(path, fault))?;
    Ok((plugin, bytes.len()))
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::Io { path: path.to_owned(), source })
}

fn refuse(path: &Path, fault: inktensor_plugins::EvaluatorFault) -> CliError {
    CliError::Evaluator { path: PathBuf::from(path), fault }
}
