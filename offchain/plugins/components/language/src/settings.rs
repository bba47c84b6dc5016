//! What the subnet's owner decides.

use alloc::vec::Vec;

use inktensor_evaluator::{Parameters, ParametersError};
use inktensor_score::{Loss, Margin, WeightRule};

/// Windows at most: a validator takes 65,536 of all models together, and a full round has 256.
const MOST_WINDOWS: u64 = 256;

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// blake2b-256 of the text: 32 bytes.
    pub corpus: Vec<u8>,
    /// Number of windows, 2 to 256.
    pub windows: u32,
    /// Bytes of each that are predicted.
    pub length: u32,
    /// From losses to shares.
    pub rules: WeightRule,
}

impl Settings {
    /// Reads the parameters.
    pub fn parse(text: &str) -> Result<Self, ParametersError> {
        let mut parameters = Parameters::parse(text)?;
        // What is in its range fits its type.
        let settings = Self {
            corpus: parameters.digest("corpus")?,
            windows: parameters.integer("windows", 64, 2..=MOST_WINDOWS)? as u32,
            length: parameters.integer("length", 128, 1..=2048)? as u32,
            rules: WeightRule {
                margin: Margin {
                    epsilon_bps: parameters.integer("epsilon", 50, 0..=10_000)? as u16,
                    z_tenths: parameters.integer("errors", 20, 0..=100)? as u8,
                },
                half_life: Loss((parameters.integer("half", 250, 1..=8_000)? << 32) / 1000),
            },
        };
        parameters.finish()?;
        Ok(settings)
    }
}
