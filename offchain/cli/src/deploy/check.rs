//! `inktensor deploy verify`.

use std::path::PathBuf;

use clap::Args;
use inktensor_chain::deploy::verify;
use inktensor_chain::{Bundles, Manifest};

use super::session::Session;
use super::{Place, report};
use crate::error::CliError;

/// Arguments of `inktensor deploy verify`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// What `inktensor deploy` wrote.
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    manifest: PathBuf,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Compares the chain and the local bundles with a manifest.
pub async fn check(options: &Options) -> Result<(), CliError> {
    let manifest = Manifest::read(&options.manifest)?;
    let bundles = Bundles::find(options.place.bundles.as_deref())?;
    let session = Session::open(&options.place.chain).await?;
    let differences = verify(&session.client, &manifest, &bundles).await?;
    if options.json {
        println!("{}", serde_json::json!({"manifest": options.manifest, "differences": differences}));
    } else {
        print!("{}", report::differences(&differences));
    }
    if differences.is_empty() {
        eprintln!("chain and bundles are as {} says", options.manifest.display());
        return Ok(());
    }
    Err(CliError::Check(format!("{} of what {} says", differences.len(), options.manifest.display())))
}
