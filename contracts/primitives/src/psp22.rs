//! PSP22, the fungible token standard of contracts chains, with its metadata extension and approval by signature.
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
    /// The permit is not signed by its owner, or not for this contract, these values and the owner's present nonce.
    PermitInvalidSignature,
    /// The permit's deadline has passed.
    PermitExpired,
}

/// Why the token refused a transfer: the errors of PSP22 that this token returns, under the numbers they have there.
/// The standard's other errors carry texts, and an error that owns memory makes every message that may return it larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum TransferError {
    /// The sender holds less than the amount.
    #[codec(index = 1)]
    InsufficientBalance,
    /// The owner allowed the caller less than the amount.
    #[codec(index = 2)]
    InsufficientAllowance,
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

/// What an owner signs so that another may spend: the SCALE encoding of these fields in this order, 128 bytes.
///
/// Wallets in a browser sign `<Bytes>` + those bytes + `</Bytes>` and other keys the bytes as they are; both count.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode)]
pub struct Permit {
    /// [`PSP22Permit::domain_separator`]: which token on which chain.
    pub domain: [u8; 32],
    /// Whose tokens. The sr25519 key that signs is this account's id.
    pub owner: AccountId,
    /// Who may move them.
    pub spender: AccountId,
    /// What the spender may move from then on, in rao.
    pub value: u128,
    /// Last chain time in ms at which the permit can be used.
    pub deadline: u64,
    /// [`PSP22Permit::nonces`] of the owner: each permit can be used once, in the order of signing.
    pub nonce: u64,
}

/// Approval by signature: the owner signs, and anyone pays the fee of handing it in.
///
/// The selectors of `permit` and `domain_separator` and the order of the signed fields are OpenBrush's. Different is the
/// signature, plain bytes instead of an enum of kinds of keys: only an sr25519 key can be checked against an account id by
/// what every contracts chain offers, and people enter bytes more easily.
#[ink::trait_definition]
pub trait PSP22Permit {
    /// Lets `spender` move up to `value` rao of `owner`'s until it is changed again, as `approve` by the owner would.
    /// `signature` is the owner's sr25519 signature of a [`Permit`] with the owner's present nonce. Anyone may call, so a
    /// permit may be used before its receiver hands it in: then the allowance is there already. A permit is void once
    /// another with the same nonce was used. Errors: `PermitExpired`, `PermitInvalidSignature`.
    #[ink(message)]
    fn permit(
        &mut self,
        owner: AccountId,
        spender: AccountId,
        value: u128,
        deadline: u64,
        signature: [u8; 64],
    ) -> Result<(), PSP22Error>;

    /// What binds a permit to this token on this chain.
    #[ink(message)]
    fn domain_separator(&self) -> [u8; 32];

    /// The nonce that `owner`'s next permit has to carry: how many were used.
    #[ink(message)]
    fn nonces(&self, owner: AccountId) -> u64;
}
