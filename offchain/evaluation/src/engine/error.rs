//! What can go wrong on the validator's side of an evaluation. None of it says anything about a miner's model.

use thiserror::Error;

use crate::model::ReadError;

/// A fault of the validator's own machine. The validator abstains; it must never turn this into a score of zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EngineError {
    /// No compute adapter was found, not even a software one.
    #[error(
        "no Vulkan, Metal or DX12 adapter was found (looked for: {wanted}). \
         Run `scripts/setup`, which installs the Vulkan loader and Mesa's software driver lavapipe"
    )]
    NoAdapter {
        /// What was asked for.
        wanted: String,
    },
    /// The adapter was found but refused to open a device.
    #[error("adapter {adapter} opened no device: {reason}. Check the driver, or choose another adapter by name")]
    NoDevice {
        /// Name of the adapter.
        adapter: String,
        /// The driver's words.
        reason: String,
    },
    /// The device went away during or before the work. The engine is of no more use; make a new one and try again.
    #[error("the device was lost: {reason}. Make a new engine and evaluate again")]
    DeviceLost {
        /// The driver's words.
        reason: String,
    },
    /// The device ran out of memory.
    #[error("the device ran out of memory: {reason}. Evaluate fewer windows at once or use a larger device")]
    OutOfMemory {
        /// The driver's words.
        reason: String,
    },
    /// A buffer that the model needs is larger than the device can bind.
    #[error("{what} needs a buffer of {needed} bytes but the device binds at most {limit}. Use a larger device")]
    BufferTooLarge {
        /// What the buffer holds.
        what: &'static str,
        /// Bytes needed.
        needed: u64,
        /// Bytes that the device can bind.
        limit: u64,
    },
    /// A window does not fit the model: the caller must check first, see [`crate::model::Transformer`].
    #[error("a window of {window} predictions does not fit a model of at most {limit} positions")]
    WindowTooLong {
        /// Predictions of the window.
        window: usize,
        /// `max_position_embeddings` of the model.
        limit: usize,
    },
    /// The weights cannot be read from disk.
    #[error(transparent)]
    Weights(#[from] ReadError),
    /// The engine does not compute this architecture yet.
    #[error("the engine does not compute this architecture")]
    Unsupported,
    /// The driver or the graphics layer refused an operation: a bug of this program or of the driver.
    #[error("the device refused an operation: {reason}. This is a bug of the evaluator or of its driver; report it")]
    Refused {
        /// The layer's words.
        reason: String,
    },
}
