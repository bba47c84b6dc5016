//! Questions: what they answer, and that they change nothing.

use crate::world::{TOKENS, World};
use inktensor_chain::{ChainError, Contract, Keypair};
use inktensor_primitives::psp22::PSP22;

pub async fn a_deployed_suite_is_wired(world: &World) {
    let peers = world.client.read(&world.suite.incentive.message(|incentive| incentive.peers())).await.unwrap();
    assert_eq!((peers.token, peers.registry), (world.deployment.token, world.deployment.registry));
    assert_eq!(world.balance(world.alice.account()).await, TOKENS);
}

pub async fn a_query_changes_nothing(world: &World) {
    let (before, to) = (world.client.head().await.unwrap(), Keypair::from_name("Nobody yet").account());
    assert_eq!(world.client.query_as(world.alice.account(), &world.transfer(to, 5)).await, Ok(Ok(())));
    assert_eq!(world.balance(to).await, 0);
    assert_eq!(world.client.head().await.unwrap(), before);
}

pub async fn errors_are_named(world: &World) {
    let owner = world.alice.account();
    let nowhere = Contract::<token::token::Token>::at("token", owner);
    let error = world.client.query(&nowhere.message(|token| token.balance_of(owner))).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "token", error: "ContractNotFound".into() });
    assert!(error.hint().contains("deployment file"));

    let confused = Contract::<token::token::Token>::at("token", world.deployment.registry);
    let error = world.client.query(&confused.message(|token| token.balance_of(owner))).await.unwrap_err();
    assert_eq!(error, ChainError::UnknownMessage { contract: "token" });

    let beyond = world.client.head().await.unwrap().number + 1_000;
    assert_eq!(world.client.block_hash(beyond).await, Err(ChainError::NoSuchBlock(beyond)));
}

pub async fn a_held_block_stays_as_it_was(world: &World) {
    let to = Keypair::from_name("Somebody later").account();
    let pinned = world.client.pin().await.unwrap();
    assert_eq!(pinned.head(), world.client.head().await.unwrap());
    assert_eq!(world.client.block_hash(pinned.head().number).await.unwrap(), pinned.head().hash);
    world.client.submit(&world.alice, &world.transfer(to, 7)).await.unwrap();
    let then = pinned.query(&world.message(|token| token.balance_of(to))).await.unwrap();
    assert_eq!((then, world.balance(to).await), (0, 7));
    assert!(world.client.head().await.unwrap().number > pinned.head().number);
}

pub async fn accounts_and_codes_are_known(world: &World) {
    let (backend, nobody) = (world.client.backend(), Keypair::from_name("Without anything").account());
    let code = backend.code_hash(world.deployment.token).await.unwrap();
    assert!(code.is_some());
    assert_ne!(code, backend.code_hash(world.deployment.registry).await.unwrap());
    assert_eq!(backend.code_hash(nobody).await, Ok(None));
    assert!(backend.native_balance(world.alice.account()).await.unwrap() > 0);
    assert_eq!(backend.native_balance(nobody).await, Ok(0));
}
