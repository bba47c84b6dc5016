//! A miner as a process.

use inktensor_agent::Supervisor;
use inktensor_agent::miner::Miner;

use super::connect;
use super::settings::{MinerSettings, Settings};
use crate::error::CliError;

/// Starts a miner.
pub async fn start(settings: Settings<MinerSettings>) -> Result<Supervisor, CliError> {
    let subnet = connect::subnet(&settings.chain).await?;
    let miner = Miner::new(subnet, &settings.config()).await?;
    tracing::info!(uri = miner.uri(), "serves the file");
    let mut supervisor = Supervisor::default();
    supervisor.spawn("miner", |shutdown| miner.run(shutdown));
    Ok(supervisor)
}
