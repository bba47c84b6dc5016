//! Governance: its types, events and errors.

use crate::{psp22::PSP22Error, staking::StakingError};
use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};

/// Why a message of the governance contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum GovernanceError {
    /// Only the deployer may wire, and only an executed proposal may pay.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// A voting period of zero, or a quorum above 10,000 basis points.
    InvalidTerms,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// No proposal has this number.
    UnknownProposal,
    /// The caller's stake on the hotkey is below the proposal threshold.
    NotEnoughStake,
    /// Voting on the proposal has ended.
    VotingClosed,
    /// Voting on the proposal is still open.
    VotingOpen,
    /// This position has voted on the proposal already.
    AlreadyVoted,
    /// The proposal did not pass: quorum missed, or more stake against than for it.
    NotPassed,
    /// The proposal waits for its timelock to end.
    Timelocked,
    /// The proposal passed too long ago to be executed. Propose it again.
    Expired,
    /// The proposal is executed or cancelled already.
    Settled,
    /// The call has no selector of 4 bytes, is longer than 1 KiB, or is a call of governance itself that is no payment.
    CallMalformed,
    /// Only the proposer may cancel.
    NotProposer,
    /// The proposed call failed or its contract refused; the proposal can be executed again until it expires.
    CallFailed,
    /// The token refused the payment.
    Transfer(PSP22Error),
    /// The staking contract refused to lock the position.
    Staking(StakingError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
}

/// The terms of voting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct GovernanceTerms {
    /// Time for which a proposal is voted on, in ms.
    pub voting_period_ms: u64,
    /// Time between the end of voting and the earliest execution, in ms.
    pub timelock_ms: u64,
    /// Time from the earliest execution in which a proposal can be executed, in ms.
    pub execution_window_ms: u64,
    /// Part of all stake that must vote, in basis points.
    pub quorum_bps: u16,
    /// Stake of its proposer that a proposal needs, in rao.
    pub threshold: u64,
}

/// State of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum ProposalState {
    /// Open, waiting or failed: what it is follows from the votes and the clock.
    Pending,
    /// The call was made.
    Executed,
    /// The proposer took it back.
    Cancelled,
}

/// A proposal as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Proposal {
    /// Who proposed it.
    pub proposer: AccountId,
    /// Hash of the description that was published elsewhere.
    pub description: Hash,
    /// Contract that is called when it passes.
    pub target: AccountId,
    /// Selector and arguments of that call.
    pub input: Vec<u8>,
    /// Stake for it, in rao.
    pub ayes: u64,
    /// Stake against it, in rao.
    pub nays: u64,
    /// Chain time in ms at which voting ends.
    pub voting_ends_ms: u64,
    /// State.
    pub state: ProposalState,
}

/// A proposal was made.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its number.
    #[ink(topic)]
    pub proposal: u32,
    /// Who proposed it.
    pub proposer: AccountId,
    /// Contract that it calls.
    pub target: AccountId,
    /// Hash of its description.
    pub description: Hash,
}

/// A position voted.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Voted {
    /// On which proposal.
    #[ink(topic)]
    pub proposal: u32,
    /// Whose stake.
    pub coldkey: AccountId,
    /// On which hotkey.
    pub hotkey: AccountId,
    /// For it, or against.
    pub aye: bool,
    /// With how much, in rao.
    pub power: u64,
}

/// A proposal was executed or cancelled.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct ProposalSettled {
    /// Which.
    #[ink(topic)]
    pub proposal: u32,
    /// How it ended.
    pub state: ProposalState,
}
