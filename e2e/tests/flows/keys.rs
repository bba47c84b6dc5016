//! Keys are exchanged, and what belongs to them goes with them.

use crate::{staffed, weigh};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    DAY, TAO, account,
    network::{NETUID, NO_LIMIT, Network},
};
use inktensor_primitives::{
    registry::{RegistryError, SubnetRegistry, coldkey_hash},
    staking::StakingError,
};

const RAO: u64 = 1_000_000_000;

#[test]
fn a_swapped_hotkey_keeps_stake_seat_rewards_and_commits() {
    let mut network = staffed();
    let (old, new) = (account(20), account(25));
    weigh(&mut network, &[(1, 1)]);
    let (epoch, weights) = (network.clock().epoch, network.weights(&[(1, 1)]));
    network.commit(old, &weights).unwrap();
    let (stake, supply) = (network.position(old, network.owner), network.supply());
    let swap = network.registry.call_mut().swap_hotkey(old, new);
    assert_eq!(network.chain.call(network.owner, swap), Ok(()));
    assert_eq!(network.supply(), supply - TAO / 10, "0.1 TAO is recycled");
    assert_eq!((network.position(new, network.owner), network.position(old, network.owner)), (stake, 0));
    let seat = SubnetRegistry::seat(network.registry.call(), NETUID, new);
    assert_eq!(network.chain.call(account(1), seat).map(|seat| seat.uid), Some(0));
    let seat = SubnetRegistry::seat(network.registry.call(), NETUID, old);
    assert_eq!(network.chain.call(account(1), seat), None);
    let again = network.registry.call_mut().swap_hotkey(new, account(26));
    assert_eq!(network.chain.call(network.owner, again), Err(RegistryError::SwapRateLimited));

    network.turn();
    // The hash binds the hotkey that committed; its successor reveals.
    let reveal = network.incentive.call_mut().reveal_weights(
        NETUID,
        epoch,
        weights.into(),
        0,
        Default::default(),
        inktensor_e2e::network::SALT,
    );
    assert_eq!(network.chain.call(new, reveal), Ok(()));
    network.turn();
    let validator = &network.metagraph()[0];
    assert!(validator.hotkey == new && validator.permit && validator.dividends > 0);
    assert!(network.position(new, network.owner) > stake);

    // A miner's rewards are its successor's.
    let owed = network.owed(account(30));
    network.days(1);
    network.chain.call(network.owner, network.registry.call_mut().swap_hotkey(account(30), account(35))).unwrap();
    assert_eq!(network.owed(account(35)), owed);
    let claim = network.emission.call_mut().claim(NETUID, account(35));
    assert_eq!(network.chain.call(account(77), claim), Ok(owed));
}

#[test]
fn a_swapped_coldkey_is_inherited_piece_by_piece() {
    let mut network = Network::new();
    let (old, new, foreign, own) = (account(50), account(51), account(20), account(60));
    network.register(foreign, 1_000 * TAO);
    network.enrich(old, 10_000 * TAO);
    network.register_as(old, own, 500 * TAO);
    network.stake(old, foreign, 100 * TAO).unwrap();
    network.days(1);
    assert_eq!(network.chain.call(old, network.registry.call_mut().create_subnet(NO_LIMIT)), Ok(2));
    network.chain.call(old, network.staking.call_mut().unstake(foreign, 60 * TAO)).unwrap();

    let announce = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(new));
    network.chain.call(old, announce).unwrap();
    assert_eq!(network.stake(old, foreign, TAO), Err(StakingError::ColdkeyLocked));
    network.chain.advance(5 * DAY - 1);
    let early = network.registry.call_mut().swap_coldkey(new);
    assert_eq!(network.chain.call(old, early), Err(RegistryError::SwapNotDue));
    network.chain.advance(1);
    let other = network.registry.call_mut().swap_coldkey(account(66));
    assert_eq!(network.chain.call(old, other), Err(RegistryError::SwapMismatch));
    assert_eq!(network.chain.call(old, network.registry.call_mut().swap_coldkey(new)), Ok(()));

    let total = network.total_stake();
    let anyone = account(77);
    assert_eq!(network.chain.call(anyone, network.registry.call_mut().inherit_hotkey(own)), Ok(()));
    assert_eq!(network.chain.call(anyone, network.registry.call_mut().inherit_subnet(2)), Ok(()));
    for (hotkey, worth) in [(own, 500 * TAO), (foreign, 40 * TAO)] {
        let inherit = network.staking.call_mut().inherit_position(hotkey, old);
        assert_eq!(network.chain.call(anyone, inherit), Ok(worth));
    }
    assert_eq!(network.chain.call(anyone, network.staking.call_mut().inherit_unbonding(old)), Ok(()));
    assert_eq!((network.position(own, new), network.position(foreign, new)), (500 * RAO, 40 * RAO));
    assert_eq!((network.position(own, old), network.position(foreign, old)), (0, 0));
    assert_eq!(network.total_stake(), total);
    let hotkey = network.chain.call(anyone, SubnetRegistry::hotkey(network.registry.call(), own)).unwrap();
    assert_eq!(hotkey.coldkey, new);
    let subnet = network.chain.call(anyone, network.registry.call().subnet(2)).unwrap();
    assert_eq!(subnet.owner, new);
    // What unbonds is due when it was, and the heir's.
    network.days(2);
    assert_eq!(network.chain.call(new, network.staking.call_mut().withdraw()), Ok(60 * TAO));
    assert_eq!(network.balance(new), 60 * TAO);
    // The heir acts as the owner, the old coldkey never again.
    assert_eq!(network.chain.call(new, network.staking.call_mut().set_take(own, 1_000)), Ok(()));
    assert_eq!(network.chain.call(new, network.registry.call_mut().start(2)), Ok(()));
    let back = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(account(66)));
    assert_eq!(network.chain.call(old, back), Err(RegistryError::KeyInUse));
    // Dividends of the inherited hotkey are the heir's.
    network.turn();
    network.turn();
    assert!(network.position(own, new) > 500 * RAO);
}

#[test]
fn a_stolen_coldkey_is_saved_by_a_dispute() {
    let mut network = Network::new();
    network.register(account(20), 1_000 * TAO);
    let owner = network.owner;
    let announce = network.registry.call_mut().announce_coldkey_swap(coldkey_hash(account(66)));
    network.chain.call(owner, announce).unwrap();
    network.chain.call(owner, network.registry.call_mut().dispute_coldkey_swap()).unwrap();
    network.days(6);
    let swap = network.registry.call_mut().swap_coldkey(account(66));
    assert_eq!(network.chain.call(owner, swap), Err(RegistryError::SwapDisputed));
    let council = inktensor_e2e::network::address(&network.governance);
    network.chain.call(council, network.registry.call_mut().reset_coldkey_swap(owner)).unwrap();
    assert_eq!(network.stake(owner, account(20), TAO), Ok(()), "it is unlocked");
}

#[test]
fn a_hotkey_that_somebody_took_names_its_coldkey() {
    let mut network = Network::new();
    let (hotkey, squatter) = (account(20), account(66));
    let owner = network.owner;
    let coldkey = |network: &mut Network| {
        let found = SubnetRegistry::hotkey(network.registry.call(), hotkey);
        network.chain.call(account(1), found).map(|found| found.coldkey)
    };
    network.chain.call(squatter, network.registry.call_mut().associate(hotkey)).unwrap();
    let register = network.registry.call_mut().register(NETUID, hotkey, NO_LIMIT);
    assert_eq!(network.chain.call(owner, register), Err(RegistryError::NotHotkeyOwner));
    assert_eq!(network.chain.call(hotkey, network.registry.call_mut().consent(owner)), Ok(()));
    assert_eq!(coldkey(&mut network), Some(owner));
    assert_eq!(network.register(hotkey, 10 * TAO), 0);
    // Once and for all: whoever breaks into the hotkey moves nothing.
    let again = network.registry.call_mut().consent(squatter);
    assert_eq!(network.chain.call(hotkey, again), Err(RegistryError::NotHotkeyOwner));

    // A week after it was associated, silence is consent.
    let late = account(21);
    network.chain.call(owner, network.registry.call_mut().associate(late)).unwrap();
    network.days(7);
    let correct = network.registry.call_mut().consent(squatter);
    assert_eq!(network.chain.call(late, correct), Err(RegistryError::NotHotkeyOwner));
}
