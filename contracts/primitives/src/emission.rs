//! The emission contract: emission between subnets, the reward split, payouts. Its types, events and errors.

use crate::{psp22::TransferError, staking::StakingError, token::TokenError, HotkeyId, Netuid, RegistrationId};
use ink::{prelude::vec::Vec, primitives::AccountId};

/// Members of the root.
pub const MAX_ROOT: usize = 64;
/// Time between two settings of a member's root weights, in ms: 100 blocks of 12 s.
pub const ROOT_RATE_LIMIT_MS: u64 = 100 * 12_000;
/// Time between two turns of the root, in ms: 7,200 blocks of 12 s, a day.
pub const ROOT_TEMPO_MS: u64 = 7_200 * 12_000;
/// Root weights divide emission while at least one part in this many of all stake stands behind them.
pub const ROOT_QUORUM: u64 = 10;

/// Why a message of the emission contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum EmissionError {
    /// Only governance may do this.
    NotGovernance,
    /// Only the deployer may wire.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// The contract is paused. `paused_until` tells how long.
    Paused,
    /// Only the incentive contract may do this.
    NotIncentive,
    /// No subnet has this netuid.
    UnknownSubnet,
    /// The subnet takes no part in emission.
    NotActive,
    /// The subnet lives: only a dissolved one is retired.
    NotDissolved,
    /// The hotkey is not registered on this subnet, or nobody owns it.
    NotRegistered,
    /// The shares of the split do not sum to 10,000.
    InvalidSplit,
    /// Nothing is owed.
    NothingToClaim,
    /// The root has 64 members, and none has less stake than this hotkey.
    NotEnoughStake,
    /// The hotkey is no member of the root. `join_root` makes it one.
    NotRootMember,
    /// The hotkey is a member of the root already.
    AlreadyRootMember,
    /// Netuids and weights differ in number, are more than 128, or netuids do not ascend.
    MalformedWeights,
    /// Root weights may be set once in `ROOT_RATE_LIMIT_MS`.
    RootRateLimited,
    /// The root's epoch is not over. `next_root_ms` tells when.
    RootNotDue,
    /// Vectors that belong together differ in length.
    WrongLength,
    /// The token refused the transfer.
    Transfer(TransferError),
    /// The token refused to issue.
    Token(TokenError),
    /// The staking contract refused.
    Staking(StakingError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
    /// 128 subnets take part in emission. Retire the dissolved ones first.
    TooManySubnets,
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
pub struct SubnetEmission {
    /// Part of the network's emission: this weight out of the sum of all.
    pub weight: u32,
    /// Earned and not yet divided, in rao.
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

/// How one member of the root weighs subnets. The columns are equally long, netuids ascend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct RootRow {
    /// Subnets.
    pub netuids: Vec<Netuid>,
    /// Which life of each: a later subnet of the netuid does not inherit the weight.
    pub generations: Vec<u32>,
    /// Their weights: only ratios matter.
    pub weights: Vec<u16>,
    /// Chain time in ms at which they were set.
    pub set_ms: u64,
}

/// An epoch ended, and its emission was divided: amounts in rao.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct EpochPaid {
    /// Of which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Which epoch ended.
    pub epoch: u64,
    /// What there was to divide, carry of the epoch before included.
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

/// A subnet takes part in emission from now on.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetAdmitted {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// With which weight.
    pub weight: u32,
}

/// A dissolved subnet's unpaid emission went back to the network.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetRetired {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// What went back, in rao.
    pub returned: u64,
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

/// A member of the root weighed the subnets.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct RootWeightsSet {
    /// Who.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Subnets, ascending.
    pub netuids: Vec<Netuid>,
    /// Their weights: only ratios matter.
    pub weights: Vec<u16>,
}

/// A hotkey became a member of the root.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct RootJoined {
    /// Who.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Number of the hotkey that lost its place, if the root was full.
    pub replaced: Option<HotkeyId>,
}

/// Root weights divided emission between subnets anew.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct RootTurned {
    /// Subnets that take part in emission, ascending.
    pub netuids: Vec<Netuid>,
    /// Their weights from now on.
    pub weights: Vec<u32>,
}

/// What the incentive contract asks of the emission contract.
#[ink::trait_definition]
pub trait Payroll {
    /// Lets a subnet take part in emission. `generation` tells its life from those of earlier subnets of its netuid; what
    /// an earlier one left goes back to the network. Only the incentive contract.
    /// Errors: `NotWired`, `NotIncentive`, `Paused`, `TooManySubnets`, `Overflow`, and those of the token.
    #[ink(message)]
    fn admit(&mut self, netuid: Netuid, generation: u32) -> Result<(), EmissionError>;

    /// Divides what a subnet has earned up to now, at the end of its epoch `epoch`, and pays it: miners are credited,
    /// validators' dividends go to staking, the reserve to governance. Columns are in the order of uids, at most 256:
    /// registration and hotkey of each, its share as a miner and as a validator (Q32.32; only ratios matter). Returns
    /// what each uid got, in rao. Only the incentive contract.
    /// Errors: `NotWired`, `NotIncentive`, `Paused`, `NotActive`, `WrongLength`, `Overflow`, and those of the peers.
    #[ink(message)]
    fn pay(
        &mut self,
        netuid: Netuid,
        epoch: u64,
        registration_ids: Vec<RegistrationId>,
        hotkeys: Vec<HotkeyId>,
        miner_shares: Vec<u64>,
        validator_shares: Vec<u64>,
    ) -> Result<Vec<u64>, EmissionError>;
}
