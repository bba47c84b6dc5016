//! What is measured: for each contract a scene in which every message of it has its reason, and subnets of several sizes.

mod emission;
mod epochs;
mod governance;
mod incentive;
mod registry;
mod staking;
mod token;

use crate::meter::{Meter, Row};
use contract_metadata::ContractMetadata;
use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, primitives::AccountId};
use inktensor_e2e::{
    account,
    chain::bundle,
    network::{Network, address},
};
use inktensor_primitives::upkeep::{Pausable, Upgradable};

/// All scenes.
pub const ALL: [fn() -> Vec<Row>; 12] = [
    token::play,
    registry::play,
    staking::play,
    emission::play,
    incentive::play,
    governance::play,
    epochs::small,
    epochs::medium,
    epochs::large,
    epochs::full,
    epochs::scattered,
    epochs::full_subnet,
];

/// A validator's hotkey, and two miners'.
const VALIDATOR: u8 = 20;
const MINERS: [u8; 2] = [30, 31];
/// A coldkey beside the owner's.
const BOB: u8 = 41;

/// A meter for the contracts of a network.
fn meter(network: &Network) -> Meter {
    Meter::new(&[
        ("token", address(&network.token)),
        ("registry", address(&network.registry)),
        ("staking", address(&network.staking)),
        ("emission", address(&network.emission)),
        ("incentive", address(&network.incentive)),
        ("governance", address(&network.governance)),
    ])
}

/// Registers the validator, with stake, and the miners.
fn staff(network: &mut Network) {
    network.register(account(VALIDATOR), 30_000 * inktensor_e2e::TAO);
    for miner in MINERS {
        network.register(account(miner), 0);
    }
}

/// What governance may do to a contract: gives it the code it has.
fn exchange(network: &mut Network, meter: &mut Meter, name: &str, contract: AccountId) {
    let code = ContractMetadata::load(bundle(name)).unwrap().source.hash.0;
    let mut contract: contract_ref!(Upgradable, DefaultEnvironment) = contract.into();
    let council = address(&network.governance);
    meter.call(&mut network.chain, council, "1", contract.call_mut().set_code(code.into())).unwrap();
}

/// What governance may do to a contract that decides: pauses it, for good as far as the scene goes.
fn pause(network: &mut Network, meter: &mut Meter, contract: AccountId) {
    let mut contract: contract_ref!(Pausable, DefaultEnvironment) = contract.into();
    let (council, until_ms) = (address(&network.governance), network.chain.now_ms() + 1);
    meter.call(&mut network.chain, council, "1", contract.call_mut().pause(until_ms)).unwrap();
}
