//! What people do with the suite, from beginning to end, with the contracts as they were built.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod keys;
mod rewards;
mod root;
mod stake;
mod subnets;
mod upkeep;

use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, Network, address},
};

/// A network with a validator, hotkey 20, that has stake and a permit, and a miner, hotkey 30.
pub fn staffed() -> Network {
    let mut network = Network::new();
    network.register(account(20), 10_000 * TAO);
    network.register(account(30), 0);
    network.turn();
    network
}

/// Has validator 20 commit to these weights (uid and weight) and reveal them, and turns both epochs.
pub fn weigh(network: &mut Network, weights: &[(u16, u16)]) {
    let (epoch, weights) = (network.clock().epoch, network.weights(weights));
    network.commit(account(20), &weights).unwrap();
    network.turn();
    network.reveal(account(20), epoch, &weights).unwrap();
    network.turn();
}

/// Dissolves the first subnet, as governance.
pub fn dissolve(network: &mut Network) {
    let council = address(&network.governance);
    network.chain.call(council, network.registry.call_mut().dissolve(NETUID)).unwrap();
}

/// Gives the owners of subnets a part, as governance.
pub fn pay_owners(network: &mut Network) {
    let council = address(&network.governance);
    network.chain.call(council, network.emission.call_mut().set_split(4_100, 4_100, 0, 1_800)).unwrap();
}
