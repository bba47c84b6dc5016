//! PSP22, the fungible token standard of contracts chains, with its metadata extension.
//!
//! Selectors, the order of the errors and the signature topics of the events are the standard's: wallets and indexers
//! rely on them. Amounts are spelled `u128` because an event's signature topic is the hash of the types as written.

use ink::{
    prelude::{string::String, vec::Vec},
    primitives::AccountId,
};

/// Why a PSP22 message refused. The order is part of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum PSP22Error {
    /// Reserved by the standard for other reasons; this token never returns it.
    Custom(String),
    /// The sender holds less than the amount.
    InsufficientBalance,
    /// The owner allowed the caller less than the amount.
    InsufficientAllowance,
    /// Reserved by the standard; this token treats the all-zero account as any other.
    ZeroRecipientAddress,
    /// Reserved by the standard; this token treats the all-zero account as any other.
    ZeroSenderAddress,
    /// Reserved by the standard for tokens that call their recipient; this token does not.
    SafeTransferCheckFailed(String),
}

/// Tokens moved from one account to another; `None` stands for issue and for burn or recycle.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Who paid; `None` when newly issued.
    #[ink(topic)]
    pub from: Option<AccountId>,
    /// Who received; `None` when burned or recycled.
    #[ink(topic)]
    pub to: Option<AccountId>,
    /// Amount in rao.
    pub value: u128,
}

/// An allowance changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Approval {
    /// Whose tokens.
    #[ink(topic)]
    pub owner: AccountId,
    /// Who may move them.
    #[ink(topic)]
    pub spender: AccountId,
    /// What the spender may move from now on, in rao.
    pub amount: u128,
}

/// The PSP22 standard.
#[ink::trait_definition]
pub trait PSP22 {
    /// Tokens that exist, in rao.
    #[ink(message)]
    fn total_supply(&self) -> u128;

    /// Tokens of an account, in rao.
    #[ink(message)]
    fn balance_of(&self, owner: AccountId) -> u128;

    /// What `spender` may still move out of `owner`'s account, in rao.
    #[ink(message)]
    fn allowance(&self, owner: AccountId, spender: AccountId) -> u128;

    /// Moves `value` rao from the caller to `to`. A transfer of zero or to oneself succeeds without an event.
    /// Errors: `InsufficientBalance`.
    #[ink(message)]
    fn transfer(&mut self, to: AccountId, value: u128, data: Vec<u8>) -> Result<(), PSP22Error>;

    /// Moves `value` rao from `from` to `to` against the caller's allowance.
    /// Errors: `InsufficientAllowance`, `InsufficientBalance`.
    #[ink(message)]
    fn transfer_from(&mut self, from: AccountId, to: AccountId, value: u128, data: Vec<u8>) -> Result<(), PSP22Error>;

    /// Lets `spender` move up to `value` rao of the caller's, in place of what was allowed before.
    #[ink(message)]
    fn approve(&mut self, spender: AccountId, value: u128) -> Result<(), PSP22Error>;

    /// Adds `delta_value` rao to what `spender` may move of the caller's; saturates at the largest amount.
    #[ink(message)]
    fn increase_allowance(&mut self, spender: AccountId, delta_value: u128) -> Result<(), PSP22Error>;

    /// Takes `delta_value` rao from what `spender` may move of the caller's. Errors: `InsufficientAllowance`.
    #[ink(message)]
    fn decrease_allowance(&mut self, spender: AccountId, delta_value: u128) -> Result<(), PSP22Error>;
}

/// Name, symbol and decimals, as wallets show them.
#[ink::trait_definition]
pub trait PSP22Metadata {
    /// The token's name.
    #[ink(message)]
    fn token_name(&self) -> Option<String>;
    /// The token's symbol.
    #[ink(message)]
    fn token_symbol(&self) -> Option<String>;
    /// Decimal places of one token.
    #[ink(message)]
    fn token_decimals(&self) -> u8;
}
