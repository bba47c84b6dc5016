//! `inktensor evaluator build`: from a crate to a component.

use std::path::PathBuf;

use clap::Args;
use inktensor_evaluation::Digest;
use serde_json::json;

use crate::error::CliError;

/// Arguments of `inktensor evaluator build`.
#[derive(Args)]
pub struct Options {
    /// The evaluator's crate: the folder of its Cargo.toml.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Where to put the component; NAME.wasm in this folder without it.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Builds the component and prints its hash, which the registry is told.
pub fn run(options: &Options) -> Result<(), CliError> {
    let built = inktensor_encode::build(&options.path)?;
    let path = options.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.wasm", built.name)));
    std::fs::write(&path, &built.bytes).map_err(|source| CliError::Io { path: path.clone(), source })?;
    let (hash, size) = (Digest::of(&built.bytes), built.bytes.len());
    if options.json {
        println!("{}", json!({ "name": built.name, "file": path, "hash": hash, "bytes": size }));
    } else {
        println!("{hash}  {} ({size} bytes)", path.display());
    }
    Ok(())
}
