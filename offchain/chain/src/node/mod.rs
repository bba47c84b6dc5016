//! A chain behind nodes: any Substrate chain with `pallet-contracts`, reached by the websockets of its nodes.
//!
//! - Everything that differs between chains is read from the chain's metadata: types, numbers, widths of balances,
//!   transaction extensions, names of errors. A runtime upgrade needs no new client.
//! - Several endpoints serve as one. Each is kept connected and watched; reads go to one that is not behind, and to
//!   another when it fails. A node's answers are hostile input.
//! - A submission is signed once and followed by what is in the blocks, so a cut connection loses nothing and sends
//!   nothing twice. See [`Progress`](crate::Progress) for its stages; a call that failed in a block is reported when that
//!   block is final.
//! - Gas in a receipt is what the block was charged for the whole extrinsic. The deposit is what the signer put down by
//!   the events of the extrinsic; what a contract returned is not in a block, so a receipt does not have it.

mod backoff;
mod block;
mod bodies;
mod connection;
mod dispatch;
mod endpoint;
mod era;
mod events;
mod extension;
mod extrinsic;
mod follow;
#[cfg(test)]
mod golden;
mod lane;
mod layout;
mod options;
mod pool;
mod read;
mod receipt;
mod rpc;
mod runtime;
mod submit;
mod tracker;
mod wire;

pub use endpoint::EndpointHealth;
pub(crate) use era::PERIOD as ERA_BLOCKS;
pub use options::NodeOptions;

use crate::{
    AccountId, Action, Backend, ChainError, Client, Events, Execution, Head, Keypair, Limits, RawCall, RawCode,
    Snapshot, Submission,
};
use async_trait::async_trait;
use bodies::Bodies;
use lane::Lanes;
use pool::Pool;
use rpc::Rpc;
use runtime::{Runtime, Runtimes};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// A chain behind its nodes. Clones share the connections, which close with the last of them; submissions that are still
/// followed count as one.
#[derive(Clone)]
pub struct Node {
    inner: Arc<Inner>,
}

/// What all parts of a [`Node`] share.
struct Inner {
    pool: Pool,
    runtimes: Runtimes,
    bodies: Bodies,
    lanes: Lanes,
    options: NodeOptions,
    /// Number of the highest block that was seen.
    seen: AtomicU32,
    /// Number of the highest final block that was seen.
    seen_final: AtomicU32,
}

impl Node {
    /// Connects to the chain that these endpoints serve (`ws://` or `wss://`). One that is down is waited for in the
    /// background as long as another answers. Errors: `WrongChain` if one serves another chain, or the chain has no
    /// contracts; `Unreachable` if none answers within the patience.
    pub async fn connect(endpoints: &[String], options: NodeOptions) -> Result<Self, ChainError> {
        let pool = Pool::connect(endpoints, &options).await?;
        let (runtimes, bodies, lanes) = (Runtimes::default(), Bodies::default(), Lanes::default());
        let (seen, seen_final) = (AtomicU32::new(0), AtomicU32::new(0));
        let node = Self { inner: Arc::new(Inner { pool, runtimes, bodies, lanes, options, seen, seen_final }) };
        let (_, block) = node.inner.newest().await?;
        let runtime = node.inner.runtimes.at(&node.inner.pool, block).await?;
        if !runtime.has(runtime::CONTRACTS) {
            let reason = "its chain has no contracts pallet".into();
            return Err(ChainError::WrongChain { endpoint: endpoints.join(", "), reason });
        }
        Ok(node)
    }

    /// A client of this chain.
    pub fn client(&self) -> Client {
        Client::new(Arc::new(self.clone()))
    }

    /// How the endpoints fare, in the order in which they were named.
    pub fn health(&self) -> Vec<EndpointHealth> {
        self.inner.pool.health()
    }

    /// Hash of the chain's first block: by it a chain is known.
    pub fn genesis(&self) -> Result<[u8; 32], ChainError> {
        self.inner.pool.genesis()
    }
}

impl Node {
    /// Asks one endpoint, once, something that the client itself does not: tools and tests of a development chain do.
    /// Errors: `RequestRefused`, `Unreachable`.
    pub async fn rpc(
        &self,
        method: &'static str,
        params: Vec<serde_json::Value>,
    ) -> Result<serde_json::Value, ChainError> {
        let pool = &self.inner.pool;
        let Some((_, connection)) = pool.connections().into_iter().next() else {
            return Err(ChainError::Unreachable(pool.silence()));
        };
        Ok(connection.ask(method, params).await?)
    }
}

impl Inner {
    fn seen(&self) -> u32 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Reads from now on are of this block or a later one.
    fn saw(&self, block: u32) {
        self.seen.fetch_max(block, Ordering::Relaxed);
    }

    /// The chain is only this high.
    fn forget(&self, block: u32) {
        self.seen.store(block, Ordering::Relaxed);
    }
}

#[async_trait]
impl Backend for Node {
    async fn head(&self) -> Result<Head, ChainError> {
        self.inner.head().await.map(|(head, _)| head)
    }

    async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        self.inner.hash_of(number).await
    }

    async fn pin(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        let (head, runtime) = self.inner.head().await?;
        Ok(Arc::new(Pin { node: self.inner.clone(), head, runtime }))
    }

    async fn pin_final(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        let (head, runtime) = self.inner.final_head().await?;
        Ok(Arc::new(Pin { node: self.inner.clone(), head, runtime }))
    }

    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        let (number, block) = self.inner.newest().await?;
        let runtime = self.inner.runtimes.at(&self.inner.pool, block).await?;
        self.inner.dry_run((number, block), &runtime, origin, &call).await
    }

    async fn dry_instantiate(&self, origin: AccountId, code: RawCode) -> Result<(AccountId, Execution), ChainError> {
        self.inner.dry_instantiate(origin, &code).await
    }

    async fn fee(&self, action: Action, limits: Limits) -> Result<Option<u128>, ChainError> {
        self.inner.fee(&action, limits).await
    }

    async fn submit(&self, signer: &Keypair, action: Action, limits: Limits) -> Result<Submission, ChainError> {
        self.inner.submit(signer, action, limits).await
    }

    async fn events_since(&self, block: u32) -> Result<Events, ChainError> {
        self.inner.events_since(block).await
    }

    async fn code_hash(&self, contract: AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        self.inner.code_hash(contract).await
    }

    async fn has_pending(&self, account: AccountId) -> Result<bool, ChainError> {
        self.inner.has_pending(account).await
    }

    async fn native_balance(&self, account: AccountId) -> Result<u128, ChainError> {
        self.inner.native_balance(account).await
    }
}

/// A block by its hash: whoever has its state can answer.
struct Pin {
    node: Arc<Inner>,
    head: Head,
    runtime: Arc<Runtime>,
}

#[async_trait]
impl Snapshot for Pin {
    fn head(&self) -> Head {
        self.head
    }

    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        self.node.dry_run((self.head.number, self.head.hash), &self.runtime, origin, &call).await
    }
}
