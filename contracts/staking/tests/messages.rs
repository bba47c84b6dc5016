//! Who may call what, and what is refused before another contract is asked. The ways that need the token and the
//! registry are tested with the whole suite.

use ink::{
    env::{
        test::{self, DefaultAccounts},
        DefaultEnvironment,
    },
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    staking::{StakeLedger, StakingError, UnbondingSet},
    upkeep::{Pausable, Paused, Upgradable, UpkeepError, MAX_PAUSE_MS},
};
use scale::Encode;
use staking::Staking;

const DAY_MS: u64 = 24 * 3_600_000;
const NOW: u64 = 1_000 * DAY_MS;

fn accounts() -> DefaultAccounts<DefaultEnvironment> {
    test::default_accounts::<DefaultEnvironment>()
}

fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}

fn at(now_ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(now_ms);
}

/// Staking of deployer Alice and governance Eve.
fn staking() -> Staking {
    at(NOW);
    Staking::new(accounts().eve, AccountId::from([1; 32]), AccountId::from([2; 32]))
}

#[ink::test]
fn only_the_deployer_wires_and_only_once() {
    let mut staking = staking();
    for stranger in [accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(staking.wire(stranger), Err(StakingError::NotAuthorised));
        assert_eq!(staking.distribute(1, Vec::new(), Vec::new()), Err(StakingError::NotWired));
    }
    call_as(accounts().alice);
    assert_eq!(staking.wire(accounts().frank), Ok(()));
    assert_eq!(staking.wire(accounts().alice), Err(StakingError::AlreadyWired));
}

#[ink::test]
fn only_the_emission_contract_distributes() {
    let mut staking = staking();
    staking.wire(accounts().frank).unwrap();
    for stranger in [accounts().alice, accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(staking.distribute(1, vec![7], vec![5]), Err(StakingError::NotEmission));
    }
    call_as(accounts().frank);
    assert_eq!(staking.distribute(1, vec![7], vec![]), Err(StakingError::WrongLength));
    assert_eq!(staking.distribute(1, vec![7; 257], vec![0; 257]), Err(StakingError::BatchTooLarge));
    assert_eq!(staking.distribute(1, vec![7; 256], vec![0; 256]), Ok(()));
    assert_eq!((staking.total_stake(), staking.delegate_count()), (0, 0));
}

#[ink::test]
fn only_governance_sets_the_unbonding_time() {
    let mut staking = staking();
    assert_eq!(staking.unbonding_ms(), Some(7 * DAY_MS));
    assert_eq!(staking.set_unbonding(0), Err(StakingError::NotGovernance));
    call_as(accounts().eve);
    assert_eq!(staking.set_unbonding(90 * DAY_MS + 1), Err(StakingError::UnbondingTooLong));
    assert_eq!(staking.set_unbonding(90 * DAY_MS), Ok(()));
    assert_eq!(staking.unbonding_ms(), Some(90 * DAY_MS));
    let announced = test::recorded_events().last().unwrap();
    assert_eq!(announced.data, UnbondingSet { unbonding_ms: 90 * DAY_MS }.encode());
}

#[ink::test]
fn only_governance_locks_votes_pauses_and_exchanges_the_code() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    for stranger in [accounts().alice, accounts().bob] {
        call_as(stranger);
        assert_eq!(staking.lock_votes(coldkey, hotkey, 5), Err(StakingError::NotGovernance));
        assert_eq!(staking.pause(NOW + 1), Err(UpkeepError::NotGovernance));
        assert_eq!(staking.set_code(Hash::from([1; 32])), Err(UpkeepError::NotGovernance));
    }
    assert_eq!(staking.paused_until(), 0);
}

/// Each message that moves stake, with arguments that are refused for other reasons when nothing is paused.
fn refusals(staking: &mut Staking) -> Vec<Result<(), StakingError>> {
    let (bob, hotkey) = (accounts().bob, accounts().charlie);
    let over = u128::MAX;
    vec![
        staking.stake(hotkey, over),
        staking.withdraw().map(drop),
        staking.move_stake(hotkey, hotkey, 1).map(drop),
        staking.transfer_stake(bob, hotkey, 1).map(drop),
        staking.inherit_unbonding(bob),
        staking.set_children(1, hotkey, vec![hotkey], vec![]),
        staking.distribute(1, vec![], vec![1]),
    ]
}

#[ink::test]
fn a_pause_stops_what_moves_stake_and_ends_by_itself() {
    let mut staking = staking();
    staking.wire(accounts().bob).unwrap();
    call_as(accounts().eve);
    assert_eq!(staking.pause(NOW + MAX_PAUSE_MS + 1), Err(UpkeepError::PauseTooLong));
    assert_eq!(staking.pause(NOW + MAX_PAUSE_MS), Ok(()));
    assert_eq!(staking.paused_until(), NOW + MAX_PAUSE_MS);
    assert_eq!(test::recorded_events().last().unwrap().data, Paused { until_ms: NOW + MAX_PAUSE_MS }.encode());

    call_as(accounts().bob);
    at(NOW + MAX_PAUSE_MS - 1);
    let (hotkey, old) = (accounts().charlie, accounts().django);
    assert!(refusals(&mut staking).iter().all(|refusal| *refusal == Err(StakingError::Paused)));
    // These ask the registry first when nothing is paused.
    assert_eq!(staking.unstake(hotkey, 1), Err(StakingError::Paused));
    assert_eq!(staking.unstake_all(hotkey), Err(StakingError::Paused));
    assert_eq!(staking.set_take(hotkey, 1), Err(StakingError::Paused));
    assert_eq!(staking.set_childkey_take(1, hotkey, 1), Err(StakingError::Paused));
    assert_eq!(staking.activate_children(1, hotkey), Err(StakingError::Paused));
    assert_eq!(staking.inherit_position(hotkey, old), Err(StakingError::Paused));

    at(NOW + MAX_PAUSE_MS);
    assert!(refusals(&mut staking)
        .iter()
        .all(|refusal| matches!(refusal, Err(error) if *error != StakingError::Paused)));
}

#[ink::test]
fn governance_ends_a_pause() {
    let mut staking = staking();
    call_as(accounts().eve);
    staking.pause(NOW + DAY_MS).unwrap();
    assert_eq!(staking.withdraw(), Err(StakingError::Paused));
    staking.pause(NOW).unwrap();
    assert_eq!(staking.withdraw(), Err(StakingError::NothingToWithdraw));
}

#[ink::test]
fn who_has_nothing_gets_nothing() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    call_as(coldkey);
    assert_eq!(staking.withdraw(), Err(StakingError::NothingToWithdraw));
    assert_eq!(staking.inherit_unbonding(coldkey), Err(StakingError::NothingToWithdraw));
    assert_eq!(staking.stakes_of(1, vec![7, 8]), [0, 0]);
    assert_eq!(staking.stakes_of(1, vec![7; 257]).len(), 256);
    assert_eq!(staking.delegates(0), []);
    assert_eq!(staking.stake(hotkey, u128::from(staking.minimum_stake()) - 1), Err(StakingError::AmountTooLow));
}

#[ink::test]
fn amounts_beyond_the_token_are_refused() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    for too_large in [u128::from(u64::MAX) + 1, u128::MAX] {
        assert_eq!(staking.stake(hotkey, too_large), Err(StakingError::AmountTooLarge));
        assert_eq!(staking.unstake(hotkey, too_large), Err(StakingError::AmountTooLarge));
        assert_eq!(staking.move_stake(hotkey, coldkey, too_large), Err(StakingError::AmountTooLarge));
        assert_eq!(staking.transfer_stake(coldkey, hotkey, too_large), Err(StakingError::AmountTooLarge));
    }
}

#[ink::test]
fn stake_moves_only_to_another_place() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    call_as(coldkey);
    assert_eq!(staking.move_stake(hotkey, hotkey, 1), Err(StakingError::SamePlace));
    assert_eq!(staking.transfer_stake(coldkey, hotkey, 1), Err(StakingError::SamePlace));
}

#[ink::test]
fn malformed_children_are_refused_before_anyone_is_asked() {
    let mut staking = staking();
    let (parent, child) = (accounts().charlie, accounts().bob);
    let set = |staking: &mut Staking, children: &[AccountId], proportions: &[u64]| {
        staking.set_children(1, parent, children.to_vec(), proportions.to_vec())
    };
    assert_eq!(set(&mut staking, &[child], &[]), Err(StakingError::WrongLength));
    assert_eq!(set(&mut staking, &[child; 6], &[1; 6]), Err(StakingError::TooManyChildren));
    assert_eq!(set(&mut staking, &[child, child], &[1, 1]), Err(StakingError::MalformedChildren));
    assert_eq!(set(&mut staking, &[parent], &[1]), Err(StakingError::MalformedChildren));
    assert_eq!(set(&mut staking, &[child, accounts().alice], &[u64::MAX, 1]), Err(StakingError::MalformedChildren));
}
