//! Coldkeys that are being swapped, and those that are not.

use crate::told;
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    governance::GovernanceError,
    registry::{RegistryError, coldkey_hash},
    staking::{StakeLedger, StakingError},
};

/// Coldkey 50 has 100 TAO of stake on hotkey 20 and 100 TAO that unbond.
fn nominated() -> Network {
    let mut network = Network::new();
    network.register(account(20), 0);
    network.register(account(21), 0);
    network.enrich(account(50), 1_000 * TAO);
    network.stake(account(50), account(20), 200 * TAO).unwrap();
    network.chain.call(account(50), network.staking.call_mut().unstake(account(20), 100 * TAO)).unwrap();
    network
}

#[test]
fn a_coldkey_that_announced_a_swap_moves_nothing() {
    let mut network = nominated();
    let (old, hotkey) = (account(50), account(20));
    let announce = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(account(51)));
    network.chain.call(old, announce).unwrap();
    network.days(8);
    let locked = StakingError::ColdkeyLocked;
    let stake = network.staking.call_mut().stake(hotkey, TAO);
    assert_eq!(told(&mut network.chain, old, stake), locked);
    let unstake = network.staking.call_mut().unstake(hotkey, TAO);
    assert_eq!(told(&mut network.chain, old, unstake), locked);
    let unstake = network.staking.call_mut().unstake_all(hotkey);
    assert_eq!(told(&mut network.chain, old, unstake), locked);
    let moved = network.staking.call_mut().move_stake(hotkey, account(21), TAO);
    assert_eq!(told(&mut network.chain, old, moved), locked);
    let given = network.staking.call_mut().transfer_stake(account(66), hotkey, TAO);
    assert_eq!(told(&mut network.chain, old, given), locked);
    // Its unbonding is over by now.
    let withdraw = network.staking.call_mut().withdraw();
    assert_eq!(told(&mut network.chain, old, withdraw), locked);
    let register = network.registry.call_mut().register(NETUID, account(60), u128::MAX);
    assert_eq!(told(&mut network.chain, old, register), RegistryError::ColdkeyLocked);
    let input = inktensor_e2e::input(network.registry.call_mut().dissolve(NETUID));
    let propose = network.governance.call_mut().propose([0; 32].into(), address(&network.registry), input, hotkey);
    assert_eq!(told(&mut network.chain, old, propose), GovernanceError::Staking(locked));
}

#[test]
fn who_was_not_swapped_is_not_inherited() {
    let mut network = nominated();
    let (old, heir) = (account(50), account(51));
    for announced in [false, true] {
        if announced {
            let announce = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(heir));
            network.chain.call(old, announce).unwrap();
        }
        let position = network.staking.call_mut().inherit_position(account(20), old);
        assert_eq!(told(&mut network.chain, heir, position), StakingError::NotSwapped);
        let unbonding = network.staking.call_mut().inherit_unbonding(old);
        assert_eq!(told(&mut network.chain, heir, unbonding), StakingError::NotSwapped);
    }
    let nothing = network.staking.call_mut().inherit_unbonding(heir);
    assert_eq!(told(&mut network.chain, heir, nothing), StakingError::NothingToWithdraw);
}

#[test]
fn locked_stake_is_inherited_when_its_lock_ends_and_once() {
    let mut network = nominated();
    let (old, heir, hotkey) = (account(50), account(51), account(20));
    let until_ms = network.chain.now_ms() + 6 * DAY;
    let lock = |network: &mut Network| StakeLedger::lock_votes(network.staking.call_mut(), old, hotkey, until_ms);
    let council = address(&network.governance);
    let vote = lock(&mut network);
    network.chain.call(council, vote).unwrap();
    let announce = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(heir));
    network.chain.call(old, announce).unwrap();
    let vote = lock(&mut network);
    assert_eq!(told(&mut network.chain, council, vote), StakingError::ColdkeyLocked, "and votes no more");
    network.days(5);
    network.chain.call(old, network.registry.call_mut().swap_coldkey(heir)).unwrap();
    let position = network.staking.call_mut().inherit_position(hotkey, old);
    assert_eq!(told(&mut network.chain, account(77), position), StakingError::StakeLocked);
    network.days(1);
    let position = network.staking.call_mut().inherit_position(hotkey, old);
    assert_eq!(network.chain.call(account(77), position), Ok(100 * TAO));
    let again = network.staking.call_mut().inherit_position(hotkey, old);
    assert_eq!(told(&mut network.chain, account(77), again), StakingError::NotEnoughStake);
}
