//! `inktensor evaluate`: bits per byte of model files.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::Limits;
use inktensor_evaluation::task::{self, Outcome};
use inktensor_evaluation::{AdapterChoice, Engine};
use serde_json::{Value, json};

use crate::error::CliError;

/// Arguments of `inktensor evaluate`.
#[derive(Args)]
pub struct Options {
    /// Model files (safetensors).
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    model: Vec<PathBuf>,
    /// Text to measure on. It should not be text that the models were trained on.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,
    /// Windows of text.
    #[arg(long, default_value_t = 20, value_name = "N")]
    windows: usize,
    /// Predicted bytes of a window.
    #[arg(long, default_value_t = 128, value_name = "N")]
    window: usize,
    /// 32 bytes in hex that choose the windows.
    #[arg(
        long,
        default_value = "0000000000000000000000000000000000000000000000000000000000000000",
        value_name = "HEX"
    )]
    seed: String,
    /// Part of the adapter's name; the fastest adapter without it.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Evaluates the models one after the other. A faulty one does not stop the others; it fails the command at the end.
pub fn run(options: &Options) -> Result<(), CliError> {
    let seed = parse_seed(&options.seed)?;
    let corpus = Corpus::open(&options.text)?;
    let windows = corpus.windows(seed, options.windows, options.window)?;
    let engine = Engine::new(adapter(options.adapter.as_deref()))?;
    eprintln!("evaluating on {}", engine.adapter());
    let mut rows = Vec::with_capacity(options.model.len());
    for path in &options.model {
        let began = Instant::now();
        let file = std::fs::read(path).map_err(|source| CliError::Io { path: path.clone(), source })?;
        let evaluation = task::evaluate(&engine, &file, &Limits::default(), &windows);
        let outcome = match evaluation.outcome {
            Outcome::Score(score) => Ok(score.loss()),
            Outcome::Miner(fault) => Err(fault.to_string()),
            Outcome::Validator(fault) => {
                return Err(CliError::Abstained { validator: "the evaluator".to_owned(), reason: fault.to_string() });
            }
        };
        let milliseconds = began.elapsed().as_millis() as u64;
        if !options.json {
            print_row(path, &outcome);
        }
        rows.push(json!({
            "model": path,
            "digest": evaluation.file.to_string(),
            "bits_per_byte": outcome.as_ref().ok().map(|loss| bits(loss.0)),
            "fault": outcome.err(),
            "milliseconds": milliseconds,
        }));
    }
    let faulty = rows.iter().filter(|row| !row["fault"].is_null()).count();
    if options.json {
        let adapter = engine.adapter();
        let result: Value = json!({ "adapter": adapter.to_string(), "windows": options.windows, "models": rows });
        println!("{result}");
    }
    if faulty > 0 {
        return Err(CliError::Faulty { faulty, models: options.model.len() });
    }
    Ok(())
}

/// The adapter that an argument chooses.
pub fn adapter(name: Option<&str>) -> AdapterChoice {
    name.map_or(AdapterChoice::Fastest, |name| AdapterChoice::Named(name.to_owned()))
}

/// A loss in Q32.32 as a number to look at.
pub fn bits(loss: u64) -> f64 {
    loss as f64 / (1u64 << 32) as f64
}

fn print_row<L: std::fmt::Display>(path: &Path, outcome: &Result<L, String>) {
    match outcome {
        Ok(loss) => println!("{loss}  {}", path.display()),
        Err(fault) => println!("fault   {}: {fault}", path.display()),
    }
}

fn parse_seed(text: &str) -> Result<[u8; 32], CliError> {
    let refuse = |reason: String| CliError::Argument { what: "--seed", reason };
    let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|failure| refuse(failure.to_string()))?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| refuse(format!("{length} bytes where 32 are needed")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;

    #[test]
    fn seeds_are_32_bytes_of_hex() {
        assert_eq!(parse_seed(&"07".repeat(32)).unwrap(), [7; 32]);
        assert_eq!(parse_seed(&format!("0x{}", "07".repeat(32))).unwrap(), [7; 32]);
        for wrong in ["", "07", "zz", &"07".repeat(33)] {
            assert!(matches!(parse_seed(wrong), Err(CliError::Argument { what: "--seed", .. })), "{wrong}");
        }
    }
}
