//! What miners are owed, 64 uids to a page: crediting an epoch costs one write a page, and everyone draws their own.

use ink::prelude::vec::Vec;
use inktensor_primitives::{registry::Neuron, RegistrationId};

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
