//! The miner: serves its model file and keeps the chain's commitment to it up to date.

mod commitment;
mod server;

pub use commitment::ModelFile;
pub use server::{ServeError, Server};

use std::time::Duration;

use inktensor_chain::{ChainError, ss58};
use inktensor_primitives::registry::{ModelFamily, RegistryError};
use tracing::{info, warn};

use crate::config::MinerConfig;
use crate::subnet::{MinerSubnet, SubnetError};
use crate::{AgentError, Shutdown};

/// A miner of one subnet.
pub struct Miner<S> {
    subnet: S,
    model: ModelFile,
    server: Server,
    uri: String,
    poll: Duration,
}

impl<S: MinerSubnet> Miner<S> {
    /// Reads the model file and binds the server. Nothing is committed yet.
    pub async fn new(subnet: S, config: &MinerConfig) -> Result<Self, AgentError> {
        let model = ModelFile::read(&config.model).await?;
        let server = Server::bind(config.listen, model.clone(), config.max_downloads).await?;
        let base = match &config.public {
            Some(public) => public.trim_end_matches('/').to_owned(),
            None => format!("http://{}", server.address()),
        };
        let uri = format!("{base}/models/{}", hex::encode(model.digest()));
        Ok(Self { subnet, model, server, uri, poll: config.poll })
    }

    /// Where the model is served, as it is committed on chain.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Serves the model, and commits to it whenever the chain says otherwise, until told to stop.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), AgentError> {
        let Self { subnet, model, server, uri, poll } = self;
        let keeper = keep_committed(&subnet, &model, &uri, poll, shutdown.clone());
        tokio::try_join!(keeper, async { Ok(server.run(shutdown).await?) })?;
        Ok(())
    }
}

/// Looks at the chain every `poll` and commits where its word on the model is not ours.
async fn keep_committed<S: MinerSubnet>(
    subnet: &S,
    model: &ModelFile,
    uri: &str,
    poll: Duration,
    mut shutdown: Shutdown,
) -> Result<(), AgentError> {
    loop {
        let outcome = tokio::select! {
            biased;
            () = shutdown.wait() => return Ok(()),
            outcome = commit(subnet, model, uri) => outcome,
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

async fn commit<S: MinerSubnet>(subnet: &S, model: &ModelFile, uri: &str) -> Result<(), AgentError> {
    let Some((uid, standing)) = subnet.seat().await? else {
        return Err(AgentError::NotRegistered { hotkey: ss58(&subnet.hotkey()), netuid: subnet.netuid() });
    };
    let current = standing.is_some_and(|standing| {
        standing.digest == model.digest().into() && standing.size == model.size() && standing.uri == uri
    });
    if current {
        return Ok(());
    }
    match subnet.commit_model(model.digest(), model.size(), ModelFamily::Llama, uri).await {
        Ok(()) => info!(uid, digest = hex::encode(model.digest()), uri, "committed the model"),
        // The commitment before is too young; the next look tries again.
        Err(SubnetError::Registry(RegistryError::ServingRateLimited)) => {}
        Err(SubnetError::Chain(failure @ (ChainError::Failed { .. } | ChainError::Rejected { .. }))) => {
            warn!(error = %failure, hint = failure.hint(), "the chain does not take the commitment, trying again");
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(())
}
