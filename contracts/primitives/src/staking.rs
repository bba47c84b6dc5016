//! Staking: what the other contracts ask of it, its types, events and errors.

use crate::psp22::PSP22Error;
use ink::{prelude::vec::Vec, primitives::AccountId};

/// Why a message of the staking contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum StakingError {
    /// Only the deployer may wire, and only once; afterwards governance decides.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// Only the incentive contract may distribute dividends.
    NotIncentive,
    /// Only the governance contract may do this.
    NotGovernance,
    /// No coldkey owns the hotkey. Register it, or associate it, in the registry first.
    HotkeyNotAssociated,
    /// The caller's coldkey does not own the hotkey.
    NotHotkeyOwner,
    /// Below the minimum stake. `minimum_stake` tells it.
    AmountTooLow,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// The position is worth less than the amount.
    NotEnoughStake,
    /// The position is locked by a vote until a time that `position` tells.
    StakeLocked,
    /// No unbonding stake is due yet. `unbonding` tells when.
    NothingToWithdraw,
    /// Too many unbonding entries. Withdraw the due ones first.
    TooManyUnbondings,
    /// The take is above the maximum of 18 % (11,796 of 65,535).
    TakeTooHigh,
    /// The take may be raised once per 30 days.
    TakeRateLimited,
    /// Unbonding may take 90 days at most.
    UnbondingTooLong,
    /// More entries than one call may hold.
    BatchTooLarge,
    /// The token refused the transfer. Approve the staking contract for the amount first.
    Transfer(PSP22Error),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
}

/// Stake was added to a hotkey's pool.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Staked {
    /// Who staked.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// On whom.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// Stake left a hotkey's pool and unbonds.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Unstaked {
    /// Whose stake.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// From whom.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Amount in rao.
    pub amount: u64,
    /// Chain time in ms at which it can be withdrawn.
    pub due_ms: u64,
}

/// Unbonded stake was paid out.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// To whom.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// Dividends reached pools.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Distributed {
    /// Rao added to all pools together.
    pub amount: u64,
    /// Pools that received.
    pub pools: u16,
    /// Rao of it that hotkey owners took before their nominators.
    pub take: u64,
}

/// A hotkey's take changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct TakeSet {
    /// Whose.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Part of dividends the owner takes first, out of 65,535.
    pub take: u16,
}

/// The time that unstaked stake unbonds changed. What unbonds already keeps its time.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct UnbondingSet {
    /// The time from now on, in ms.
    pub unbonding_ms: u64,
}

/// A coldkey's stake on a hotkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct PositionInfo {
    /// What it is worth, in rao.
    pub value: u64,
    /// Chain time in ms until which a vote locks it; 0 if none ever did.
    pub locked_until_ms: u64,
}

/// Stake that left a pool and is not withdrawn yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Unbonding {
    /// Amount in rao.
    pub amount: u64,
    /// Chain time in ms from which it can be withdrawn.
    pub due_ms: u64,
}

/// One hotkey's pool as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct PoolInfo {
    /// The coldkey that owns the hotkey and receives the take.
    pub coldkey: AccountId,
    /// All stake on the hotkey, in rao.
    pub value: u64,
    /// The owner's part of it, in rao.
    pub own: u64,
    /// Part of dividends the owner takes first, out of 65,535.
    pub take: u16,
}

/// What the other contracts ask of staking.
#[ink::trait_definition]
pub trait StakeLedger {
    /// Stake on each hotkey, in rao, in the order asked; 0 for an unknown one. At most 256 hotkeys; more are cut off.
    #[ink(message)]
    fn stakes_of(&self, hotkeys: Vec<AccountId>) -> Vec<u64>;

    /// Adds dividends to pools: (hotkey, rao) each, at most 256. The incentive contract has sent the sum before.
    /// The owner's take is credited first, the rest raises the value of every share.
    /// A hotkey without a pool gets one whose only share holder is its owner.
    /// Errors: `NotIncentive`, `BatchTooLarge`, `HotkeyNotAssociated`, `Overflow`.
    #[ink(message)]
    fn distribute(&mut self, dividends: Vec<(AccountId, u64)>) -> Result<(), StakingError>;

    /// Locks `coldkey`'s position on `hotkey` until `until_ms` and returns its value in rao: its voting power.
    /// Only governance. Errors: `NotGovernance`, `NotEnoughStake` when there is none.
    #[ink(message)]
    fn lock_votes(&mut self, coldkey: AccountId, hotkey: AccountId, until_ms: u64) -> Result<u64, StakingError>;

    /// Stake of the whole network in rao.
    #[ink(message)]
    fn total_stake(&self) -> u64;
}
