//! The incentive contract: weights, epochs and the reward split. Its types, events and errors.

use crate::{
    psp22::PSP22Error, registry::RegistryError, staking::StakingError, token::TokenError, Netuid, RegistrationId, Uid,
};
use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};

/// Why a message of the incentive contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum IncentiveError {
    /// Only governance may do this.
    NotGovernance,
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
    /// Committed less than the rate limit ago.
    CommitRateLimited,
    /// Ten commits wait for their reveal already.
    TooManyCommits,
    /// No waiting commit of this hotkey has this hash: weights, salt, epoch, version or transcript differ.
    RevealMismatch,
    /// The commit may be revealed from the epoch that `reveal_window` tells.
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
    /// The epoch is not over. `next_epoch_ms` tells when.
    EpochNotDue,
    /// The shares of the split do not sum to 10,000.
    InvalidSplit,
    /// Nothing is owed.
    NothingToClaim,
    /// Two uids share a hotkey: the registry is inconsistent and the epoch is refused.
    InconsistentRegistry,
    /// The token refused the transfer.
    Transfer(PSP22Error),
    /// The token refused to issue.
    Token(TokenError),
    /// The staking contract refused.
    Staking(StakingError),
    /// The registry refused.
    Registry(RegistryError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
}

/// How the emission of a subnet is divided, in basis points that sum to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct RewardSplit {
    /// To miners, by incentive.
    pub miners: u16,
    /// To validators and their nominators, by dividends.
    pub validators: u16,
    /// To the protocol reserve, which governance holds.
    pub reserve: u16,
    /// To the owner of the subnet.
    pub owner: u16,
}

/// Where a subnet's emission stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct SubnetEmission {
    /// Epochs turned so far: the number of the running epoch.
    pub epoch: u64,
    /// Chain time in ms at which the running epoch began.
    pub epoch_began_ms: u64,
    /// Block in which the running epoch began: its hash seeds the evaluation.
    pub epoch_began_block: u32,
    /// Part of the network's emission: this weight out of the sum of all.
    pub weight: u16,
    /// The network's emission index up to which this subnet's part is booked.
    pub index: u128,
    /// Booked and not yet divided, in rao.
    pub pending: u64,
    /// Of earlier epochs' miners' part, what no one could be paid, in rao.
    pub carry_miners: u64,
    /// Of earlier epochs' validators' part, what no one could be paid, in rao.
    pub carry_validators: u64,
    /// Owed to the subnet's owner, in rao.
    pub owner_owed: u64,
}

/// Books of the whole network, in rao, since the contract began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Books {
    /// Issued by the token to this contract.
    pub issued: u64,
    /// Credited to miners.
    pub miners: u64,
    /// Distributed to validators and their nominators.
    pub validators: u64,
    /// Sent to the protocol reserve.
    pub reserve: u64,
    /// Credited to subnet owners.
    pub owners: u64,
}

/// How one epoch divided its emission, in rao.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct EpochTurned {
    /// Which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Which epoch ended.
    pub epoch: u64,
    /// What it had to divide, carry of the epoch before included.
    pub emission: u64,
    /// Credited to miners.
    pub miners: u64,
    /// Distributed to validators and their nominators.
    pub validators: u64,
    /// Sent to the protocol reserve.
    pub reserve: u64,
    /// Credited to the subnet's owner.
    pub owner: u64,
    /// Carried into the next epoch.
    pub carry: u64,
    /// What each uid was credited or distributed, in the order of uids.
    pub paid: Vec<u64>,
}

/// A validator committed weights.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct WeightsCommitted {
    /// On which subnet.
    #[ink(topic)]
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

/// A subnet takes part in emission.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetActivated {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// With which weight.
    pub weight: u16,
}

/// Rewards were paid out.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Of which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// To whom.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// Amount in rao.
    pub amount: u64,
}

/// The reward split changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SplitSet {
    /// The split from now on.
    pub split: RewardSplit,
}

/// A commit that waits for its reveal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct WeightCommit {
    /// Hash of the [`crate::commitment::Commitment`].
    pub hash: Hash,
    /// Epoch in which it was made.
    pub epoch: u64,
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
    /// u16 proportion.
    pub consensus: u16,
    /// u16 proportion.
    pub incentive: u16,
    /// u16 proportion.
    pub dividends: u16,
    /// u16 proportion.
    pub validator_trust: u16,
    /// Owed and not yet claimed, in rao.
    pub owed: u64,
}
