//! What the registry answers: neurons with their keys, and what epochs and weights need in one call.

use crate::{neurons::Tenants, registry::Registry, roster};
use ink::{prelude::vec::Vec, primitives::AccountId};
use inktensor_primitives::{limits::PAGE, registry::*, Netuid, RegistrationId};

impl Registry {
    /// One subnet as people see it.
    #[inline(never)]
    pub(crate) fn show(&self, netuid: Netuid) -> Option<Subnet> {
        let record = self.subnets.get(netuid).ok()?;
        let tenants = self.neurons.tenants(netuid);
        let evaluators = self.evaluators.terms(netuid, roster::last_epoch(&self.subnets.roster(), netuid));
        Some(Subnet {
            owner: record.owner,
            owner_hotkey: record.owner_hotkey.and_then(|id| self.hotkeys.by_id(id)).map(|entry| entry.hotkey),
            generation: record.generation,
            created_block: record.created_block,
            created_ms: record.created_ms,
            started_ms: record.started_ms,
            locked: record.locked,
            neurons: tenants.count(),
            registrations: tenants.registrations,
            burn: tenants.burn.price,
            burn_ms: tenants.burn.since_ms,
            evaluator: evaluators.current,
            next_evaluator: evaluators.next,
            next_evaluator_ms: evaluators.activates_ms,
            identity: self.subnets.identity(netuid),
            offered_to: record.offered_to,
        })
    }

    /// What an epoch needs.
    #[inline(never)]
    pub(crate) fn for_epoch(&self, netuid: Netuid) -> Option<EpochTerms> {
        let record = self.subnets.get(netuid).ok()?;
        let rules = self.subnets.terms(netuid).ok()?.epoch();
        let tenants = self.neurons.tenants(netuid);
        Some(EpochTerms {
            generation: record.generation,
            started: record.started_ms.is_some(),
            owner_uid: record.owner_hotkey.and_then(|id| tenants.uid_of(id)),
            rules,
            hotkeys: tenants.hotkeys,
            registration_ids: tenants.registration_ids,
            registered_ms: tenants.registered_ms,
            bonds_from_ms: tenants.bonds_from_ms,
        })
    }

    /// What a message that writes weights needs.
    #[inline(never)]
    pub(crate) fn for_weights(&self, netuid: Netuid, hotkey: AccountId, all: bool) -> Option<WeightTerms> {
        let record = self.subnets.get(netuid).ok()?;
        let rules = self.subnets.terms(netuid).ok()?.weights();
        let tenants = self.neurons.tenants(netuid);
        let id = self.hotkeys.id(hotkey);
        let seat = id.and_then(|id| tenants.seat(id).map(|(uid, registration_id)| (uid, registration_id, id)));
        Some(WeightTerms {
            generation: record.generation,
            seat,
            is_owner: id.is_some() && id == record.owner_hotkey,
            rules,
            tenants: if all { tenants.registration_ids } else { Vec::new() },
        })
    }

    /// Up to 64 neurons in the order of uids.
    #[inline(never)]
    pub(crate) fn neurons_of(&self, netuid: Netuid, page: u16) -> Vec<Neuron> {
        let tenants = self.neurons.tenants(netuid);
        let first = usize::from(page).saturating_mul(usize::from(PAGE));
        let end = first.saturating_add(usize::from(PAGE)).min(tenants.hotkeys.len());
        let keys = self.hotkeys.list(tenants.hotkeys.get(first..end).unwrap_or_default());
        let mut neurons = Vec::with_capacity(keys.len());
        for (uid, entry) in (first..end).zip(keys) {
            neurons.extend(neuron(&tenants, uid, entry));
        }
        neurons
    }

    /// The seat of a hotkey.
    #[inline(never)]
    pub(crate) fn seat_of(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat> {
        let entry = self.hotkeys.by_key(hotkey)?;
        let tenants = self.neurons.tenants(netuid);
        let uid = tenants.uid_of(entry.id)?;
        Some(Seat { uid, neuron: neuron(&tenants, usize::from(uid), entry)? })
    }

    /// The hotkey and coldkey of a registration.
    #[inline(never)]
    pub(crate) fn registered(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)> {
        let entry = self.hotkeys.by_id(self.neurons.registration(netuid, registration_id)?)?;
        Some((entry.hotkey, entry.coldkey))
    }
}

fn neuron(tenants: &Tenants, uid: usize, entry: Hotkey) -> Option<Neuron> {
    Some(Neuron {
        hotkey: entry.hotkey,
        coldkey: entry.coldkey,
        hotkey_id: entry.id,
        registration_id: *tenants.registration_ids.get(uid)?,
        registered_block: *tenants.registered_block.get(uid)?,
        registered_ms: *tenants.registered_ms.get(uid)?,
    })
}
