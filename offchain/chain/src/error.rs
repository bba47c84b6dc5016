//! What can go wrong between a caller and a contract.

use crate::hint::{self, ContractError};
use std::path::PathBuf;

/// Why a message had no effect. [`ChainError::hint`] says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The contract refused. Nothing was changed.
    #[error("{contract} refused: {error}")]
    Refused {
        /// Which contract.
        contract: &'static str,
        /// Its error, as the contract names it.
        error: String,
        /// The documentation of that error.
        hint: String,
    },
    /// The chain could not execute the call: a trap, too little gas, too little deposit. Nothing was changed.
    #[error("call of {contract} failed: {error}")]
    Failed {
        /// Which contract.
        contract: &'static str,
        /// The error as the runtime names it, `OutOfGas` for example.
        error: String,
    },
    /// The contract does not know the message: its code is not the one that this client was built for.
    #[error("{contract} does not know the message")]
    UnknownMessage {
        /// Which contract.
        contract: &'static str,
    },
    /// The contract's answer or event does not decode: its code is not the one that this client was built for.
    #[error("{what} does not decode: {reason}")]
    Undecodable {
        /// What should have been decoded.
        what: String,
        /// Why it was not.
        reason: String,
    },
    /// The chain has no such block.
    #[error("no block {0}")]
    NoSuchBlock(u32),
    /// The chain no longer keeps the state of a block that was held for reading.
    #[error("the state of block {0} is gone")]
    StateGone(u32),
    /// The chain did not take the extrinsic: nothing was changed, no fee was paid.
    #[error("the chain does not take the call of {contract}: {error}")]
    Rejected {
        /// Which contract.
        contract: &'static str,
        /// The error as the runtime names it, `Payment` for example.
        error: String,
    },
    /// An extrinsic was not put into a block while it was valid. It can have no effect any more.
    #[error("the call of {contract} expired at block {block}: it had no effect and will have none")]
    Expired {
        /// Which contract.
        contract: &'static str,
        /// Last block that could have held it.
        block: u32,
    },
    /// An extrinsic was sent, and contact was lost before it was seen in a block.
    #[error("what became of the call of {contract} is unknown: it may take effect until block {until}")]
    Unsettled {
        /// Which contract.
        contract: &'static str,
        /// Last block that can hold it.
        until: u32,
    },
    /// The chain demands something of extrinsics that this client does not know.
    #[error("the chain's extrinsics need {0}, which this client does not know")]
    UnknownExtension(String),
    /// The endpoint is not what it should be: another chain, or one without contracts.
    #[error("endpoint {endpoint}: {reason}")]
    WrongChain {
        /// Its url.
        endpoint: String,
        /// What is wrong.
        reason: String,
    },
    /// A node answered a request with an error that has no other name here.
    #[error("the node refuses {method}: {error}")]
    RequestRefused {
        /// Which method of its JSON-RPC.
        method: &'static str,
        /// What it said.
        error: String,
    },
    /// No answer from the chain.
    #[error("chain does not answer: {0}")]
    Unreachable(String),
    /// The chain itself broke. It is not used again.
    #[error("chain broke: {0}")]
    Broken(String),
    /// A contract bundle is missing or damaged.
    #[error("bundle {}: {reason}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Chain time would leave its range.
    #[error("chain time cannot pass 2^64 - 1 ms")]
    TimeOverflow,
}

impl ChainError {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Refused { hint, .. } => hint,
            Self::Failed { error, .. } => hint::of_dispatch(error),
            Self::UnknownMessage { .. } | Self::Undecodable { .. } => {
                "the deployed code differs from this build: deploy again, or use the release that deployed it"
            }
            Self::NoSuchBlock(_) => "blocks are numbered from 0 to the head",
            Self::StateGone(_) => "read again at a newer block, or use a node that keeps more states",
            Self::Rejected { error, .. } => hint::of_dispatch(error),
            Self::Expired { .. } => "send it again",
            Self::Unsettled { .. } => "wait for that block, then look whether it took effect before sending it again",
            Self::UnknownExtension(_) => "a newer release may know it",
            Self::WrongChain { .. } => "name an endpoint of the chain that holds the contracts",
            Self::RequestRefused { .. } => "use a node that offers its full JSON-RPC, without limits that are too low",
            Self::Unreachable(_) => "check that the endpoint is up",
            Self::Broken(_) => "start again; if it happens again, report it",
            Self::Bundle { .. } => "run scripts/build",
            Self::TimeOverflow => "advance by less",
        }
    }
}

/// Why a submission did not go through: refused by the contract with an error of its own type, or lost on the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError<E: std::fmt::Debug> {
    /// The contract refused. Nothing was changed.
    #[error("{contract} refused: {error:?}")]
    Refused {
        /// Which contract.
        contract: &'static str,
        /// Its error.
        error: E,
        /// The documentation of that error.
        hint: String,
    },
    /// The chain failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl<E: ContractError> CallError<E> {
    pub(crate) fn refused(contract: &'static str, error: E) -> Self {
        let hint = hint::of_error(&error);
        Self::Refused { contract, error, hint }
    }

    /// What the contract answered, if it was the contract that refused.
    pub fn refusal(&self) -> Option<&E> {
        match self {
            Self::Refused { error, .. } => Some(error),
            Self::Chain(_) => None,
        }
    }
}

impl<E: std::fmt::Debug> From<CallError<E>> for ChainError {
    fn from(error: CallError<E>) -> Self {
        match error {
            CallError::Refused { contract, error, hint } => {
                Self::Refused { contract, error: format!("{error:?}"), hint }
            }
            CallError::Chain(error) => error,
        }
    }
}
