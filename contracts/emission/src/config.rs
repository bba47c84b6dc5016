//! What seldom changes, in one storage cell.

use crate::peers::Peers;
use ink::primitives::AccountId;
use inktensor_primitives::emission::{EmissionError, RewardSplit};

/// Peers, split and pause.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Config {
    /// Who may wire.
    pub deployer: AccountId,
    /// The other contracts.
    pub peers: Peers,
    /// Division of a subnet's emission.
    pub split: RewardSplit,
    /// Chain time in ms until which the contract is paused.
    pub paused_until_ms: u64,
}

impl Config {
    /// Errors: `Paused`.
    pub fn check_pause(&self, now_ms: u64) -> Result<(), EmissionError> {
        if now_ms < self.paused_until_ms {
            return Err(EmissionError::Paused);
        }
        Ok(())
    }
}
