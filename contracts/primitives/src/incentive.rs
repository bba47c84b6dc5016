//! The incentive contract: weights and epochs. Its types, events and errors.

use crate::{
    commitment::{Salt, WeightEntries},
    emission::EmissionError,
    peer::Refusal,
    psp22::PSP22Error,
    registry::RegistryError,
    token::TokenError,
    Netuid, RegistrationId, Uid,
};
use ink::primitives::{AccountId, Hash};

/// Subnets that one batch writes weights to.
pub const MAX_WRITES: usize = 10;

/// Why a message of the incentive contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum IncentiveError {
    /// The contract is not deployed by its constructor.
    NotWired,
    /// The contract is paused. `paused_until` tells how long.
    Paused,
    /// No subnet has this netuid.
    UnknownSubnet,
    /// The subnet's owner has not started its emission.
    NotStarted,
    /// The subnet takes part in emission already.
    AlreadyActive,
    /// The subnet takes no part in emission yet. `activate` lets it.
    NotActive,
    /// The hotkey is not registered on this subnet.
    NotRegistered,
    /// The hotkey's stake is below the subnet's threshold.
    NotEnoughStake,
    /// The hotkey has no validator permit. Permits are dealt at each epoch, by stake.
    NoPermit,
    /// Weights are committed and revealed on this subnet, not set. `commit_weights` commits.
    CommitRevealEnabled,
    /// Weights are set on this subnet, not committed. `set_weights` sets.
    CommitRevealDisabled,
    /// Weights were written less than the rate limit ago.
    CommitRateLimited,
    /// Ten commits wait for their reveal already.
    TooManyCommits,
    /// The standing bond is below what the subnet asks for. `deposit_bond` raises it.
    BondTooLow,
    /// Commits wait for their reveal: the bond stands for them.
    CommitsWaiting,
    /// No bond is deposited, or an amount of zero.
    NoBond,
    /// Only the hotkey, or the coldkey that owns it, may withdraw its bond.
    NotHotkeyOwner,
    /// No commit of the hotkey missed its reveal since the bond was last settled, or there is no bond.
    NothingForfeited,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// No waiting commit of this hotkey has this hash: weights, salt, epoch, version or transcript differ.
    RevealMismatch,
    /// The epoch in which the commit may be revealed has not begun. `commits` tells it.
    RevealTooEarly,
    /// The epoch in which the commit could be revealed is over.
    RevealExpired,
    /// A weight toward a uid that the subnet does not have.
    UidOutOfRange,
    /// Two weights toward one uid, or uids not in ascending order.
    UidsNotAscending,
    /// Fewer weights than the subnet asks for.
    TooFewWeights,
    /// More weights than the subnet has uids.
    TooManyWeights,
    /// One weight is a larger part of the row than the subnet allows.
    MaxWeightExceeded,
    /// The weights were made by an evaluator older than the subnet demands.
    VersionTooOld,
    /// A batch of none or of more than ten, or as many uids as weights are not given.
    MalformedBatch,
    /// The epoch is not over. `next_epoch_ms` tells when.
    EpochNotDue,
    /// Columns of the registry's answer differ in length, or hold what no healthy registry holds: the epoch is refused.
    InconsistentRegistry,
    /// The emission contract refused.
    Emission(Refusal<EmissionError>),
    /// The registry refused.
    Registry(Refusal<RegistryError>),
    /// The token refused the transfer of a bond.
    Transfer(Refusal<PSP22Error>),
    /// The token refused to recycle a forfeited bond.
    Token(Refusal<TokenError>),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
}

/// The epochs of a subnet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Clock {
    /// Epochs turned so far: the number of the running epoch. It goes on where a netuid is given to another subnet.
    pub epoch: u64,
    /// Chain time in ms at which the running epoch began.
    pub began_ms: u64,
    /// Block in which the running epoch began: its hash seeds the evaluation.
    pub began_block: u32,
    /// Life of the subnet that this counts for, as the registry numbers them.
    pub generation: u32,
}

/// A validator committed weights. The only event of the contract without topics: commits are the most frequent message of
/// the network, and a topic costs as much as a stored value.
#[ink::event(anonymous)]
#[derive(Debug, PartialEq, Eq)]
pub struct WeightsCommitted {
    /// On which subnet.
    pub netuid: Netuid,
    /// Who.
    pub hotkey: AccountId,
    /// In which epoch.
    pub epoch: u64,
    /// The hash.
    pub hash: Hash,
}

/// A validator revealed weights, and they count from the next epoch's turn.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct WeightsRevealed {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Under which uid.
    pub uid: Uid,
    /// Of the commit of which epoch.
    pub epoch: u64,
    /// Root of the evaluation transcript.
    pub transcript: Hash,
    /// Weights that were dropped because the uid has another tenant now.
    pub dropped: u16,
}

/// A validator set weights in the open, and they count from the next epoch's turn.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct WeightsSet {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Under which uid.
    pub uid: Uid,
}

/// A subnet's epochs began.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetActivated {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Number of its first epoch.
    pub epoch: u64,
}

/// A validator's standing bond changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct BondChanged {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Whose.
    pub hotkey: AccountId,
    /// The bond from now on, in rao.
    pub bond: u64,
    /// What of it was forfeited for commits that were not revealed, in rao: destroyed, to be issued again.
    pub forfeited: u64,
}

/// One reveal of a batch: the arguments of `reveal_weights`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Reveal {
    /// On which subnet.
    pub netuid: Netuid,
    /// Epoch of the commit.
    pub epoch: u64,
    /// The weights, uids ascending.
    pub weights: WeightEntries,
    /// Version of the evaluator that made them.
    pub version_key: u64,
    /// Root of the evaluation transcript; zeros if there is none.
    pub transcript: Hash,
    /// Salt.
    pub salt: Salt,
}

/// A commit that waits for its reveal. It keeps to the terms of its day: a later change of the reveal period is for later
/// commits, so that nobody loses a bond by it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct WeightCommit {
    /// Hash of the [`crate::commitment::Commitment`].
    pub hash: Hash,
    /// The account that made it, which the hash binds: the hotkey, or what it was before a swap.
    pub hotkey: AccountId,
    /// Epoch in which it was made.
    pub epoch: u64,
    /// The one epoch in which it may be revealed.
    pub reveal_epoch: u64,
    /// Block in which it was made.
    pub block: u32,
    /// Chain time in ms at which it was made.
    pub committed_ms: u64,
}

/// What the last epoch said of one neuron, for the metagraph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct NeuronStanding {
    /// Its uid.
    pub uid: Uid,
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its coldkey.
    pub coldkey: AccountId,
    /// Its tenancy.
    pub registration_id: RegistrationId,
    /// Stake on the hotkey in rao.
    pub stake: u64,
    /// Whether its weights count.
    pub permit: bool,
    /// Whether it wrote weights, or registered, within the activity cutoff, as the last epoch saw it.
    pub active: bool,
    /// u16 proportion.
    pub consensus: u16,
    /// u16 proportion.
    pub incentive: u16,
    /// u16 proportion.
    pub dividends: u16,
    /// u16 proportion.
    pub validator_trust: u16,
}
