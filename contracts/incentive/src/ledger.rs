//! What miners are owed, 64 uids to a page: crediting an epoch costs one write a page, and everyone draws their own.

use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{limits::PAGE, registry::Neuron, Netuid, RegistrationId, Uid};

/// What everyone is owed.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Ledger {
    pages: Mapping<(Netuid, u16), Page, ManualKey<0x494e_4308>>,
    departed: Mapping<(Netuid, RegistrationId), u64, ManualKey<0x494e_4309>>,
}

impl Ledger {
    /// One page: accounts of uids `64 * number` onward.
    pub fn page(&self, netuid: Netuid, number: u16) -> Page {
        self.pages.get((netuid, number)).unwrap_or_default()
    }

    /// Credits `paid` rao to all neurons of a subnet, both in the order of uids. What a former tenant of a uid is owed
    /// moves to its registration. `None` if a sum leaves its range.
    pub fn credit(&mut self, netuid: Netuid, neurons: &[Neuron], paid: &[u64]) -> Option<()> {
        let pages = neurons.chunks(usize::from(PAGE)).zip(paid.chunks(usize::from(PAGE)));
        for (number, (neurons, paid)) in (0..).zip(pages) {
            let mut page = self.page(netuid, number);
            let departed = &mut self.departed;
            page.credit(neurons, paid, |account| {
                departed.insert((netuid, account.registration_id), &account.owed);
            })?;
            self.pages.insert((netuid, number), &page);
        }
        Some(())
    }

    /// What the tenant of a uid is owed.
    pub fn owed(&self, netuid: Netuid, uid: Uid, registration_id: RegistrationId) -> u64 {
        let (number, at) = place(uid);
        self.page(netuid, number).owed(at, registration_id)
    }

    /// Takes what the tenant of a uid is owed.
    pub fn draw(&mut self, netuid: Netuid, uid: Uid, registration_id: RegistrationId) -> u64 {
        let (number, at) = place(uid);
        let mut page = self.page(netuid, number);
        let amount = page.draw(at, registration_id);
        self.pages.insert((netuid, number), &page);
        amount
    }

    /// Takes what a registration is owed whose uid has another tenant.
    pub fn draw_departed(&mut self, netuid: Netuid, registration_id: RegistrationId) -> u64 {
        let amount = self.departed.get((netuid, registration_id)).unwrap_or_default();
        self.departed.remove((netuid, registration_id));
        amount
    }
}

/// Page and place in it of a uid.
pub fn place(uid: Uid) -> (u16, usize) {
    (uid / PAGE, usize::from(uid % PAGE))
}

/// What the present tenant of one uid is owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Account {
    /// The tenancy it is owed to.
    pub registration_id: RegistrationId,
    /// Rao.
    pub owed: u64,
}

/// One page of accounts, in the order of uids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Page {
    /// Up to 64 accounts.
    pub accounts: Vec<Account>,
}

impl Page {
    /// Credits `paid` rao to `neurons`, both in the order of this page's uids. An account whose uid has another tenant by
    /// now is opened anew; `leave` is called with what its former tenant is still owed.
    /// `None` if a sum leaves its range.
    pub fn credit(&mut self, neurons: &[Neuron], paid: &[u64], mut leave: impl FnMut(Account)) -> Option<()> {
        self.accounts.resize(neurons.len(), Account::default());
        for ((account, neuron), paid) in self.accounts.iter_mut().zip(neurons).zip(paid) {
            if account.registration_id != neuron.registration_id {
                if account.owed > 0 {
                    leave(*account);
                }
                *account = Account { registration_id: neuron.registration_id, owed: 0 };
            }
            account.owed = account.owed.checked_add(*paid)?;
        }
        Some(())
    }

    /// What a tenancy is owed.
    pub fn owed(&self, at: usize, registration_id: RegistrationId) -> u64 {
        self.accounts.get(at).filter(|account| account.registration_id == registration_id).map_or(0, |a| a.owed)
    }

    /// Takes what a tenancy is owed.
    pub fn draw(&mut self, at: usize, registration_id: RegistrationId) -> u64 {
        match self.accounts.get_mut(at) {
            Some(account) if account.registration_id == registration_id => core::mem::take(&mut account.owed),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[ink::test]
    fn the_departed_draw_once_and_the_present_their_own() {
        let mut ledger = Ledger::default();
        let before: Vec<_> = (0..70).map(|n| neuron(n + 1)).collect();
        ledger.credit(1, &before, &[3; 70]).unwrap();
        let mut after = before.clone();
        after[69] = neuron(99);
        ledger.credit(1, &after, &[2; 70]).unwrap();
        assert_eq!((ledger.owed(1, 0, 1), ledger.owed(1, 69, 99), ledger.owed(1, 69, 70)), (5, 2, 0));
        assert_eq!((ledger.draw_departed(1, 70), ledger.draw_departed(1, 70)), (3, 0));
        assert_eq!((ledger.draw(1, 69, 99), ledger.draw(1, 69, 99), ledger.draw(2, 0, 1)), (2, 0, 0));
    }

    fn neuron(registration_id: RegistrationId) -> Neuron {
        Neuron {
            hotkey: [1; 32].into(),
            coldkey: [2; 32].into(),
            registration_id,
            registered_block: 0,
            registered_ms: 0,
        }
    }

    #[test]
    fn a_new_tenant_does_not_get_what_the_former_is_owed() {
        let mut page = Page::default();
        page.credit(&[neuron(1), neuron(2)], &[5, 7], |_| panic!("nobody left")).unwrap();
        let mut left = Vec::new();
        page.credit(&[neuron(3), neuron(2)], &[1, 1], |account| left.push(account)).unwrap();
        assert_eq!(left, vec![Account { registration_id: 1, owed: 5 }]);
        assert_eq!((page.owed(0, 1), page.owed(0, 3), page.owed(1, 2)), (0, 1, 8));
        assert_eq!((page.draw(0, 1), page.draw(1, 2), page.draw(1, 2)), (0, 8, 0));
    }
}
