//! What owners of subnets and governance do: open, start, tune, name, hand over and dissolve subnets.

use crate::{
    chain::{caller, now},
    events::emit,
    guard::Entry,
    payment::{collect, pay},
    price::{Burn, FIRST_BURN},
    refusal::Refusal,
    registry::Registry,
    roster,
    serving::check_length,
    subnets::{Closed, NetworkTerms, Opened, Record},
};
use ink::{
    prelude::{boxed::Box, string::String, vec::Vec},
    primitives::AccountId,
};
use inktensor_primitives::{
    hyperparameters::{Hyperparameter, Hyperparameters, Setter},
    limits::{MAX_NAME, MAX_SUBNETS, MAX_URI},
    rao,
    registry::*,
    Netuid,
};

impl Registry {
    /// Opens a subnet, collects its lock and refunds the one that gave way. Errors: see `create_subnet`.
    #[inline(never)]
    pub(crate) fn create(&mut self, max_lock: u128) -> Result<Netuid, Refusal> {
        let Entry { caller: owner, token, .. } = self.enter()?;
        let Opened { netuid, locked, closed, .. } = self.open(owner, max_lock)?;
        collect(token, owner, locked)?;
        closed.map_or(Ok(()), |closed| self.refund(token, closed))?;
        Ok(netuid)
    }

    /// Opens a subnet; the caller of this moves the TAO.
    #[inline(never)]
    pub(crate) fn open(&mut self, owner: AccountId, max_lock: u128) -> Result<Opened, Refusal> {
        let now = now();
        let opened = self.subnets.open(owner, max_lock, now)?;
        if let Some(closed) = &opened.closed {
            self.vacate(closed);
        }
        let Opened { netuid, generation, locked, .. } = opened;
        self.neurons.vacate(netuid, Burn { price: FIRST_BURN, since_ms: now.time_ms });
        emit(SubnetCreated { netuid, generation, owner, locked });
        Ok(opened)
    }

    /// Closes a subnet and refunds its owner. Errors: see `dissolve`.
    pub(crate) fn end(&mut self, netuid: Netuid) -> Result<(), Refusal> {
        let token = self.governed()?;
        let closed = self.close(netuid)?;
        self.refund(token, closed)
    }

    /// Closes a subnet; the caller of this refunds the owner.
    #[inline(never)]
    pub(crate) fn close(&mut self, netuid: Netuid) -> Result<Closed, Refusal> {
        let closed = self.subnets.close(netuid)?;
        self.vacate(&closed);
        Ok(closed)
    }

    /// Empties a closed subnet. Registrations stay on file, for rewards that are not drawn yet.
    fn vacate(&mut self, closed: &Closed) {
        let Closed { netuid, generation, locked: refunded, .. } = *closed;
        self.neurons.vacate(netuid, Burn::default());
        self.evaluators.clear(netuid);
        emit(SubnetDissolved { netuid, generation, refunded });
    }

    /// Pays the lock of a closed subnet back to who owned it. Errors: `Transfer`, `PeerUnreachable`.
    #[inline(never)]
    pub(crate) fn refund(&self, token: AccountId, closed: Closed) -> Result<(), Refusal> {
        pay(token, self.coldkeys.heir(closed.owner), closed.locked)
    }

    /// Sets the terms of the network. Errors: see `set_network`.
    #[inline(never)]
    pub(crate) fn govern_network(
        &mut self,
        minimum_lock: u128,
        rate_limit_ms: u64,
        immunity_ms: u64,
        subnet_limit: u16,
        lock_interval_ms: u64,
    ) -> Result<(), Refusal> {
        self.governed()?;
        let minimum_lock = rao(minimum_lock).ok_or(RegistryError::AmountTooLarge)?;
        if subnet_limit == 0 || subnet_limit > MAX_SUBNETS {
            return Err(RegistryError::OutOfBounds.into());
        }
        let mut network = self.subnets.network();
        network.terms = NetworkTerms {
            minimum_lock,
            rate_limit_ms,
            immunity_ms,
            subnet_limit: u64::from(subnet_limit),
            lock_interval_ms,
        };
        self.subnets.set_network(&network);
        emit(NetworkSet { minimum_lock, rate_limit_ms, immunity_ms, subnet_limit, lock_interval_ms });
        Ok(())
    }

    /// Starts emission. Errors: see `start`.
    #[inline(never)]
    pub(crate) fn begin(&mut self, netuid: Netuid) -> Result<(), Refusal> {
        let mut record = self.own_subnet(netuid)?;
        if record.started_ms.is_some() {
            return Err(RegistryError::AlreadyStarted.into());
        }
        record.started_ms = Some(now().time_ms);
        self.subnets.put(netuid, &record);
        emit(SubnetStarted { netuid });
        Ok(())
    }

    /// Sets a hyperparameter. Errors: see `set_hyperparameter`.
    #[inline(never)]
    pub(crate) fn tune(&mut self, netuid: Netuid, parameter: Hyperparameter, value: u64) -> Result<(), Refusal> {
        let Entry { caller, governs: governed, .. } = self.enter()?;
        let record = self.subnets.get(netuid)?;
        if !governed && caller != record.owner {
            return Err(RegistryError::NotSubnetOwner.into());
        }
        if !governed && parameter.bounds().2 == Setter::Governance {
            return Err(RegistryError::GovernanceOnly.into());
        }
        let mut values = self.subnets.values(netuid)?;
        let terms = Hyperparameters::from_values(&values);
        let now_ms = now().time_ms;
        // The time until now is priced by the terms until now.
        let mut tenants = self.neurons.tenants(netuid);
        tenants.burn = tenants.burn.at(now_ms, &terms);
        if !parameter.set(&mut values, value) {
            return Err(RegistryError::OutOfBounds.into());
        }
        let changed = Hyperparameters::from_values(&values);
        if changed.alpha_low > changed.alpha_high {
            return Err(RegistryError::OutOfBounds.into());
        }
        if !governed {
            self.subnets.may_change(netuid, record.generation, parameter, terms.tempo, now_ms)?;
        }
        self.subnets.put_values(netuid, &values);
        self.neurons.put(netuid, &tenants);
        emit(HyperparameterSet { netuid, parameter, value });
        Ok(())
    }

    /// Announces an evaluator. Errors: see `set_evaluator`.
    #[inline(never)]
    pub(crate) fn announce_evaluator(&mut self, netuid: Netuid, next: Evaluator) -> Result<(), Refusal> {
        let started_ms = self.own_subnet(netuid)?.started_ms;
        let (code_hash, began_ms) = (next.code_hash, roster::last_epoch(&self.subnets.roster(), netuid));
        let activates_ms = match started_ms {
            None => 0,
            Some(started_ms) => {
                let due_ms = started_ms.max(began_ms).saturating_add(self.subnets.terms(netuid)?.tempo);
                // An epoch that began in this very block runs already.
                due_ms.max(now().time_ms.saturating_add(1))
            }
        };
        self.evaluators.announce(netuid, next, activates_ms, began_ms)?;
        emit(EvaluatorSet { netuid, code_hash, activates_ms });
        Ok(())
    }

    /// Names a subnet. Errors: see `set_identity`.
    #[inline(never)]
    pub(crate) fn name(&mut self, netuid: Netuid, name: String, uri: String) -> Result<(), Refusal> {
        self.own_subnet(netuid)?;
        check_length(name.len(), MAX_NAME)?;
        if uri.len() > MAX_URI {
            return Err(RegistryError::TooLong.into());
        }
        self.subnets.put_identity(netuid, &SubnetIdentity { name, uri });
        emit(IdentitySet { netuid });
        Ok(())
    }

    /// Names the owner's hotkey. Errors: see `set_owner_hotkey`.
    #[inline(never)]
    pub(crate) fn appoint(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<(), Refusal> {
        let mut record = self.own_subnet(netuid)?;
        record.owner_hotkey = Some(self.claim(hotkey, record.owner)?);
        self.subnets.put(netuid, &record);
        emit(OwnerHotkeySet { netuid, hotkey });
        Ok(())
    }

    /// Offers a subnet. Errors: see `offer_subnet`.
    #[inline(never)]
    pub(crate) fn offer(&mut self, netuid: Netuid, to: AccountId) -> Result<(), Refusal> {
        let mut record = self.own_subnet(netuid)?;
        record.offered_to = Some(to);
        self.subnets.put(netuid, &record);
        emit(SubnetOffered { netuid, to });
        Ok(())
    }

    /// Accepts an offered subnet. Errors: see `accept_subnet`.
    #[inline(never)]
    pub(crate) fn accept(&mut self, netuid: Netuid) -> Result<(), Refusal> {
        let caller = self.enter()?.caller;
        let mut record = self.subnets.get(netuid)?;
        if record.offered_to != Some(caller) {
            return Err(RegistryError::NotOffered.into());
        }
        if self.coldkeys.is_locked(record.owner) {
            return Err(RegistryError::ColdkeyLocked.into());
        }
        record.owner_hotkey = None;
        self.hand_over(netuid, record, caller);
        Ok(())
    }

    /// Moves a subnet of a swapped coldkey to its successor. Errors: see `inherit_subnet`.
    #[inline(never)]
    pub(crate) fn bequeath_subnet(&mut self, netuid: Netuid) -> Result<(), Refusal> {
        self.running()?;
        let record = self.subnets.get(netuid)?;
        let heir = self.coldkeys.heir(record.owner);
        if heir == record.owner {
            return Err(RegistryError::NotSwapped.into());
        }
        self.hand_over(netuid, record, heir);
        Ok(())
    }

    fn hand_over(&mut self, netuid: Netuid, mut record: Box<Record>, owner: AccountId) {
        record.owner = owner;
        record.offered_to = None;
        self.subnets.put(netuid, &record);
        emit(SubnetTransferred { netuid, owner });
    }

    /// Stores what an epoch paid. Errors: see `record_epoch`.
    #[inline(never)]
    pub(crate) fn record(&mut self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), Refusal> {
        if self.running()?.peers.incentive != Some(caller()) {
            return Err(RegistryError::NotIncentive.into());
        }
        let mut roster = self.subnets.roster();
        let sum = emissions.iter().fold(0, |sum: u64, emission| sum.saturating_add(*emission));
        if !roster::record(&mut roster, netuid, sum, now().time_ms) {
            return Err(RegistryError::UnknownSubnet.into());
        }
        let mut tenants = self.neurons.tenants(netuid);
        if emissions.len() != tenants.hotkeys.len() {
            return Err(RegistryError::WrongLength.into());
        }
        tenants.emissions = emissions;
        self.neurons.put(netuid, &tenants);
        self.subnets.set_roster(&roster);
        Ok(())
    }

    /// The subnet, if the caller owns it. Errors: those of `enter`, `UnknownSubnet`, `NotSubnetOwner`.
    fn own_subnet(&self, netuid: Netuid) -> Result<Box<Record>, Refusal> {
        let caller = self.enter()?.caller;
        let record = self.subnets.get(netuid)?;
        if record.owner == caller {
            Ok(record)
        } else {
            Err(RegistryError::NotSubnetOwner.into())
        }
    }
}
