//! What seldom changes, in one storage cell, and what it says of who may call.

use crate::{emission::Emission, peers::Peers};
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{
    emission::{EmissionError, RewardSplit},
    upkeep::UpkeepError,
};

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

impl Emission {
    /// Errors: `NotWired`, which no deployed contract returns.
    pub(crate) fn configuration(&self) -> Result<Config, EmissionError> {
        self.config.get().ok_or(EmissionError::NotWired)
    }

    /// Errors: `Paused`.
    pub(crate) fn unpaused(&self) -> Result<Config, EmissionError> {
        let config = self.configuration()?;
        config.check_pause(self.env().block_timestamp())?;
        Ok(config)
    }

    /// Errors: `NotWired`, `NotIncentive`, `Paused`.
    pub(crate) fn called_by_incentive(&self) -> Result<Config, EmissionError> {
        let config = self.unpaused()?;
        config.peers.check_incentive(self.env().caller())?;
        Ok(config)
    }

    /// Errors: `NotGovernance`.
    pub(crate) fn called_by_governance(&self) -> Result<Config, UpkeepError> {
        let caller = self.env().caller();
        self.config.get().filter(|config| config.peers.governance == caller).ok_or(UpkeepError::NotGovernance)
    }
}
