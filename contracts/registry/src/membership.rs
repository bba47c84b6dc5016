//! What coldkeys and hotkeys do: associate, register, swap, and publish.

use crate::{
    chain::{caller, now, Moment},
    events::emit,
    guard::Entry,
    hotkeys::{CONSENT_MS, SWAP_COST},
    neurons::{Admission, Tenants},
    payment::recycle,
    prune::Rules,
    refusal::Refusal,
    registry::Registry,
};
use ink::{
    prelude::{string::String, vec::Vec},
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{registry::*, HotkeyId, Netuid, RegistrationId, Uid};

impl Registry {
    /// Registers a hotkey and recycles the price. Errors: see `register`.
    #[inline(never)]
    pub(crate) fn join(&mut self, netuid: Netuid, hotkey: AccountId, max_burn: u128) -> Result<Uid, Refusal> {
        let Entry { caller: coldkey, token, .. } = self.enter()?;
        let (uid, burn) = self.enrol(netuid, hotkey, coldkey, max_burn)?;
        if burn > 0 {
            recycle(token, coldkey, burn)?;
        }
        Ok(uid)
    }

    /// Gives a hotkey a uid; the caller of this collects the burn. Returns the uid and the burn in rao.
    #[inline(never)]
    pub(crate) fn enrol(
        &mut self,
        netuid: Netuid,
        hotkey: AccountId,
        coldkey: AccountId,
        max_burn: u128,
    ) -> Result<(Uid, u64), Refusal> {
        let owner_hotkey = self.subnets.get(netuid)?.owner_hotkey;
        let terms = self.subnets.terms(netuid)?;
        let now = now();
        let mut tenants = self.neurons.tenants(netuid);
        let burn = tenants.burn.at(now.time_ms, &terms);
        if u128::from(burn.price) > max_burn {
            return Err(RegistryError::PriceAboveLimit.into());
        }
        let id = self.claim(hotkey, coldkey)?;
        let rules = Rules {
            now_ms: now.time_ms,
            immunity_ms: terms.immunity_period,
            min_non_immune: terms.min_non_immune_uids,
            owner_hotkey,
        };
        let Admission { uid, registration_id, replaced } = tenants.admit(id, terms.max_allowed_uids, rules, now)?;
        tenants.burn = burn.raised(&terms);
        self.neurons.put(netuid, &tenants);
        self.neurons.file(netuid, registration_id, id);
        emit(NeuronRegistered { netuid, hotkey, uid, registration_id, replaced, burn: burn.price });
        Ok((uid, burn.price))
    }

    /// Makes the caller the owner of a hotkey. Errors: see `associate`.
    pub(crate) fn adopt(&mut self, hotkey: AccountId) -> Result<(), Refusal> {
        let coldkey = self.enter()?.caller;
        self.claim(hotkey, coldkey).map(drop)
    }

    /// Number of a hotkey of `coldkey`'s; an unowned hotkey becomes its. Errors: `NotHotkeyOwner`, `Overflow`.
    #[inline(never)]
    pub(crate) fn claim(&mut self, hotkey: AccountId, coldkey: AccountId) -> Result<HotkeyId, Refusal> {
        match self.hotkeys.by_key(hotkey) {
            Some(entry) if entry.coldkey == coldkey => Ok(entry.id),
            Some(_) => Err(RegistryError::NotHotkeyOwner.into()),
            None => self.deal(hotkey, coldkey, now().time_ms.saturating_add(CONSENT_MS)),
        }
    }

    fn deal(&mut self, hotkey: AccountId, coldkey: AccountId, open_until_ms: u64) -> Result<HotkeyId, Refusal> {
        let id = self.hotkeys.deal(hotkey, coldkey, open_until_ms)?;
        emit(HotkeyAssociated { hotkey, id, coldkey });
        Ok(id)
    }

    /// The calling hotkey names its coldkey. Errors: see `consent`.
    #[inline(never)]
    pub(crate) fn settle(&mut self, coldkey: AccountId) -> Result<(), Refusal> {
        let hotkey = self.enter()?.caller;
        let Some(mut entry) = self.hotkeys.by_key(hotkey) else {
            return self.deal(hotkey, coldkey, 0).map(drop);
        };
        self.hotkeys.settle(&mut entry, coldkey, now().time_ms)?;
        emit(HotkeyAssociated { hotkey, id: entry.id, coldkey });
        Ok(())
    }

    /// Swaps a hotkey and recycles the price. Errors: see `swap_hotkey`.
    #[inline(never)]
    pub(crate) fn exchange(&mut self, old: AccountId, new: AccountId) -> Result<(), Refusal> {
        let Entry { caller: coldkey, token, .. } = self.enter()?;
        self.replace_hotkey(coldkey, old, new)?;
        recycle(token, coldkey, SWAP_COST)
    }

    /// Swaps a hotkey; the caller of this collects the price.
    #[inline(never)]
    pub(crate) fn replace_hotkey(&mut self, coldkey: AccountId, old: AccountId, new: AccountId) -> Result<(), Refusal> {
        let entry = self.hotkeys.by_key(old).filter(|entry| entry.coldkey == coldkey);
        let mut entry = entry.ok_or(RegistryError::NotHotkeyOwner)?;
        self.hotkeys.swap(&mut entry, new, now().time_ms)?;
        emit(HotkeySwapped { id: entry.id, old, new });
        Ok(())
    }

    /// Moves a hotkey of a swapped coldkey to its successor. Errors: see `inherit_hotkey`.
    #[inline(never)]
    pub(crate) fn bequeath_hotkey(&mut self, hotkey: AccountId) -> Result<(), Refusal> {
        self.running()?;
        let mut entry = self.hotkeys.by_key(hotkey).ok_or(RegistryError::NotSwapped)?;
        let coldkey = self.coldkeys.heir(entry.coldkey);
        if coldkey == entry.coldkey {
            return Err(RegistryError::NotSwapped.into());
        }
        entry.coldkey = coldkey;
        self.hotkeys.put(&entry, 0);
        emit(HotkeyAssociated { hotkey, id: entry.id, coldkey });
        Ok(())
    }

    /// Commits to a model. Errors: see `commit_model`.
    #[inline(never)]
    pub(crate) fn commit(
        &mut self,
        netuid: Netuid,
        digest: Hash,
        size: u64,
        family: ModelFamily,
        uri: String,
    ) -> Result<(), Refusal> {
        let hotkey = self.enter()?.caller;
        let terms = self.subnets.terms(netuid)?;
        let mut tenants = self.neurons.tenants(netuid);
        let (uid, registration_id) = self.own_seat(&tenants, hotkey)?;
        let Moment { time_ms: committed_ms, block } = now();
        let model = ModelCommitment { registration_id, digest, size, family, uri, block, committed_ms };
        self.serving.commit(netuid, uid, &model, terms.serving_rate_limit)?;
        if terms.bonds_reset {
            if let Some(from_ms) = tenants.bonds_from_ms.get_mut(usize::from(uid)) {
                *from_ms = committed_ms;
                self.neurons.put(netuid, &tenants);
            }
        }
        emit(ModelCommitted { netuid, uid, registration_id, digest });
        Ok(())
    }

    /// Publishes an axon. Errors: see `serve_axon`.
    #[inline(never)]
    pub(crate) fn serve(&mut self, netuid: Netuid, axon: Vec<u8>) -> Result<(), Refusal> {
        let hotkey = self.enter()?.caller;
        let terms = self.subnets.terms(netuid)?;
        let seat = self.own_seat(&self.neurons.tenants(netuid), hotkey)?;
        self.serving.serve(netuid, seat, axon, terms.serving_rate_limit, now())?;
        emit(AxonServed { netuid, uid: seat.0 });
        Ok(())
    }

    /// Uid and tenancy of a hotkey. Errors: `NotRegistered`.
    fn own_seat(&self, tenants: &Tenants, hotkey: AccountId) -> Result<(Uid, RegistrationId), Refusal> {
        self.hotkeys.id(hotkey).and_then(|id| tenants.seat(id)).ok_or_else(|| RegistryError::NotRegistered.into())
    }

    /// Announces a swap of the caller. Errors: see `announce_coldkey_swap`.
    #[inline(never)]
    pub(crate) fn announce_swap(&mut self, hash: Hash) -> Result<(), Refusal> {
        self.running()?;
        self.coldkeys.announce(caller(), hash, now().time_ms)
    }

    /// Makes the announced swap of the caller. Errors: see `swap_coldkey`.
    #[inline(never)]
    pub(crate) fn make_swap(&mut self, new: AccountId) -> Result<(), Refusal> {
        self.running()?;
        self.coldkeys.swap(caller(), new, now().time_ms)
    }

    /// Disputes the announced swap of the caller. Errors: see `dispute_coldkey_swap`.
    #[inline(never)]
    pub(crate) fn dispute_swap(&mut self) -> Result<(), Refusal> {
        self.running()?;
        self.coldkeys.dispute(caller())
    }

    /// Takes back an announced swap. Errors: see `reset_coldkey_swap`.
    #[inline(never)]
    pub(crate) fn reset_swap(&mut self, coldkey: AccountId) -> Result<(), Refusal> {
        self.governed()?;
        self.coldkeys.reset(coldkey)
    }
}
