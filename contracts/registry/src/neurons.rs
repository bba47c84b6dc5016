//! The neurons of all subnets, in one cell of columns a subnet, and every registration there ever was.
//!
//! A column is a vector of plain numbers, which SCALE copies as a whole: an epoch reads 256 neurons with one read of 9 KiB.
//! Keys are not here but with [`crate::hotkeys`]; a hotkey's uid is found by its number in the column.

use crate::{
    chain::Moment,
    price::Burn,
    prune::{choose, Rules},
    refusal::Refusal,
    store::Cells,
};
use ink::{
    prelude::{boxed::Box, vec::Vec},
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{registry::RegistryError, HotkeyId, Netuid, RegistrationId, Uid};

/// The neurons of one subnet, in the order of uids, and what changes with each registration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Tenants {
    /// Registrations so far on this netuid, earlier subnets included: the last registration id.
    pub registrations: RegistrationId,
    /// Price of a registration.
    pub burn: Burn,
    /// Number of each hotkey.
    pub hotkeys: Vec<HotkeyId>,
    /// Tenancy of each uid.
    pub registration_ids: Vec<RegistrationId>,
    /// Block of each registration.
    pub registered_block: Vec<u32>,
    /// Chain time of each registration in ms.
    pub registered_ms: Vec<u64>,
    /// Chain time in ms from which bonds toward each uid count.
    pub bonds_from_ms: Vec<u64>,
    /// What each uid earned in its last epoch, in rao.
    pub emissions: Vec<u64>,
}

/// How a newcomer got in.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission {
    /// Its uid.
    pub uid: Uid,
    /// Its tenancy.
    pub registration_id: RegistrationId,
    /// The tenancy that ended with it, if the uid was taken.
    pub replaced: Option<RegistrationId>,
}

impl Tenants {
    /// No neurons yet; the next registration id follows `registrations`.
    pub fn none(registrations: RegistrationId, burn: Burn) -> Self {
        Self {
            registrations,
            burn,
            hotkeys: Vec::new(),
            registration_ids: Vec::new(),
            registered_block: Vec::new(),
            registered_ms: Vec::new(),
            bonds_from_ms: Vec::new(),
            emissions: Vec::new(),
        }
    }

    /// Uids in use.
    pub fn count(&self) -> u16 {
        u16::try_from(self.hotkeys.len()).unwrap_or(u16::MAX)
    }

    /// Uid of a hotkey.
    pub fn uid_of(&self, hotkey: HotkeyId) -> Option<Uid> {
        self.hotkeys.iter().position(|id| *id == hotkey).and_then(|uid| Uid::try_from(uid).ok())
    }

    /// Uid and tenancy of a hotkey.
    pub fn seat(&self, hotkey: HotkeyId) -> Option<(Uid, RegistrationId)> {
        let uid = self.uid_of(hotkey)?;
        Some((uid, *self.registration_ids.get(usize::from(uid))?))
    }

    /// Whether a tenancy is that of a uid.
    pub fn is_tenant(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.registration_ids.get(usize::from(uid)) == Some(&registration_id)
    }

    /// Gives a hotkey a uid: the next one, or in a subnet of `max_uids` neurons that of the one which pruning chooses.
    /// Errors: `AlreadyRegistered`, `NoFreeUid`, `Overflow`.
    pub fn admit(&mut self, hotkey: HotkeyId, max_uids: u16, rules: Rules, now: Moment) -> Result<Admission, Refusal> {
        if self.uid_of(hotkey).is_some() {
            return Err(RegistryError::AlreadyRegistered.into());
        }
        let registration_id = self.registrations.checked_add(1).ok_or(RegistryError::Overflow)?;
        let (uid, replaced) = if self.count() < max_uids {
            (self.count(), None)
        } else {
            let uid = choose(self, rules).ok_or(RegistryError::NoFreeUid)?;
            (uid, self.registration_ids.get(usize::from(uid)).copied())
        };
        self.registrations = registration_id;
        let slot = usize::from(uid);
        set(&mut self.hotkeys, slot, hotkey);
        set(&mut self.registration_ids, slot, registration_id);
        set(&mut self.registered_block, slot, now.block);
        set(&mut self.registered_ms, slot, now.time_ms);
        set(&mut self.bonds_from_ms, slot, now.time_ms);
        set(&mut self.emissions, slot, 0);
        Ok(Admission { uid, registration_id, replaced })
    }
}

/// Writes a slot, which exists or is the next one.
fn set<T>(column: &mut Vec<T>, slot: usize, value: T) {
    match column.get_mut(slot) {
        Some(old) => *old = value,
        None => column.push(value),
    }
}

/// Neurons by subnet, and the hotkey of every registration.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Neurons {
    tenants: Mapping<Netuid, Tenants, ManualKey<0x5254_454E>>,
    registrations: Mapping<(Netuid, RegistrationId), HotkeyId, ManualKey<0x5252_4547>>,
}

impl Neurons {
    /// The neurons of a subnet; none if there is no such subnet.
    #[inline(never)]
    pub fn tenants(&self, netuid: Netuid) -> Box<Tenants> {
        Box::new(self.tenants.load(netuid).unwrap_or_else(|| Tenants::none(0, Burn::default())))
    }

    /// Stores the neurons of a subnet.
    #[inline(never)]
    pub fn put(&mut self, netuid: Netuid, tenants: &Tenants) {
        self.tenants.save(netuid, tenants);
    }

    /// Empties a subnet; the count of registrations goes on.
    pub fn vacate(&mut self, netuid: Netuid, burn: Burn) {
        let registrations = self.tenants(netuid).registrations;
        self.put(netuid, &Tenants::none(registrations, burn));
    }

    /// Files whose registration it was.
    pub fn file(&mut self, netuid: Netuid, registration_id: RegistrationId, hotkey: HotkeyId) {
        self.registrations.save((netuid, registration_id), &hotkey);
    }

    /// The hotkey that a registration was for.
    pub fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<HotkeyId> {
        self.registrations.load((netuid, registration_id))
    }
}
