//! What people are told when the suite refuses them, each time with the contracts as they were built: the error by name, and
//! that nothing changed by it. Here are the refusals that need more than one contract; those of one contract alone are
//! tested beside its code.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod bonds;
mod children;
mod emission;
mod governance;
mod keys;
mod weights;
mod wiring;

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, primitives::AccountId};
use inktensor_e2e::{
    Chain, Message, TAO, account,
    network::{Network, address},
};
use inktensor_primitives::{psp22::PSP22, upkeep::Pausable};
use scale::{Decode, Encode};
use std::fmt::Debug;

/// No contract is there.
pub const NOBODY: u8 = 199;

/// Sends a message that is refused: what its sender is told. Nothing changes by it, in no contract.
pub fn told<A: Encode, T: Decode + Debug, E: Decode>(
    chain: &mut Chain,
    who: AccountId,
    message: Message<A, Result<T, E>>,
) -> E {
    chain.fund(who);
    let state = chain.root();
    let told = chain.call(who, message).expect_err("it is refused");
    assert!(chain.root() == state, "a refusal changes nothing");
    told
}

/// A network with a validator, hotkey 20, that has stake and a permit, and a miner, hotkey 30.
pub fn staffed() -> Network {
    let mut network = Network::new();
    network.register(account(20), 10_000 * TAO);
    network.register(account(30), 0);
    network.turn();
    network
}

/// Pauses a contract for an hour, as governance.
pub fn pause(network: &mut Network, contract: AccountId) {
    let mut pausable: contract_ref!(Pausable, DefaultEnvironment) = contract.into();
    let until_ms = network.chain.now_ms() + 3_600_000;
    let council = address(&network.governance);
    network.chain.call(council, pausable.call_mut().pause(until_ms)).unwrap();
}

/// Takes TAO away from a contract, as no message of it does: what its books say is then more than what it holds.
pub fn rob(network: &mut Network, contract: AccountId) {
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = address(&network.token).into();
    let all = network.balance(contract);
    network.chain.call(contract, token.call_mut().transfer(account(66), all, Vec::new())).unwrap();
}
