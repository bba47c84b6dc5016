//! What a chain must offer. Everything here is bytes; [`crate::Client`] adds the types.

use crate::{AccountId, ChainError, Events, Keypair, Submission};
use async_trait::async_trait;
use std::sync::Arc;

/// The newest block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u32,
    /// Its hash.
    pub hash: [u8; 32],
    /// Chain time in ms.
    pub timestamp_ms: u64,
}

/// Work of an execution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gas {
    /// Computation, in picoseconds of the reference machine.
    pub ref_time: u64,
    /// Bytes of storage proof.
    pub proof_size: u64,
}

/// A call before it has a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCall {
    /// Name of the contract, for errors.
    pub name: &'static str,
    /// Its address.
    pub contract: AccountId,
    /// Native tokens to send along.
    pub value: u128,
    /// Selector and arguments.
    pub data: Vec<u8>,
}

/// A contract before it has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCode {
    /// Name of the contract, for errors.
    pub name: &'static str,
    /// Its Wasm.
    pub code: Vec<u8>,
    /// Selector and arguments of the constructor.
    pub data: Vec<u8>,
    /// Makes the address differ from that of the same code with the same arguments by the same deployer.
    pub salt: Vec<u8>,
}

/// What a call may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Work.
    pub gas: Gas,
    /// Native tokens put down for storage; `None` leaves it to the chain's own limit.
    pub deposit: Option<u128>,
}

/// What a contract returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// SCALE-encoded answer.
    pub data: Vec<u8>,
    /// Whether all changes were undone.
    pub reverted: bool,
}

/// Outcome of a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// What the contract returned.
    pub returned: Returned,
    /// Gas that the call needs as its limit.
    pub gas: Gas,
    /// Native tokens put down for new storage; negative when freed storage pays back.
    pub deposit: i128,
}

/// What a signer can have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A message to a contract.
    Call(RawCall),
    /// A new contract: its code is uploaded if the chain lacks it, then the constructor runs.
    Instantiate(RawCode),
    /// Code alone, for contracts that exchange theirs. Constructor, salt and the limit of gas play no part. Code that the
    /// chain has already is no error.
    Upload(RawCode),
    /// Native tokens for an account, which pay its fees and deposits. Refused where nothing would be left to its sender.
    Transfer {
        /// To whom.
        to: AccountId,
        /// How many, in the chain's smallest unit.
        amount: u128,
    },
}

impl Action {
    /// Name of the contract or what else it is about, for errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Call(call) => call.name,
            Self::Instantiate(code) | Self::Upload(code) => code.name,
            Self::Transfer { .. } => "native tokens",
        }
    }
}

/// How far a submission has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Accepted by a node.
    Submitted,
    /// In a block that may still be replaced.
    InBlock,
    /// In a block for good.
    Finalised,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How far it has come.
    pub stage: Stage,
    /// Block that holds it.
    pub block: u32,
    /// Hash of that block.
    pub block_hash: [u8; 32],
    /// Work that it took.
    pub gas: Gas,
    /// Native tokens put down for new storage; negative when freed storage pays back.
    pub deposit: i128,
    /// Native tokens paid as fee; `None` on a chain that charges none.
    pub fee: Option<u128>,
    /// What the contract returned, where the chain tells.
    pub returned: Option<Returned>,
    /// What contracts emitted in it.
    pub events: Events,
}

/// State of one block, held for reading: what several questions find belongs together.
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// The block.
    fn head(&self) -> Head;

    /// Executes a call on the block's state and forgets it. Errors: `Failed`; `StateGone` when the chain has dropped the
    /// state.
    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError>;
}

/// A chain with the contracts pallet.
///
/// Calls that a contract reverts are answers, not errors: look at [`Returned::reverted`].
#[async_trait]
pub trait Backend: Send + Sync {
    /// The newest block.
    async fn head(&self) -> Result<Head, ChainError>;

    /// Hash of a block of the present best chain. Errors: `NoSuchBlock`.
    async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError>;

    /// Holds the newest block's state for reading.
    async fn pin(&self) -> Result<Arc<dyn Snapshot>, ChainError>;

    /// Holds the state of the newest block that is final: what is read from it does not vanish.
    async fn pin_final(&self) -> Result<Arc<dyn Snapshot>, ChainError>;

    /// Executes a call on the newest state and forgets it. Errors: `Failed`.
    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError>;

    /// Runs a constructor on the newest state and forgets it: the address that the contract would have, and what the
    /// constructor would do. Errors: `Failed`.
    async fn dry_instantiate(&self, origin: AccountId, code: RawCode) -> Result<(AccountId, Execution), ChainError>;

    /// Fee of an action in native tokens, whoever signs it; `None` on a chain that charges none.
    async fn fee(&self, action: Action, limits: Limits) -> Result<Option<u128>, ChainError>;

    /// Signs an action and hands it to the chain. Returns once a node has accepted it; the submission tells the rest.
    /// Actions of one key are sent one after another, each when the one before is in a block or has failed. Errors:
    /// those of an action that the chain does not take.
    async fn submit(&self, signer: &Keypair, action: Action, limits: Limits) -> Result<Submission, ChainError>;

    /// Events of contracts in blocks `block` and later of the present best chain, the oldest first.
    async fn events_since(&self, block: u32) -> Result<Events, ChainError>;

    /// Hash of the code of the contract at an address; `None` where there is no contract.
    async fn code_hash(&self, contract: AccountId) -> Result<Option<[u8; 32]>, ChainError>;

    /// Whether a node holds an extrinsic of an account that is in no block yet. Of nodes that cannot be reached nobody knows.
    async fn has_pending(&self, account: AccountId) -> Result<bool, ChainError>;

    /// Native tokens that an account can spend.
    async fn native_balance(&self, account: AccountId) -> Result<u128, ChainError>;
}
