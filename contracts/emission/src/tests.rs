//! What each message refuses and tells, short of calls to the other contracts, which `e2e` tests on a chain.

use crate::{emission::Emission, network::Network, payment::Purse, root::Members};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    emission::{EmissionError::*, Payroll, RewardSplit, SubnetEmission},
    upkeep::{Pausable, Upgradable, UpkeepError, MAX_PAUSE_MS},
};

const NOW: u64 = 1_000_000;
const DEPLOYER: u8 = 1;
const GOVERNANCE: u8 = 2;
const INCENTIVE: u8 = 6;

fn account(number: u8) -> AccountId {
    [number; 32].into()
}

fn act_as(number: u8) {
    test::set_caller::<DefaultEnvironment>(account(number));
}

fn at(time_ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time_ms);
}

fn deployed() -> Emission {
    at(NOW);
    act_as(DEPLOYER);
    Emission::new(account(GOVERNANCE), account(3), account(4), account(5))
}

fn wired() -> Emission {
    let mut emission = deployed();
    emission.wire(account(INCENTIVE)).unwrap();
    emission
}

/// Subnets 3 and 8 take part, both in life 1; the caller is the incentive contract.
fn with_subnets() -> Emission {
    let mut emission = wired();
    let mut network = Network::default();
    network.admit(3, 1).unwrap();
    network.admit(8, 1).unwrap();
    network.receive(1_001).unwrap();
    emission.network.set(&network);
    act_as(INCENTIVE);
    emission
}

#[ink::test]
fn the_deployer_wires_once() {
    let mut emission = deployed();
    assert_eq!(emission.peers().unwrap().incentive, None);
    assert_eq!(emission.admit(1, 1), Err(NotWired));
    assert_eq!(emission.pay(1, 5, vec![], vec![], vec![], vec![]), Err(NotWired));
    act_as(INCENTIVE);
    assert_eq!(emission.wire(account(INCENTIVE)), Err(NotAuthorised));
    act_as(DEPLOYER);
    assert_eq!(emission.wire(account(INCENTIVE)), Ok(()));
    assert_eq!(emission.wire(account(7)), Err(AlreadyWired));
    let peers = emission.peers().unwrap();
    assert_eq!((peers.incentive, peers.governance), (Some(account(INCENTIVE)), account(GOVERNANCE)));
}

#[ink::test]
fn only_the_incentive_contract_admits_and_pays() {
    let mut emission = with_subnets();
    for stranger in [DEPLOYER, GOVERNANCE, 9] {
        act_as(stranger);
        assert_eq!(emission.admit(1, 1), Err(NotIncentive));
        assert_eq!(emission.pay(3, 5, vec![], vec![], vec![], vec![]), Err(NotIncentive));
    }
}

#[ink::test]
fn a_subnet_is_admitted_once() {
    let mut emission = with_subnets();
    let before = emission.emission(3);
    assert_eq!(emission.admit(3, 1), Ok(()));
    assert_eq!(emission.emission(3), before);
}

#[ink::test]
fn payments_need_a_subnet_and_columns_that_fit() {
    let mut emission = with_subnets();
    assert_eq!(emission.pay(4, 5, vec![1], vec![1], vec![1], vec![1]), Err(NotActive));
    let long = |length: usize| (vec![1; length], vec![1; length], vec![1; length], vec![1; length]);
    for (a, b, c, d) in [
        (vec![], vec![1], vec![1], vec![1]),
        (vec![1], vec![], vec![1], vec![1]),
        (vec![1], vec![1], vec![], vec![1]),
        (vec![1], vec![1], vec![1], vec![]),
        long(257),
    ] {
        assert_eq!(emission.pay(3, 5, a, b, c, d), Err(WrongLength));
    }
}

#[ink::test]
fn governance_sets_the_split() {
    let mut emission = wired();
    let default = RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 };
    assert_eq!(emission.split(), Ok(default));
    assert_eq!(emission.set_split(4_100, 4_100, 0, 1_800), Err(NotGovernance));
    act_as(GOVERNANCE);
    assert_eq!(emission.set_split(4_100, 4_100, 0, 1_801), Err(InvalidSplit));
    assert_eq!(emission.set_split(u16::MAX, u16::MAX, u16::MAX, u16::MAX), Err(InvalidSplit));
    assert_eq!(emission.split(), Ok(default));
    assert_eq!(emission.set_split(4_100, 4_100, 0, 1_800), Ok(()));
    assert_eq!(emission.split().unwrap().owner, 1_800);
}

#[ink::test]
fn a_pause_refuses_everything_that_changes_something_and_ends_by_itself() {
    let mut emission = with_subnets();
    assert_eq!(emission.pause(NOW + 1), Err(UpkeepError::NotGovernance));
    act_as(GOVERNANCE);
    assert_eq!(emission.pause(NOW + MAX_PAUSE_MS + 1), Err(UpkeepError::PauseTooLong));
    assert_eq!(emission.paused_until(), 0);
    assert_eq!(emission.pause(NOW + 10), Ok(()));
    assert_eq!(emission.paused_until(), NOW + 10);
    assert_eq!(emission.set_split(10_000, 0, 0, 0), Err(Paused));
    assert_eq!(emission.claim(3, account(7)), Err(Paused));
    assert_eq!(emission.claim_departed(3, 1), Err(Paused));
    assert_eq!(emission.claim_owner(3), Err(Paused));
    assert_eq!(emission.retire(3), Err(Paused));
    assert_eq!(emission.join_root(), Err(Paused));
    assert_eq!(emission.set_root_weights(vec![], vec![]), Err(Paused));
    assert_eq!(emission.turn_root(), Err(Paused));
    act_as(INCENTIVE);
    assert_eq!(emission.admit(9, 1), Err(Paused));
    assert_eq!(emission.pay(3, 5, vec![], vec![], vec![], vec![]), Err(Paused));
    assert!(emission.emission(3).is_some());
    act_as(GOVERNANCE);
    assert_eq!(emission.pause(NOW), Ok(()));
    assert_eq!(emission.set_split(10_000, 0, 0, 0), Ok(()));
    assert_eq!(emission.pause(NOW + 10), Ok(()));
    at(NOW + 10);
    assert_eq!(emission.set_split(5_000, 0, 5_000, 0), Ok(()));
}

#[ink::test]
fn only_governance_exchanges_the_code() {
    let mut emission = wired();
    assert_eq!(emission.set_code([7; 32].into()), Err(UpkeepError::NotGovernance));
}

#[ink::test]
fn the_state_of_a_subnets_emission_is_told() {
    let mut emission = with_subnets();
    let purse = Purse { carry_miners: 1, carry_validators: 2, owner_owed: 3, owner: Some(account(7)) };
    emission.purses.insert(8, &purse);
    let told = SubnetEmission { weight: 1, pending: 500, carry_miners: 1, carry_validators: 2, owner_owed: 3 };
    assert_eq!(emission.emission(8), Some(told));
    assert_eq!(emission.emission(4), None);
    assert_eq!((emission.network_carry(), emission.books().issued), (1, 1_001));
}

#[ink::test]
fn nothing_is_claimed_of_nothing() {
    let mut emission = with_subnets();
    assert_eq!(emission.claim_departed(3, 1), Err(NothingToClaim));
    assert_eq!(emission.claim_owner(3), Err(NothingToClaim));
    assert_eq!(emission.claim_owner(4), Err(NotActive));
    assert_eq!(emission.retire(4), Err(NotActive));
}

#[ink::test]
fn what_miners_are_owed_is_told_by_pages() {
    let mut emission = wired();
    let tenants: Vec<u32> = (1..=100).collect();
    emission.ledger.credit(3, &tenants, &[9; 100]).unwrap();
    assert_eq!(emission.owed_page(3, 0), ((1..=64).collect(), vec![9; 64]));
    assert_eq!(emission.owed_page(3, 1), ((65..=100).collect(), vec![9; 36]));
    assert_eq!(emission.owed_page(3, u16::MAX), (vec![], vec![]));
    assert_eq!((emission.owed_departed(3, 100), emission.owed_departed(3, 101)), (9, 0));
}

#[ink::test]
fn the_root_begins_empty_and_due() {
    let mut emission = wired();
    assert_eq!((emission.root(), emission.next_root_ms()), (vec![], 0));
    emission.root.set_members(&Members { due_ms: NOW + 1, ..Default::default() });
    assert_eq!((emission.turn_root(), emission.next_root_ms()), (Err(RootNotDue), NOW + 1));
    assert_eq!(emission.set_root_weights(vec![2, 1], vec![1, 1]), Err(MalformedWeights));
}
