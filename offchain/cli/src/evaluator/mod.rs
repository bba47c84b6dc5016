//! `inktensor evaluator`: for those who write evaluators.

mod attempt;
mod build;
mod check;
mod new;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use inktensor_plugins::{Description, Host, Limits, Plugin};

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

/// A component, and what it is told.
#[derive(Args)]
struct Subject {
    /// The component.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the subnet's owner would write beside its hash.
    #[arg(long, value_name = "TEXT", default_value = "")]
    parameters: String,
}

impl Subject {
    /// The component compiled, its size in bytes, and what it says of itself.
    fn load(&self) -> Result<(Plugin, usize, Description), CliError> {
        let bytes = read(&self.file)?;
        let plugin = Host::new(Limits::default())?.load(&bytes).map_err(|fault| refuse(&self.file, fault))?;
        let description = plugin.describe(&self.parameters).map_err(|fault| refuse(&self.file, fault))?;
        Ok((plugin, bytes.len(), description))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|source| CliError::Io { path: path.to_owned(), source })
}

fn refuse(path: &Path, fault: inktensor_plugins::EvaluatorFault) -> CliError {
    CliError::Evaluator { path: PathBuf::from(path), fault }
}
