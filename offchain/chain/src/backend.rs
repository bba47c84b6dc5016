//! What a chain must offer. Everything here is bytes; [`crate::Client`] adds the types.

use crate::{AccountId, ChainError, Events, Keypair};
use async_trait::async_trait;

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

/// A chain with the contracts pallet.
///
/// Calls that a contract reverts are answers, not errors: look at [`Returned::reverted`].
#[async_trait]
pub trait Backend: Send + Sync {
    /// The newest block.
    async fn head(&self) -> Result<Head, ChainError>;

    /// Hash of a block. Errors: `NoSuchBlock`.
    async fn block_hash(&self, number: u32) -> Result<[u8; 32], ChainError>;

    /// Executes a call on the newest state and forgets it. Errors: `Failed`.
    async fn dry_run(&self, origin: AccountId, call: RawCall) -> Result<Execution, ChainError>;

    /// Executes a call for good. Errors: `Failed`.
    async fn submit(&self, signer: &Keypair, call: RawCall, limits: Limits) -> Result<Receipt, ChainError>;

    /// Uploads code and instantiates a contract of it. When the constructor reverted the address has no contract.
    /// Errors: `Failed`.
    async fn instantiate(&self, signer: &Keypair, code: RawCode) -> Result<(AccountId, Receipt), ChainError>;

    /// Events of contracts in blocks `block` and later, the oldest first.
    async fn events_since(&self, block: u32) -> Result<Events, ChainError>;
}
