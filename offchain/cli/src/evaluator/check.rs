//! `inktensor evaluator check`: what a component is.

use std::path::PathBuf;

use clap::Args;
use inktensor_plugins::AssetKind;
use serde_json::json;

use super::{load, refuse};
use crate::error::CliError;

/// Arguments of `inktensor evaluator check`.
#[derive(Args)]
pub struct Options {
    /// The component.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the subnet's owner would write beside its hash.
    #[arg(long, value_name = "TEXT", default_value = "")]
    parameters: String,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks and compiles the component and prints its description.
pub fn run(options: &Options) -> Result<(), CliError> {
    let (plugin, size) = load(&options.file)?;
    let hash = plugin.digest();
    let description = plugin.describe(&options.parameters).map_err(|fault| refuse(&options.file, fault))?;
    let kind = |kind| match kind {
        AssetKind::Data => "data",
        AssetKind::Model => "model",
    };
    if options.json {
        let asset = |asset: &inktensor_plugins::Asset| json!({ "name": asset.name, "digest": asset.digest, "kind": kind(asset.kind) });
        let assets: Vec<_> = description.assets.iter().map(asset).collect();
        let (name, summary) = (&description.name, &description.summary);
        println!("{}", json!({ "hash": hash, "bytes": size, "name": name, "summary": summary, "assets": assets }));
        return Ok(());
    }
    println!("name     {}", description.name);
    println!("rewards  {}", description.summary);
    println!("hash     {hash}");
    println!("size     {size} bytes");
    for asset in &description.assets {
        println!("asset    {} {} ({})", asset.digest, asset.name, kind(asset.kind));
    }
    Ok(())
}
