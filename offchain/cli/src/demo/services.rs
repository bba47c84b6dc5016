//! The demo's validators and miners: the services of the agent, each a task of its own with its own hotkey, that know of
//! each other by the chain and by HTTP on the loopback interface alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use inktensor_agent::config::{EvaluationConfig, FetchLimits, MinerConfig};
use inktensor_agent::journal::{Journal, Scope};
use inktensor_agent::miner::Miner;
use inktensor_agent::onchain::OnChain;
use inktensor_agent::subnet::{Assignment, ValidatorSubnet};
use inktensor_agent::validator::{
    Abstention, Cache, FetchError, Fetcher, Finding, Judge, ModelJudge, Status, Validator,
};
use inktensor_agent::{AgentError, Supervisor};
use inktensor_evaluation::Engine;
use inktensor_evaluation::corpus::Corpus;
use tokio::sync::watch;

use super::cast::Player;
use super::network::Network;
use super::stopwatch::Stopwatch;
use crate::error::CliError;

/// How often services look for a new block.
const POLL: Duration = Duration::from_millis(50);

/// What all validators of this process share.
pub struct Equipment {
    /// The device; validators take turns.
    pub engine: Arc<Engine>,
    /// The held-out text.
    pub corpus: Arc<Corpus>,
    /// How models are judged.
    pub evaluation: EvaluationConfig,
    /// Folder for journals and downloads.
    pub folder: std::path::PathBuf,
    /// Runs while any validator judges.
    pub stopwatch: Arc<Stopwatch>,
}

/// A running validator, as the driver sees it.
pub struct RunningValidator {
    /// Who it is.
    pub player: Player,
    /// What it is doing.
    pub status: watch::Receiver<Status>,
    /// A second handle of its journal, to read verdicts from.
    pub journal: Journal,
}

/// Starts a validator.
pub fn start_validator(
    supervisor: &mut Supervisor,
    network: &Network,
    equipment: &Equipment,
    player: &Player,
) -> Result<RunningValidator, CliError> {
    let subnet = OnChain::new(network.client.clone(), network.suite, network.netuid, player.hotkey.clone());
    let scope = subnet.scope();
    let path = equipment.folder.join(format!("{}.sqlite", player.name));
    let judge = TimedJudge {
        judge: judge(equipment, &equipment.folder.join(player.name))?,
        stopwatch: equipment.stopwatch.clone(),
    };
    let validator = Validator::new(subnet, judge, open(&path, scope)?, equipment.evaluation);
    let status = validator.status();
    supervisor.spawn(format!("validator {}", player.name), |shutdown| validator.run(POLL, shutdown));
    Ok(RunningValidator { player: player.clone(), status, journal: open(&path, scope)? })
}

/// Starts a miner that serves `model` on a free port.
pub async fn start_miner(
    supervisor: &mut Supervisor,
    network: &Network,
    player: &Player,
    model: &Path,
) -> Result<(), CliError> {
    let subnet = OnChain::new(network.client.clone(), network.suite, network.netuid, player.hotkey.clone());
    let config = MinerConfig {
        poll: POLL,
        model: model.to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        public: None,
        max_downloads: 16,
    };
    let miner = Miner::new(subnet, &config).await?;
    supervisor.spawn(format!("miner {}", player.name), |shutdown| miner.run(shutdown));
    Ok(())
}

fn open(path: &Path, scope: Scope) -> Result<Journal, CliError> {
    Ok(Journal::open(path, scope).map_err(AgentError::from)?)
}

fn judge(equipment: &Equipment, folder: &Path) -> Result<ModelJudge, CliError> {
    let cache = Cache::open(folder).map_err(AgentError::from)?;
    let fetcher = Fetcher::new(cache, FetchLimits::default()).map_err(|failure| match failure {
        FetchError::Cache(failure) => CliError::Agent(failure.into()),
        FetchError::Fault(fault) => CliError::Argument { what: "HTTP client", reason: fault.to_string() },
    })?;
    let (engine, corpus) = (equipment.engine.clone(), equipment.corpus.clone());
    Ok(ModelJudge::new(fetcher, engine, corpus, equipment.evaluation))
}

/// A judge whose time is measured.
struct TimedJudge {
    judge: ModelJudge,
    stopwatch: Arc<Stopwatch>,
}

#[async_trait]
impl Judge for TimedJudge {
    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let _running = self.stopwatch.clone().start();
        self.judge.judge(assignment, seed).await
    }
}
