//! Who holds what, and who may move it: the state of a PSP22 token without its environment.
//!
//! Each method takes the caller as an argument, changes balances and allowances, and returns what the contract has to
//! announce. Accounts and allowances at zero are removed from storage.

use ink::{
    primitives::AccountId,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_primitives::psp22::{Approval, PSP22Error, Transfer};

/// What an operation has to announce; nothing where it changed nothing. An approval goes before its transfer.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Effects {
    /// An allowance changed.
    pub approval: Option<Approval>,
    /// Tokens moved, came into being or were destroyed.
    pub transfer: Option<Transfer>,
}

/// Balances, allowances and their sum. All amounts in rao.
///
/// The supply never exceeds the cap of 21 million TAO (the schedule sees to that), so no balance can overflow.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Ledger {
    supply: Lazy<u128, ManualKey<0x544f_4b53>>,
    balances: Mapping<AccountId, u128, ManualKey<0x544f_4b42>>,
    allowances: Mapping<(AccountId, AccountId), u128, ManualKey<0x544f_4b41>>,
}

impl Ledger {
    /// Tokens that exist.
    pub fn supply(&self) -> u128 {
        self.supply.get_or_default()
    }

    /// Tokens of `owner`.
    pub fn balance(&self, owner: AccountId) -> u128 {
        self.balances.get(owner).unwrap_or_default()
    }

    /// What `spender` may move of `owner`'s tokens.
    pub fn allowance(&self, owner: AccountId, spender: AccountId) -> u128 {
        self.allowances.get((owner, spender)).unwrap_or_default()
    }

    /// Moves tokens of `from`, who is the caller, to `to`.
    pub fn transfer(&mut self, from: AccountId, to: AccountId, value: u128) -> Result<Effects, PSP22Error> {
        if from == to || value == 0 {
            return Ok(Effects::default());
        }
        self.take(from, value)?;
        self.give(to, value);
        Ok(Effects { approval: None, transfer: Some(Transfer { from: Some(from), to: Some(to), value }) })
    }

    /// Moves tokens of `from` to `to` against what `from` allowed `caller`. The allowance is checked first.
    pub fn transfer_from(
        &mut self,
        caller: AccountId,
        from: AccountId,
        to: AccountId,
        value: u128,
    ) -> Result<Effects, PSP22Error> {
        if caller == from || from == to || value == 0 {
            return self.transfer(from, to, value);
        }
        let allowed = self.allowance(from, caller).checked_sub(value).ok_or(PSP22Error::InsufficientAllowance)?;
        let moved = self.transfer(from, to, value)?;
        Ok(Effects { approval: Some(self.allow(from, caller, allowed)), ..moved })
    }

    /// Lets `spender` move `value` of `owner`'s tokens from now on. Nothing happens between an account and itself.
    pub fn approve(&mut self, owner: AccountId, spender: AccountId, value: u128) -> Effects {
        if owner == spender {
            return Effects::default();
        }
        Effects { approval: Some(self.allow(owner, spender, value)), transfer: None }
    }

    /// Raises an allowance; it stops at the largest amount.
    pub fn increase_allowance(&mut self, owner: AccountId, spender: AccountId, delta: u128) -> Effects {
        if delta == 0 {
            return Effects::default();
        }
        self.approve(owner, spender, self.allowance(owner, spender).saturating_add(delta))
    }

    /// Lowers an allowance.
    pub fn decrease_allowance(
        &mut self,
        owner: AccountId,
        spender: AccountId,
        delta: u128,
    ) -> Result<Effects, PSP22Error> {
        if owner == spender || delta == 0 {
            return Ok(Effects::default());
        }
        let allowed = self.allowance(owner, spender).checked_sub(delta).ok_or(PSP22Error::InsufficientAllowance)?;
        Ok(self.approve(owner, spender, allowed))
    }

    /// Creates tokens of `to`.
    pub fn mint(&mut self, to: AccountId, value: u128) -> Effects {
        if value == 0 {
            return Effects::default();
        }
        self.give(to, value);
        self.supply.set(&self.supply().saturating_add(value));
        Effects { approval: None, transfer: Some(Transfer { from: None, to: Some(to), value }) }
    }

    /// Destroys tokens of `from`.
    pub fn destroy(&mut self, from: AccountId, value: u128) -> Result<Effects, PSP22Error> {
        if value == 0 {
            return Ok(Effects::default());
        }
        self.take(from, value)?;
        self.supply.set(&self.supply().saturating_sub(value));
        Ok(Effects { approval: None, transfer: Some(Transfer { from: Some(from), to: None, value }) })
    }

    fn take(&mut self, from: AccountId, value: u128) -> Result<(), PSP22Error> {
        match self.balance(from).checked_sub(value).ok_or(PSP22Error::InsufficientBalance)? {
            0 => self.balances.remove(from),
            left => {
                self.balances.insert(from, &left);
            }
        }
        Ok(())
    }

    fn give(&mut self, to: AccountId, value: u128) {
        self.balances.insert(to, &self.balance(to).saturating_add(value));
    }

    fn allow(&mut self, owner: AccountId, spender: AccountId, amount: u128) -> Approval {
        match amount {
            0 => self.allowances.remove((owner, spender)),
            amount => {
                self.allowances.insert((owner, spender), &amount);
            }
        }
        Approval { owner, spender, amount }
    }
}
