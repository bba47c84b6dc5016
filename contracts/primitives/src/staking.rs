//! Staking: what the other contracts ask of it, its types, events and errors.

use crate::{psp22::TransferError, HotkeyId, Netuid};
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
    /// Only the emission contract may distribute dividends.
    NotEmission,
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
    /// A take may be raised once in 30 days.
    TakeRateLimited,
    /// Unbonding may take 90 days at most.
    UnbondingTooLong,
    /// More entries than one call may hold.
    BatchTooLarge,
    /// The token refused the transfer. Approve the staking contract for the amount first.
    Transfer(TransferError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
    /// The contract is paused. `paused_until` tells how long.
    Paused,
    /// The coldkey has announced a swap, or a dispute stopped it: its stake does not move until then.
    ColdkeyLocked,
    /// Origin and destination are the same.
    SamePlace,
    /// A hotkey has at most five children on a subnet; or the subnet's 256 links belong to parents with more stake.
    TooManyChildren,
    /// Children and proportions differ in number, repeat, name the parent, or sum above 2^64 - 1.
    MalformedChildren,
    /// A hotkey that has children on the subnet cannot be a child there.
    ParentAndChild,
    /// Children may be set once in 30 minutes.
    ChildrenRateLimited,
    /// Children that were set wait for their day, or none were set. `pending_children` tells.
    ChildrenNotDue,
    /// The coldkey has no successor: it was not swapped.
    NotSwapped,
    /// Vectors that belong together differ in length.
    WrongLength,
    /// No subnet has this netuid.
    UnknownSubnet,
}

/// Stake was added to a hotkey's pool.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Staked {
    /// Who staked.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// On whom.
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
    /// Hotkeys that earned it, parents not counted.
    pub pools: u16,
    /// Rao of it that hotkey owners took before their nominators.
    pub take: u64,
}

/// What a hotkey keeps of dividends changes.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct TakeSet {
    /// Whose.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// The subnet on which it is the take of parents' dividends; nothing where it is the take of nominators'.
    pub netuid: Option<Netuid>,
    /// Part that it keeps, out of 65,535.
    pub take: u16,
    /// Chain time in ms from which it counts: now if it is lower than before, a day later if it is higher.
    pub from_ms: u64,
}

/// Stake moved from one hotkey's pool to another's.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct StakeMoved {
    /// Whose stake.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// From whom.
    pub from: AccountId,
    /// To whom.
    pub to: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// Stake on a hotkey passed from one coldkey to another: it was given, or a swapped coldkey's successor inherited it.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct StakeTransferred {
    /// Whose it was.
    #[ink(topic)]
    pub from: AccountId,
    /// Whose it is now.
    #[ink(topic)]
    pub to: AccountId,
    /// On whom.
    pub hotkey: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// The unbonding stake of a swapped coldkey passed to its successor, as one amount.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct UnbondingInherited {
    /// The coldkey that was swapped.
    pub from: AccountId,
    /// The coldkey that it became.
    #[ink(topic)]
    pub to: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// Children of a hotkey on a subnet were announced, or activated in place of those before.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct ChildrenSet {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// The parent.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Chain time in ms from which anyone may activate what was announced; nothing once it is activated.
    pub due_ms: Option<u64>,
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
    /// Part of dividends the owner takes first.
    pub take: TakeInfo,
}

/// A take, out of 65,535, and what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct TakeInfo {
    /// What counts now.
    pub now: u16,
    /// What counts from `next_ms` on; the same as `now` where no raise is announced.
    pub next: u16,
    /// Chain time in ms from which the last announced raise counts; 0 if none ever was.
    pub next_ms: u64,
}

/// Children that a hotkey announced on a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct PendingChildren {
    /// Generation of the subnet that they are for.
    pub generation: u32,
    /// Chain time in ms at which they were set.
    pub set_ms: u64,
    /// Chain time in ms from which anyone may activate them.
    pub due_ms: u64,
    /// Numbers of the children's hotkeys.
    pub children: Vec<HotkeyId>,
    /// Part of the parent's stake that each child is lent, out of 2^64 - 1.
    pub proportions: Vec<u64>,
}

/// What the other contracts ask of staking.
#[ink::trait_definition]
pub trait StakeLedger {
    /// Stake that counts for each hotkey on a subnet, in rao, in the order asked; 0 for one without any. Its own, less what
    /// it lends to children there, plus what parents lend to it. At most 256 hotkeys; more are cut off.
    #[ink(message)]
    fn stakes_of(&self, netuid: Netuid, hotkeys: Vec<HotkeyId>) -> Vec<u64>;

    /// Adds dividends of a subnet to pools: `amounts` rao for `hotkeys`, at most 256. Parents get their part of a child's
    /// first. The owner's take is credited, the rest raises the value of every share. A hotkey without a pool gets one
    /// whose only share holder is its owner. Only the emission contract, which has sent the sum before.
    /// Errors: `NotWired`, `NotEmission`, `Paused`, `BatchTooLarge`, `WrongLength`, `HotkeyNotAssociated`,
    /// `PeerUnreachable`, `Overflow`.
    #[ink(message)]
    fn distribute(&mut self, netuid: Netuid, hotkeys: Vec<HotkeyId>, amounts: Vec<u64>) -> Result<(), StakingError>;

    /// Locks `coldkey`'s position on `hotkey` until `until_ms`. Returns the hotkey's number, which a swap of the key does not
    /// change, and the position's value in rao: its voting power. Only governance. Errors: `NotGovernance`, `NotEnoughStake` when there is none, `ColdkeyLocked`,
    /// `HotkeyNotAssociated`, `PeerUnreachable`.
    #[ink(message)]
    fn lock_votes(
        &mut self,
        coldkey: AccountId,
        hotkey: AccountId,
        until_ms: u64,
    ) -> Result<(HotkeyId, u64), StakingError>;

    /// Stake of the whole network in rao.
    #[ink(message)]
    fn total_stake(&self) -> u64;
}
