//! A chain inside this process: the contracts' real Wasm on the real `pallet-contracts`, without a node.
//!
//! - Each submission is one block, final at once. Requests of several tasks are served one after another, in the order
//!   in which they arrive.
//! - Chain time stands still until [`InProcess::advance_ms`] moves it, so that what a contract sees depends on what was
//!   asked of it, not on how many messages tasks happened to send. It begins at [`GENESIS_MS`].
//! - There are no fees. Storage deposits exist; who signs holds enough native tokens for them.
//! - The same requests give the same block hashes and addresses every time.
//!
//! The runtime is not `Send`: it lives in a thread of its own, which ends when the last handle is dropped.

mod runtime;

use crate::{
    AccountId, Action, Backend, ChainError, Client, Events, Execution, Head, Keypair, Limits, RawCall, RawCode,
    Snapshot, Submission,
};
use async_trait::async_trait;
use runtime::Runtime;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Chain time in ms of the first block: 15 June 2025, 15:06:40 UTC.
pub const GENESIS_MS: u64 = 1_750_000_000_000;

/// Requests that wait before a sender has to.
const QUEUE: usize = 64;
/// Stack of the chain's thread in bytes: contracts that call contracts nest interpreters.
const STACK: usize = 16 << 20;

type Request = Box<dyn FnOnce(&mut Runtime) + Send>;

/// A handle to a chain inside this process. Clones speak to the same chain.
#[derive(Clone)]
pub struct InProcess {
    requests: mpsc::Sender<Request>,
}

impl InProcess {
    /// Starts a chain with block 1 at [`GENESIS_MS`] and no contracts.
    pub fn start() -> Result<Self, ChainError> {
        let (requests, mut queue) = mpsc::channel::<Request>(QUEUE);
        let serve = move || {
            let mut runtime = match Runtime::new(GENESIS_MS) {
                Ok(runtime) => runtime,
                Err(error) => return tracing::error!(%error, "in-process chain did not start"),
            };
            while let Some(request) = queue.blocking_recv() {
                request(&mut runtime);
            }
        };
        std::thread::Builder::new()
            .name("inktensor-chain".into())
            .stack_size(STACK)
            .spawn(serve)
            .map_err(|error| ChainError::Broken(format!("no thread for the in-process chain: {error}")))?;
        Ok(Self { requests })
    }

    /// A client of this chain.
    pub fn client(&self) -> Client {
        Client::new(Arc::new(self.clone()))
    }

    /// Moves chain time by `ms` and seals one empty block at the new time. One block is enough however long the time:
    /// the contracts read the clock, not the number of blocks.
    pub async fn advance_ms(&self, ms: u64) -> Result<Head, ChainError> {
        self.with(move |runtime| runtime.advance(ms)).await?
    }

    /// Mints native tokens, which pay storage deposits, to an account. Accounts that sign need none of this: they are
    /// topped up as they do.
    pub async fn fund(&self, account: AccountId, amount: u128) -> Result<(), ChainError> {
        self.with(move |runtime| runtime.fund(account, amount)).await?
    }

    /// Lets the chain's thread do something and waits for its answer.
    async fn with<T: Send + 'static>(
        &self,
        request: impl FnOnce(&mut Runtime) -> T + Send + 'static,
    ) -> Result<T, ChainError> {
        let (answer, answered) = oneshot::channel();
        let request: Request = Box::new(move |runtime| {
            // Whoever asked may have stopped waiting. What was asked is done all the same.
            let _ = answer.send(request(runtime));
        });
        let stopped = || ChainError::Broken("the in-process chain stopped".into());
        self.requests.send(request).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())
    }
}

#[async_trait]
impl Backend for InProcess {
    async fn head(&self) -> Result<Head, ChainError> {
        self.with(|runtime| runtime.head()).await
    }

    async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        self.with(move |runtime| runtime.block_hash(number)).await?
    }

    async fn pin(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        let head = self.with(|runtime| runtime.pin()).await?;
        Ok(Arc::new(Pin { chain: self.clone(), head }))
    }

    async fn pin_final(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        self.pin().await
    }

    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        self.with(move |runtime| runtime.dry_run(origin, call)).await?
    }

    async fn dry_instantiate(&self, origin: AccountId, code: RawCode) -> Result<(AccountId, Execution), ChainError> {
        self.with(move |runtime| runtime.dry_instantiate(origin, code)).await?
    }

    async fn fee(&self, _action: Action, _limits: Limits) -> Result<Option<u128>, ChainError> {
        Ok(None)
    }

    async fn submit(&self, signer: &Keypair, action: Action, limits: Limits) -> Result<Submission, ChainError> {
        // No extrinsic, so nothing to sign: holding the key is the proof.
        let origin = signer.account();
        let receipt = self.with(move |runtime| runtime.submit(origin, action, limits)).await??;
        Ok(Submission::done(receipt))
    }

    async fn events_since(&self, block: u32) -> Result<Events, ChainError> {
        self.with(move |runtime| runtime.events_since(block)).await
    }

    async fn code_hash(&self, contract: AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        self.with(move |runtime| runtime.code_hash(contract)).await
    }

    async fn has_pending(&self, _: AccountId) -> Result<bool, ChainError> {
        // What is submitted is in a block at once.
        Ok(false)
    }

    async fn native_balance(&self, account: AccountId) -> Result<u128, ChainError> {
        self.with(move |runtime| runtime.native_balance(account)).await
    }
}

/// A block whose state the chain's thread keeps until this is dropped.
struct Pin {
    chain: InProcess,
    head: Head,
}

#[async_trait]
impl Snapshot for Pin {
    fn head(&self) -> Head {
        self.head
    }

    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        let number = self.head.number;
        self.chain.with(move |runtime| runtime.dry_run_at(number, origin, call)).await?
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let number = self.head.number;
        let release: Request = Box::new(move |runtime| runtime.release(number));
        // No waiting in a destructor: with a full queue a task of its own waits, without one the chain is ending.
        if let Err(mpsc::error::TrySendError::Full(release)) = self.chain.requests.try_send(release)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let requests = self.chain.requests.clone();
            runtime.spawn(async move { requests.send(release).await });
        }
    }
}
