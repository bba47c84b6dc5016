//! Governance: stakers propose calls of the suite's contracts, vote by stake, and whoever likes executes what passed.
//!
//! Governance also is the treasury: the protocol reserve is sent to its address, and executed proposals pay from it.
//! This file holds the storage and the messages; [`ballot`] has the rules of a vote, [`call`] makes the proposed call
//! and [`peers`] talks to the token and to staking.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]
// A mapping's type names its key, its value and its place in storage.
#![allow(clippy::type_complexity)]

pub mod ballot;
pub mod call;
pub mod peers;

#[cfg(test)]
mod tests;

pub use self::governance::{Governance, GovernanceRef};

/// The contract.
#[ink::contract]
pub mod governance {
    use crate::{ballot, call, peers::Peers};
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{governance::*, limits::BPS, rao};

    /// Time in which a proposal can be executed, in ms: 14 days.
    pub const EXECUTION_WINDOW_MS: u64 = 14 * 24 * 3_600 * 1_000;

    /// Storage of governance. Every part has a key of its own, so that code upgrades can add parts.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Governance {
        deployer: Lazy<AccountId, ManualKey<0x4744_4550>>,
        peers: Lazy<Peers, ManualKey<0x4750_4552>>,
        terms: Lazy<GovernanceTerms, ManualKey<0x4754_524D>>,
        /// Proposals so far: the number of the last one. The first is number 1.
        last: Lazy<u32, ManualKey<0x474C_5354>>,
        proposals: Mapping<u32, Proposal, ManualKey<0x4750_5250>>,
        /// Who has voted: (proposal, hotkey, coldkey).
        votes: Mapping<(u32, AccountId, AccountId), (), ManualKey<0x4756_4F54>>,
    }

    impl Governance {
        /// Deploys governance: how long a proposal is voted on and then waits, in ms; the part of all stake that must
        /// vote, in basis points; the stake that a proposer needs, in rao. Errors: `InvalidTerms`, `AmountTooLarge`.
        #[ink(constructor)]
        pub fn new(
            voting_period_ms: u64,
            timelock_ms: u64,
            quorum_bps: u16,
            threshold: u128,
        ) -> Result<Self, GovernanceError> {
            if voting_period_ms == 0 || quorum_bps > BPS {
                return Err(GovernanceError::InvalidTerms);
            }
            let threshold = rao(threshold).ok_or(GovernanceError::AmountTooLarge)?;
            let execution_window_ms = EXECUTION_WINDOW_MS;
            let mut governance = Self::default();
            governance.deployer.set(&Self::env().caller());
            governance.terms.set(&GovernanceTerms {
                voting_period_ms,
                timelock_ms,
                execution_window_ms,
                quorum_bps,
                threshold,
            });
            Ok(governance)
        }

        /// Names the token and the staking contract. Only the deployer, once. Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        pub fn wire(&mut self, token: AccountId, staking: AccountId) -> Result<(), GovernanceError> {
            if self.deployer.get() != Some(self.env().caller()) {
                return Err(GovernanceError::NotAuthorised);
            }
            if self.peers.get().is_some() {
                return Err(GovernanceError::AlreadyWired);
            }
            self.peers.set(&Peers { token, staking });
            Ok(())
        }

        /// Proposes to call `target` with `input` (selector and encoded arguments, up to 1 KiB) and returns the
        /// proposal's number. To pay from the treasury, propose a call of `pay` of governance itself. The call must be
        /// of a message that answers a `Result`, as all do that change something. Needs the threshold of stake of the
        /// caller's on `hotkey`, which is locked until voting ends; it is not a vote.
        /// Errors: `NotWired`, `CallMalformed`, `NotEnoughStake`, `Staking`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        pub fn propose(
            &mut self,
            description: Hash,
            target: AccountId,
            input: Vec<u8>,
            hotkey: AccountId,
        ) -> Result<u32, GovernanceError> {
            let peers = self.peers()?;
            let terms = self.known_terms()?;
            let voting_ends_ms = self.env().block_timestamp().saturating_add(terms.voting_period_ms);
            let number = self.record(description, target, input, voting_ends_ms)?;
            if peers.lock_votes(self.env().caller(), hotkey, voting_ends_ms)? < terms.threshold {
                return Err(GovernanceError::NotEnoughStake);
            }
            Ok(number)
        }

        /// Votes for a proposal (`aye`) or against it with the caller's stake on `hotkey`, once, and locks that stake
        /// until voting ends. Errors: `NotWired`, `UnknownProposal`, `Settled`, `VotingClosed`, `AlreadyVoted`,
        /// `NotEnoughStake`, `Staking`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        pub fn vote(&mut self, proposal: u32, hotkey: AccountId, aye: bool) -> Result<(), GovernanceError> {
            let peers = self.peers()?;
            let ballot = self.ballot(proposal, hotkey)?;
            let power = peers.lock_votes(self.env().caller(), hotkey, ballot.voting_ends_ms)?;
            self.cast(proposal, ballot, hotkey, aye, power)
        }

        /// Makes the call of a proposal that passed, after its timelock and for 14 days. Anyone may. If the call fails
        /// or its contract refuses, nothing changes and the proposal can be executed again.
        /// Errors: `NotWired`, `UnknownProposal`, `Settled`, `VotingOpen`, `Timelocked`, `Expired`, `NotPassed`,
        /// `CallFailed`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        pub fn execute(&mut self, proposal: u32) -> Result<(), GovernanceError> {
            let peers = self.peers()?;
            let total_stake = peers.total_stake()?;
            // Marked as executed before the call; an error undoes it.
            let Proposal { target, input, .. } = self.conclude(proposal, total_stake)?;
            if target == self.env().account_id() {
                // A contract that waits on a call cannot be called, so governance does not call itself.
                let (to, amount) = call::payment(&input)?;
                peers.pay(to, amount)
            } else {
                call::make(target, &input)
            }
        }

        /// Takes a proposal back. Only its proposer, while it is voted on.
        /// Errors: `UnknownProposal`, `NotProposer`, `Settled`, `VotingClosed`.
        #[ink(message)]
        pub fn cancel(&mut self, proposal: u32) -> Result<(), GovernanceError> {
            let ballot = self.known(proposal)?;
            if ballot.proposer != self.env().caller() {
                return Err(GovernanceError::NotProposer);
            }
            ballot::check_open(&ballot, self.env().block_timestamp())?;
            self.settle(proposal, ballot, ProposalState::Cancelled);
            Ok(())
        }

        /// Pays `amount` rao from the treasury. Only an executed proposal whose target is governance itself.
        /// Errors: `NotAuthorised`, `NotWired`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        pub fn pay(&mut self, to: AccountId, amount: u128) -> Result<(), GovernanceError> {
            if self.env().caller() != self.env().account_id() {
                return Err(GovernanceError::NotAuthorised);
            }
            self.peers()?.pay(to, amount)
        }

        /// A proposal. What has become of a pending one follows from its votes and the clock.
        #[ink(message)]
        pub fn proposal(&self, proposal: u32) -> Option<Proposal> {
            self.proposals.get(proposal)
        }

        /// How many proposals there are: their numbers are 1 to this.
        #[ink(message)]
        pub fn proposals(&self) -> u32 {
            self.last.get_or_default()
        }

        /// Whether a proposal's votes would let it pass, by all stake as it is now.
        /// Errors: `NotWired`, `UnknownProposal`, `PeerUnreachable`.
        #[ink(message)]
        pub fn passed(&self, proposal: u32) -> Result<bool, GovernanceError> {
            let ballot = self.known(proposal)?;
            Ok(ballot::passes(&ballot, &self.known_terms()?, self.peers()?.total_stake()?))
        }

        /// Whether a coldkey has voted on a proposal with its stake on a hotkey.
        #[ink(message)]
        pub fn voted(&self, proposal: u32, hotkey: AccountId, coldkey: AccountId) -> bool {
            self.votes.contains((proposal, hotkey, coldkey))
        }

        /// TAO in the treasury, in rao. Errors: `NotWired`, `PeerUnreachable`.
        #[ink(message)]
        pub fn treasury(&self) -> Result<u128, GovernanceError> {
            self.peers()?.balance_of(self.env().account_id())
        }

        /// The terms of voting.
        #[ink(message)]
        pub fn terms(&self) -> Option<GovernanceTerms> {
            self.terms.get()
        }

        /// Stores a proposal of the caller's and returns its number. Errors: `CallMalformed`, `Overflow`.
        pub(crate) fn record(
            &mut self,
            description: Hash,
            target: AccountId,
            input: Vec<u8>,
            voting_ends_ms: u64,
        ) -> Result<u32, GovernanceError> {
            if target == self.env().account_id() {
                call::payment(&input)?;
            } else {
                call::parts(&input)?;
            }
            let proposer = self.env().caller();
            let number = self.proposals().checked_add(1).ok_or(GovernanceError::Overflow)?;
            let state = ProposalState::Pending;
            let proposal = Proposal { proposer, description, target, input, ayes: 0, nays: 0, voting_ends_ms, state };
            self.proposals.insert(number, &proposal);
            self.last.set(&number);
            self.env().emit_event(Proposed { proposal: number, proposer, target, description });
            Ok(number)
        }

        /// The proposal, if the caller may vote on it with its stake on `hotkey`.
        pub(crate) fn ballot(&self, proposal: u32, hotkey: AccountId) -> Result<Proposal, GovernanceError> {
            let ballot = self.known(proposal)?;
            ballot::check_open(&ballot, self.env().block_timestamp())?;
            if self.votes.contains((proposal, hotkey, self.env().caller())) {
                return Err(GovernanceError::AlreadyVoted);
            }
            Ok(ballot)
        }

        /// Counts a vote of the caller's of `power` rao.
        pub(crate) fn cast(
            &mut self,
            proposal: u32,
            mut ballot: Proposal,
            hotkey: AccountId,
            aye: bool,
            power: u64,
        ) -> Result<(), GovernanceError> {
            let coldkey = self.env().caller();
            ballot::count(&mut ballot, aye, power)?;
            self.proposals.insert(proposal, &ballot);
            self.votes.insert((proposal, hotkey, coldkey), &());
            self.env().emit_event(Voted { proposal, coldkey, hotkey, aye, power });
            Ok(())
        }

        /// Marks a proposal as executed if it is time and it passed, and returns it.
        pub(crate) fn conclude(&mut self, proposal: u32, total_stake: u64) -> Result<Proposal, GovernanceError> {
            let ballot = self.known(proposal)?;
            let terms = self.known_terms()?;
            ballot::check_due(&ballot, &terms, self.env().block_timestamp())?;
            if !ballot::passes(&ballot, &terms, total_stake) {
                return Err(GovernanceError::NotPassed);
            }
            Ok(self.settle(proposal, ballot, ProposalState::Executed))
        }

        fn settle(&mut self, proposal: u32, mut ballot: Proposal, state: ProposalState) -> Proposal {
            ballot.state = state;
            self.proposals.insert(proposal, &ballot);
            self.env().emit_event(ProposalSettled { proposal, state });
            ballot
        }

        fn known(&self, proposal: u32) -> Result<Proposal, GovernanceError> {
            self.proposals.get(proposal).ok_or(GovernanceError::UnknownProposal)
        }

        fn known_terms(&self) -> Result<GovernanceTerms, GovernanceError> {
            self.terms.get().ok_or(GovernanceError::NotWired)
        }

        fn peers(&self) -> Result<Peers, GovernanceError> {
            self.peers.get().ok_or(GovernanceError::NotWired)
        }
    }
}
