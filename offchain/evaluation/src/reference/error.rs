//! Why the reference gives no answer.

use thiserror::Error;

use crate::model::ReadError;

/// A question that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Weights cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The architecture gives something else.
    #[error("the model does not give {asked}. Ask for what its architecture gives")]
    OtherOutput {
        /// What was asked for.
        asked: &'static str,
    },
    /// A weight that the architecture needs is not there: the model was not made by a reader of files.
    #[error("the weights lack {part}, which the architecture needs. Make weights that fit it")]
    Unfit {
        /// What is missing.
        part: &'static str,
    },
    /// A token is not one of the model's.
    #[error("token {token} is none of the model's {vocabulary}. Use the model's own tokeniser")]
    UnknownToken {
        /// The token.
        token: u32,
        /// Number of tokens that the model knows.
        vocabulary: usize,
    },
    /// No token, or more than the model can read.
    #[error("{tokens} tokens where the model reads 1 to {positions}. Give it a shorter text")]
    Length {
        /// Number of tokens given.
        tokens: usize,
        /// Most that the model reads.
        positions: usize,
    },
    /// A feature vector of another width.
    #[error("{found} features where the model reads {expected}")]
    Features {
        /// Number of features given.
        found: usize,
        /// Number of features that the model reads.
        expected: usize,
    },
}
