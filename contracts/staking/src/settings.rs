//! The other contracts, and what governance sets: who may, and when.

use crate::staking::Staking;
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{staking::StakingError, upkeep::UpkeepError};

/// In one cell, since nearly every message needs some of it.
#[derive(Debug, Clone)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Config {
    /// Who may wire.
    pub deployer: AccountId,
    /// The governance contract.
    pub governance: AccountId,
    /// The token.
    pub token: AccountId,
    /// The registry.
    pub registry: AccountId,
    /// The emission contract, once the deployer has wired it.
    pub emission: Option<AccountId>,
    /// How long unstaked stake unbonds, in ms.
    pub unbonding_ms: u64,
    /// Chain time in ms until which the contract is paused.
    pub paused_until_ms: u64,
}

/// The contracts that staking works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Peers {
    /// The governance contract.
    pub governance: AccountId,
    /// The TAO token.
    pub token: AccountId,
    /// The registry.
    pub registry: AccountId,
    /// The emission contract, once the deployer has wired it.
    pub emission: Option<AccountId>,
}

impl Config {
    /// The other contracts.
    pub(crate) fn peers(&self) -> Peers {
        Peers { governance: self.governance, token: self.token, registry: self.registry, emission: self.emission }
    }
}

impl Staking {
    /// The configuration. Errors: `NotWired`, which no deployed contract returns.
    pub(crate) fn config(&self) -> Result<Config, StakingError> {
        self.config.get().ok_or(StakingError::NotWired)
    }

    /// The configuration, unless the contract is paused. Errors: `NotWired`, `Paused`.
    pub(crate) fn active(&self) -> Result<Config, StakingError> {
        let config = self.config()?;
        if self.env().block_timestamp() < config.paused_until_ms {
            return Err(StakingError::Paused);
        }
        Ok(config)
    }

    /// The configuration, for governance. Errors: `NotGovernance`.
    pub(crate) fn governed(&self) -> Result<Config, UpkeepError> {
        let config = self.config.get().filter(|config| config.governance == self.env().caller());
        config.ok_or(UpkeepError::NotGovernance)
    }
}
