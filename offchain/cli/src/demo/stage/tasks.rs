//! The stage in this process: the chain that runs in a thread, and services that are tasks. They know of each other by the
//! chain and by HTTP on the loopback interface alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use inktensor_agent::Supervisor;
use inktensor_agent::config::{FetchLimits, MinerConfig, ValidatorConfig};
use inktensor_agent::miner::Miner;
use inktensor_agent::onchain::OnChain;
use inktensor_agent::subnet::ValidatorSubnet;
use inktensor_chain::{AccountId, Client, InProcess, Suite};
use inktensor_primitives::Netuid;

use super::{Equipment, RunningValidator, Services, Stage};
use crate::agent::validator::assemble;
use crate::demo::cast::Player;
use crate::demo::network::Network;
use crate::demo::stopwatch;
use crate::error::CliError;

/// How often services look for a new block.
const POLL: Duration = Duration::from_millis(50);

#[async_trait]
impl Stage for InProcess {
    fn name(&self) -> String {
        "a chain in this process".to_owned()
    }

    fn client(&self) -> Client {
        InProcess::client(self)
    }

    async fn advance_ms(&self, ms: u64) -> Result<(), CliError> {
        InProcess::advance_ms(self, ms).await?;
        Ok(())
    }

    async fn endow(&self, _account: AccountId) -> Result<(), CliError> {
        // Whoever signs is topped up.
        Ok(())
    }

    fn services(&self, network: &Network, equipment: Equipment) -> Result<Box<dyn Services>, CliError> {
        let Network { client, suite, netuid, .. } = network;
        let supervisor = Supervisor::default();
        Ok(Box::new(Tasks { supervisor, client: client.clone(), suite: *suite, netuid: *netuid, equipment }))
    }
}

/// Services that are tasks.
struct Tasks {
    supervisor: Supervisor,
    client: Client,
    suite: Suite,
    netuid: Netuid,
    equipment: Equipment,
}

impl Tasks {
    fn subnet(&self, player: &Player) -> OnChain {
        OnChain::new(self.client.clone(), self.suite, self.netuid, player.hotkey.clone())
    }
}

#[async_trait]
impl Services for Tasks {
    async fn start_miner(&mut self, player: &Player, file: &Path) -> Result<(), CliError> {
        let config = MinerConfig {
            poll: POLL,
            model: file.to_owned(),
            family: self.equipment.family.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public: None,
            max_downloads: 16,
        };
        let miner = Miner::new(self.subnet(player), &config).await?;
        self.supervisor.spawn(format!("miner {}", player.name), |shutdown| miner.run(shutdown));
        Ok(())
    }

    async fn start_validator(&mut self, player: &Player) -> Result<RunningValidator, CliError> {
        let Equipment { evaluator, corpus, evaluation, folder, stopwatch, .. } = &self.equipment;
        let config = ValidatorConfig {
            poll: POLL,
            journal: folder.join(format!("{}.sqlite", player.name)),
            models: folder.join(player.name).join("models"),
            evaluators: folder.join(player.name).join("evaluators"),
            fetch: FetchLimits { private_addresses: true, ..FetchLimits::default() },
            evaluation: *evaluation,
        };
        let subnet = self.subnet(player);
        let scope = subnet.scope();
        let validator = assemble(subnet, evaluator.clone(), corpus.clone(), &config)?;
        let status = validator.status();
        stopwatch::follow(stopwatch.clone(), status.clone());
        self.supervisor.spawn(format!("validator {}", player.name), |shutdown| validator.run(shutdown));
        Ok(RunningValidator { player: player.clone(), status, journal: config.journal, scope })
    }

    async fn kill(&mut self, player: &Player) -> Result<(), CliError> {
        let reason = format!("{} is a part of this process", player.name);
        Err(CliError::Argument { what: "--kill", reason })
    }

    async fn failure(&mut self) -> CliError {
        self.supervisor.failure().await.into()
    }

    fn last_words(&self) -> String {
        // Tasks log with the driver.
        String::new()
    }

    async fn stop(self: Box<Self>) -> Result<(), CliError> {
        Ok(self.supervisor.stop().await?)
    }
}
