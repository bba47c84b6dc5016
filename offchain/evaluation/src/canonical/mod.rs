//! The canonical lane: evaluation in integers only, the same bits on every device.
//!
//! `CANONICAL.md` beside this crate is the specification, rule by rule; [`mod@reference`] is its executable form, written
//! to be read; [`mod@cpu`] computes the same with threads and SIMD, `gpu` in shaders. Whatever evaluates windows may publish a
//! [`transcript`], and anybody can check any leaf of it on any machine.

use thiserror::Error;

use crate::digest::Digest;
use crate::model::ReadError;

pub mod cpu;
mod forward;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod model;
pub mod number;
pub mod quantise;
pub mod reference;
pub mod rotary;
pub mod row;
pub mod tables;
pub mod transcript;

pub use model::CanonicalModel;

/// What a language model makes of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalLoss {
    /// Negative log-likelihood of the predicted tokens, summed: nats with 32 fractional bits.
    pub nll: i64,
    /// A hash of the residual stream after the embedding, and after each layer.
    pub layers: Vec<Digest>,
}

/// Why a canonical evaluation did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CanonicalError {
    /// A weight is NaN or infinite. Files are read with a check for that; weights at hand are not.
    #[error("{what} holds a number that is not finite. The training run diverged")]
    NotFinite {
        /// The part.
        what: String,
    },
    /// Weights do not fit the architecture.
    #[error("{what} has {found} entries where the architecture needs {expected}. Correct the configuration")]
    Shape {
        /// The part.
        what: String,
        /// Entries needed.
        expected: usize,
        /// Entries found.
        found: usize,
    },
    /// A size is 0, or larger than the proofs against overflow allow.
    #[error("{what} is {value}; the canonical lane needs it within 1 and {limit}. Evaluate in the fast lane")]
    Bound {
        /// What is measured.
        what: &'static str,
        /// Its size.
        value: usize,
        /// Largest size.
        limit: usize,
    },
    /// A constant of the architecture makes no sense.
    #[error("{what} is {value}; it must be finite, theta at least 1 and epsilon at least 0. Correct the configuration")]
    Constant {
        /// Its name.
        what: String,
        /// Its value.
        value: String,
    },
    /// A token is none of the model's.
    #[error("token {token} is not below the vocabulary's size {vocabulary}. Use the model's own tokenizer")]
    Token {
        /// The token.
        token: u32,
        /// Number of tokens.
        vocabulary: usize,
    },
    /// The model does not give what was asked for.
    #[error("the model is not {wanted}. Choose the task that suits the model")]
    Output {
        /// What was asked for.
        wanted: &'static str,
    },
    /// The weights cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
