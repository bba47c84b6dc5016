//! What a client may ask beside the usual.

use std::sync::Arc;

use futures::SinkExt;
use futures::channel::oneshot;
use jsonrpsee::RpcModule;
use jsonrpsee::core::{RegisterMethodError, RpcResult, async_trait};
use jsonrpsee::proc_macros::rpc;
use jsonrpsee::types::{ErrorObjectOwned, error::INVALID_PARAMS_CODE};
use sc_consensus_manual_seal::rpc::{ManualSeal, ManualSealApiServer};
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::clock::{Clock, ClockError};
use crate::runtime_api::{AccountId, Block, Hash, Nonce};
use crate::seal::{Commands, seal_best};
use crate::service::{Client, Pool};

/// Moves the chain's time.
#[rpc(server, namespace = "dev")]
pub trait DevApi {
    /// Moves time by so many milliseconds, for good, and seals a block; returns its hash.
    #[method(name = "advanceTime")]
    async fn advance_time(&self, ms: u64) -> RpcResult<Hash>;

    /// Sets the time, in milliseconds since 1970, and seals a block; returns its hash.
    #[method(name = "setTime")]
    async fn set_time(&self, ms: u64) -> RpcResult<Hash>;
}

/// Serves [`DevApi`].
struct Dev {
    clock: Arc<Clock>,
    commands: Commands,
}

impl Dev {
    async fn seal(&self) -> Result<Hash, sc_consensus_manual_seal::Error> {
        let (sender, outcome) = oneshot::channel();
        self.commands.clone().send(seal_best(true, Some(sender))).await?;
        Ok(outcome.await??.hash)
    }
}

#[async_trait]
impl DevApiServer for Dev {
    async fn advance_time(&self, ms: u64) -> RpcResult<Hash> {
        self.clock.advance(ms).map_err(refused)?;
        Ok(self.seal().await?)
    }

    async fn set_time(&self, ms: u64) -> RpcResult<Hash> {
        self.clock.set(ms).map_err(refused)?;
        Ok(self.seal().await?)
    }
}

fn refused(failure: ClockError) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(INVALID_PARAMS_CODE, failure.to_string(), None::<()>)
}

/// All of them.
///
/// # Errors
/// Two methods have the same name.
pub fn module(
    client: Arc<Client>,
    pool: Arc<Pool>,
    clock: Arc<Clock>,
    commands: Commands,
) -> Result<RpcModule<()>, RegisterMethodError> {
    let mut module = RpcModule::new(());
    module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::<_, _, Block>::new(client, pool)))?;
    module.merge(ManualSeal::new(commands.clone()).into_rpc())?;
    module.merge(Dev { clock, commands }.into_rpc())?;
    Ok(module)
}
