//! What commands compute with, and the chance by which they choose.

use std::sync::Arc;

use clap::Args;
use inktensor_evaluation::AdapterChoice;
use inktensor_evaluation::task::{self, Arithmetic, Evaluator};

use crate::error::CliError;

/// The device that models are asked on.
#[derive(Args)]
pub struct Device {
    /// What is computed in: `canonical` (integers, the same everywhere) or `fast` (f32).
    #[arg(long, default_value = "canonical")]
    pub arithmetic: Arithmetic,
    /// Part of the adapter's name; the fastest adapter without it.
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
}

impl Device {
    /// Gets hold of it.
    pub fn open(&self) -> Result<Arc<dyn Evaluator>, CliError> {
        Ok(task::evaluator(self.arithmetic, adapter(self.adapter.as_deref()))?)
    }
}

/// The adapter that a name chooses.
pub fn adapter(name: Option<&str>) -> AdapterChoice {
    name.map_or(AdapterChoice::Fastest, |name| AdapterChoice::Named(name.to_owned()))
}

/// The source of chance.
#[derive(Args)]
pub struct Seed {
    /// 32 bytes in hex by which texts are chosen.
    #[arg(
        long,
        default_value = "0000000000000000000000000000000000000000000000000000000000000000",
        value_name = "HEX"
    )]
    seed: String,
}

impl Seed {
    /// The 32 bytes.
    pub fn bytes(&self) -> Result<[u8; 32], CliError> {
        let refuse = |reason: String| CliError::Argument { what: "--seed", reason };
        let text = self.seed.strip_prefix("0x").unwrap_or(&self.seed);
        let bytes = hex::decode(text).map_err(|failure| refuse(failure.to_string()))?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| refuse(format!("{length} bytes where 32 are needed")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;

    #[test]
    fn seeds_are_32_bytes_of_hex() {
        let parse = |seed: &str| Seed { seed: seed.to_owned() }.bytes();
        assert_eq!(parse(&"07".repeat(32)).unwrap(), [7; 32]);
        assert_eq!(parse(&format!("0x{}", "07".repeat(32))).unwrap(), [7; 32]);
        for wrong in ["", "07", "zz", &"07".repeat(33)] {
            assert!(matches!(parse(wrong), Err(CliError::Argument { what: "--seed", .. })), "{wrong}");
        }
    }
}
