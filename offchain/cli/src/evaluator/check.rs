//! `inktensor evaluator check`: what a component is.

use clap::Args;
use inktensor_plugins::AssetKind;
use serde_json::json;

use super::Subject;
use crate::error::CliError;

/// Arguments of `inktensor evaluator check`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    subject: Subject,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks and compiles the component and prints its description.
pub fn run(options: &Options) -> Result<(), CliError> {
    let (plugin, size, description) = options.subject.load()?;
    let hash = plugin.digest();
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
