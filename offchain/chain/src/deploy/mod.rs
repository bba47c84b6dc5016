//! Deploying the suite, checking what was deployed, and exchanging its code.
//!
//! [`Blueprint`] works a deployment out, [`Plan`] asks the chain what it costs, [`build()`] does it with a [`Journal`],
//! [`Manifest`] records what came of it, and [`verify()`] compares that with the chain. [`Upgrade`] takes new code through
//! governance.

mod blueprint;
mod build;
mod config;
mod error;
mod file;
mod journal;
mod manifest;
mod peers;
mod plan;
mod standing;
mod step;
mod upgrade;
mod verify;

pub use blueprint::Blueprint;
pub use build::{Happening, Patience, build};
pub use config::DeployConfig;
pub use error::DeployError;
pub use journal::Journal;
pub use manifest::{ChainIdentity, ChainRecord, CodeRecord, ContractRecord, Manifest};
pub use plan::{Outlook, Plan, Planned};
pub use step::Step;
pub use upgrade::{Upgrade, UpgradeState};
pub use verify::{Difference, verify};

use crate::{Bundles, Client, Deployment, Keypair};

/// Deploys the suite and wires its contracts to each other, without a journal. What the chain shows already of the same
/// suite by the same deployer is left as it is. Until the last wire the contracts refuse to work, and only the deployer
/// can wire.
pub async fn deploy(
    client: &Client,
    deployer: &Keypair,
    bundles: &Bundles,
    config: &DeployConfig,
) -> Result<Deployment, DeployError> {
    let blueprint = Blueprint::new(deployer.account(), bundles, config);
    build(client, deployer, &blueprint, &mut Journal::unkept(), Patience::default(), &mut |_, _| ()).await?;
    Ok(*blueprint.deployment())
}
