//! What the subnet's owner decides.

use alloc::vec::Vec;

use inktensor_evaluator::{Parameters, ParametersError};
use inktensor_score::{Loss, MAX_WINDOWS, Margin, WeightRule};

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// blake2b-256 of the text: 32 bytes.
    pub corpus: Vec<u8>,
    /// Number of windows.
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
            windows: parameters.integer("windows", 64, 2..=MAX_WINDOWS as u64)? as u32,
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
