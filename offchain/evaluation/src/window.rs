//! Windows of text, the unit of evaluation.

use thiserror::Error;

/// T + 1 bytes: the model predicts bytes 1..=T, each from all bytes before it within the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window(Vec<u8>);

/// Fewer than two bytes: nothing could be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a window needs at least two bytes, one to read and one to predict")]
pub struct WindowTooShort;

impl Window {
    /// A window of at least two bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, WindowTooShort> {
        if bytes.len() < 2 { Err(WindowTooShort) } else { Ok(Self(bytes)) }
    }

    /// All T + 1 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// T, the number of predicted bytes.
    pub fn predictions(&self) -> usize {
        self.0.len() - 1
    }
}

/// What a model makes of one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowResult {
    /// Negative log-likelihood of the predicted bytes, summed, in nats. Not finite where the computation overflowed.
    pub nll_nats: f64,
    /// Number of predicted bytes.
    pub bytes: u32,
}
