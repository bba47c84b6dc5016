//! Tasks: what a model is asked to do, and the three ways in which that can end.

use thiserror::Error;

use crate::corpus::CorpusError;
use crate::digest::Digest;
use crate::engine::EngineError;
use crate::model::ModelError;
use crate::score::{Score, ScoreError};

mod bits_per_byte;

pub use bits_per_byte::evaluate;

/// How an evaluation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The model was measured.
    Score(Score),
    /// The model is at fault: it earns nothing.
    Miner(MinerFault),
    /// The validator could not measure: it abstains, and says nothing of the model.
    Validator(ValidatorFault),
}

/// A fault of the model, the same for every honest validator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MinerFault {
    /// The file is not a model that can be evaluated.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The weights are finite, but the computation with them is not.
    #[error("the loss of window {window} is not finite: the model's activations overflow. Train with smaller weights")]
    NonFiniteLoss {
        /// Index of the first such window.
        window: usize,
    },
    /// The model cannot take windows as long as the subnet's.
    #[error("the model takes {positions} positions where the subnet asks for {needed}. Train with longer windows")]
    ContextTooShort {
        /// `max_position_embeddings`.
        positions: usize,
        /// Predictions of the longest window.
        needed: usize,
    },
    /// The same model was committed earlier.
    #[error("the model is a copy of {of}, which was committed earlier. Train a model of your own")]
    Copy {
        /// Digest of the earlier file.
        of: Digest,
    },
}

/// A fault of the validator's machine or data. Try again; until then, abstain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValidatorFault {
    /// The device failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The text is not there.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The windows make no score.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// A model's identity and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// blake2b-256 of the file.
    pub file: Digest,
    /// Digest of the weights alone, where they could be read; see [`crate::model::Model::tensor_digest`].
    pub tensors: Option<Digest>,
    /// How the evaluation ended.
    pub outcome: Outcome,
}
