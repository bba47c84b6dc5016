//! What each message does and refuses, short of calls to the token and to staking, which `e2e` tests on a chain.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)] // a test fails by panicking

use crate::{
    ballot::Request,
    governance::Governance,
    guardian::REST_MS,
    own::{OwnCall, PAY, SET_GUARDIAN, SET_TERMS},
    terms::{self, EXECUTION_WINDOW_MS},
};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    governance::{GovernanceError, ProposalState},
    limits::MAX_CALL,
    upkeep::{Upgradable, UpkeepError},
};
use scale::Encode;

const NOW: u64 = 1_000_000;
const VOTING: u64 = 100;
const TIMELOCK: u64 = 50;
const TOTAL: u64 = 1_000;

fn account(number: u8) -> AccountId {
    [number; 32].into()
}

fn act_as(number: u8) {
    test::set_caller::<DefaultEnvironment>(account(number));
}

fn at(time_ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time_ms);
}

/// Governance that account 1 deployed, with a quorum of 20 %.
fn deployed() -> Governance {
    at(NOW);
    act_as(1);
    test::set_callee::<DefaultEnvironment>(account(100));
    Governance::new(VOTING, TIMELOCK, 2_000, 10).unwrap()
}

/// Proposal 1, by account 5, which is the caller.
fn with_proposal() -> Governance {
    let mut governance = deployed();
    act_as(5);
    assert_eq!(record(&mut governance, account(9), vec![1, 2, 3, 4]), Ok(1));
    governance
}

/// A proposal of the caller's, when all stake is [`TOTAL`].
fn record(governance: &mut Governance, target: AccountId, input: Vec<u8>) -> Result<u32, GovernanceError> {
    let request =
        Request { proposer: ink::env::caller::<DefaultEnvironment>(), description: [8; 32].into(), target, input };
    let terms = governance.terms().unwrap();
    governance.record(request, &terms, TOTAL).map(|(number, _)| number)
}

fn cast(governance: &mut Governance, voter: u8, aye: bool, power: u64) {
    act_as(voter);
    let ballot = governance.ballot(1).unwrap();
    governance.cast(1, ballot, account(77), (77, power), aye).unwrap();
}

#[ink::test]
fn terms_without_sense_are_refused() {
    assert_eq!(Governance::new(0, 0, 0, 0).err(), Some(GovernanceError::InvalidTerms));
    assert_eq!(Governance::new(1, 0, 10_001, 0).err(), Some(GovernanceError::InvalidTerms));
    assert_eq!(Governance::new(1, 0, 5_000, u128::from(u64::MAX) + 1).err(), Some(GovernanceError::AmountTooLarge));
    let terms = Governance::new(1, 2, 5_000, 4).unwrap().terms().unwrap();
    assert_eq!((terms.voting_period_ms, terms.timelock_ms, terms.quorum_bps, terms.threshold), (1, 2, 5_000, 4));
}

#[ink::test]
fn the_deployer_wires_once() {
    let mut governance = deployed();
    assert_eq!(governance.propose([0; 32].into(), account(9), vec![0; 4], account(7)), Err(GovernanceError::NotWired));
    assert_eq!(governance.treasury(), Err(GovernanceError::NotWired));
    act_as(2);
    assert_eq!(governance.wire(account(3), account(4)), Err(GovernanceError::NotAuthorised));
    act_as(1);
    assert_eq!(governance.wire(account(3), account(4)), Ok(()));
    assert_eq!(governance.wire(account(5), account(6)), Err(GovernanceError::AlreadyWired));
}

#[ink::test]
fn nobody_does_without_a_proposal_what_needs_one() {
    let mut governance = deployed();
    governance.wire(account(3), account(4)).unwrap();
    let terms = governance.terms();
    // Deployer and guardian, a stranger, the token and staking.
    for caller in [1, 2, 3, 4] {
        act_as(caller);
        assert_eq!(governance.pay(account(1), 1), Err(GovernanceError::NotAuthorised));
        assert_eq!(governance.set_terms(1, 0, 0, 0), Err(GovernanceError::NotAuthorised));
        assert_eq!(governance.set_guardian(None), Err(GovernanceError::NotAuthorised));
        assert_eq!(governance.set_code([0; 32].into()), Err(UpkeepError::NotGovernance));
    }
    assert_eq!((governance.terms(), governance.guardian()), (terms, Some(account(1))));
}

#[ink::test]
fn a_proposal_is_a_call_that_can_be_made() {
    let mut governance = deployed();
    let own = ink::env::account_id::<DefaultEnvironment>();
    let mut propose = |target, input| record(&mut governance, target, input);
    assert_eq!(propose(account(9), vec![0; 3]), Err(GovernanceError::CallMalformed));
    assert_eq!(propose(account(9), vec![0; MAX_CALL + 1]), Err(GovernanceError::CallMalformed));
    assert_eq!(propose(own, vec![0; 4]), Err(GovernanceError::CallMalformed));
    assert_eq!(propose(own, (SET_TERMS, 0_u64, 0_u64, 0_u16, 0_u128).encode()), Err(GovernanceError::InvalidTerms));
    assert_eq!(
        propose(own, (SET_TERMS, 1_u64, 0_u64, 0_u16, u128::MAX).encode()),
        Err(GovernanceError::AmountTooLarge)
    );
    assert_eq!(propose(own, (PAY, account(2), 5_u128).encode()), Ok(1));
    assert_eq!(propose(own, (SET_GUARDIAN, None::<AccountId>).encode()), Ok(2));
    assert_eq!(propose(account(9), vec![0; MAX_CALL]), Ok(3));
    assert_eq!(governance.proposals(), 3);
    assert_eq!(governance.proposal(3).map(|p| (p.proposer, p.target)), Some((account(1), account(9))));
    assert_eq!((governance.proposal(0), governance.proposal(4)), (None, None));
}

#[ink::test]
fn new_terms_leave_the_votes_that_have_begun_alone() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    assert_eq!(record(&mut governance, account(9), vec![0; 4]), Ok(2));
    let before = governance.proposal(1);
    let terms = terms::checked(7, 8, 5_000, 9).unwrap();
    assert_eq!(governance.perform(OwnCall::SetTerms(terms)), Ok(()));
    assert_eq!((governance.terms(), governance.proposal(1)), (Some(terms), before));
    assert_eq!((governance.passed(1), governance.passed(2)), (Ok(true), Ok(false)));
    assert_eq!(record(&mut governance, account(9), vec![0; 4]), Ok(3));
    let later = governance.proposal(3).map(|p| (p.quorum, p.voting_ends_ms, p.due_ms, p.expires_ms));
    assert_eq!(later, Some((500, NOW + 7, NOW + 15, NOW + 15 + EXECUTION_WINDOW_MS)));
}

#[ink::test]
fn a_guardian_pauses_and_rests_until_governance_replaces_it() {
    let mut governance = deployed();
    assert_eq!(governance.guardian(), Some(account(1)));
    assert_eq!(governance.rest(account(9)), Ok(()));
    assert_eq!(governance.rest(account(9)), Err(GovernanceError::PausedRecently));
    assert_eq!(governance.rest(account(8)), Ok(()));
    assert_eq!((governance.last_pause(account(9)), governance.last_pause(account(7))), (Some(NOW), None));
    // A new guardian does not begin anew.
    assert_eq!(governance.perform(OwnCall::SetGuardian(Some(account(2)))), Ok(()));
    assert_eq!(governance.pause(account(7), NOW), Err(GovernanceError::NotGuardian));
    act_as(2);
    assert_eq!(governance.pause(account(9), NOW), Err(GovernanceError::PausedRecently));
    at(NOW + REST_MS);
    assert_eq!(governance.rest(account(9)), Ok(()));
    assert_eq!(governance.perform(OwnCall::SetGuardian(None)), Ok(()));
    assert_eq!((governance.guardian(), governance.pause(account(7), NOW)), (None, Err(GovernanceError::NotGuardian)));
}

#[ink::test]
fn a_guardian_decides_nothing() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    act_as(1);
    assert_eq!(governance.guardian(), Some(account(1)));
    assert_eq!(governance.cancel(1), Err(GovernanceError::NotProposer));
    assert_eq!(governance.execute(1), Err(GovernanceError::VotingOpen));
    assert_eq!(governance.wire(account(3), account(4)), Ok(()));
    // By this the deployer that is guardian has done all it ever may: nothing of it moves funds.
    assert_eq!(governance.wire(account(5), account(6)), Err(GovernanceError::AlreadyWired));
    assert_eq!(governance.pay(account(1), 0), Err(GovernanceError::NotAuthorised));
}

#[ink::test]
fn a_position_votes_once_and_in_time() {
    let mut governance = with_proposal();
    assert_eq!(governance.ballot(2), Err(GovernanceError::UnknownProposal));
    cast(&mut governance, 5, true, 150);
    cast(&mut governance, 6, false, 50);
    let again = |governance: &mut Governance, hotkey, number| {
        let ballot = governance.ballot(1).unwrap();
        governance.cast(1, ballot, account(hotkey), (number, 5), false)
    };
    assert_eq!(again(&mut governance, 77, 77), Err(GovernanceError::AlreadyVoted));
    assert_eq!(again(&mut governance, 78, 77), Err(GovernanceError::AlreadyVoted), "under a swapped key");
    assert_eq!(again(&mut governance, 78, 78), Ok(()), "with another position");
    let votes = |who| governance.voted(1, 77, account(who));
    assert_eq!((votes(5), votes(6), votes(7)), (true, true, false));
    assert_eq!(governance.proposal(1).map(|p| (p.ayes, p.nays)), Some((150, 55)));
    at(NOW + VOTING);
    act_as(7);
    assert_eq!(governance.ballot(1), Err(GovernanceError::VotingClosed));
}

#[ink::test]
fn the_proposer_cancels_while_voting() {
    let mut governance = with_proposal();
    act_as(6);
    assert_eq!(governance.cancel(1), Err(GovernanceError::NotProposer));
    act_as(1);
    assert_eq!(governance.cancel(1), Err(GovernanceError::NotProposer));
    act_as(5);
    assert_eq!(governance.cancel(2), Err(GovernanceError::UnknownProposal));
    at(NOW + VOTING);
    assert_eq!(governance.cancel(1), Err(GovernanceError::VotingClosed));
    at(NOW);
    assert_eq!(governance.cancel(1), Ok(()));
    assert_eq!(governance.cancel(1), Err(GovernanceError::Settled));
    assert_eq!(governance.ballot(1), Err(GovernanceError::Settled));
    assert_eq!(governance.proposal(1).map(|p| p.state), Some(ProposalState::Cancelled));
}

#[ink::test]
fn what_passed_is_executed_once_after_the_timelock() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    assert_eq!(governance.execute(1), Err(GovernanceError::VotingOpen));
    at(NOW + VOTING);
    assert_eq!(governance.execute(1), Err(GovernanceError::Timelocked));
    at(NOW + VOTING + TIMELOCK);
    assert_eq!(governance.execute(2), Err(GovernanceError::UnknownProposal));
    assert_eq!(governance.conclude(1).map(|p| p.input), Ok(vec![1, 2, 3, 4]));
    assert_eq!(governance.execute(1), Err(GovernanceError::Settled));
}

#[ink::test]
fn the_quorum_is_that_of_the_time_of_the_proposal() {
    let mut governance = with_proposal();
    assert_eq!(governance.passed(2), Err(GovernanceError::UnknownProposal));
    cast(&mut governance, 5, true, 199);
    at(NOW + VOTING + TIMELOCK);
    assert_eq!((governance.passed(1), governance.execute(1)), (Ok(false), Err(GovernanceError::NotPassed)));
    at(NOW);
    cast(&mut governance, 6, true, 1);
    at(NOW + VOTING + TIMELOCK);
    assert_eq!(governance.proposal(1).map(|p| p.quorum), Some(200));
    assert_eq!(
        (governance.passed(1), governance.conclude(1).map(|p| p.state)),
        (Ok(true), Ok(ProposalState::Executed))
    );
}

#[ink::test]
fn a_vote_beyond_the_range_is_refused() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, u64::MAX);
    act_as(6);
    let ballot = governance.ballot(1).unwrap();
    assert_eq!(governance.cast(1, ballot, account(77), (77, 1), true), Err(GovernanceError::Overflow));
    assert!(!governance.voted(1, 77, account(6)));
}

#[ink::test]
fn what_governance_does_to_itself_is_performed_in_place() {
    let mut governance = deployed();
    let own = ink::env::account_id::<DefaultEnvironment>();
    let name = (SET_GUARDIAN, Some(account(2))).encode();
    let pay = (PAY, account(2), 5_u128).encode();
    for (number, input) in [(1, name), (2, pay)] {
        assert_eq!(record(&mut governance, own, input), Ok(number));
        let ballot = governance.ballot(number).unwrap();
        governance.cast(number, ballot, account(77), (77, 200), true).unwrap();
    }
    at(NOW + VOTING + TIMELOCK);
    assert_eq!((governance.execute(1), governance.guardian()), (Ok(()), Some(account(2))));
    assert_eq!(governance.execute(2), Err(GovernanceError::NotWired));
}

#[ink::test]
fn what_was_not_executed_in_time_expires() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    at(NOW + VOTING + TIMELOCK + EXECUTION_WINDOW_MS);
    assert_eq!(governance.execute(1), Err(GovernanceError::Expired));
}
