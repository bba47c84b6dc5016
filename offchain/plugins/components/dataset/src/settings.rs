//! What the subnet's owner decides.

use alloc::vec::Vec;

use inktensor_evaluator::{Parameters, ParametersError};

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// blake2b-256 of the weaker model: 32 bytes.
    pub learner: Vec<u8>,
    /// blake2b-256 of the stronger model: 32 bytes.
    pub reference: Vec<u8>,
    /// blake2b-256 of a text that is worth nothing any more: 32 bytes.
    pub known: Option<Vec<u8>>,
    /// Bytes of a contribution at most.
    pub most: u64,
    /// Windows of a contribution.
    pub windows: u32,
    /// Bytes of each that are predicted.
    pub length: u32,
    /// Per cent of a contribution that must be new.
    pub novelty: u64,
    /// Per cent of a contribution that may stand in a single earlier one.
    pub quotes: u64,
    /// Thousandths of a bit a byte from which on a loss is that of noise.
    pub noise: u64,
}

impl Settings {
    /// Reads the parameters.
    pub fn parse(text: &str) -> Result<Self, ParametersError> {
        let mut parameters = Parameters::parse(text)?;
        // What is in its range fits its type.
        let settings = Self {
            learner: parameters.digest("learner")?,
            reference: parameters.digest("reference")?,
            known: parameters.optional_digest("known")?,
            most: parameters.integer("most", 1 << 16, 1 << 10..=1 << 20)?,
            windows: parameters.integer("windows", 8, 1..=64)? as u32,
            length: parameters.integer("length", 128, 16..=2048)? as u32,
            novelty: parameters.integer("novelty", 50, 1..=100)?,
            quotes: parameters.integer("quotes", 8, 0..=100)?,
            noise: parameters.integer("noise", 4000, 1..=64_000)?,
        };
        parameters.finish()?;
        Ok(settings)
    }
}
