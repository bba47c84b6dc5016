//! Suites that are wired wrongly: a peer that is no contract, or that belongs to somebody else.

use crate::{NOBODY, told};
use emission::emission::EmissionRef;
use incentive::incentive::IncentiveRef;
use ink::{codegen::TraitCallBuilder, env::call::FromAccountId, primitives::AccountId};
use inktensor_e2e::{
    TAO, account,
    network::{NETUID, Network, address},
};
use inktensor_primitives::{
    emission::EmissionError, incentive::IncentiveError, staking::StakingError, token::TokenError,
};
use staking::StakingRef;

/// Governance, token, registry, staking and emission of a network.
fn peers(network: &Network) -> [AccountId; 5] {
    [
        address(&network.governance),
        address(&network.token),
        address(&network.registry),
        address(&network.staking),
        address(&network.emission),
    ]
}

#[test]
fn an_emission_contract_whose_peers_are_nobody_names_it() {
    let mut network = Network::new();
    network.register(account(20), TAO);
    let ([governance, token, registry, staking, _], nobody) = (peers(&network), account(NOBODY));
    let deploy = |network: &mut Network, token, registry, staking| {
        let peers = (governance, token, registry, staking);
        EmissionRef::from_account_id(network.chain.deploy(network.owner, "emission", peers))
    };
    let unreachable = EmissionError::PeerUnreachable;
    let mut emission = deploy(&mut network, token, nobody, staking);
    let claim = emission.call_mut().claim(NETUID, account(20));
    assert_eq!(told(&mut network.chain, account(77), claim), unreachable);
    assert_eq!(told(&mut network.chain, account(20), emission.call_mut().join_root()), unreachable);
    let mut emission = deploy(&mut network, nobody, registry, staking);
    assert_eq!(told(&mut network.chain, account(77), emission.call_mut().turn_root()), unreachable);
}

#[test]
fn an_emission_contract_that_the_token_does_not_know_issues_nothing() {
    let mut network = Network::new();
    let [governance, token, registry, staking, _] = peers(&network);
    let other = network.chain.deploy(network.owner, "emission", (governance, token, registry, staking));
    let mut other = EmissionRef::from_account_id(other);
    let turn = other.call_mut().turn_root();
    assert_eq!(told(&mut network.chain, account(77), turn), EmissionError::Token(TokenError::NotIssuer));
    network.chain.call(network.owner, other.call_mut().wire(account(3))).unwrap();
    let admit = inktensor_primitives::emission::Payroll::admit(other.call_mut(), NETUID, 1);
    assert_eq!(told(&mut network.chain, account(3), admit), EmissionError::Token(TokenError::NotIssuer));
}

#[test]
fn a_suite_within_the_suite_is_refused_by_registry_and_staking() {
    let mut network = Network::new();
    network.register(account(20), 1_000 * TAO);
    network.turn();
    let [governance, token, registry, staking, _] = peers(&network);
    // Governance names another issuer, but registry and staking are wired for good.
    let other = network.chain.deploy(network.owner, "emission", (governance, token, registry, staking));
    let mut other = EmissionRef::from_account_id(other);
    network.chain.call(governance, network.token.call_mut().set_issuer(address(&other))).unwrap();
    let incentive =
        network.chain.deploy(network.owner, "incentive", (governance, token, registry, staking, address(&other)));
    let mut incentive = IncentiveRef::from_account_id(incentive);
    network.chain.call(network.owner, other.call_mut().wire(address(&incentive))).unwrap();
    assert_eq!(network.chain.call(account(77), incentive.call_mut().activate(NETUID)), Ok(()));
    network.chain.advance(inktensor_e2e::network::TEMPO);
    // The registry does not know this incentive contract: the first epoch, which pays nobody, cannot be recorded.
    let run = incentive.call_mut().run_epoch(NETUID);
    let refusal = told(&mut network.chain, account(77), run);
    assert_eq!(refusal, IncentiveError::Registry(inktensor_primitives::registry::RegistryError::NotIncentive));
    let pay =
        inktensor_primitives::emission::Payroll::pay(other.call_mut(), NETUID, 0, vec![1], vec![0], vec![0], vec![1]);
    let refusal = told(&mut network.chain, address(&incentive), pay);
    assert_eq!(refusal, EmissionError::Staking(StakingError::NotEmission));
}

#[test]
fn an_incentive_contract_whose_peers_are_nobody_names_it() {
    let mut network = Network::new();
    network.register(account(20), TAO);
    let ([governance, token, registry, staking, emission], nobody) = (peers(&network), account(NOBODY));
    let deploy = |network: &mut Network, token, registry, emission| {
        let peers = (governance, token, registry, staking, emission);
        IncentiveRef::from_account_id(network.chain.deploy(network.owner, "incentive", peers))
    };
    let mut lost = deploy(&mut network, token, nobody, emission);
    let activate = lost.call_mut().activate(NETUID);
    assert_eq!(told(&mut network.chain, account(77), activate), IncentiveError::PeerUnreachable);
    let mut penniless = deploy(&mut network, nobody, registry, emission);
    let deposit = penniless.call_mut().deposit_bond(NETUID, account(20), 1);
    assert_eq!(told(&mut network.chain, network.owner, deposit), IncentiveError::PeerUnreachable);
    let mut idle = deploy(&mut network, token, registry, nobody);
    let activate = idle.call_mut().activate(NETUID);
    assert_eq!(told(&mut network.chain, account(77), activate), IncentiveError::PeerUnreachable);
    // This one has all its peers, but the emission contract is another's.
    let mut pretender = deploy(&mut network, token, registry, emission);
    let activate = pretender.call_mut().activate(NETUID);
    let refusal = told(&mut network.chain, account(77), activate);
    assert_eq!(refusal, IncentiveError::Emission(EmissionError::NotIncentive));
}

#[test]
fn a_staking_contract_whose_peers_are_nobody_names_it() {
    let mut network = Network::new();
    network.register(account(20), 0);
    let ([governance, token, registry, ..], nobody) = (peers(&network), account(NOBODY));
    for (token, registry) in [(nobody, registry), (token, nobody)] {
        let staking = network.chain.deploy(network.owner, "staking", (governance, token, registry));
        let mut staking = StakingRef::from_account_id(staking);
        let stake = staking.call_mut().stake(account(20), TAO);
        assert_eq!(told(&mut network.chain, network.owner, stake), StakingError::PeerUnreachable);
    }
}
