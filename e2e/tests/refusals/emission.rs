//! Payouts.

use crate::{pause, rob, staffed, told};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    emission::EmissionError, incentive::IncentiveError, psp22::TransferError, registry::RegistryError,
    staking::StakingError,
};

/// A network whose miner 30 is owed something, and the subnet's owner by the split too.
fn owing() -> Network {
    let mut network = staffed();
    let council = address(&network.governance);
    network.chain.call(council, network.emission.call_mut().set_split(4_100, 4_100, 0, 1_800)).unwrap();
    let weights = network.weights(&[(1, 1)]);
    let epoch = network.clock().epoch;
    network.commit(account(20), &weights).unwrap();
    network.turn();
    network.reveal(account(20), epoch, &weights).unwrap();
    network.turn();
    assert!(network.owed(account(30)) > 100 * TAO && network.emission_of(NETUID).owner_owed > 0);
    network
}

#[test]
fn a_subnet_that_lives_is_not_retired() {
    let mut network = owing();
    let retire = network.emission.call_mut().retire(NETUID);
    assert_eq!(told(&mut network.chain, network.owner, retire), EmissionError::NotDissolved);
    let retire = network.emission.call_mut().retire(2);
    assert_eq!(told(&mut network.chain, network.owner, retire), EmissionError::NotActive);
}

#[test]
fn the_owner_of_a_dissolved_subnet_is_paid_by_retire() {
    let mut network = owing();
    let council = address(&network.governance);
    network.chain.call(council, network.registry.call_mut().dissolve(NETUID)).unwrap();
    let claim = network.emission.call_mut().claim_owner(NETUID);
    assert_eq!(told(&mut network.chain, network.owner, claim), EmissionError::UnknownSubnet);
    // Nor does whoever opens the next subnet of the netuid get what its predecessor is owed.
    network.days(1);
    network.enrich(account(50), 5_000 * TAO);
    assert_eq!(network.chain.call(account(50), network.registry.call_mut().create_subnet(u128::MAX)), Ok(NETUID));
    let claim = network.emission.call_mut().claim_owner(NETUID);
    assert_eq!(told(&mut network.chain, account(50), claim), EmissionError::NotActive);
}

#[test]
fn a_claim_that_the_contract_cannot_pay_stays_owed() {
    let mut network = owing();
    let emission = address(&network.emission);
    rob(&mut network, emission);
    let owed = network.owed(account(30));
    let refusal = EmissionError::Transfer(TransferError::InsufficientBalance);
    let claim = network.emission.call_mut().claim(NETUID, account(30));
    assert_eq!(told(&mut network.chain, account(77), claim), refusal);
    let claim = network.emission.call_mut().claim_owner(NETUID);
    assert_eq!(told(&mut network.chain, account(77), claim), refusal);
    assert_eq!(network.owed(account(30)), owed);
}

#[test]
fn an_epoch_waits_for_a_peer_that_refuses() {
    let mut network = owing();
    network.chain.advance(inktensor_e2e::network::TEMPO);
    for (contract, refusal) in [
        (address(&network.staking), IncentiveError::Emission(EmissionError::Staking(StakingError::Paused))),
        (address(&network.emission), IncentiveError::Emission(EmissionError::Paused)),
        (address(&network.registry), IncentiveError::Registry(RegistryError::Paused)),
        (address(&network.incentive), IncentiveError::Paused),
    ] {
        pause(&mut network, contract);
        let run = network.incentive.call_mut().run_epoch(NETUID);
        assert_eq!(told(&mut network.chain, account(77), run), refusal);
        network.chain.advance(3_600_000);
    }
    let books = network.chain.call(account(77), network.emission.call().books());
    assert_eq!(network.chain.call(account(77), network.incentive.call_mut().run_epoch(NETUID)), Ok(()));
    let later = network.chain.call(account(77), network.emission.call().books());
    assert!(later.validators > books.validators, "what waited is paid");
}
