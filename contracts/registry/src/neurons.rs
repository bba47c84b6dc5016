//! The neurons of all subnets: packed pages, the seat of each hotkey, and every registration there ever was.

use crate::{
    prune::{choose, Rules},
    Moment,
};
use ink::{
    prelude::vec::Vec,
    primitives::AccountId,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{
    hyperparameters::Hyperparameters,
    limits::PAGE,
    registry::{Neuron, RegistryError, Seat, Subnet},
    Netuid, RegistrationId, Uid,
};

/// Neurons in pages of 64 in the order of their uids, so that a whole subnet is read with four reads.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Neurons {
    pages: Mapping<(Netuid, u16), Vec<Neuron>, ManualKey<0x524E_5047>>,
    seats: Mapping<(Netuid, AccountId), Uid, ManualKey<0x5253_4541>>,
    registrations: Mapping<(Netuid, RegistrationId), (AccountId, AccountId), ManualKey<0x5252_4547>>,
    emissions: Mapping<Netuid, Vec<u64>, ManualKey<0x5245_4D49>>,
}

/// How a newcomer got in.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission {
    /// Its uid.
    pub uid: Uid,
    /// Its tenancy.
    pub registration_id: RegistrationId,
    /// The hotkey that held the uid before, if one did.
    pub replaced: Option<AccountId>,
}

impl Neurons {
    /// The neurons of uids `64 * page` onward, up to 64.
    pub fn page(&self, netuid: Netuid, page: u16) -> Vec<Neuron> {
        self.pages.get((netuid, page)).unwrap_or_default()
    }

    /// Where a hotkey stands in a subnet.
    pub fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat> {
        let uid = self.seats.get((netuid, hotkey))?;
        let (page, slot) = place(uid);
        let neuron = self.page(netuid, page).into_iter().nth(slot)?;
        Some(Seat { uid, neuron })
    }

    /// The hotkey and the coldkey that a registration was for.
    pub fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)> {
        self.registrations.get((netuid, registration_id))
    }

    /// What each uid earned in its last epoch, in rao; shorter than the subnet where later uids have had none.
    pub fn emissions(&self, netuid: Netuid) -> Vec<u64> {
        self.emissions.get(netuid).unwrap_or_default()
    }

    /// Stores what each uid earned in its last epoch, in rao.
    pub fn record(&mut self, netuid: Netuid, emissions: &Vec<u64>) {
        self.emissions.insert(netuid, emissions);
    }

    /// Gives a hotkey a uid: the next one, or in a full subnet that of the neuron which pruning chooses.
    /// Errors: `AlreadyRegistered`, `NoFreeUid`, `Overflow`.
    pub fn admit(
        &mut self,
        netuid: Netuid,
        subnet: &mut Subnet,
        terms: &Hyperparameters,
        (hotkey, coldkey): (AccountId, AccountId),
        now: Moment,
    ) -> Result<Admission, RegistryError> {
        if self.seats.contains((netuid, hotkey)) {
            return Err(RegistryError::AlreadyRegistered);
        }
        let registration_id = subnet.registrations.checked_add(1).ok_or(RegistryError::Overflow)?;
        let neuron =
            Neuron { hotkey, coldkey, registration_id, registered_block: now.block, registered_ms: now.time_ms };
        let (uid, replaced) = if subnet.neurons < terms.max_allowed_uids {
            (self.append(netuid, subnet, neuron)?, None)
        } else {
            let (uid, replaced) = self.replace(netuid, subnet, terms, neuron, now)?;
            (uid, Some(replaced))
        };
        self.seats.insert((netuid, hotkey), &uid);
        self.registrations.insert((netuid, registration_id), &(hotkey, coldkey));
        subnet.registrations = registration_id;
        Ok(Admission { uid, registration_id, replaced })
    }

    fn append(&mut self, netuid: Netuid, subnet: &mut Subnet, neuron: Neuron) -> Result<Uid, RegistryError> {
        let uid = subnet.neurons;
        let (page, _) = place(uid);
        let mut neurons = self.page(netuid, page);
        neurons.push(neuron);
        self.pages.insert((netuid, page), &neurons);
        subnet.neurons = uid.checked_add(1).ok_or(RegistryError::Overflow)?;
        Ok(uid)
    }

    fn replace(
        &mut self,
        netuid: Netuid,
        subnet: &Subnet,
        terms: &Hyperparameters,
        neuron: Neuron,
        now: Moment,
    ) -> Result<(Uid, AccountId), RegistryError> {
        let mut neurons = Vec::with_capacity(usize::from(subnet.neurons));
        for page in 0..subnet.neurons.div_ceil(PAGE) {
            neurons.append(&mut self.page(netuid, page));
        }
        let mut emissions = self.emissions(netuid);
        let rules = Rules {
            now_ms: now.time_ms,
            immunity_ms: terms.immunity_period,
            min_non_immune: terms.min_non_immune_uids,
            owner_hotkey: subnet.owner_hotkey,
        };
        let uid = choose(&neurons, &emissions, rules).ok_or(RegistryError::NoFreeUid)?;
        let (page, slot) = place(uid);
        let mut tenants = self.page(netuid, page);
        let seat = tenants.get_mut(slot).ok_or(RegistryError::NoFreeUid)?;
        let replaced = seat.hotkey;
        *seat = neuron;
        self.pages.insert((netuid, page), &tenants);
        self.seats.remove((netuid, replaced));
        // The newcomer has earned nothing yet.
        if let Some(earned) = emissions.get_mut(usize::from(uid)) {
            *earned = 0;
            self.record(netuid, &emissions);
        }
        Ok((uid, replaced))
    }
}

/// Page and slot of a uid.
fn place(uid: Uid) -> (u16, usize) {
    (uid / PAGE, usize::from(uid % PAGE))
}
