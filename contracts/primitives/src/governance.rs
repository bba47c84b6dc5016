//! Governance: its types, events and errors.

use crate::{psp22::PSP22Error, staking::StakingError, upkeep::UpkeepError};
use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};

/// Why a message of the governance contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum GovernanceError {
    /// Only the deployer may wire; only an executed proposal may pay, set terms or name a guardian.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// No time to vote, voting above 5 days, waiting above 30, a quorum above 5,000 basis points, or a threshold above
    /// 210,000 TAO.
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
    /// The call has no selector of 4 bytes, is longer than 1 KiB, or is a call of governance itself other than `pay`,
    /// `set_code`, `set_terms` and `set_guardian` with just their arguments.
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
    /// Only the guardian may pause.
    NotGuardian,
    /// No code with this hash is on the chain. Upload it first.
    UnknownCode,
    /// A guardian paused this contract less than 30 days ago. `last_pause` tells when.
    PausedRecently,
    /// The contract refused the pause.
    Upkeep(UpkeepError),
}

/// The terms of voting. A proposal keeps those under which it was made.
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
    /// Stake that must vote, in rao: a part of all stake at the time of the proposal, rounded up.
    pub quorum: u64,
    /// Stake for it, in rao.
    pub ayes: u64,
    /// Stake against it, in rao.
    pub nays: u64,
    /// Chain time in ms at which voting ends.
    pub voting_ends_ms: u64,
    /// Chain time in ms from which it can be executed, if it passed.
    pub due_ms: u64,
    /// Chain time in ms from which it cannot be executed any more.
    pub expires_ms: u64,
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

/// The terms of voting changed. Proposals made before keep theirs.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct TermsSet {
    /// The terms from now on.
    pub terms: GovernanceTerms,
}

/// A guardian was named, or nobody is guardian any more.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct GuardianSet {
    /// Who may pause contracts from now on.
    pub guardian: Option<AccountId>,
}

/// The guardian paused a contract.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct GuardianPaused {
    /// Which.
    #[ink(topic)]
    pub target: AccountId,
    /// Chain time in ms until which it refuses messages that change something.
    pub until_ms: u64,
}
