//! Standing bonds of validators.

use crate::{rob, staffed, told};
use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment};
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    hyperparameters::Hyperparameter,
    incentive::IncentiveError,
    psp22::{PSP22, PSP22Error},
    token::TokenError,
};

/// Validator 20 has 10 TAO of bond and missed the reveal of a commit.
fn missed() -> Network {
    let mut network = staffed();
    network.set(Hyperparameter::CommitBond, 1_000_000_000);
    let deposit = network.incentive.call_mut().deposit_bond(NETUID, account(20), 10 * TAO);
    network.chain.call(network.owner, deposit).unwrap();
    let weights = network.weights(&[(1, 1)]);
    network.commit(account(20), &weights).unwrap();
    network.turn();
    network.turn();
    network
}

#[test]
fn who_has_not_allowed_the_bond_deposits_none() {
    let mut network = staffed();
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = address(&network.token).into();
    let incentive = address(&network.incentive);
    network.chain.call(network.owner, token.call_mut().approve(incentive, TAO - 1)).unwrap();
    let deposit = network.incentive.call_mut().deposit_bond(NETUID, account(20), TAO);
    let refusal = told(&mut network.chain, network.owner, deposit);
    assert_eq!(refusal, IncentiveError::Transfer(PSP22Error::InsufficientAllowance));
    // Nor is there a bond of a subnet that is none, of nothing, or of a hotkey that nobody owns.
    for (netuid, hotkey, amount, refusal) in [
        (9, 20, 1, IncentiveError::UnknownSubnet),
        (NETUID, 20, 0, IncentiveError::NoBond),
        (NETUID, 77, 1, IncentiveError::NotRegistered),
        (NETUID, 20, u128::MAX, IncentiveError::AmountTooLarge),
    ] {
        let deposit = network.incentive.call_mut().deposit_bond(netuid, account(hotkey), amount);
        assert_eq!(told(&mut network.chain, network.owner, deposit), refusal);
    }
}

#[test]
fn a_stranger_withdraws_no_bond() {
    let mut network = missed();
    let withdraw = network.incentive.call_mut().withdraw_bond(NETUID, account(20));
    assert_eq!(told(&mut network.chain, account(66), withdraw), IncentiveError::NotHotkeyOwner);
    let withdraw = network.incentive.call_mut().withdraw_bond(NETUID, account(20));
    assert_eq!(network.chain.call(account(20), withdraw), Ok(8 * TAO), "its hotkey does, less a fifth");
}

#[test]
fn who_revealed_in_time_forfeits_nothing() {
    let mut network = missed();
    let forfeit = network.incentive.call_mut().forfeit_bond(NETUID, account(20));
    assert_eq!(network.chain.call(account(66), forfeit), Ok(2 * TAO));
    let again = network.incentive.call_mut().forfeit_bond(NETUID, account(20));
    assert_eq!(told(&mut network.chain, account(66), again), IncentiveError::NothingForfeited);
    let weights = network.weights(&[(1, 1)]);
    let epoch = network.clock().epoch;
    network.commit(account(20), &weights).unwrap();
    network.turn();
    network.reveal(account(20), epoch, &weights).unwrap();
    network.turn();
    let forfeit = network.incentive.call_mut().forfeit_bond(NETUID, account(20));
    assert_eq!(told(&mut network.chain, account(66), forfeit), IncentiveError::NothingForfeited);
}

#[test]
fn a_bond_that_the_contract_does_not_hold_is_neither_forfeited_nor_paid() {
    let mut network = missed();
    let incentive = address(&network.incentive);
    rob(&mut network, incentive);
    let forfeit = network.incentive.call_mut().forfeit_bond(NETUID, account(20));
    let refusal = told(&mut network.chain, account(66), forfeit);
    assert_eq!(refusal, IncentiveError::Token(TokenError::InsufficientBalance));
    // Where nothing is forfeited, it is the transfer that fails.
    network.set(Hyperparameter::BondForfeit, 0);
    let withdraw = network.incentive.call_mut().withdraw_bond(NETUID, account(20));
    let refusal = told(&mut network.chain, network.owner, withdraw);
    assert_eq!(refusal, IncentiveError::Transfer(PSP22Error::InsufficientBalance));
}
