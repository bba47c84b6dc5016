//! The stage on a dev node: its clock is moved and its native tokens come from //Alice.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use async_trait::async_trait;
use inktensor_chain::{AccountId, Backend, Client, Keypair, Node, NodeOptions};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::process::Process;
use super::processes::Processes;
use super::{Equipment, Services, Stage};
use crate::demo::network::Network;
use crate::devnet;
use crate::error::CliError;

/// What the node says before its port.
const ANNOUNCEMENT: &str = "Running JSON-RPC server: addr=127.0.0.1:";
/// How long the node may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to look whether it has.
const LOOK: Duration = Duration::from_millis(25);
/// Each account that signs gets one part in so many of what //Alice has.
const SHARES: u128 = 1_000;

/// A dev node.
pub struct NodeStage {
    node: Node,
    endpoints: Vec<String>,
    alice: Keypair,
    share: u128,
    /// The node, where the demo started it.
    _process: Option<Process>,
}

impl NodeStage {
    /// Starts a node on a free port that keeps nothing, with a clock that stands still.
    pub async fn start(folder: &Path) -> Result<Self, CliError> {
        let binary = devnet::binary()?;
        let arguments = ["--chain", "contracts", "--seal", "instant", "--clock", "manual", "--tmp", "--rpc-port", "0"];
        let mut process = Process::start("node", Command::new(binary).args(arguments), &folder.join("node.log"))?;
        let port = port(&mut process).await?;
        Self::open(&[format!("ws://127.0.0.1:{port}")], Some(process)).await
    }

    /// A node that runs already.
    pub async fn connect(endpoints: &[String]) -> Result<Self, CliError> {
        Self::open(endpoints, None).await
    }

    async fn open(endpoints: &[String], process: Option<Process>) -> Result<Self, CliError> {
        let node = Node::connect(endpoints, NodeOptions::default()).await?;
        let alice = Keypair::from_name("Alice");
        let share = node.native_balance(alice.account()).await? / SHARES;
        let stage = Self { node, endpoints: endpoints.to_vec(), alice, share, _process: process };
        if share == 0 {
            return Err(stage.unfit("//Alice has no native tokens there".to_owned()));
        }
        stage.advance_ms(0).await.map_err(|failure| stage.unfit(format!("its time cannot be moved ({failure})")))?;
        Ok(stage)
    }

    fn unfit(&self, reason: String) -> CliError {
        let reason = format!("{} is no dev chain: {reason}", self.endpoints.join(","));
        CliError::Argument { what: "--chain", reason }
    }
}

#[async_trait]
impl Stage for NodeStage {
    fn name(&self) -> String {
        format!("the node at {}", self.endpoints.join(", "))
    }

    fn client(&self) -> Client {
        self.node.client()
    }

    async fn advance_ms(&self, ms: u64) -> Result<(), CliError> {
        self.node.rpc("dev_advanceTime", vec![json!(ms)]).await?;
        Ok(())
    }

    async fn endow(&self, account: AccountId) -> Result<(), CliError> {
        self.node.client().transfer(&self.alice, account, self.share).await?;
        Ok(())
    }

    fn services(&self, network: &Network, equipment: Equipment) -> Result<Box<dyn Services>, CliError> {
        Ok(Box::new(Processes::new(&self.endpoints, network, equipment)?))
    }
}

/// Waits until a node says on which port it answers.
async fn port(process: &mut Process) -> Result<u16, CliError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(port) = process.said()?.lines().find_map(announced) {
            return Ok(port);
        }
        if let Some(failure) = process.ended() {
            return Err(failure);
        }
        if Instant::now() >= deadline {
            let what = "the start of the node".to_owned();
            return Err(CliError::Stuck { what, seconds: PATIENCE.as_secs(), details: process.last_words() });
        }
        sleep(LOOK).await;
    }
}

/// The port in a whole line that tells of it.
fn announced(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(ANNOUNCEMENT)?;
    let (port, _) = rest.split_once(',')?;
    port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_line_that_tells_it() {
        let line = "2026-01-01 00:00:00 Running JSON-RPC server: addr=127.0.0.1:40123,[::1]:40123";
        assert_eq!(announced(line), Some(40_123));
        assert_eq!(announced("Running JSON-RPC server: addr=127.0.0.1:401"), None, "half a line");
        assert_eq!(announced("Idle (0 peers), best: #0"), None);
    }
}
