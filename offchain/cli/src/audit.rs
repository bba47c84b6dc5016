//! `inktensor audit`: whether a transcript says of a model what this machine computes.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::transcript::{Discrepancy, MAX_FILE, Transcript, TranscriptError};
use inktensor_evaluation::canonical::{CanonicalError, CanonicalModel};
use serde_json::json;

use crate::error::CliError;
use crate::model::{self, ModelLimits};

/// Arguments of `inktensor audit`.
#[derive(Args)]
pub struct Options {
    /// The model: a safetensors file, or a folder with config.json and weights.
    #[arg(long, value_name = "PATH")]
    model: PathBuf,
    /// What `inktensor evaluate --transcript` wrote.
    #[arg(long, value_name = "FILE")]
    transcript: PathBuf,
    /// The windows to compute, counted from 0 and separated by commas, or `all`.
    #[arg(long, default_value = "all", value_name = "LIST")]
    windows: String,
    #[command(flatten)]
    limits: ModelLimits,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Computes windows on the CPU and says which of them agree. One that does not fails the command at the end.
pub fn run(options: &Options) -> Result<(), CliError> {
    let transcript = read(options)?;
    let windows = chosen(&options.windows, transcript.entries().len())?;
    let model = open(options)?;
    let audit = transcript.audit(&model, Cpu::default())?;
    let mut rows = Vec::with_capacity(windows.len());
    for &window in &windows {
        let discrepancy = match audit.window(window) {
            Ok(()) => None,
            Err(Discrepancy::Refused { source: error @ CanonicalError::Read(_), .. }) => {
                return Err(of_model(options, &error));
            }
            Err(discrepancy) => Some(discrepancy.to_string()),
        };
        if !options.json {
            println!("{}", discrepancy.clone().unwrap_or_else(|| format!("window {window} agrees")));
        }
        rows.push(json!({ "window": window, "discrepancy": discrepancy }));
    }
    let wrong = rows.iter().filter(|row| !row["discrepancy"].is_null()).count();
    let root = transcript.root().to_string();
    if options.json {
        println!("{}", json!({ "model": transcript.model().to_string(), "root": root, "windows": rows }));
    } else {
        println!("{} of {} windows agree; the root is {root}", windows.len() - wrong, windows.len());
    }
    if wrong > 0 {
        return Err(CliError::Check(format!("{wrong} of {} windows of the transcript", windows.len())));
    }
    Ok(())
}

fn read(options: &Options) -> Result<Transcript, CliError> {
    let failed = |source| CliError::Io { path: options.transcript.clone(), source };
    let bytes = fs::metadata(&options.transcript).map_err(failed)?.len();
    if bytes > MAX_FILE as u64 {
        return Err(TranscriptError::Oversized { bytes: usize::try_from(bytes).unwrap_or(usize::MAX) }.into());
    }
    Ok(Transcript::from_json(&fs::read(&options.transcript).map_err(failed)?)?)
}

fn open(options: &Options) -> Result<CanonicalModel, CliError> {
    let model = model::open(&options.model, &options.limits)?.map_err(|error| of_model(options, &error))?;
    CanonicalModel::new(&model).and_then(CanonicalModel::keep).map_err(|error| of_model(options, &error))
}

fn of_model(options: &Options, error: &dyn std::error::Error) -> CliError {
    CliError::Argument { what: "--model", reason: format!("{}: {error}", options.model.display()) }
}

/// The windows that an argument names, of so many.
fn chosen(list: &str, windows: usize) -> Result<Vec<usize>, CliError> {
    if list == "all" {
        return Ok((0..windows).collect());
    }
    let index = |text: &str| match text.trim().parse() {
        Ok(index) if index < windows => Ok(index),
        _ => {
            let reason = format!("{text:?} is no window: the transcript has {windows}, counted from 0");
            Err(CliError::Argument { what: "--windows", reason })
        }
    };
    list.split(',').map(index).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking

    use super::*;

    #[test]
    fn windows_are_a_list_or_all() {
        assert_eq!(chosen("all", 3).unwrap(), [0, 1, 2]);
        assert_eq!(chosen("2, 0", 3).unwrap(), [2, 0]);
        for wrong in ["", "3", "-1", "1,", "one", "ALL"] {
            assert!(matches!(chosen(wrong, 3), Err(CliError::Argument { what: "--windows", .. })), "{wrong}");
        }
    }
}
