//! What whoever deploys a suite decides.

use crate::{AccountId, bundles::blake2_256, hexadecimal, ss58};
use scale::Encode;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

const DAY_MS: u64 = 86_400_000;
const TAO: u128 = 1_000_000_000;

/// What a new suite starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeployConfig {
    /// Who holds the first tokens.
    #[serde(with = "ss58::text")]
    pub genesis_holder: AccountId,
    /// How many, in rao. They count as issued.
    #[serde(rename = "genesis_amount_rao", with = "Decimal")]
    pub genesis_amount: u128,
    /// How long a proposal is voted on, in ms.
    pub voting_period_ms: u64,
    /// How long a passed proposal waits, in ms.
    pub timelock_ms: u64,
    /// Part of all stake that must vote, in basis points.
    pub quorum_bps: u16,
    /// Stake that a proposer needs, in rao.
    #[serde(rename = "threshold_rao", with = "Decimal")]
    pub threshold: u128,
    /// Makes the addresses differ from those of an equal suite by the same deployer.
    #[serde(with = "hexadecimal")]
    pub salt: Vec<u8>,
}

impl DeployConfig {
    /// First tokens as given; proposals are voted on for three days and wait one, a tenth of all stake is a quorum, and
    /// a proposer needs 100 TAO of stake.
    pub fn new(genesis_holder: AccountId, genesis_amount: u128) -> Self {
        Self {
            genesis_holder,
            genesis_amount,
            voting_period_ms: 3 * DAY_MS,
            timelock_ms: DAY_MS,
            quorum_bps: 1_000,
            threshold: 100 * TAO,
            salt: Vec::new(),
        }
    }

    /// Tells configurations apart: blake2b-256 of all fields, SCALE-encoded in the order above.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let Self { genesis_holder, genesis_amount, voting_period_ms, timelock_ms, quorum_bps, threshold, salt } = self;
        let terms = (voting_period_ms, timelock_ms, quorum_bps, threshold);
        blake2_256(&(genesis_holder, genesis_amount, terms, salt).encode())
    }
}

/// Rao as a decimal string: JSON's numbers are not exact everywhere.
struct Decimal;

impl Decimal {
    fn serialize<S: Serializer>(amount: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(amount)
    }

    fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text} is no amount in rao")))
    }
}
