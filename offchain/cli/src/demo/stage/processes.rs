//! Services that are processes of this same program, each with settings, a folder and a log of its own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use async_trait::async_trait;
use inktensor_agent::journal::Scope;
use inktensor_agent::validator::Status;
use inktensor_chain::Suite;
use inktensor_primitives::Netuid;
use tokio::sync::watch;
use tokio::time::sleep;

use super::process::Process;
use super::{Equipment, RunningValidator, Services};
use crate::agent::settings::{Chain, MinerSettings, Settings, ValidatorSettings, journal};
use crate::agent::status;
use crate::demo::cast::{Player, Role};
use crate::demo::network::Network;
use crate::demo::stopwatch;
use crate::error::CliError;

/// How often services look for a new block, in ms.
const POLL_MS: u64 = 200;
/// How often the driver looks at services.
const LOOK: Duration = Duration::from_millis(25);

/// The services by the names of their players.
pub struct Processes {
    program: PathBuf,
    endpoints: Vec<String>,
    suite: Suite,
    netuid: Netuid,
    equipment: Equipment,
    running: BTreeMap<&'static str, Process>,
}

impl Processes {
    /// Makes ready to run services against these endpoints.
    pub fn new(endpoints: &[String], network: &Network, equipment: Equipment) -> Result<Self, CliError> {
        let failed = |source| CliError::Io { path: PathBuf::from("this program"), source };
        let processes = Self {
            program: std::env::current_exe().map_err(failed)?,
            endpoints: endpoints.to_vec(),
            suite: network.suite,
            netuid: network.netuid,
            equipment,
            running: BTreeMap::new(),
        };
        let (path, addresses) = (processes.deployment(), serde_json::json!(network.deployment).to_string());
        std::fs::write(&path, addresses).map_err(|source| CliError::Io { path, source })?;
        Ok(processes)
    }

    fn deployment(&self) -> PathBuf {
        self.equipment.folder.join("deployment.json")
    }

    fn file(&self, player: &Player, extension: &str) -> PathBuf {
        self.equipment.folder.join(player.name).with_extension(extension)
    }

    fn chain(&self, player: &Player) -> Chain {
        Chain {
            endpoints: self.endpoints.clone(),
            deployment: self.deployment(),
            netuid: self.netuid,
            hotkey: format!("//{}", player.hotkey_name()),
            poll_ms: POLL_MS,
        }
    }

    fn launch(&mut self, player: &Player) -> Result<(), CliError> {
        let kind = match player.role {
            Role::Validator { .. } => "validator",
            Role::Miner { .. } => "miner",
        };
        let mut command = Command::new(&self.program);
        command.arg(kind).arg("run").arg("--config").arg(self.file(player, "toml"));
        let process = Process::start(&format!("{kind} {}", player.name), &mut command, &self.file(player, "log"))?;
        self.running.insert(player.name, process);
        Ok(())
    }
}

#[async_trait]
impl Services for Processes {
    async fn start_miner(&mut self, player: &Player, file: &Path) -> Result<(), CliError> {
        let service = MinerSettings {
            model: file.to_owned(),
            family: self.equipment.family,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public: None,
            max_downloads: 16,
        };
        Settings { chain: self.chain(player), service }.write(&self.file(player, "toml"))?;
        self.launch(player)
    }

    async fn start_validator(&mut self, player: &Player) -> Result<RunningValidator, CliError> {
        let Equipment { adapter, text, evaluation, folder, stopwatch, .. } = &self.equipment;
        let data = folder.join(player.name);
        let service = ValidatorSettings {
            data: data.clone(),
            text: text.clone(),
            adapter: adapter.clone(),
            listen: None,
            private_addresses: true,
            evaluation: (*evaluation).into(),
        };
        let status = watch_status(data.clone());
        stopwatch::follow(stopwatch.clone(), status.clone());
        let scope =
            Scope { contract: self.suite.incentive.address(), netuid: self.netuid, hotkey: player.hotkey.account() };
        Settings { chain: self.chain(player), service }.write(&self.file(player, "toml"))?;
        self.launch(player)?;
        Ok(RunningValidator { player: player.clone(), status, journal: journal(&data), scope })
    }

    async fn kill(&mut self, player: &Player) -> Result<(), CliError> {
        if let Some(process) = self.running.get_mut(player.name) {
            process.kill();
        }
        self.launch(player)
    }

    async fn failure(&mut self) -> CliError {
        loop {
            if let Some(failure) = self.running.values_mut().find_map(Process::ended) {
                return failure;
            }
            sleep(LOOK).await;
        }
    }

    fn last_words(&self) -> String {
        self.running.values().map(Process::last_words).collect()
    }

    async fn stop(mut self: Box<Self>) -> Result<(), CliError> {
        for process in self.running.values_mut() {
            process.terminate()?;
        }
        for process in self.running.values_mut() {
            process.end().await?;
        }
        Ok(())
    }
}

/// The status that a validator writes into its folder, for as long as anybody looks at it.
fn watch_status(data: PathBuf) -> watch::Receiver<Status> {
    let (sender, receiver) = watch::channel(Status::Starting);
    tokio::spawn(async move {
        while !sender.is_closed() {
            // Before its first word there is no file. One that cannot be read tells nothing; the chain tells all the same.
            if let Ok(Some(status)) = status::read(&data) {
                sender.send_if_modified(|last| {
                    let new = *last != status;
                    *last = status;
                    new
                });
            }
            sleep(LOOK).await;
        }
    });
    receiver
}
