//! A chain between which and the deployer something goes wrong.

use async_trait::async_trait;
use inktensor_chain::{
    AccountId, Action, Backend, ChainError, Client, Events, Execution, Head, InProcess, Keypair, Limits, RawCall,
    RawCode, Snapshot, Submission,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// Where the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// Before the chain gets the submission of this number.
    Before(usize),
    /// After it got it, and before the deployer hears so.
    After(usize),
    /// At the first question after it.
    Later(usize),
    Never,
}

/// The chain in process. At its [`Kill`] it never answers again, so that whoever waits for it can be dropped like a
/// process that is killed.
pub struct Unsteady {
    chain: InProcess,
    kill: Kill,
    submitted: AtomicUsize,
    silent: Notify,
    /// Whether it makes a block whenever somebody asks for the newest.
    makes_blocks: bool,
}

impl Unsteady {
    pub fn client(chain: &InProcess, kill: Kill, makes_blocks: bool) -> (Client, Arc<Self>) {
        let (chain, submitted, silent) = (chain.clone(), AtomicUsize::new(0), Notify::new());
        let unsteady = Arc::new(Self { chain, kill, submitted, silent, makes_blocks });
        (Client::new(unsteady.clone()), unsteady)
    }

    /// Submissions that reached the chain.
    pub fn submitted(&self) -> usize {
        self.submitted.load(Ordering::SeqCst)
    }

    /// Returns once the chain has fallen silent.
    pub async fn silent(&self) {
        self.silent.notified().await;
    }

    async fn stop_if(&self, kill: Kill) {
        if self.kill == kill {
            self.silent.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Backend for Unsteady {
    async fn head(&self) -> Result<Head, ChainError> {
        self.stop_if(Kill::Later(self.submitted())).await;
        if self.makes_blocks { self.chain.advance_ms(0).await } else { self.chain.head().await }
    }

    async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError> {
        self.chain.block_hash(number).await
    }

    async fn pin(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        self.chain.pin().await
    }

    async fn pin_final(&self) -> Result<Arc<dyn Snapshot>, ChainError> {
        self.chain.pin_final().await
    }

    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError> {
        self.chain.dry_run(origin, call).await
    }

    async fn dry_instantiate(&self, origin: AccountId, code: RawCode) -> Result<(AccountId, Execution), ChainError> {
        self.chain.dry_instantiate(origin, code).await
    }

    async fn fee(&self, action: Action, limits: Limits) -> Result<Option<u128>, ChainError> {
        self.chain.fee(action, limits).await
    }

    async fn submit(&self, signer: &Keypair, action: Action, limits: Limits) -> Result<Submission, ChainError> {
        let number = self.submitted() + 1;
        self.stop_if(Kill::Before(number)).await;
        let submission = self.chain.submit(signer, action, limits).await;
        self.submitted.store(number, Ordering::SeqCst);
        self.stop_if(Kill::After(number)).await;
        submission
    }

    async fn events_since(&self, block: u32) -> Result<Events, ChainError> {
        self.chain.events_since(block).await
    }

    async fn code_hash(&self, contract: AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        self.chain.code_hash(contract).await
    }

    async fn has_pending(&self, account: AccountId) -> Result<bool, ChainError> {
        self.chain.has_pending(account).await
    }

    async fn native_balance(&self, account: AccountId) -> Result<u128, ChainError> {
        self.chain.native_balance(account).await
    }
}
