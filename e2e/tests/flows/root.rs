//! The root divides emission between subnets.

use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, Network, TEMPO},
};
use inktensor_primitives::emission::{EmissionError, RootTurned};

fn weigh(network: &mut Network, hotkey: u8, netuids: &[u16], weights: &[u16]) {
    let set = network.emission.call_mut().set_root_weights(netuids.to_vec(), weights.to_vec());
    assert_eq!(network.chain.call(account(hotkey), set), Ok(()));
}

/// Turns the root a day later; the weights of subnets from then on.
fn turn(network: &mut Network) -> Vec<u32> {
    network.days(1);
    assert_eq!(network.chain.call(account(77), network.emission.call_mut().turn_root()), Ok(()));
    network.chain.events::<RootTurned>().remove(0).weights
}

#[test]
fn emission_goes_where_the_stake_of_the_root_wants_it() {
    let mut network = Network::new();
    network.days(1);
    assert_eq!(network.open(), Ok(2));
    network.start(2);
    for (hotkey, stake) in [(20, 10_000 * TAO), (21, 100 * TAO)] {
        network.register(account(hotkey), stake);
        assert_eq!(network.chain.call(account(hotkey), network.emission.call_mut().join_root()), Ok(()));
    }
    // A hundredth of all stake is no quorum.
    weigh(&mut network, 21, &[2], &[1]);
    assert_eq!(turn(&mut network), [1, 1]);
    let again = network.chain.call(account(77), network.emission.call_mut().turn_root());
    assert_eq!(again, Err(EmissionError::RootNotDue));

    weigh(&mut network, 20, &[1], &[1]);
    let weights = turn(&mut network);
    assert!(weights[0] > 90 * weights[1] && weights[1] > 0, "{weights:?}");
    let before = network.emission_of(2).pending;
    network.chain.advance(TEMPO);
    assert_eq!(network.chain.call(account(77), network.incentive.call_mut().run_epoch(NETUID)), Ok(()));
    let earned = u128::from(network.emission_of(2).pending - before);
    let issued = u128::from(TEMPO / 12_000) * TAO;
    assert!(earned > 0 && earned < issued / 90, "{earned} of {issued}");

    // A subnet that comes now earns nothing until the root has weighed it.
    assert_eq!(network.open(), Ok(3));
    network.start(3);
    assert_eq!(network.emission_of(3).weight, 0);
    weigh(&mut network, 20, &[1, 3], &[1, 1]);
    assert_eq!(network.emission_of(3).weight, 0);
    let weights = turn(&mut network);
    assert_eq!(network.emission_of(3).pending, 0);
    assert!(weights[0] == weights[2] && weights[0] > 90 * weights[1], "{weights:?}");
    // Who abstains gives the decision to the others, and without a quorum all are equal again.
    weigh(&mut network, 20, &[], &[]);
    assert_eq!(turn(&mut network), [1, 1, 1]);
}

#[test]
fn a_vote_for_a_subnet_dies_with_it() {
    let mut network = Network::new();
    network.days(1);
    assert_eq!(network.open(), Ok(2));
    network.start(2);
    network.register(account(20), 10_000 * TAO);
    network.chain.call(account(20), network.emission.call_mut().join_root()).unwrap();
    weigh(&mut network, 20, &[1, 2], &[3, 1]);
    let weights = turn(&mut network);
    assert!(weights[0] > 2 * weights[1]);
    crate::dissolve(&mut network);
    network.days(1);
    assert_eq!(network.open(), Ok(NETUID));
    network.start(NETUID);
    assert_eq!(network.emission_of(NETUID).weight, 0);
    let weights = turn(&mut network);
    assert!(weights[0] == 0 && weights[1] > 0, "{weights:?}");
}
