//! What can go wrong on the validator's side of an evaluation. None of it says anything about a miner's model.

use std::path::PathBuf;

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
    /// The adapter cannot read weights in f16, or multiply so.
    #[error(
        "adapter {adapter} has no f16. Set `Options::weights` and `Options::products` to `Precision::F32`, or choose \
         another adapter"
    )]
    NoHalf {
        /// Name of the adapter.
        adapter: String,
    },
    /// The tile that was asked for does not fit the adapter.
    #[error(
        "adapter {adapter} has too few lanes or too little workgroup memory for the tile {tile:?}. Choose a smaller one"
    )]
    TileTooLarge {
        /// Name of the adapter.
        adapter: String,
        /// Name of the tile.
        tile: String,
    },
    /// The file that keeps the choice of a tile cannot be used.
    #[error(
        "cannot {action} the tuning file {path}: {reason}. Check its folder and its rights, or tune without a file"
    )]
    Tuning {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// The device went away during or before the work. The engine is of no more use; make a new one and try again.
    #[error("the device was lost: {reason}. Make a new engine and evaluate again")]
    DeviceLost {
        /// The driver's words.
        reason: String,
    },
    /// The device ran out of memory.
    #[error("the device ran out of memory: {reason}. Set `Options::memory` below what it has, or use a larger device")]
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
    /// A sequence does not fit the model: the caller must check first, see [`crate::model::Transformer`].
    #[error(
        "a sequence of {tokens} tokens does not fit: model and adapter take at most {limit}. Read shorter sequences"
    )]
    TooLong {
        /// Tokens that the model would have to read.
        tokens: usize,
        /// `positions` of the model, or what the engine takes on a software adapter if that is less.
        limit: usize,
    },
    /// A sequence has no tokens.
    #[error("a sequence has no tokens. Give the model something to read")]
    Empty,
    /// A token is not of the model's vocabulary.
    #[error("token {token} is not among the model's {vocabulary}. Use the tokenizer that belongs to the model")]
    UnknownToken {
        /// The token.
        token: u32,
        /// Tokens that the model knows.
        vocabulary: usize,
    },
    /// Features do not make whole vectors.
    #[error("{features} features are no whole number of vectors of {width}")]
    Ragged {
        /// Features given.
        features: usize,
        /// Features that the model takes at once.
        width: usize,
    },
    /// The model does not answer this question.
    #[error("the model gives {gives}, not {asked}. Use a model made for this task")]
    WrongOutput {
        /// What was asked for.
        asked: &'static str,
        /// What the model gives.
        gives: &'static str,
    },
    /// Weights do not have the architecture's shape: [`crate::model::Model::of_weights`] was given parts of two models.
    #[error("{what} does not have the shape that the architecture asks for. Build the model again")]
    Misshapen {
        /// The part.
        what: &'static str,
    },
    /// The weights cannot be read from disk.
    #[error(transparent)]
    Weights(#[from] ReadError),
    /// The driver or the graphics layer refused an operation: a bug of this program or of the driver.
    #[error("the device refused an operation: {reason}. This is a bug of the evaluator or of its driver; report it")]
    Refused {
        /// The layer's words.
        reason: String,
    },
}
