//! Why nothing was measured.

use std::path::PathBuf;

use inktensor_evaluation::canonical::CanonicalError;
use inktensor_evaluation::canonical::gpu::CanonicalGpuError;
use inktensor_evaluation::model::{ModelError, ReadError};
use inktensor_evaluation::reference::ReferenceError;
use inktensor_evaluation::{EngineError, WindowTooShort};
use thiserror::Error;

/// What ends a measurement: nothing is reported then.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The fast lane's device failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The canonical lane refused a model.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The canonical lane failed on the device.
    #[error(transparent)]
    CanonicalGpu(#[from] CanonicalGpuError),
    /// The reference refused a question.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Weights cannot be made again.
    #[error(transparent)]
    Weights(#[from] ReadError),
    /// A committed model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The text has too few tokens for a window.
    #[error(transparent)]
    Window(#[from] WindowTooShort),
    /// A file or a program of this machine cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// Where it should be.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// No engine or workload has this name.
    #[error("no engine or workload is called {name}, or peers were left out. README.md lists the names")]
    Unknown {
        /// The name.
        name: String,
    },
    /// A peer gave up.
    #[cfg(feature = "peers")]
    #[error("{engine}: {reason}. Leave the peers out with --no-peers")]
    Peer {
        /// Its name.
        engine: &'static str,
        /// Its words.
        reason: String,
    },
    /// An engine's answers are wrong, so its speed means nothing.
    #[error("{engine} is off by {found:e} on {workload}, held against {against}; {tolerance:e} is allowed")]
    Wrong {
        /// Its name.
        engine: String,
        /// What was asked.
        workload: String,
        /// What its answers were held against.
        against: &'static str,
        /// The largest difference.
        found: f64,
        /// The largest difference allowed.
        tolerance: f64,
    },
    /// Nothing was to be measured.
    #[error("there is nothing to summarise. Ask for at least one repeat")]
    NoRepeats,
    /// The process of a workload ended without an answer.
    #[error("the process of {asked} ended without an answer: {reason}. What it said is above")]
    Child {
        /// Its arguments beside this process's.
        asked: String,
        /// How it ended, or what it answered instead.
        reason: String,
    },
    /// The system did not say how much memory the program took.
    #[error("the peak of memory is not known: {reason}. Leave out --memory, which needs Linux")]
    Memory {
        /// What was wrong.
        reason: String,
    },
    /// The device cannot be measured.
    #[error("the device's copies cannot be measured: {reason}. Check the driver")]
    Copies {
        /// The driver's words.
        reason: String,
    },
}
