//! The miner: serves its file, a model or a data set, and keeps the chain's commitment to it up to date.

mod commitment;
mod server;

pub use commitment::ModelFile;
pub use server::Server;

use std::time::Duration;

use inktensor_chain::{ChainError, ss58};
use inktensor_primitives::registry::{ModelCommitment, ModelFamily, RegistryError};
use tracing::{info, warn};

use crate::config::MinerConfig;
use crate::subnet::{MinerSubnet, SubnetError};
use crate::{AgentError, Shutdown};

/// A miner of one subnet.
pub struct Miner<S> {
    subnet: S,
    model: ModelFile,
    family: ModelFamily,
    server: Server,
    uri: String,
    poll: Duration,
}

impl<S: MinerSubnet> Miner<S> {
    /// Reads the file and binds the server. Nothing is committed yet.
    pub async fn new(subnet: S, config: &MinerConfig) -> Result<Self, AgentError> {
        let model = ModelFile::read(&config.model).await?;
        let server = Server::bind(config.listen, vec![model.clone()], config.max_downloads).await?;
        let uri = match &config.public {
            Some(public) => format!("{}/models/{}", public.trim_end_matches('/'), hex::encode(model.digest())),
            None => server.uri(&model.digest()),
        };
        Ok(Self { subnet, model, family: config.family, server, uri, poll: config.poll })
    }

    /// Where the file is served, as it is committed on chain.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Serves the file, and commits to it whenever the chain says otherwise, until told to stop.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), AgentError> {
        let Self { subnet, model, family, server, uri, poll } = self;
        let word = Word { model: &model, family, uri: &uri };
        let keeper = keep_committed(&subnet, &word, poll, shutdown.clone());
        tokio::try_join!(keeper, async { Ok(server.run(shutdown).await?) })?;
        Ok(())
    }
}

/// What the chain is to say of the miner's file.
struct Word<'a> {
    model: &'a ModelFile,
    family: ModelFamily,
    uri: &'a str,
}

impl Word<'_> {
    /// Whether it stands on the chain already.
    fn stands(&self, standing: &ModelCommitment) -> bool {
        standing.digest == self.model.digest().into()
            && standing.size == self.model.size()
            && standing.family == self.family
            && standing.uri == self.uri
    }
}

/// Looks at the chain every `poll` and commits where its word on the file is not ours.
async fn keep_committed<S: MinerSubnet>(
    subnet: &S,
    word: &Word<'_>,
    poll: Duration,
    mut shutdown: Shutdown,
) -> Result<(), AgentError> {
    loop {
        let outcome = tokio::select! {
            biased;
            () = shutdown.wait() => return Ok(()),
            outcome = commit(subnet, word) => outcome,
        };
        match outcome {
            Err(AgentError::Subnet(failure)) if failure.passing() => {
                warn!(error = %failure, "the chain did not do what was asked, looking again");
            }
            outcome => outcome?,
        }
        tokio::select! {
            biased;
            () = shutdown.wait() => return Ok(()),
            () = tokio::time::sleep(poll) => {}
        }
    }
}

async fn commit<S: MinerSubnet>(subnet: &S, word: &Word<'_>) -> Result<(), AgentError> {
    let Some((uid, standing)) = subnet.seat().await? else {
        return Err(AgentError::NotRegistered { hotkey: ss58(&subnet.hotkey()), netuid: subnet.netuid() });
    };
    if standing.is_some_and(|standing| word.stands(&standing)) {
        return Ok(());
    }
    let Word { model, family, uri } = *word;
    match subnet.commit_model(model.digest(), model.size(), family, uri).await {
        Ok(()) => info!(uid, digest = hex::encode(model.digest()), ?family, uri, "committed the file"),
        // The commitment before is too young; the next look tries again.
        Err(SubnetError::Registry(RegistryError::ServingRateLimited)) => {}
        Err(SubnetError::Chain(failure @ (ChainError::Failed { .. } | ChainError::Rejected { .. }))) => {
            warn!(error = %failure, hint = failure.hint(), "the chain does not take the commitment, trying again");
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(())
}
