//! The suite as it is deployed: each contract knows its peers, from its deployer, once.

use crate::network::{Network, psp22};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::network::{GENESIS, address};
use inktensor_primitives::{
    emission::EmissionError,
    governance::GovernanceError,
    psp22::PSP22,
    registry::{RegistryError, SubnetRegistry},
    staking::StakingError,
    token::TokenError,
};

#[tokio::test]
async fn a_suite_is_wired_once_and_by_its_deployer_alone() {
    let mut network = Network::unwired().await;
    let (owner, stranger) = (network.owner.clone(), network.person().await);
    let token = network.token.call_mut().wire(address(&network.emission));
    let registry = network.registry.call_mut().wire(address(&network.incentive));
    let staking = network.staking.call_mut().wire(address(&network.emission));
    let emission = network.emission.call_mut().wire(address(&network.incentive));
    let peers = (address(&network.token), address(&network.staking));
    let governance = network.governance.call_mut().wire(peers.0, peers.1);

    assert_eq!(network.ask(&stranger, token.clone()).await, Err(TokenError::NotAuthorised));
    assert_eq!(network.ask(&stranger, registry.clone()).await, Err(RegistryError::NotAuthorised));
    assert_eq!(network.ask(&stranger, staking.clone()).await, Err(StakingError::NotAuthorised));
    assert_eq!(network.ask(&stranger, emission.clone()).await, Err(EmissionError::NotAuthorised));
    assert_eq!(network.ask(&stranger, governance.clone()).await, Err(GovernanceError::NotAuthorised));
    network.wire().await;
    assert_eq!(network.ask(&owner, token).await, Err(TokenError::AlreadyWired));
    assert_eq!(network.ask(&owner, registry).await, Err(RegistryError::AlreadyWired));
    assert_eq!(network.ask(&owner, staking).await, Err(StakingError::AlreadyWired));
    assert_eq!(network.ask(&owner, emission).await, Err(EmissionError::AlreadyWired));
    assert_eq!(network.ask(&owner, governance).await, Err(GovernanceError::AlreadyWired));
}

#[tokio::test]
async fn a_deployed_suite_names_its_peers_and_is_empty() {
    let mut network = Network::unwired().await;
    network.wire().await;
    let issuer = network.token.call().issuer();
    assert_eq!(network.read(issuer).await, Some(address(&network.emission)));
    let peers = network.registry.call().peers();
    assert_eq!(network.read(peers).await.unwrap().incentive, Some(address(&network.incentive)));
    let peers = network.emission.call().peers();
    assert_eq!(network.read(peers).await.unwrap().incentive, Some(address(&network.incentive)));
    let peers = network.incentive.call().peers();
    assert_eq!(network.read(peers).await.unwrap().emission, address(&network.emission));
    let peers = network.governance.call().peers();
    let peers = network.read(peers).await.unwrap();
    assert_eq!((peers.token, peers.staking), (address(&network.token), address(&network.staking)));

    let (subnets, supply) = (network.registry.call().subnets(), psp22(&network.token).call().total_supply());
    assert!(network.read(subnets).await.is_empty());
    assert_eq!(network.read(supply).await, GENESIS, "nothing is issued before a subnet is");
    let life = SubnetRegistry::life(network.registry.call(), 1);
    assert_eq!(network.read(life).await, None);
}
