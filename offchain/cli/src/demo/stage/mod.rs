//! Where the demo takes place: a chain whose time the driver moves, and the services on it. In this process all of it are
//! tasks; on a node the chain is another process and so is each service.

mod node;
mod process;
mod processes;
mod tasks;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use inktensor_agent::AgentError;
use inktensor_agent::config::EvaluationConfig;
use inktensor_agent::journal::{Journal, Scope, Verdict};
use inktensor_agent::validator::Status;
use inktensor_chain::{AccountId, Client, InProcess};
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::task::Evaluator;
use tokio::sync::watch;

use super::cast::Player;
use super::network::Network;
use super::stopwatch::Stopwatch;
use crate::agent::family::Family;
use crate::error::CliError;

/// Which chain the demo runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The one in this process.
    InProcess,
    /// A dev node that the demo starts and ends.
    Node,
    /// A dev node that runs already, by its addresses.
    Endpoints(Vec<String>),
}

/// The stage.
#[async_trait]
pub trait Stage: Send + Sync {
    /// What it is, for people.
    fn name(&self) -> String;

    /// A client of its chain.
    fn client(&self) -> Client;

    /// Moves chain time by `ms` and makes a block at the new time.
    async fn advance_ms(&self, ms: u64) -> Result<(), CliError>;

    /// Sees to it that an account can pay the chain's fees and storage deposits.
    async fn endow(&self, account: AccountId) -> Result<(), CliError>;

    /// Makes ready to run services on a network of its chain.
    fn services(&self, network: &Network, equipment: Equipment) -> Result<Box<dyn Services>, CliError>;
}

/// The services on a stage. Dropped, they end.
#[async_trait]
pub trait Services: Send {
    /// Starts a miner that serves `file` on a free port.
    async fn start_miner(&mut self, player: &Player, file: &Path) -> Result<(), CliError>;

    /// Starts a validator.
    async fn start_validator(&mut self, player: &Player) -> Result<RunningValidator, CliError>;

    /// Kills a service without a warning and starts it again. Errors: `Argument` where services cannot be killed.
    async fn kill(&mut self, player: &Player) -> Result<(), CliError>;

    /// Waits until a service fails, or ends although nobody told it to; then returns why.
    async fn failure(&mut self) -> CliError;

    /// What the services said last, where they have logs of their own; for a failure that none of them explains.
    fn last_words(&self) -> String;

    /// Tells all services to end and waits for them. Returns the first failure on the way.
    async fn stop(self: Box<Self>) -> Result<(), CliError>;
}

/// What the services are given.
pub struct Equipment {
    /// What validators of one process evaluate with.
    pub evaluator: Arc<dyn Evaluator>,
    /// What chose it: part of its name.
    pub adapter: Option<String>,
    /// The held-out text, where the built-in evaluator measures on one.
    pub corpus: Option<Arc<Corpus>>,
    /// The file that it was read from.
    pub text: Option<PathBuf>,
    /// What miners contribute.
    pub family: Family,
    /// How models are judged.
    pub evaluation: EvaluationConfig,
    /// Folder for all that the services keep.
    pub folder: PathBuf,
    /// Runs while any validator evaluates.
    pub stopwatch: Arc<Stopwatch>,
}

/// A running validator, as the driver sees it.
pub struct RunningValidator {
    /// Who it is.
    pub player: Player,
    /// What it is doing.
    pub status: watch::Receiver<Status>,
    /// Its journal.
    journal: PathBuf,
    scope: Scope,
}

impl RunningValidator {
    /// Its latest verdicts on miners, in order of uid.
    pub fn verdicts(&self) -> Result<Vec<Verdict>, CliError> {
        let read = || {
            let journal = Journal::open(&self.journal, self.scope)?;
            let epoch = journal.last_epoch()?;
            epoch.map_or_else(|| Ok(Vec::new()), |epoch| journal.verdicts(epoch))
        };
        Ok(read().map_err(AgentError::from)?)
    }
}

/// Opens the stage. What runs outside of this process keeps its logs in `folder`.
pub async fn open(choice: &Choice, folder: &Path) -> Result<Arc<dyn Stage>, CliError> {
    match choice {
        Choice::InProcess => Ok(Arc::new(InProcess::start()?)),
        Choice::Node => Ok(Arc::new(node::NodeStage::start(folder).await?)),
        Choice::Endpoints(endpoints) => Ok(Arc::new(node::NodeStage::connect(endpoints).await?)),
    }
}

/// What `--chain` says.
pub fn choice(text: &str) -> Result<Choice, String> {
    let is_url = |part: &str| part.starts_with("ws://") || part.starts_with("wss://");
    match text {
        "node" => Ok(Choice::Node),
        urls if urls.split(',').all(is_url) => Ok(Choice::Endpoints(urls.split(',').map(str::to_owned).collect())),
        _ => Err("neither `node` nor addresses such as ws://127.0.0.1:9944, separated by commas".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn a_chain_is_a_word_or_addresses() {
        assert_eq!(choice("node"), Ok(Choice::Node));
        let two = vec!["ws://a:1".to_owned(), "wss://b".to_owned()];
        assert_eq!(choice("ws://a:1,wss://b"), Ok(Choice::Endpoints(two)));
        for wrong in ["", "nodes", "http://a", "ws://a,b"] {
            assert!(choice(wrong).unwrap_err().contains("ws://"), "{wrong}");
        }
    }
}
