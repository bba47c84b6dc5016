//! The client against the real contracts on the chain in process.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_chain::{
    Bundles, CallError, ChainError, Client, Contract, DeployConfig, DeployError, Deployment, GENESIS_MS, InProcess,
    Keypair, Suite, deploy,
};
use inktensor_primitives::{
    incentive::IncentiveError,
    psp22::{PSP22, PSP22Error, Transfer},
    token::{Issuance, TokenError},
};

const GENESIS_AMOUNT: u128 = 1_000_000_000_000;

struct World {
    chain: InProcess,
    client: Client,
    suite: Suite,
    deployment: Deployment,
    alice: Keypair,
    bob: Keypair,
}

impl World {
    async fn new() -> Self {
        let chain = InProcess::start().unwrap();
        let client = chain.client();
        let alice = Keypair::from_name("Alice");
        let bundles = Bundles::find(None).unwrap_or_else(|error| panic!("{error}; hint: {}", error.hint()));
        let config = DeployConfig::new(alice.account(), GENESIS_AMOUNT);
        let deployment = deploy(&client, &alice, &bundles, &config).await.unwrap();
        let suite = Suite::at(&deployment);
        Self { chain, client, suite, deployment, alice, bob: Keypair::from_name("Bob") }
    }

    async fn balance(&self, of: &Keypair) -> u128 {
        let account = of.account();
        self.client.query(&self.suite.token.message(|token| token.balance_of(account))).await.unwrap()
    }
}

#[tokio::test]
async fn a_deployed_suite_is_wired() {
    let world = World::new().await;
    let issuer = world.client.query(&world.suite.token.message(|token| token.issuer())).await.unwrap();
    assert_eq!(issuer, Some(world.deployment.emission));
    let peers = world.client.read(&world.suite.incentive.message(|incentive| incentive.peers())).await.unwrap();
    assert_eq!((peers.token, peers.registry), (world.deployment.token, world.deployment.registry));
    assert_eq!((peers.staking, peers.governance), (world.deployment.staking, world.deployment.governance));
    let issuance: u128 = world.client.query(&world.suite.token.message(|token| token.issuance())).await.unwrap();
    assert_eq!(issuance, GENESIS_AMOUNT);
}

#[tokio::test]
async fn a_deployment_survives_its_file() {
    let world = World::new().await;
    let file = serde_json::to_string_pretty(&world.deployment).unwrap();
    assert_eq!(serde_json::from_str::<Deployment>(&file).unwrap(), world.deployment);
    let mistyped = file.replacen("\"5", "\"6", 1);
    assert!(serde_json::from_str::<Deployment>(&mistyped).is_err());
}

#[tokio::test]
async fn the_same_suite_is_deployed_once_and_another_has_another_salt() {
    let world = World::new().await;
    let bundles = Bundles::find(None).unwrap();
    let mut config = DeployConfig::new(world.alice.account(), GENESIS_AMOUNT);
    let before = world.client.head().await.unwrap();
    assert_eq!(deploy(&world.client, &world.alice, &bundles, &config).await, Ok(world.deployment));
    assert_eq!(world.client.head().await.unwrap(), before, "nothing was sent");
    config.salt = b"second".to_vec();
    let second = deploy(&world.client, &world.alice, &bundles, &config).await.unwrap();
    assert_ne!(second.token, world.deployment.token);
}

#[tokio::test]
async fn a_constructor_that_refuses_names_its_error() {
    let chain = InProcess::start().unwrap();
    let alice = Keypair::from_name("Alice");
    let config = DeployConfig::new(alice.account(), u128::from(u64::MAX));
    let error = deploy(&chain.client(), &alice, &Bundles::find(None).unwrap(), &config).await.unwrap_err();
    let DeployError::Chain(ChainError::Refused { contract: "token", error, hint }) = error else { panic!("{error}") };
    assert_eq!(error, "CapExceeded");
    assert!(hint.contains("21 million TAO"), "{hint}");
}

#[tokio::test]
async fn a_transfer_moves_tokens_and_tells_so() {
    let world = World::new().await;
    let before = world.client.head().await.unwrap();
    let to = world.bob.account();
    let message = world.suite.token.message(|token| token.transfer(to, 5, vec![]));
    let ((), receipt) = world.client.submit(&world.alice, &message).await.unwrap();

    assert_eq!(world.balance(&world.bob).await, 5);
    assert_eq!(world.balance(&world.alice).await, GENESIS_AMOUNT - 5);
    let transfer = Transfer { from: Some(world.alice.account()), to: Some(to), value: 5 };
    assert_eq!(receipt.events.of::<Transfer>().unwrap(), [transfer]);
    assert!(receipt.events.from(world.deployment.registry).0.is_empty());
    assert!(receipt.gas.ref_time > 0 && receipt.deposit > 0);

    let after = world.client.head().await.unwrap();
    assert_eq!((after.number, receipt.block), (before.number + 1, before.number + 1));
    assert_eq!(world.client.block_hash(after.number).await.unwrap(), receipt.block_hash);
    assert_eq!(world.client.block_hash(before.number).await.unwrap(), before.hash);
    assert_eq!(world.client.events_since(after.number).await.unwrap(), receipt.events);
    assert!(world.client.events_since(after.number + 1).await.unwrap().0.is_empty());
    assert_eq!(world.client.block_hash(after.number + 1).await, Err(ChainError::NoSuchBlock(after.number + 1)));
}

#[tokio::test]
async fn a_refused_call_has_a_named_error_and_changes_nothing() {
    let world = World::new().await;
    let before = world.client.head().await.unwrap();
    let to = world.alice.account();
    let message = world.suite.token.message(|token| token.transfer(to, 1, vec![]));
    let error = world.client.submit(&world.bob, &message).await.unwrap_err();

    assert_eq!(error.refusal(), Some(&PSP22Error::InsufficientBalance));
    assert_eq!(error.to_string(), "token refused: InsufficientBalance");
    let untyped = ChainError::from(error);
    assert_eq!(untyped.to_string(), "token refused: InsufficientBalance");
    assert_eq!(untyped.hint(), "The sender holds less than the amount.");
    assert_eq!(world.client.head().await.unwrap(), before);
    assert_eq!(world.balance(&world.alice).await, GENESIS_AMOUNT);
}

#[tokio::test]
async fn a_query_changes_nothing_even_if_its_message_would() {
    let world = World::new().await;
    let before = world.client.head().await.unwrap();
    let to = world.bob.account();
    let message = world.suite.token.message(|token| token.transfer(to, 5, vec![]));
    assert_eq!(world.client.query_as(world.alice.account(), &message).await, Ok(Ok(())));
    assert_eq!(world.balance(&world.bob).await, 0);
    assert_eq!(world.client.head().await.unwrap(), before);
}

#[tokio::test]
async fn a_stranger_cannot_wire_and_the_deployer_only_once() {
    let world = World::new().await;
    let stranger = world.bob.account();
    let message = world.suite.token.message(|token| token.wire(stranger));
    let error = world.client.submit(&world.bob, &message).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&TokenError::NotAuthorised));
    let error = world.client.submit(&world.alice, &message).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&TokenError::AlreadyWired));
}

#[tokio::test]
async fn errors_of_the_chain_are_named() {
    let world = World::new().await;
    let owner = world.bob.account();
    let nowhere = Contract::<token::Token>::at("token", owner);
    let error = world.client.query(&nowhere.message(|token| token.balance_of(owner))).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "token", error: "ContractNotFound".into() });
    assert!(error.hint().contains("deployment file"));

    let confused = Contract::<token::Token>::at("token", world.deployment.registry);
    let error = world.client.query(&confused.message(|token| token.balance_of(owner))).await.unwrap_err();
    assert_eq!(error, ChainError::UnknownMessage { contract: "token" });

    let unknown = world.suite.incentive.message(|incentive| incentive.run_epoch(7));
    let error = world.client.submit(&world.bob, &unknown).await.unwrap_err();
    assert!(matches!(
        error,
        CallError::Refused { error: IncentiveError::NotActive | IncentiveError::UnknownSubnet, .. }
    ));
}

#[tokio::test]
async fn time_moves_when_told_and_only_then() {
    let world = World::new().await;
    let before = world.client.head().await.unwrap();
    assert_eq!(before.timestamp_ms, GENESIS_MS);
    let to = world.bob.account();
    world.client.submit(&world.alice, &world.suite.token.message(|token| token.transfer(to, 5, vec![]))).await.unwrap();
    assert_eq!(world.client.head().await.unwrap().timestamp_ms, GENESIS_MS);

    let cost = world.suite.registry.message(|registry| registry.lock_cost());
    let at_first = world.client.query(&cost).await.unwrap();
    let head = world.chain.advance_ms(86_400_000).await.unwrap();
    assert_eq!((head.number, head.timestamp_ms), (before.number + 2, GENESIS_MS + 86_400_000));
    assert_eq!(world.client.head().await.unwrap(), head);
    assert!(world.client.query(&cost).await.unwrap() <= at_first);
    assert_eq!(world.chain.advance_ms(u64::MAX).await, Err(ChainError::TimeOverflow));
    assert_eq!(world.client.head().await.unwrap(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn submissions_of_many_tasks_get_a_block_each() {
    let world = World::new().await;
    let before = world.client.head().await.unwrap().number;
    let tasks = (0..24).map(|index| {
        let (client, suite, alice) = (world.client.clone(), world.suite, world.alice.clone());
        let to = Keypair::from_name(&format!("receiver {index}")).account();
        tokio::spawn(async move {
            let message = suite.token.message(|token| token.transfer(to, 1 + index, vec![]));
            client.submit(&alice, &message).await.map(|(_, receipt)| receipt.block)
        })
    });
    let mut blocks = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        blocks.push(task.await.unwrap().unwrap());
    }
    blocks.sort_unstable();
    assert_eq!(blocks, (before + 1..=before + 24).collect::<Vec<_>>());
    assert_eq!(world.balance(&world.alice).await, GENESIS_AMOUNT - (1..=24).sum::<u128>());
}

#[tokio::test]
async fn equal_runs_make_equal_chains() {
    let (one, other) = (World::new().await, World::new().await);
    assert_eq!(one.deployment, other.deployment);
    assert_eq!(one.client.head().await.unwrap(), other.client.head().await.unwrap());
}
