//! Who may call what. The ways that need the token and the registry are tested with the whole suite.
#![allow(clippy::unwrap_used)]

use ink::{
    env::{
        test::{self, DefaultAccounts},
        DefaultEnvironment,
    },
    primitives::AccountId,
};
use inktensor_primitives::staking::{StakeLedger, StakingError, UnbondingSet};
use scale::Encode;
use staking::Staking;

const DAY_MS: u64 = 24 * 3_600_000;

fn accounts() -> DefaultAccounts<DefaultEnvironment> {
    test::default_accounts::<DefaultEnvironment>()
}

fn call_as(caller: AccountId) {
    test::set_caller::<DefaultEnvironment>(caller);
}

/// Staking of deployer Alice and governance Eve.
fn staking() -> Staking {
    Staking::new(accounts().eve, AccountId::from([1; 32]), AccountId::from([2; 32]))
}

#[ink::test]
fn only_the_deployer_wires_and_only_once() {
    let mut staking = staking();
    for stranger in [accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(staking.wire(stranger), Err(StakingError::NotAuthorised));
        assert_eq!(staking.distribute(Vec::new()), Err(StakingError::NotWired));
    }
    call_as(accounts().alice);
    assert_eq!(staking.wire(accounts().frank), Ok(()));
    assert_eq!(staking.wire(accounts().alice), Err(StakingError::AlreadyWired));
}

#[ink::test]
fn only_the_incentive_contract_distributes() {
    let mut staking = staking();
    staking.wire(accounts().frank).unwrap();
    let dividends = vec![(accounts().bob, 5)];
    for stranger in [accounts().alice, accounts().bob, accounts().eve] {
        call_as(stranger);
        assert_eq!(staking.distribute(dividends.clone()), Err(StakingError::NotIncentive));
    }
    call_as(accounts().frank);
    assert_eq!(staking.distribute(vec![(accounts().bob, 0); 257]), Err(StakingError::BatchTooLarge));
    assert_eq!(staking.distribute(vec![(accounts().bob, 0); 256]), Ok(()));
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
fn only_governance_locks_votes_and_only_of_stakers() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    assert_eq!(staking.lock_votes(coldkey, hotkey, 5), Err(StakingError::NotGovernance));
    call_as(accounts().eve);
    assert_eq!(staking.lock_votes(coldkey, hotkey, 5), Err(StakingError::NotEnoughStake));
}

#[ink::test]
fn who_has_nothing_gets_nothing() {
    let mut staking = staking();
    let (coldkey, hotkey) = (accounts().bob, accounts().charlie);
    call_as(coldkey);
    assert_eq!(staking.unstake(hotkey, 1), Err(StakingError::NotEnoughStake));
    assert_eq!(staking.withdraw(), Err(StakingError::NothingToWithdraw));
    for too_large in [u128::from(u64::MAX) + 1, u128::MAX] {
        assert_eq!(staking.stake(hotkey, too_large), Err(StakingError::AmountTooLarge));
        assert_eq!(staking.unstake(hotkey, too_large), Err(StakingError::AmountTooLarge));
    }
    assert_eq!(staking.stakes_of(vec![hotkey, coldkey]), [0, 0]);
    assert_eq!(staking.pool(hotkey), None);
    assert_eq!(staking.position(hotkey, coldkey).value, 0);
}
