//! The subnets, their hyperparameters, and the rules by which one is opened.

use crate::{
    price::{lock_cost, Burn, FIRST_BURN},
    Moment,
};
use ink::{
    prelude::{string::String, vec::Vec},
    primitives::{AccountId, Hash},
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_consensus::emission::SLOT_MS;
use inktensor_primitives::{
    hyperparameters::{Hyperparameter, Hyperparameters},
    limits::MAX_SUBNETS,
    registry::{Evaluator, EvaluatorKind, RegistryError, Subnet},
    Netuid,
};

/// State of the network, beside its subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Network {
    /// The highest netuid in use. Netuids start at 1.
    pub last_netuid: Netuid,
    /// Least lock of a subnet, in rao.
    pub minimum_lock: u64,
    /// Least time between two openings of subnets, in ms.
    pub rate_limit_ms: u64,
    /// What was last locked, in rao, and when, in ms of chain time.
    pub last_lock: Option<(u64, u64)>,
}

impl Default for Network {
    /// 1,000 TAO and one subnet per 7,200 steps of 12 s, a day.
    fn default() -> Self {
        Self { last_netuid: 0, minimum_lock: 1_000_000_000_000, rate_limit_ms: SLOT_MS * 7_200, last_lock: None }
    }
}

/// Subnets and hyperparameters by netuid.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Subnets {
    network: Lazy<Network, ManualKey<0x524E_4554>>,
    subnets: Mapping<Netuid, Subnet, ManualKey<0x5253_5542>>,
    hyperparameters: Mapping<Netuid, Hyperparameters, ManualKey<0x5248_5950>>,
}

impl Subnets {
    /// State of the network.
    pub fn network(&self) -> Network {
        self.network.get_or_default()
    }

    /// Stores the state of the network.
    pub fn set_network(&mut self, network: &Network) {
        self.network.set(network);
    }

    /// Every netuid in use, ascending.
    pub fn netuids(&self) -> Vec<Netuid> {
        (1..=self.network().last_netuid).collect()
    }

    /// A subnet. Errors: `UnknownSubnet`.
    pub fn get(&self, netuid: Netuid) -> Result<Subnet, RegistryError> {
        self.subnets.get(netuid).ok_or(RegistryError::UnknownSubnet)
    }

    /// Stores a subnet.
    pub fn put(&mut self, netuid: Netuid, subnet: &Subnet) {
        self.subnets.insert(netuid, subnet);
    }

    /// The hyperparameters of a subnet. Errors: `UnknownSubnet`.
    pub fn terms(&self, netuid: Netuid) -> Result<Hyperparameters, RegistryError> {
        self.hyperparameters.get(netuid).ok_or(RegistryError::UnknownSubnet)
    }

    /// What opening a subnet would lock now, in rao.
    pub fn lock_cost(&self, now: Moment) -> u64 {
        let network = self.network();
        lock_cost(network.minimum_lock, network.last_lock, now.time_ms)
    }

    /// Opens a subnet and returns its netuid and what it locks, in rao, which is at most `max_lock`.
    /// Errors: `TooManySubnets`, `NetworkRateLimited`, `PriceAboveLimit`.
    pub fn open(&mut self, owner: AccountId, max_lock: u128, now: Moment) -> Result<(Netuid, u64), RegistryError> {
        let mut network = self.network();
        if network.last_netuid >= MAX_SUBNETS {
            return Err(RegistryError::TooManySubnets);
        }
        if network.last_lock.is_some_and(|(_, at)| now.time_ms.saturating_sub(at) < network.rate_limit_ms) {
            return Err(RegistryError::NetworkRateLimited);
        }
        let locked = lock_cost(network.minimum_lock, network.last_lock, now.time_ms);
        if u128::from(locked) > max_lock {
            return Err(RegistryError::PriceAboveLimit);
        }
        let netuid = network.last_netuid.checked_add(1).ok_or(RegistryError::TooManySubnets)?;
        network.last_netuid = netuid;
        network.last_lock = Some((locked, now.time_ms));
        self.set_network(&network);
        self.put(netuid, &new_subnet(owner, locked, now));
        self.hyperparameters.insert(netuid, &Hyperparameters::default());
        Ok((netuid, locked))
    }

    /// Sets a hyperparameter of a subnet. Errors: `UnknownSubnet`, `OutOfBounds`.
    pub fn set(
        &mut self,
        netuid: Netuid,
        parameter: Hyperparameter,
        value: u64,
        now: Moment,
    ) -> Result<(), RegistryError> {
        let mut subnet = self.get(netuid)?;
        let mut terms = self.terms(netuid)?;
        // The time until now is priced by the terms until now.
        let burn = Burn { price: subnet.burn, since_ms: subnet.burn_ms }.at(now.time_ms, &terms);
        if !terms.set(parameter, value) || terms.alpha_low > terms.alpha_high {
            return Err(RegistryError::OutOfBounds);
        }
        self.hyperparameters.insert(netuid, &terms);
        subnet.burn = burn.price;
        subnet.burn_ms = burn.since_ms;
        self.put(netuid, &subnet);
        Ok(())
    }
}

fn new_subnet(owner: AccountId, locked: u64, now: Moment) -> Subnet {
    Subnet {
        owner,
        owner_hotkey: None,
        created_block: now.block,
        created_ms: now.time_ms,
        started_ms: None,
        locked,
        neurons: 0,
        registrations: 0,
        burn: FIRST_BURN,
        burn_ms: now.time_ms,
        evaluator: Evaluator { kind: EvaluatorKind::LanguageModel, code_hash: Hash::default(), uri: String::new() },
    }
}
