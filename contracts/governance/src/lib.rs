//! Governance: stakers propose calls of the suite's contracts, vote by stake, and whoever likes executes what passed.
//!
//! Governance also is the treasury: the protocol reserve is sent to its address, and executed proposals pay from it. A
//! guardian may pause a contract for some days, so that a fault does no harm before a vote can repair it; it can move no
//! funds and change no rule.
//!
//! Stake votes once. It is locked until voting ends, so it cannot leave and come back under another name, and a proposal's
//! quorum is fixed when it is made, so neither new stake nor unstaking moves it.
//!
//! This file holds the storage and the messages; [`ballot`] has the rules of a vote, [`terms`] the bounds of its terms,
//! [`call`] makes the proposed call, [`own`] reads what governance does to itself, [`guardian`] has the rules of pauses
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

pub mod ballot;
pub mod call;
pub mod guardian;
pub mod own;
pub mod peers;
pub mod terms;

#[cfg(test)]
mod tests;

pub use self::governance::{Governance, GovernanceRef};

/// The contract.
#[ink::contract]
pub mod governance {
    use crate::{
        ballot::{self, Request},
        call, guardian,
        own::OwnCall,
        peers::Peers,
        terms,
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        governance::*,
        upkeep::{exchange_code, Upgradable, UpkeepError},
        HotkeyId,
    };

    /// Proposal, number of the hotkey and coldkey of a vote. A hotkey that is swapped keeps its number.
    type Voter = (u32, HotkeyId, AccountId);

    /// Storage of governance. Every part has a key of its own, so that code upgrades can add parts.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Governance {
        deployer: Lazy<AccountId, ManualKey<0x4744_4550>>,
        peers: Lazy<Peers, ManualKey<0x4750_4552>>,
        terms: Lazy<GovernanceTerms, ManualKey<0x4754_524D>>,
        guardian: Lazy<Option<AccountId>, ManualKey<0x4747_5244>>,
        /// Proposals so far: the number of the last one. The first is number 1.
        last: Lazy<u32, ManualKey<0x474C_5354>>,
        proposals: Mapping<u32, Proposal, ManualKey<0x4750_5250>>,
        /// Who has voted.
        votes: Mapping<Voter, (), ManualKey<0x4756_4F54>>,
        /// Chain time in ms at which a guardian last paused a contract.
        pauses: Mapping<AccountId, u64, ManualKey<0x4750_4155>>,
    }

    impl Governance {
        /// Deploys governance: how long a proposal is voted on, in ms, 5 days at most, and then waits, in ms, 30 days at
        /// most; the part of all stake that must vote, in basis points, half at most; the stake that a proposer needs, in
        /// rao, 210,000 TAO at most. The deployer is the first guardian, until a proposal names another or none.
        /// Errors: `InvalidTerms`, `AmountTooLarge`.
        #[ink(constructor)]
        pub fn new(
            voting_period_ms: u64,
            timelock_ms: u64,
            quorum_bps: u16,
            threshold: u128,
        ) -> Result<Self, GovernanceError> {
            let terms = terms::checked(voting_period_ms, timelock_ms, quorum_bps, threshold)?;
            let deployer = Self::env().caller();
            let mut governance = Self::default();
            governance.deployer.set(&deployer);
            governance.terms.set(&terms);
            governance.guardian.set(&Some(deployer));
            Ok(governance)
        }

        /// Names the token and the staking contract. Only the deployer, once. Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        #[inline(never)]
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
        /// proposal's number. A call of governance itself may be `pay`, `set_code`, `set_terms` or `set_guardian`. The
        /// message called must answer a `Result`, as all do that change something. Needs the threshold of stake of the
        /// caller's on `hotkey`, which is locked until voting ends; it is not a vote. All stake of this moment decides
        /// the quorum.
        /// Errors: `NotWired`, `CallMalformed`, `InvalidTerms`, `AmountTooLarge`, `NotEnoughStake`, `Staking`,
        /// `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn propose(
            &mut self,
            description: Hash,
            target: AccountId,
            input: Vec<u8>,
            hotkey: AccountId,
        ) -> Result<u32, GovernanceError> {
            let peers = self.known_peers()?;
            let terms = self.known_terms()?;
            let proposer = self.env().caller();
            let request = Request { proposer, description, target, input };
            let (number, voting_ends_ms) = self.record(request, &terms, peers.total_stake()?)?;
            let (_, stake) = peers.lock_votes(proposer, hotkey, voting_ends_ms)?;
            if stake < terms.threshold {
                return Err(GovernanceError::NotEnoughStake);
            }
            Ok(number)
        }

        /// Votes for a proposal (`aye`) or against it with the caller's stake on `hotkey`, once, and locks that stake
        /// until voting ends. Errors: `NotWired`, `UnknownProposal`, `Settled`, `VotingClosed`, `AlreadyVoted`,
        /// `NotEnoughStake`, `Staking`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn vote(&mut self, proposal: u32, hotkey: AccountId, aye: bool) -> Result<(), GovernanceError> {
            let peers = self.known_peers()?;
            let ballot = self.ballot(proposal)?;
            let position = peers.lock_votes(self.env().caller(), hotkey, ballot.voting_ends_ms)?;
            self.cast(proposal, ballot, hotkey, position, aye)
        }

        /// Makes the call of a proposal that passed, after its timelock and for 14 days. Anyone may. If the call fails
        /// or its contract refuses, nothing changes and the proposal can be executed again.
        /// Errors: `UnknownProposal`, `Settled`, `VotingOpen`, `Timelocked`, `Expired`, `NotPassed`, `CallFailed`; of a
        /// call of governance itself also `NotWired`, `Transfer`, `PeerUnreachable`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        pub fn execute(&mut self, proposal: u32) -> Result<(), GovernanceError> {
            // Marked as executed before the call; an error undoes it.
            let Proposal { target, input, .. } = self.conclude(proposal)?;
            if target == self.env().account_id() {
                self.perform(OwnCall::read(&input)?)
            } else {
                call::make(target, &input)
            }
        }

        /// Takes a proposal back. Only its proposer, while it is voted on.
        /// Errors: `UnknownProposal`, `NotProposer`, `Settled`, `VotingClosed`.
        #[ink(message)]
        #[inline(never)]
        pub fn cancel(&mut self, proposal: u32) -> Result<(), GovernanceError> {
            let ballot = self.known(proposal)?;
            if ballot.proposer != self.env().caller() {
                return Err(GovernanceError::NotProposer);
            }
            ballot::check_open(&ballot, self.env().block_timestamp())?;
            self.settle(proposal, ballot, ProposalState::Cancelled);
            Ok(())
        }

        /// Makes `target` refuse every message that changes something until `until_ms` (chain time), 7 days from now at
        /// most. Only the guardian, and each contract once in 30 days. It replaces a pause that is there. Governance
        /// pauses and resumes by a proposal that calls the contract's own `pause`, at any time.
        /// Errors: `NotGuardian`, `PausedRecently`, `Upkeep`, `PeerUnreachable` if it is no contract that can be paused.
        #[ink(message)]
        #[inline(never)]
        pub fn pause(&mut self, target: AccountId, until_ms: u64) -> Result<(), GovernanceError> {
            self.rest(target)?;
            Peers::pause(target, until_ms)?;
            self.env().emit_event(GuardianPaused { target, until_ms });
            Ok(())
        }

        /// Pays `amount` rao from the treasury. Only an executed proposal whose target is governance itself.
        /// Errors: `NotAuthorised`, `NotWired`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn pay(&mut self, to: AccountId, amount: u128) -> Result<(), GovernanceError> {
            self.only_itself()?;
            self.perform(OwnCall::Pay { to, amount })
        }

        /// Changes the terms of the proposals that are made from now on: how long they are voted on, in ms, 5 days at most,
        /// and then wait, in ms, 30 days at most; the part of all stake that must vote, in basis points, half at most; the
        /// stake that a proposer needs, in rao, 210,000 TAO at most. Only an executed proposal whose target is governance itself.
        /// Errors: `NotAuthorised`, `InvalidTerms`, `AmountTooLarge`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_terms(
            &mut self,
            voting_period_ms: u64,
            timelock_ms: u64,
            quorum_bps: u16,
            threshold: u128,
        ) -> Result<(), GovernanceError> {
            self.only_itself()?;
            let terms = terms::checked(voting_period_ms, timelock_ms, quorum_bps, threshold)?;
            self.perform(OwnCall::SetTerms(terms))
        }

        /// Names who may pause contracts, or nobody. Only an executed proposal whose target is governance itself.
        /// Errors: `NotAuthorised`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_guardian(&mut self, guardian: Option<AccountId>) -> Result<(), GovernanceError> {
            self.only_itself()?;
            self.perform(OwnCall::SetGuardian(guardian))
        }

        /// A proposal. What has become of a pending one follows from its votes and the clock.
        #[ink(message)]
        #[inline(never)]
        pub fn proposal(&self, proposal: u32) -> Option<Proposal> {
            self.proposals.get(proposal)
        }

        /// How many proposals there are: their numbers are 1 to this.
        #[ink(message)]
        #[inline(never)]
        pub fn proposals(&self) -> u32 {
            self.last.get_or_default()
        }

        /// Whether a proposal's votes let it pass: more stake for it than against it, and its quorum reached.
        /// Errors: `UnknownProposal`.
        #[ink(message)]
        #[inline(never)]
        pub fn passed(&self, proposal: u32) -> Result<bool, GovernanceError> {
            self.known(proposal).map(|ballot| ballot::passes(&ballot))
        }

        /// Whether a coldkey has voted on a proposal with its stake on the hotkey with a number.
        #[ink(message)]
        #[inline(never)]
        pub fn voted(&self, proposal: u32, hotkey: HotkeyId, coldkey: AccountId) -> bool {
            self.votes.contains((proposal, hotkey, coldkey))
        }

        /// TAO in the treasury, in rao. Errors: `NotWired`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn treasury(&self) -> Result<u128, GovernanceError> {
            self.known_peers()?.balance_of(self.env().account_id())
        }

        /// The terms of voting.
        #[ink(message)]
        #[inline(never)]
        pub fn terms(&self) -> Option<GovernanceTerms> {
            self.terms.get()
        }

        /// The contracts that governance works with, once it is wired.
        #[ink(message)]
        #[inline(never)]
        pub fn peers(&self) -> Option<Peers> {
            self.peers.get()
        }

        /// Who may pause contracts.
        #[ink(message)]
        #[inline(never)]
        pub fn guardian(&self) -> Option<AccountId> {
            self.guardian.get().flatten()
        }

        /// Chain time in ms at which a guardian last paused a contract; the next may be 30 days later.
        #[ink(message)]
        #[inline(never)]
        pub fn last_pause(&self, target: AccountId) -> Option<u64> {
            self.pauses.get(target)
        }

        /// Stores a proposal and returns its number and when voting on it ends.
        /// Errors: `CallMalformed`, `InvalidTerms`, `AmountTooLarge`, `Overflow`.
        pub(crate) fn record(
            &mut self,
            request: Request,
            terms: &GovernanceTerms,
            total_stake: u64,
        ) -> Result<(u32, u64), GovernanceError> {
            if request.target == self.env().account_id() {
                OwnCall::read(&request.input)?;
            } else {
                call::parts(&request.input)?;
            }
            let number = self.proposals().checked_add(1).ok_or(GovernanceError::Overflow)?;
            let proposal = ballot::open(request, terms, total_stake, self.env().block_timestamp());
            self.proposals.insert(number, &proposal);
            self.last.set(&number);
            let Proposal { proposer, target, description, voting_ends_ms, .. } = proposal;
            self.env().emit_event(Proposed { proposal: number, proposer, target, description });
            Ok((number, voting_ends_ms))
        }

        /// The proposal, if it is voted on. Errors: `UnknownProposal`, `Settled`, `VotingClosed`.
        pub(crate) fn ballot(&self, proposal: u32) -> Result<Proposal, GovernanceError> {
            let ballot = self.known(proposal)?;
            ballot::check_open(&ballot, self.env().block_timestamp())?;
            Ok(ballot)
        }

        /// Counts a vote of the caller's with its stake on `hotkey`, whose number and worth in rao are `position`.
        /// Errors: `AlreadyVoted`, `Overflow`.
        pub(crate) fn cast(
            &mut self,
            proposal: u32,
            mut ballot: Proposal,
            hotkey: AccountId,
            (number, power): (HotkeyId, u64),
            aye: bool,
        ) -> Result<(), GovernanceError> {
            let coldkey = self.env().caller();
            if self.voted(proposal, number, coldkey) {
                return Err(GovernanceError::AlreadyVoted);
            }
            ballot::count(&mut ballot, aye, power)?;
            self.proposals.insert(proposal, &ballot);
            self.votes.insert((proposal, number, coldkey), &());
            self.env().emit_event(Voted { proposal, coldkey, hotkey, aye, power });
            Ok(())
        }

        /// Marks a proposal as executed if it is time and it passed, and returns it.
        pub(crate) fn conclude(&mut self, proposal: u32) -> Result<Proposal, GovernanceError> {
            let ballot = self.known(proposal)?;
            ballot::check_due(&ballot, self.env().block_timestamp())?;
            if !ballot::passes(&ballot) {
                return Err(GovernanceError::NotPassed);
            }
            Ok(self.settle(proposal, ballot, ProposalState::Executed))
        }

        /// Does what an executed proposal wants of governance itself.
        /// Errors: `NotWired`, `Transfer`, `PeerUnreachable` of a payment; `UnknownCode`.
        pub(crate) fn perform(&mut self, call: OwnCall) -> Result<(), GovernanceError> {
            match call {
                OwnCall::Pay { to, amount } => self.known_peers()?.pay(to, amount)?,
                OwnCall::SetCode(code_hash) => {
                    exchange_code(code_hash).map_err(|_| GovernanceError::UnknownCode)?;
                }
                OwnCall::SetTerms(terms) => {
                    self.terms.set(&terms);
                    self.env().emit_event(TermsSet { terms });
                }
                OwnCall::SetGuardian(guardian) => {
                    self.guardian.set(&guardian);
                    self.env().emit_event(GuardianSet { guardian });
                }
            }
            Ok(())
        }

        /// Notes that the caller pauses `target` now. Errors: `NotGuardian`, `PausedRecently`.
        pub(crate) fn rest(&mut self, target: AccountId) -> Result<(), GovernanceError> {
            if self.guardian() != Some(self.env().caller()) {
                return Err(GovernanceError::NotGuardian);
            }
            let now_ms = self.env().block_timestamp();
            guardian::check_rest(self.last_pause(target), now_ms)?;
            self.pauses.insert(target, &now_ms);
            Ok(())
        }

        /// Governance is its own caller never, because a contract that waits on a call cannot be called: proposals that
        /// concern governance are performed in place. So the messages that ask for this refuse whoever calls them, and
        /// exist for clients to encode them. Errors: `NotAuthorised`.
        fn only_itself(&self) -> Result<(), GovernanceError> {
            if self.env().caller() != self.env().account_id() {
                return Err(GovernanceError::NotAuthorised);
            }
            Ok(())
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

        fn known_peers(&self) -> Result<Peers, GovernanceError> {
            self.peers.get().ok_or(GovernanceError::NotWired)
        }
    }

    impl Upgradable for Governance {
        /// Exchanges governance's own code. Only an executed proposal whose target is governance itself.
        /// Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError> {
            self.only_itself().map_err(|_| UpkeepError::NotGovernance)?;
            self.perform(OwnCall::SetCode(code_hash)).map_err(|_| UpkeepError::UnknownCode)
        }
    }
}
