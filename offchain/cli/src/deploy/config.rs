//! The configuration of a deployment: a TOML file of which `docs/deploy.example.toml` is the example.

use std::path::Path;

use inktensor_chain::{AccountId, DeployConfig, parse_ss58};
use serde::{Deserialize, Deserializer, de::Error};

use super::units::{Amount, Span};
use crate::error::CliError;

/// Everything must be said but the salt: what a network starts with only a vote can change.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    genesis_holder: Account,
    genesis_amount: Amount,
    voting_period: Span,
    timelock: Span,
    quorum_bps: u16,
    threshold: Amount,
    #[serde(default)]
    salt: String,
}

struct Account(AccountId);

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_ss58(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

/// Reads a configuration.
///
/// # Errors
/// `Io`, and `Config` with the line and what is wrong there.
pub fn read(path: &Path) -> Result<DeployConfig, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Io { path: path.to_owned(), source })?;
    parse(&text).map_err(|reason| CliError::Settings { path: path.to_owned(), reason })
}

fn parse(text: &str) -> Result<DeployConfig, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    Ok(DeployConfig {
        genesis_holder: file.genesis_holder.0,
        genesis_amount: file.genesis_amount.0,
        voting_period_ms: file.voting_period.0,
        timelock_ms: file.timelock.0,
        quorum_bps: file.quorum_bps,
        threshold: file.threshold.0,
        salt: file.salt.into_bytes(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use inktensor_chain::Keypair;

    const EXAMPLE: &str = include_str!("../../../../docs/deploy.example.toml");

    #[test]
    fn the_example_is_a_configuration() {
        let config = parse(EXAMPLE).unwrap();
        let expected = DeployConfig::new(Keypair::from_name("Alice").account(), 1_000_000_000_000);
        assert_eq!(config, expected, "it has the terms that the documents call usual");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (from, to, named) in [
            ("timelock", "time_lock", ["time_lock", "timelock"]),
            ("timelock = \"1d\"\n", "", ["missing field", "timelock"]),
            ("\"1000 TAO\"", "1000", ["genesis_amount", "expected a string"]),
            ("\"1000 TAO\"", "\"1000\"", ["genesis_amount", "100 TAO"]),
            ("\"3d\"", "\"3 days\"", ["voting_period", "`3d`"]),
            ("quorum_bps = 1000", "quorum_bps = 70000", ["quorum_bps", "70000"]),
            ("utQY\"", "utQZ\"", ["genesis_holder", "checksum"]),
        ] {
            assert!(EXAMPLE.contains(from), "{from}");
            let reason = parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err();
            assert!(named.iter().all(|name| reason.contains(name)), "{to}: {reason}");
        }
    }

    #[test]
    fn a_salt_makes_another_suite() {
        let salted = parse(&format!("{EXAMPLE}\nsalt = \"second\"\n")).unwrap();
        assert_eq!(salted.salt, b"second");
    }
}
