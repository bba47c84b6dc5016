//! What each message does and refuses, short of calls to the token and to staking, which `e2e` tests on a chain.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use crate::{
    call::PAY,
    governance::{Governance, EXECUTION_WINDOW_MS},
};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    governance::{GovernanceError::*, ProposalState},
    limits::MAX_CALL,
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
    assert_eq!(governance.record([8; 32].into(), account(9), vec![1, 2, 3, 4], NOW + VOTING), Ok(1));
    governance
}

fn cast(governance: &mut Governance, voter: u8, aye: bool, power: u64) {
    act_as(voter);
    let ballot = governance.ballot(1, account(77)).unwrap();
    governance.cast(1, ballot, account(77), aye, power).unwrap();
}

#[ink::test]
fn terms_without_sense_are_refused() {
    assert_eq!(Governance::new(0, 0, 0, 0).err(), Some(InvalidTerms));
    assert_eq!(Governance::new(1, 0, 10_001, 0).err(), Some(InvalidTerms));
    assert_eq!(Governance::new(1, 0, 10_000, u128::from(u64::MAX) + 1).err(), Some(AmountTooLarge));
    let terms = Governance::new(1, 2, 10_000, 4).unwrap().terms().unwrap();
    assert_eq!((terms.voting_period_ms, terms.timelock_ms, terms.quorum_bps, terms.threshold), (1, 2, 10_000, 4));
}

#[ink::test]
fn the_deployer_wires_once() {
    let mut governance = deployed();
    assert_eq!(governance.propose([0; 32].into(), account(9), vec![0; 4], account(7)), Err(NotWired));
    assert_eq!(governance.treasury(), Err(NotWired));
    act_as(2);
    assert_eq!(governance.wire(account(3), account(4)), Err(NotAuthorised));
    act_as(1);
    assert_eq!(governance.wire(account(3), account(4)), Ok(()));
    assert_eq!(governance.wire(account(5), account(6)), Err(AlreadyWired));
}

#[ink::test]
fn nobody_pays_without_a_proposal() {
    let mut governance = deployed();
    governance.wire(account(3), account(4)).unwrap();
    for caller in [1, 2, 3, 4] {
        act_as(caller);
        assert_eq!(governance.pay(account(1), 1), Err(NotAuthorised));
    }
}

#[ink::test]
fn a_proposal_is_a_call_that_can_be_made() {
    let mut governance = deployed();
    let own = ink::env::account_id::<DefaultEnvironment>();
    let mut propose = |target, input| governance.record([8; 32].into(), target, input, NOW + VOTING);
    assert_eq!(propose(account(9), vec![0; 3]), Err(CallMalformed));
    assert_eq!(propose(account(9), vec![0; MAX_CALL + 1]), Err(CallMalformed));
    assert_eq!(propose(own, vec![0; 4]), Err(CallMalformed));
    assert_eq!(propose(own, (PAY, account(2), 5_u128).encode()), Ok(1));
    assert_eq!(propose(account(9), vec![0; MAX_CALL]), Ok(2));
    assert_eq!(governance.proposals(), 2);
    assert_eq!(governance.proposal(2).map(|p| (p.proposer, p.target)), Some((account(1), account(9))));
    assert_eq!((governance.proposal(0), governance.proposal(3)), (None, None));
}

#[ink::test]
fn a_position_votes_once_and_in_time() {
    let mut governance = with_proposal();
    assert_eq!(governance.ballot(2, account(77)), Err(UnknownProposal));
    cast(&mut governance, 5, true, 150);
    cast(&mut governance, 6, false, 50);
    assert_eq!(governance.ballot(1, account(77)), Err(AlreadyVoted));
    assert!(governance.ballot(1, account(78)).is_ok());
    let votes = |who| governance.voted(1, account(77), account(who));
    assert_eq!((votes(5), votes(6), votes(7)), (true, true, false));
    assert_eq!(governance.proposal(1).map(|p| (p.ayes, p.nays)), Some((150, 50)));
    at(NOW + VOTING);
    act_as(7);
    assert_eq!(governance.ballot(1, account(77)), Err(VotingClosed));
}

#[ink::test]
fn the_proposer_cancels_while_voting() {
    let mut governance = with_proposal();
    act_as(6);
    assert_eq!(governance.cancel(1), Err(NotProposer));
    act_as(1);
    assert_eq!(governance.cancel(1), Err(NotProposer));
    act_as(5);
    assert_eq!(governance.cancel(2), Err(UnknownProposal));
    at(NOW + VOTING);
    assert_eq!(governance.cancel(1), Err(VotingClosed));
    at(NOW);
    assert_eq!(governance.cancel(1), Ok(()));
    assert_eq!(governance.cancel(1), Err(Settled));
    assert_eq!(governance.ballot(1, account(77)), Err(Settled));
    assert_eq!(governance.proposal(1).map(|p| p.state), Some(ProposalState::Cancelled));
}

#[ink::test]
fn what_passed_is_executed_once_after_the_timelock() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    assert_eq!(governance.conclude(1, TOTAL), Err(VotingOpen));
    at(NOW + VOTING);
    assert_eq!(governance.conclude(1, TOTAL), Err(Timelocked));
    at(NOW + VOTING + TIMELOCK);
    assert_eq!(governance.conclude(2, TOTAL), Err(UnknownProposal));
    assert_eq!(governance.conclude(1, TOTAL + 1), Err(NotPassed));
    assert_eq!(governance.conclude(1, TOTAL).map(|p| p.input), Ok(vec![1, 2, 3, 4]));
    assert_eq!(governance.conclude(1, TOTAL), Err(Settled));
}

#[ink::test]
fn what_was_not_executed_in_time_expires() {
    let mut governance = with_proposal();
    cast(&mut governance, 5, true, 200);
    at(NOW + VOTING + TIMELOCK + EXECUTION_WINDOW_MS);
    assert_eq!(governance.conclude(1, TOTAL), Err(Expired));
}
