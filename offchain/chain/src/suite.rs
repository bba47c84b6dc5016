//! The six contracts together: where they are.

use crate::{AccountId, Contract, Part, ss58};
use emission::emission::Emission;
use governance::governance::Governance;
use incentive::incentive::Incentive;
use registry::registry::Registry;
use serde::{Deserialize, Serialize};
use staking::staking::Staking;
use token::token::Token;

/// Addresses of a deployed suite. As JSON: one SS58 address for each name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// TAO.
    #[serde(with = "ss58::text")]
    pub token: AccountId,
    /// Subnets and neurons.
    #[serde(with = "ss58::text")]
    pub registry: AccountId,
    /// Stake and nominations.
    #[serde(with = "ss58::text")]
    pub staking: AccountId,
    /// The reward split and payouts.
    #[serde(with = "ss58::text")]
    pub emission: AccountId,
    /// Weights and epochs.
    #[serde(with = "ss58::text")]
    pub incentive: AccountId,
    /// Proposals and the reserve.
    #[serde(with = "ss58::text")]
    pub governance: AccountId,
}

impl Deployment {
    /// Where each contract is, as `address` tells.
    pub fn of(mut address: impl FnMut(Part) -> AccountId) -> Self {
        Self {
            governance: address(Part::Governance),
            token: address(Part::Token),
            registry: address(Part::Registry),
            staking: address(Part::Staking),
            emission: address(Part::Emission),
            incentive: address(Part::Incentive),
        }
    }

    /// Address of one contract.
    pub fn address(&self, part: Part) -> AccountId {
        match part {
            Part::Governance => self.governance,
            Part::Token => self.token,
            Part::Registry => self.registry,
            Part::Staking => self.staking,
            Part::Emission => self.emission,
            Part::Incentive => self.incentive,
        }
    }
}

/// Typed handles to the contracts of a deployment.
#[derive(Debug, Clone, Copy)]
pub struct Suite {
    /// TAO.
    pub token: Contract<Token>,
    /// Subnets and neurons.
    pub registry: Contract<Registry>,
    /// Stake and nominations.
    pub staking: Contract<Staking>,
    /// The reward split and payouts.
    pub emission: Contract<Emission>,
    /// Weights and epochs.
    pub incentive: Contract<Incentive>,
    /// Proposals and the reserve.
    pub governance: Contract<Governance>,
}

impl Suite {
    /// The contracts of a deployment.
    pub fn at(deployment: &Deployment) -> Self {
        Self {
            token: Contract::at("token", deployment.token),
            registry: Contract::at("registry", deployment.registry),
            staking: Contract::at("staking", deployment.staking),
            emission: Contract::at("emission", deployment.emission),
            incentive: Contract::at("incentive", deployment.incentive),
            governance: Contract::at("governance", deployment.governance),
        }
    }
}
