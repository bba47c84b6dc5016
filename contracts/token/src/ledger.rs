//! Who holds what, and who may move it: the state of a PSP22 token.
//!
//! Each method takes the caller as an argument, changes balances and allowances, and announces what it changed: nothing
//! where it changed nothing, an approval before its transfer. Accounts and allowances at zero are removed from storage.
//! Accounts go by reference and events straight to the chain, because every copy of them costs instructions.

use ink::{
    env::{emit_event, DefaultEnvironment},
    primitives::AccountId,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_primitives::psp22::{Approval, PSP22Error, Transfer};

/// Balances, allowances and the sum of the balances. All amounts in rao.
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
    pub fn balance(&self, owner: &AccountId) -> u128 {
        self.balances.get(owner).unwrap_or_default()
    }

    /// What `spender` may move of `owner`'s tokens.
    pub fn allowance(&self, owner: &AccountId, spender: &AccountId) -> u128 {
        self.allowances.get((owner, spender)).unwrap_or_default()
    }

    /// Moves tokens of `from`, who is the caller, to `to`.
    pub fn transfer(&mut self, from: &AccountId, to: &AccountId, value: u128) -> Result<(), PSP22Error> {
        if from == to || value == 0 {
            return Ok(());
        }
        self.take(from, value)?;
        self.give(to, value);
        moved(Some(*from), Some(*to), value);
        Ok(())
    }

    /// Moves tokens of `from` to `to` against what `from` allowed `caller`. The allowance is checked first.
    pub fn transfer_from(
        &mut self,
        caller: &AccountId,
        from: &AccountId,
        to: &AccountId,
        value: u128,
    ) -> Result<(), PSP22Error> {
        if caller == from || from == to || value == 0 {
            return self.transfer(from, to, value);
        }
        let allowed = self.allowance(from, caller).checked_sub(value).ok_or(PSP22Error::InsufficientAllowance)?;
        self.take(from, value)?;
        self.approve(from, caller, allowed);
        self.give(to, value);
        moved(Some(*from), Some(*to), value);
        Ok(())
    }

    /// Lets `spender` move `amount` of `owner`'s tokens from now on. Nothing happens between an account and itself.
    pub fn approve(&mut self, owner: &AccountId, spender: &AccountId, amount: u128) {
        if owner == spender {
            return;
        }
        match amount {
            0 => self.allowances.remove((owner, spender)),
            amount => {
                self.allowances.insert((owner, spender), &amount);
            }
        }
        emit_event::<DefaultEnvironment, _>(Approval { owner: *owner, spender: *spender, amount });
    }

    /// Raises an allowance; it stops at the largest amount.
    pub fn increase_allowance(&mut self, owner: &AccountId, spender: &AccountId, delta: u128) {
        if owner != spender && delta != 0 {
            self.approve(owner, spender, self.allowance(owner, spender).saturating_add(delta));
        }
    }

    /// Lowers an allowance.
    pub fn decrease_allowance(
        &mut self,
        owner: &AccountId,
        spender: &AccountId,
        delta: u128,
    ) -> Result<(), PSP22Error> {
        if owner != spender && delta != 0 {
            let allowed = self.allowance(owner, spender).checked_sub(delta).ok_or(PSP22Error::InsufficientAllowance)?;
            self.approve(owner, spender, allowed);
        }
        Ok(())
    }

    /// Creates tokens of `to`.
    pub fn mint(&mut self, to: &AccountId, value: u128) {
        if value != 0 {
            self.give(to, value);
            self.supply.set(&self.supply().saturating_add(value));
            moved(None, Some(*to), value);
        }
    }

    /// Destroys tokens of `from`.
    pub fn destroy(&mut self, from: &AccountId, value: u128) -> Result<(), PSP22Error> {
        if value != 0 {
            self.take(from, value)?;
            self.supply.set(&self.supply().saturating_sub(value));
            moved(Some(*from), None, value);
        }
        Ok(())
    }

    /// Destroys tokens of `from` against what `from` allowed `caller`. The allowance is checked first, and falls without an
    /// event of its own: that of the transfer says by how much.
    pub fn destroy_from(&mut self, caller: &AccountId, from: &AccountId, value: u128) -> Result<(), PSP22Error> {
        if caller != from && value != 0 {
            match self.allowance(from, caller).checked_sub(value).ok_or(PSP22Error::InsufficientAllowance)? {
                0 => self.allowances.remove((from, caller)),
                left => {
                    self.allowances.insert((from, caller), &left);
                }
            }
        }
        self.destroy(from, value)
    }

    fn take(&mut self, from: &AccountId, value: u128) -> Result<(), PSP22Error> {
        match self.balance(from).checked_sub(value).ok_or(PSP22Error::InsufficientBalance)? {
            0 => self.balances.remove(from),
            left => {
                self.balances.insert(from, &left);
            }
        }
        Ok(())
    }

    fn give(&mut self, to: &AccountId, value: u128) {
        self.balances.insert(to, &self.balance(to).saturating_add(value));
    }
}

fn moved(from: Option<AccountId>, to: Option<AccountId>, value: u128) {
    emit_event::<DefaultEnvironment, _>(Transfer { from, to, value });
}
