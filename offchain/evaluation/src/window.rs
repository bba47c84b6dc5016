//! Windows, the unit of evaluation: tokens to read, and which of them to predict.

use blake2::Digest as _;
use thiserror::Error;

use crate::digest::{Blake2b256, Digest};

/// Tokens of which all from `first` on are predicted, each from all tokens before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    tokens: Vec<u32>,
    first: usize,
    bytes: u32,
}

/// A window in which nothing could be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a window needs a token to read and, after it, a token to predict")]
pub struct WindowTooShort;

impl Window {
    /// A window whose tokens from index `first` on, which stand for `bytes` bytes of text in UTF-8, are predicted.
    pub fn new(tokens: Vec<u32>, first: usize, bytes: u32) -> Result<Self, WindowTooShort> {
        if first == 0 || first >= tokens.len() || u32::try_from(tokens.len()).is_err() {
            return Err(WindowTooShort);
        }
        Ok(Self { tokens, first, bytes })
    }

    /// A window whose tokens are bytes, all but the first predicted.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, WindowTooShort> {
        let predicted = u32::try_from(bytes.len().saturating_sub(1)).map_err(|_| WindowTooShort)?;
        Self::new(bytes.iter().copied().map(u32::from).collect(), 1, predicted)
    }

    /// All tokens.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Index of the first predicted token, at least 1.
    pub fn first(&self) -> usize {
        self.first
    }

    /// What the model reads: all tokens but the last.
    pub fn inputs(&self) -> &[u32] {
        &self.tokens[..self.tokens.len() - 1]
    }

    /// The token to predict at each input, where one is: the inputs before `first - 1` predict nothing that counts.
    pub fn targets(&self) -> &[u32] {
        &self.tokens[self.first..]
    }

    /// Number of predicted tokens.
    pub fn predictions(&self) -> usize {
        self.tokens.len() - self.first
    }

    /// UTF-8 bytes that the predicted tokens stand for.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// What is read and what is predicted, wherever it comes from: `blake2b-256("inktensor/window/1" ‖ first ‖ bytes ‖
    /// tokens)`, each number as u32, little-endian.
    pub fn digest(&self) -> Digest {
        let numbers = [self.first as u32, self.bytes].into_iter().chain(self.tokens.iter().copied());
        let mut hash = Blake2b256::new().chain_update(b"inktensor/window/1");
        numbers.for_each(|number| hash.update(number.to_le_bytes()));
        Digest(hash.finalize().into())
    }
}

/// What a model makes of one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowResult {
    /// Negative log-likelihood of the predicted tokens, summed, in nats. Not finite where the computation overflowed.
    pub nll_nats: f64,
    /// Bytes that the predicted tokens stand for.
    pub bytes: u32,
}
