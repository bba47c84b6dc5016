//! The subnets, their hyperparameters, and the rules by which one is opened, tuned and closed.

use crate::{
    chain::Moment,
    price::lock_cost,
    refusal::Refusal,
    roster,
    store::{Cell, Cells},
};
use ink::{
    prelude::{boxed::Box, vec::Vec},
    primitives::AccountId,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_consensus::emission::SLOT_MS;
use inktensor_primitives::{
    hyperparameters::{Hyperparameter, Hyperparameters},
    limits::MAX_SUBNETS,
    registry::{RegistryError, Roster, SubnetIdentity},
    HotkeyId, Netuid,
};

/// Time before the end of an epoch in which owners change no hyperparameter, in ms: subtensor's ten blocks.
pub const FREEZE_MS: u64 = 10 * SLOT_MS;
/// Tempos between two changes of one hyperparameter by the owner.
pub const OWNER_RATE_LIMIT: u64 = 2;

/// State of the network, beside its subnets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Network {
    /// Subnets ever opened: the last generation.
    pub generations: u32,
    /// What was last locked, in rao.
    pub last_lock: u64,
    /// Chain time in ms at which that was; 0 before the first.
    pub last_lock_ms: u64,
    /// The terms on which subnets are opened.
    pub terms: NetworkTerms,
}

/// The terms on which subnets are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkTerms {
    /// Least lock of a subnet, in rao.
    pub minimum_lock: u64,
    /// Least time between two openings of subnets, in ms.
    pub rate_limit_ms: u64,
    /// Time after its creation in which a subnet is not dissolved for another, in ms.
    pub immunity_ms: u64,
    /// Subnets that the network may hold.
    pub subnet_limit: u64,
    /// Time in which the lock cost falls by the amount last locked, in ms; 0 keeps it.
    pub lock_interval_ms: u64,
}

impl Default for NetworkTerms {
    /// Subtensor's, in steps of 12 s: 1,000 TAO, one subnet a day, immune for 180 days, 128 subnets, and a lock that falls in
    /// 14 days.
    fn default() -> Self {
        Self {
            minimum_lock: 1_000_000_000_000,
            rate_limit_ms: 7_200 * SLOT_MS,
            immunity_ms: 1_296_000 * SLOT_MS,
            subnet_limit: u64::from(MAX_SUBNETS),
            lock_interval_ms: 100_800 * SLOT_MS,
        }
    }
}

/// One subnet as it is stored: what seldom changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Record {
    /// Coldkey that owns it.
    pub owner: AccountId,
    /// Number of its hotkey, if it has one.
    pub owner_hotkey: Option<HotkeyId>,
    /// Counts the subnets ever opened.
    pub generation: u32,
    /// Block of creation.
    pub created_block: u32,
    /// Chain time of creation in ms.
    pub created_ms: u64,
    /// Chain time in ms at which the owner started emission, if so.
    pub started_ms: Option<u64>,
    /// TAO locked for it, in rao.
    pub locked: u64,
    /// To whom the owner offers it.
    pub offered_to: Option<AccountId>,
}

/// A subnet that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub netuid: Netuid,
    /// Its generation.
    pub generation: u32,
    /// What it locks, in rao.
    pub locked: u64,
    /// The subnet that gave way to it, if the network was full.
    pub closed: Option<Closed>,
}

/// A subnet that was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its number.
    pub netuid: Netuid,
    /// Its generation.
    pub generation: u32,
    /// Who owned it.
    pub owner: AccountId,
    /// What it locked, in rao.
    pub locked: u64,
}

/// Subnets, hyperparameters and identities by netuid.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Subnets {
    /// Numbers of [`Network`] in their order.
    network: Lazy<Vec<u64>, ManualKey<0x524E_4554>>,
    roster: Lazy<Roster, ManualKey<0x5252_4F53>>,
    records: Mapping<Netuid, Record, ManualKey<0x5253_5542>>,
    /// Values in the order of [`Hyperparameter`].
    hyperparameters: Mapping<Netuid, Vec<u64>, ManualKey<0x5248_5950>>,
    identities: Mapping<Netuid, SubnetIdentity, ManualKey<0x5253_4944>>,
    /// When an owner last changed a hyperparameter, by generation: it goes with the subnet.
    changed: Mapping<(u32, Hyperparameter), u64, ManualKey<0x5248_4348>>,
}

impl Subnets {
    /// State of the network.
    #[inline(never)]
    pub fn network(&self) -> Network {
        let numbers = self.network.load().unwrap_or_default();
        let [generations, last_lock, last_lock_ms, minimum_lock, rate_limit_ms, immunity_ms, subnet_limit, lock_interval_ms] =
            numbers[..]
        else {
            return Network::default();
        };
        let generations = u32::try_from(generations).unwrap_or(u32::MAX);
        let terms = NetworkTerms { minimum_lock, rate_limit_ms, immunity_ms, subnet_limit, lock_interval_ms };
        Network { generations, last_lock, last_lock_ms, terms }
    }

    /// Stores the state of the network.
    #[inline(never)]
    pub fn set_network(&mut self, network: &Network) {
        let terms = network.terms;
        let numbers = [
            u64::from(network.generations),
            network.last_lock,
            network.last_lock_ms,
            terms.minimum_lock,
            terms.rate_limit_ms,
            terms.immunity_ms,
            terms.subnet_limit,
            terms.lock_interval_ms,
        ];
        self.network.save(&numbers.to_vec());
    }

    /// All subnets.
    #[inline(never)]
    pub fn roster(&self) -> Roster {
        self.roster.load().unwrap_or_default()
    }

    /// Stores the roster.
    #[inline(never)]
    pub fn set_roster(&mut self, roster: &Roster) {
        self.roster.save(roster);
    }

    /// A subnet. Errors: `UnknownSubnet`.
    #[inline(never)]
    pub fn get(&self, netuid: Netuid) -> Result<Box<Record>, Refusal> {
        self.records.load(netuid).map(Box::new).ok_or_else(|| RegistryError::UnknownSubnet.into())
    }

    /// Stores a subnet.
    #[inline(never)]
    pub fn put(&mut self, netuid: Netuid, record: &Record) {
        self.records.save(netuid, record);
    }

    /// The hyperparameters of a subnet. Errors: `UnknownSubnet`.
    #[inline(never)]
    pub fn terms(&self, netuid: Netuid) -> Result<Box<Hyperparameters>, Refusal> {
        self.values(netuid).map(|values| Box::new(Hyperparameters::from_values(&values)))
    }

    /// The hyperparameters of a subnet as they are stored. Errors: `UnknownSubnet`.
    pub fn values(&self, netuid: Netuid) -> Result<Vec<u64>, Refusal> {
        self.hyperparameters.load(netuid).ok_or_else(|| RegistryError::UnknownSubnet.into())
    }

    /// Stores the hyperparameters of a subnet.
    pub fn put_values(&mut self, netuid: Netuid, values: &Vec<u64>) {
        self.hyperparameters.save(netuid, values);
    }

    /// What a subnet calls itself.
    pub fn identity(&self, netuid: Netuid) -> Option<SubnetIdentity> {
        self.identities.load(netuid)
    }

    /// Names a subnet.
    pub fn put_identity(&mut self, netuid: Netuid, identity: &SubnetIdentity) {
        self.identities.save(netuid, identity);
    }

    /// What opening a subnet would lock now, in rao.
    pub fn lock_cost(&self, network: &Network, now: Moment) -> u64 {
        let last = (network.last_lock_ms > 0).then_some((network.last_lock, network.last_lock_ms));
        lock_cost(network.terms.minimum_lock, network.terms.lock_interval_ms, last, now.time_ms)
    }

    /// Opens a subnet, which locks `max_lock` rao at most. In a full network another is closed for it.
    /// Errors: `NetworkRateLimited`, `PriceAboveLimit`, `NoFreeNetuid`, `Overflow`.
    pub fn open(&mut self, owner: AccountId, max_lock: u128, now: Moment) -> Result<Opened, Refusal> {
        let mut network = self.network();
        let since_last = now.time_ms.saturating_sub(network.last_lock_ms);
        if network.last_lock_ms > 0 && since_last < network.terms.rate_limit_ms {
            return Err(RegistryError::NetworkRateLimited.into());
        }
        let locked = self.lock_cost(&network, now);
        if u128::from(locked) > max_lock {
            return Err(RegistryError::PriceAboveLimit.into());
        }
        let generation = network.generations.checked_add(1).ok_or(RegistryError::Overflow)?;
        let mut roster = self.roster();
        let closed = if (roster.netuids.len() as u64) < network.terms.subnet_limit {
            None
        } else {
            let least =
                roster::least(&roster, network.terms.immunity_ms, now.time_ms).ok_or(RegistryError::NoFreeNetuid)?;
            Some(self.erase(&mut roster, least)?)
        };
        let netuid = roster::free(&roster);
        roster::enter(&mut roster, netuid, now);
        network.generations = generation;
        network.last_lock = locked;
        network.last_lock_ms = now.time_ms;
        self.set_network(&network);
        self.set_roster(&roster);
        self.put(
            netuid,
            &Record {
                owner,
                owner_hotkey: None,
                generation,
                created_block: now.block,
                created_ms: now.time_ms,
                started_ms: None,
                locked,
                offered_to: None,
            },
        );
        self.put_values(netuid, &Vec::new());
        Ok(Opened { netuid, generation, locked, closed })
    }

    /// Closes a subnet. Errors: `UnknownSubnet`.
    pub fn close(&mut self, netuid: Netuid) -> Result<Closed, Refusal> {
        let mut roster = self.roster();
        let closed = self.erase(&mut roster, netuid)?;
        self.set_roster(&roster);
        Ok(closed)
    }

    fn erase(&mut self, roster: &mut Roster, netuid: Netuid) -> Result<Closed, Refusal> {
        let Record { generation, owner, locked, .. } = *self.get(netuid)?;
        roster::strike(roster, netuid);
        self.records.clear(netuid);
        self.hyperparameters.clear(netuid);
        self.identities.clear(netuid);
        Ok(Closed { netuid, generation, owner, locked })
    }

    /// Whether an owner may change a hyperparameter now, which is remembered. A subnet without an epoch yet is not frozen.
    /// Errors: `FreezeWindow`, `OwnerRateLimited`.
    pub fn may_change(
        &mut self,
        netuid: Netuid,
        generation: u32,
        parameter: Hyperparameter,
        tempo: u64,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let last_epoch = roster::last_epoch(&self.roster(), netuid);
        if last_epoch > 0 && now_ms.saturating_add(FREEZE_MS) >= last_epoch.saturating_add(tempo) {
            return Err(RegistryError::FreezeWindow.into());
        }
        let last = self.changed.load((generation, parameter));
        if last.is_some_and(|last| now_ms.saturating_sub(last) < tempo.saturating_mul(OWNER_RATE_LIMIT)) {
            return Err(RegistryError::OwnerRateLimited.into());
        }
        self.changed.save((generation, parameter), &now_ms);
        Ok(())
    }
}
