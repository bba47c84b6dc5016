//! Why a service ended.

use std::path::PathBuf;

use inktensor_evaluation::EngineError;
use thiserror::Error;

use crate::{journal::JournalError, listen::ServeError, subnet::SubnetError, validator::CacheError};

/// Why a service ended.
#[derive(Debug, Error)]
pub enum AgentError {
    /// The chain refused, or could not be reached.
    #[error(transparent)]
    Subnet(#[from] SubnetError),
    /// The journal cannot be used. Without it no weights are committed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The evaluation engine cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A folder of downloads cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A server of the service's own cannot serve.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The miner's file is not there or cannot be read.
    #[error("the file {path} cannot be read. Check the path and its permissions")]
    NoModel {
        /// Its path.
        path: PathBuf,
    },
    /// The hotkey has no uid on the subnet.
    #[error("hotkey {hotkey} is not registered on subnet {netuid}. Its coldkey calls `register` on the registry first")]
    NotRegistered {
        /// The hotkey.
        hotkey: String,
        /// The subnet.
        netuid: u16,
    },
    /// A task failed.
    #[error("{task}: {source}")]
    TaskFailed {
        /// Which.
        task: String,
        /// Why.
        source: Box<AgentError>,
    },
    /// A task ended although nobody told it to.
    #[error("{task} ended although nobody told it to. This is a bug; report it")]
    TaskEnded {
        /// Which.
        task: String,
    },
    /// A task panicked.
    #[error("{task} panicked. This is a bug; report it with the message above")]
    TaskPanicked {
        /// Which.
        task: String,
    },
}
