//! A deployment worked out before anything is sent: addresses, constructors, wires.
//!
//! An address follows from the deployer, the code, the constructor's input and the salt, so all six are known at once,
//! and whoever interrupts a deployment finds the contracts again.

use super::{
    DeployConfig,
    step::{Input, Ready},
};
use crate::{AccountId, Bundles, Constructor, Deployment, Part, RawCode, Suite, bundles::blake2_256};
use emission::emission::EmissionRef;
use governance::governance::GovernanceRef;
use incentive::incentive::IncentiveRef;
use registry::registry::RegistryRef;
use scale::Encode;
use staking::staking::StakingRef;
use std::collections::BTreeMap;
use token::token::TokenRef;

/// A suite that a deployer may build, or has built.
pub struct Blueprint<'a> {
    deployer: AccountId,
    bundles: &'a Bundles,
    config: &'a DeployConfig,
    deployment: Deployment,
}

impl<'a> Blueprint<'a> {
    /// The suite that `deployer` gets from these bundles by this configuration.
    pub fn new(deployer: AccountId, bundles: &'a Bundles, config: &'a DeployConfig) -> Self {
        let nobody = AccountId::from([0; 32]);
        let mut known = BTreeMap::new();
        for part in Part::ALL {
            let so_far = Deployment::of(|part| known.get(&part).copied().unwrap_or(nobody));
            let input = constructor(part, config, &so_far).data;
            known.insert(part, contract_address(&deployer, &bundles.of(part).code_hash, &input, &config.salt));
        }
        let deployment = Deployment::of(|part| known.get(&part).copied().unwrap_or(nobody));
        Self { deployer, bundles, config, deployment }
    }

    /// Who deploys.
    pub fn deployer(&self) -> AccountId {
        self.deployer
    }

    /// The code.
    pub fn bundles(&self) -> &Bundles {
        self.bundles
    }

    /// What the suite starts with.
    pub fn config(&self) -> &DeployConfig {
        self.config
    }

    /// Where the contracts are going to be, or are.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// Selector and arguments of a contract's constructor.
    pub fn input(&self, part: Part) -> Vec<u8> {
        constructor(part, self.config, &self.deployment).data
    }

    /// All steps, ready to be sent, in their order.
    pub(crate) fn steps(&self) -> Vec<Ready> {
        let suite = Suite::at(&self.deployment);
        let Deployment { token, staking, emission, incentive, .. } = self.deployment;
        let mut steps: Vec<Ready> = Part::ALL.into_iter().map(|part| self.creation(part)).collect();
        steps.extend([
            Ready::wire(Part::Token, suite.token.message(|token| token.wire(emission))),
            Ready::wire(Part::Registry, suite.registry.message(|registry| registry.wire(incentive))),
            Ready::wire(Part::Staking, suite.staking.message(|staking| staking.wire(emission))),
            Ready::wire(Part::Emission, suite.emission.message(|emission| emission.wire(incentive))),
            Ready::wire(Part::Governance, suite.governance.message(|governance| governance.wire(token, staking))),
        ]);
        steps
    }

    fn creation(&self, part: Part) -> Ready {
        let input = constructor(part, self.config, &self.deployment);
        let (code, salt) = (self.bundles.of(part).code.clone(), self.config.salt.clone());
        let code = RawCode { name: part.name(), code, data: input.data.clone(), salt };
        Ready::create(part, code, self.deployment.address(part), &input)
    }
}

/// A contract's constructor with the addresses of those before it.
pub(crate) fn constructor(part: Part, config: &DeployConfig, suite: &Deployment) -> Input {
    let Deployment { governance, token, registry, staking, emission, .. } = *suite;
    let DeployConfig { voting_period_ms, timelock_ms, quorum_bps, threshold, .. } = *config;
    let name = part.name();
    match part {
        Part::Governance => {
            let new = GovernanceRef::new(voting_period_ms, timelock_ms, quorum_bps, threshold);
            Input::of(Constructor::of(name, new))
        }
        Part::Token => {
            let new = TokenRef::new(governance, config.genesis_holder, config.genesis_amount);
            Input::of(Constructor::of(name, new))
        }
        Part::Registry => Input::of(Constructor::of(name, RegistryRef::new(governance, token))),
        Part::Staking => Input::of(Constructor::of(name, StakingRef::new(governance, token, registry))),
        Part::Emission => Input::of(Constructor::of(name, EmissionRef::new(governance, token, registry, staking))),
        Part::Incentive => {
            Input::of(Constructor::of(name, IncentiveRef::new(governance, token, registry, staking, emission)))
        }
    }
}

/// The address that pallet-contracts gives to a new contract:
/// blake2b-256(`contract_addr_v1` ‖ deployer ‖ code hash ‖ input ‖ salt), the last two with their lengths before them.
pub(crate) fn contract_address(deployer: &AccountId, code_hash: &[u8; 32], input: &[u8], salt: &[u8]) -> AccountId {
    AccountId::from(blake2_256(&(b"contract_addr_v1", deployer, code_hash, input, salt).encode()))
}
