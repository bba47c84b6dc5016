//! What the TAO token offers beyond PSP22: issue by the schedule, burn and recycle.

use crate::psp22::PSP22Error;
use ink::primitives::AccountId;

/// Why a message of the TAO token refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum TokenError {
    /// Only the issuer, a contract of the suite, may issue. Nobody else can, whatever the balance or role.
    NotIssuer,
    /// Only the deployer may wire, and only once; afterwards governance changes the issuer.
    NotAuthorised,
    /// The issuer is set already.
    AlreadyWired,
    /// The caller holds less than the amount.
    InsufficientBalance,
    /// The genesis allocation would pass the cap of 21 million TAO.
    CapExceeded,
}

/// Where the emission schedule stands, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct ScheduleInfo {
    /// Rao of one slot of 12 s at the issuance of the moment.
    pub rate: u64,
    /// Chain time in ms up to which the schedule is paid.
    pub paid_until_ms: u64,
    /// Chain time in ms from which the next slot can be issued.
    pub next_due_ms: u64,
}

/// Tokens came into being by the emission schedule.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Issued {
    /// Amount in rao.
    pub amount: u128,
    /// Issuance after it, in rao: what the schedule counts against the cap.
    pub issuance: u128,
    /// Chain time in ms up to which the schedule is paid.
    pub until_ms: u64,
}

/// Tokens were destroyed. A recycled amount will be issued again; a burned one never.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// Whose tokens.
    #[ink(topic)]
    pub owner: AccountId,
    /// Amount in rao.
    pub amount: u128,
    /// Whether issuance was lowered by it.
    pub recycled: bool,
}

/// The issuer was set or replaced.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct IssuerSet {
    /// The contract that may issue from now on.
    pub issuer: AccountId,
}

/// The part of the token that only the suite's contracts and auditors need.
#[ink::trait_definition]
pub trait Issuance {
    /// Issues to the caller all that the schedule has due up to now, in whole slots of 12 s, and returns the amount in
    /// rao. The caller cannot choose the amount. Only the issuer. Errors: `NotIssuer`.
    #[ink(message)]
    fn issue(&mut self) -> Result<u128, TokenError>;

    /// Tokens issued and not recycled, in rao. The schedule halves by this figure; it never passes 21 million TAO.
    #[ink(message)]
    fn issuance(&self) -> u128;

    /// Destroys `value` rao of the caller's and lowers issuance, so that they are issued again later.
    /// Errors: `InsufficientBalance`.
    #[ink(message)]
    fn recycle(&mut self, value: u128) -> Result<(), TokenError>;

    /// Destroys `value` rao of `owner`'s against what `owner` allowed the caller, and lowers issuance: a price is taken
    /// and recycled in one message. Errors: `InsufficientAllowance`, `InsufficientBalance`.
    #[ink(message)]
    fn recycle_from(&mut self, owner: AccountId, value: u128) -> Result<(), PSP22Error>;
}
