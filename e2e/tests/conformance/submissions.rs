//! Submissions: what becomes of them, what they cost, and that none is in the way of another.

use crate::world::World;
use inktensor_chain::{
    Action, ChainError, DeployConfig, Gas, Keypair, Limits, Message, Progress, Receipt, Stage, deploy,
};
use inktensor_primitives::psp22::{PSP22, PSP22Error, Transfer};
use std::collections::BTreeSet;

/// More than a message of the token takes, on any of the chains.
const PLENTY: Limits = Limits { gas: Gas { ref_time: 100_000_000_000, proof_size: 1_000_000 }, deposit: None };

pub async fn a_transfer_is_told_by_its_events(world: &World) {
    let to = Keypair::from_name("Receiver").account();
    let before = (world.balance(world.alice.account()).await, world.client.head().await.unwrap());
    let ((), receipt) = world.client.submit(&world.alice, &world.transfer(to, 5)).await.unwrap();

    assert_eq!(receipt.stage, Stage::Finalised);
    assert_eq!((world.balance(to).await, world.balance(world.alice.account()).await), (5, before.0 - 5));
    let transfer = Transfer { from: Some(world.alice.account()), to: Some(to), value: 5 };
    assert_eq!(receipt.events.from(world.deployment.token).of::<Transfer>().unwrap(), [transfer]);
    assert!(receipt.events.from(world.deployment.registry).0.is_empty());

    assert!(receipt.block > before.1.number);
    assert_eq!(world.client.block_hash(receipt.block).await.unwrap(), receipt.block_hash);
    assert_eq!(world.client.events_since(receipt.block).await.unwrap(), receipt.events);
    let all = world.client.events_since(0).await.unwrap();
    assert!(all.0.len() > receipt.events.0.len() && all.0.ends_with(&receipt.events.0));
    assert!(world.client.events_since(receipt.block + 1).await.unwrap().0.is_empty());
}

pub async fn a_refusal_costs_nothing(world: &World) {
    let bob = Keypair::from_name("Bob");
    let before = (world.client.head().await.unwrap(), native(world, &bob).await);
    let message = world.transfer(world.alice.account(), u128::MAX);
    let error = world.client.submit(&bob, &message).await.unwrap_err();
    assert_eq!(error.refusal(), Some(&PSP22Error::InsufficientBalance));
    assert_eq!((world.client.head().await.unwrap(), native(world, &bob).await), before);
}

pub async fn a_failure_in_a_block_is_named(world: &World) {
    let (to, before) = (Keypair::from_name("Receiver").account(), world.balance(world.alice.account()).await);
    let little = Limits { gas: Gas { ref_time: 1_000_000, proof_size: 1_000 }, deposit: None };
    let error = send(world, &world.alice, &world.transfer(to, 5), little).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "token", error: "OutOfGas".into() });
    assert!(error.hint().contains("gas limit"), "{}", error.hint());

    let fresh = Keypair::from_name("Fresh receiver").account();
    let none = Limits { deposit: Some(0), ..PLENTY };
    let error = send(world, &world.alice, &world.transfer(fresh, 5), none).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "token", error: "StorageDepositLimitExhausted".into() });

    // What the contract itself refuses, when it is sent all the same.
    if world.fees {
        let error = send(world, &world.alice, &world.transfer(to, u128::MAX), PLENTY).await.unwrap_err();
        assert_eq!(error, ChainError::Failed { contract: "token", error: "ContractReverted".into() });
    }
    assert_eq!(world.balance(world.alice.account()).await, before);
    assert_eq!(world.balance(fresh).await, 0);
}

pub async fn fee_and_deposit_are_what_the_signer_lost(world: &World) {
    let to = Keypair::from_name("Somebody new").account();
    let message = world.transfer(to, 5);
    let expected = world.client.backend().dry_run(world.alice.account(), message.call().clone()).await.unwrap();
    let action = Action::Call(message.call().clone());
    let estimate = world.client.backend().fee(action, PLENTY).await.unwrap();
    let before = native(world, &world.alice).await;
    let receipt = send(world, &world.alice, &message, PLENTY).await.unwrap();
    assert_eq!(receipt.deposit, expected.deposit);
    assert!(receipt.deposit > 0 && receipt.gas.ref_time > 0);
    assert_eq!(receipt.fee.is_some(), world.fees);
    assert_eq!(estimate.is_some(), world.fees);
    if let (Some(fee), Some(estimate)) = (receipt.fee, estimate) {
        // The estimate is for the whole limit; what was not used is paid back.
        assert!(fee > 0 && fee <= estimate, "{fee} of {estimate}");
        let lost = before - native(world, &world.alice).await;
        assert_eq!(lost, fee + receipt.deposit.unsigned_abs());
    }

    // Tokens that go back free the cell, and its deposit.
    if world.fees {
        let bob = Keypair::from_name("Bob");
        send(world, &world.alice, &world.transfer(bob.account(), 5), PLENTY).await.unwrap();
        let before = native(world, &bob).await;
        let receipt = send(world, &bob, &world.transfer(world.alice.account(), 5), PLENTY).await.unwrap();
        assert!(receipt.deposit < 0);
        let now = native(world, &bob).await;
        assert_eq!(before + receipt.deposit.unsigned_abs(), now + receipt.fee.unwrap());
    }
}

pub async fn many_tasks_may_send_at_once(world: &World) {
    let signers = ["Alice", "Alice", "Bob", "Charlie"].map(Keypair::from_name);
    let tasks: Vec<_> = (0..20)
        .map(|index| {
            let signer = signers[index % signers.len()].clone();
            let spender = Keypair::from_name(&format!("spender {index}")).account();
            let message = world.message(|token| token.approve(spender, 1 + index as u128));
            let client = world.client.clone();
            let owner = signer.account();
            let sent = tokio::spawn(async move {
                let ((), mut submission) = client.send(&signer, &message).await?;
                submission.reached(Stage::Finalised).await?;
                Ok::<_, inktensor_chain::CallError<PSP22Error>>(submission)
            });
            (index, owner, spender, sent)
        })
        .collect();
    let mut ids = BTreeSet::new();
    for (index, owner, spender, sent) in tasks {
        let submission = sent.await.unwrap().unwrap();
        assert!(ids.insert(submission.id()));
        assert!(matches!(submission.progress(), Progress::Finalised(_)));
        let allowance = world.message(|token| token.allowance(owner, spender));
        assert_eq!(world.client.query(&allowance).await.unwrap(), 1 + index as u128);
    }
}

pub async fn code_that_is_there_is_not_uploaded_again(world: &World) {
    let before = native(world, &world.alice).await;
    let config = DeployConfig { salt: b"second".to_vec(), ..world.config.clone() };
    let second = deploy(&world.client, &world.alice, &world.bundles, &config).await.unwrap();
    assert_ne!(second.token, world.deployment.token);
    let backend = world.client.backend();
    assert_eq!(
        backend.code_hash(second.token).await.unwrap(),
        backend.code_hash(world.deployment.token).await.unwrap()
    );
    if world.fees {
        // What each contract locks up for its code remains.
        let lost = before - native(world, &world.alice).await;
        assert!(lost > 0 && lost < world.deployed_for * 2 / 3, "{lost}, after {}", world.deployed_for);
    }
}

pub async fn who_cannot_pay_is_rejected(world: &World) {
    if !world.fees {
        return;
    }
    let poor = Keypair::from_name("Without anything");
    let before = world.client.head().await.unwrap();
    let error = send(world, &poor, &world.transfer(world.alice.account(), 0), PLENTY).await.unwrap_err();
    assert_eq!(error, ChainError::Rejected { contract: "token", error: "Payment".into() });
    assert!(error.hint().contains("fee"), "{}", error.hint());
    assert_eq!(world.client.head().await.unwrap(), before);
}

/// Sends without a dry run and waits until it is final. The chain in process fails at once, a node in a block.
async fn send<R>(world: &World, signer: &Keypair, message: &Message<R>, limits: Limits) -> Result<Receipt, ChainError> {
    let action = Action::Call(message.call().clone());
    world.client.backend().submit(signer, action, limits).await?.reached(Stage::Finalised).await
}

async fn native(world: &World, key: &Keypair) -> u128 {
    world.client.backend().native_balance(key.account()).await.unwrap()
}
