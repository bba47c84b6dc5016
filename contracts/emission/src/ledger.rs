//! What miners are owed: two columns by uid for each subnet, in one storage cell. Crediting an epoch costs one write for
//! all its miners, and everyone draws their own.
//!
//! An account is opened for a registration, not for a uid: where a uid has another tenant at the next epoch, what the
//! former one is owed moves to its registration id. Those ids never restart for a netuid, so this holds also where a
//! dissolved subnet's netuid is given to another.

use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{limits::PAGE, Netuid, RegistrationId, Uid};

/// What everyone is owed.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Ledger {
    accounts: Mapping<Netuid, Accounts, ManualKey<0x454d_4904>>,
    departed: Mapping<(Netuid, RegistrationId), u64, ManualKey<0x454d_4905>>,
}

impl Ledger {
    /// Accounts of all uids that a netuid ever had.
    pub fn accounts(&self, netuid: Netuid) -> Accounts {
        self.accounts.get(netuid).unwrap_or_default()
    }

    /// Credits `paid` rao to the tenants of a subnet, both by uid. `None` if a sum leaves its range.
    pub fn credit(&mut self, netuid: Netuid, tenants: &[RegistrationId], paid: &[u64]) -> Option<()> {
        let mut accounts = self.accounts(netuid);
        let departed = &mut self.departed;
        accounts.credit(tenants, paid, |tenant, owed| {
            let sum = departed.get((netuid, tenant)).unwrap_or_default().checked_add(owed)?;
            departed.insert((netuid, tenant), &sum);
            Some(())
        })?;
        self.accounts.insert(netuid, &accounts);
        Some(())
    }

    /// Takes what the tenant of a uid is owed.
    pub fn draw(&mut self, netuid: Netuid, uid: Uid, tenant: RegistrationId) -> u64 {
        let mut accounts = self.accounts(netuid);
        let amount = accounts.draw(uid, tenant);
        if amount > 0 {
            self.accounts.insert(netuid, &accounts);
        }
        amount
    }

    /// What a registration is owed, wherever it is written: it may have left its uid, or a dissolved subnet.
    pub fn owed_to(&self, netuid: Netuid, tenant: RegistrationId) -> u64 {
        let accounts = self.accounts(netuid);
        let present = accounts.uid_of(tenant).map_or(0, |uid| accounts.owed(uid, tenant));
        self.departed.get((netuid, tenant)).unwrap_or_default().saturating_add(present)
    }

    /// Takes what a registration is owed, wherever it is written.
    pub fn draw_for(&mut self, netuid: Netuid, tenant: RegistrationId) -> u64 {
        let present = self.accounts(netuid).uid_of(tenant).map_or(0, |uid| self.draw(netuid, uid, tenant));
        let departed = self.departed.get((netuid, tenant)).unwrap_or_default();
        self.departed.remove((netuid, tenant));
        departed.saturating_add(present)
    }
}

/// Accounts of one netuid, by uid. The columns are equally long and never shorten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Accounts {
    /// The tenancy that each account is for. 0 where there never was one.
    pub tenants: Vec<RegistrationId>,
    /// What it is owed, in rao.
    pub owed: Vec<u64>,
}

impl Accounts {
    /// Credits `paid` rao to `tenants`, both by uid. An account whose uid has another tenant by now is opened anew;
    /// `leave` is called with what its former tenant is still owed. `None` if a sum leaves its range or `paid` is short.
    pub fn credit(
        &mut self,
        tenants: &[RegistrationId],
        paid: &[u64],
        mut leave: impl FnMut(RegistrationId, u64) -> Option<()>,
    ) -> Option<()> {
        if self.tenants.len() < tenants.len() {
            self.tenants.resize(tenants.len(), 0);
            self.owed.resize(tenants.len(), 0);
        }
        // One iterator only: zipped ones cost more in WebAssembly that is compiled for size.
        for (at, tenant) in tenants.iter().enumerate() {
            let (account, owed) = (self.tenants.get_mut(at)?, self.owed.get_mut(at)?);
            if account != tenant {
                if *owed > 0 {
                    leave(*account, *owed)?;
                }
                (*account, *owed) = (*tenant, 0);
            }
            *owed = owed.checked_add(*paid.get(at)?)?;
        }
        Some(())
    }

    /// What the tenant of a uid is owed; 0 if the uid is another's.
    pub fn owed(&self, uid: Uid, tenant: RegistrationId) -> u64 {
        let at = usize::from(uid);
        if self.tenants.get(at) != Some(&tenant) {
            return 0;
        }
        self.owed.get(at).copied().unwrap_or(0)
    }

    /// Columns of the 64 uids from `64 * page` on: tenants, and what they are owed.
    pub fn page(self, page: u16) -> (Vec<RegistrationId>, Vec<u64>) {
        let (from, size) = (usize::from(page.saturating_mul(PAGE)), usize::from(PAGE));
        (
            self.tenants.into_iter().skip(from).take(size).collect(),
            self.owed.into_iter().skip(from).take(size).collect(),
        )
    }

    /// Takes what the tenant of a uid is owed.
    pub fn draw(&mut self, uid: Uid, tenant: RegistrationId) -> u64 {
        let amount = self.owed(uid, tenant);
        if let Some(owed) = self.owed.get_mut(usize::from(uid)).filter(|_| amount > 0) {
            *owed = 0;
        }
        amount
    }

    fn uid_of(&self, tenant: RegistrationId) -> Option<Uid> {
        (0..).zip(&self.tenants).find(|(_, account)| **account == tenant).map(|(uid, _)| uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[ink::test]
    fn the_departed_draw_once_and_the_present_their_own() {
        let mut ledger = Ledger::default();
        let before: Vec<RegistrationId> = (1..=70).collect();
        ledger.credit(1, &before, &[3; 70]).unwrap();
        let mut after = before;
        after[69] = 99;
        ledger.credit(1, &after, &[2; 70]).unwrap();
        let accounts = ledger.accounts(1);
        assert_eq!((accounts.owed(0, 1), accounts.owed(69, 99), accounts.owed(69, 70)), (5, 2, 0));
        assert_eq!((ledger.owed_to(1, 70), ledger.owed_to(2, 70)), (3, 0));
        assert_eq!((ledger.draw_for(1, 70), ledger.draw_for(1, 70)), (3, 0));
        assert_eq!((ledger.draw(1, 69, 99), ledger.draw(1, 69, 99), ledger.draw(2, 0, 1)), (2, 0, 0));
        assert_eq!((ledger.owed_to(1, 1), ledger.draw_for(1, 1), ledger.draw(1, 0, 1)), (5, 5, 0));
    }

    #[ink::test]
    fn a_smaller_subnet_under_the_same_netuid_leaves_the_dissolved_ones_miners_their_due() {
        let mut ledger = Ledger::default();
        ledger.credit(7, &[1, 2, 3], &[10, 20, 30]).unwrap();
        ledger.credit(7, &[4], &[5]).unwrap();
        let owed: Vec<u64> = (1..=4).map(|tenant| ledger.draw_for(7, tenant)).collect();
        assert_eq!(owed, [10, 20, 30, 5]);
        assert!((1..=4).all(|tenant| ledger.draw_for(7, tenant) == 0));
    }

    #[ink::test]
    fn a_registration_that_moves_between_uids_loses_nothing() {
        let mut ledger = Ledger::default();
        ledger.credit(1, &[1, 2], &[10, 20]).unwrap();
        ledger.credit(1, &[2, 1], &[1, 2]).unwrap();
        ledger.credit(1, &[1, 2], &[100, 200]).unwrap();
        assert_eq!((ledger.owed_to(1, 1), ledger.owed_to(1, 2)), (112, 221));
        assert_eq!((ledger.draw_for(1, 1), ledger.draw_for(1, 2)), (112, 221));
    }

    #[test]
    fn a_new_tenant_does_not_get_what_the_former_is_owed() {
        let mut accounts = Accounts::default();
        accounts.credit(&[1, 2], &[5, 7], |_, _| panic!("nobody left")).unwrap();
        let mut left = Vec::new();
        accounts
            .credit(&[3, 2], &[1, 1], |tenant, owed| {
                left.push((tenant, owed));
                Some(())
            })
            .unwrap();
        assert_eq!(left, [(1, 5)]);
        assert_eq!((accounts.owed(0, 1), accounts.owed(0, 3), accounts.owed(1, 2)), (0, 1, 8));
        assert_eq!((accounts.draw(0, 1), accounts.draw(1, 2), accounts.draw(1, 2)), (0, 8, 0));
    }

    #[test]
    fn sums_out_of_range_are_refused() {
        let mut accounts = Accounts::default();
        accounts.credit(&[1], &[u64::MAX], |_, _| Some(())).unwrap();
        assert_eq!(accounts.credit(&[1], &[1], |_, _| Some(())), None);
        assert_eq!(accounts.credit(&[2], &[1], |_, _| None), None);
    }
}
