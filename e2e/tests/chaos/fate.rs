//! Submissions that do not end well: what is told of them is true.

use crate::stage::{SEED, Stage, connect, finalise, patience, pooled, seal, soon, stands, until};
use inktensor_chain::{ChainError, NodeOptions, Progress, Stage as Reached};
use inktensor_e2e::proxy::{Faults, Proxy, Trap};
use std::time::Duration;

/// More blocks than an extrinsic lives.
const AGES: usize = 70;

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_had_no_effect_and_may_be_sent_again() {
    let stage = Stage::by_hand().await;
    let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let options = NodeOptions { request_timeout: Duration::from_millis(500), ..patience() };
    let client = connect(&[proxy.url()], options).await.client();
    // An endpoint that swallows extrinsics.
    proxy.trap("author_submitExtrinsic", Trap::LoseRequest);
    let born = client.head().await.unwrap().number;
    let sending = tokio::spawn({
        let (client, alice, message) = (client.clone(), stage.people[0].clone(), stage.pay(1, 100));
        async move { client.submit(&alice, &message).await }
    });
    until("it is swallowed", || std::future::ready(proxy.tally().sprung() > 0)).await;
    (1..AGES).for_each(|_| drop(seal(&stage.node, None)));
    finalise(&stage.node, &seal(&stage.node, None));

    let error = ChainError::from(soon("the end of its time", sending).await.unwrap().unwrap_err());
    let ChainError::Expired { contract: "token", block } = error else { panic!("{error}") };
    assert!(born < block && block < born + 64, "born at {born}, expired at {block}");
    stage.reconcile(vec![]).await;

    proxy.disarm();
    let ((), mut submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    let block = seal(&stage.node, None);
    finalise(&stage.node, &block);
    soon("finality", submission.reached(Reached::Finalised)).await.unwrap();
    stage.reconcile(vec![stage.paid(0, 1, 100)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsettled_may_still_take_effect_and_is_told_so() {
    let stage = Stage::by_hand().await;
    let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let options = NodeOptions { lost_after: Duration::from_secs(1), ..patience() };
    let client = connect(&[proxy.url()], options).await.client();
    let ((), submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    pooled(&stage.node, 1).await;
    let head = client.head().await.unwrap().number;
    proxy.set(Faults { down: true, ..Faults::default() });
    proxy.cut_all();

    let told = stands(&submission, "an end", |progress| *progress != Progress::Submitted).await;
    let Progress::Failed(ChainError::Unsettled { contract: "token", until }) = told else { panic!("{told:?}") };
    assert!(head < until && until < head + 64);
    seal(&stage.node, None);
    // It did take effect: who looks before sending again does not pay twice.
    stage.reconcile(vec![stage.paid(0, 1, 100)]).await;

    // The key's next payment does not wait for what nobody follows any more.
    proxy.set(Faults::default());
    let ((), mut submission) = client.send(&stage.people[0], &stage.pay(1, 101)).await.unwrap();
    let block = seal(&stage.node, None);
    finalise(&stage.node, &block);
    soon("finality", submission.reached(Reached::Finalised)).await.unwrap();
    stage.reconcile(vec![stage.paid(0, 1, 100), stage.paid(0, 1, 101)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_another_program_used_is_told_and_never_lands() {
    let mut stage = Stage::by_hand().await;
    let folder = tempfile::tempdir().unwrap();
    let twin = stage.twin(&folder);
    let line = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let client = connect(&[line.url(), twin.url()], patience()).await.client();
    let rival = connect(&[twin.url()], patience()).await.client();
    let ((), submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    pooled(&stage.node, 1).await;

    // The first node is gone with what it had; on the chain of the other, the key's nonce was used by another program.
    line.set(Faults { down: true, ..Faults::default() });
    line.cut_all();
    let ((), mut other) = rival.send(&stage.people[0], &stage.pay(2, 200)).await.unwrap();
    let block = seal(&twin, None);
    finalise(&twin, &block);
    soon("the rival's finality", other.reached(Reached::Finalised)).await.unwrap();
    let told = stands(&submission, "an end", |progress| *progress != Progress::Submitted).await;
    let error = ChainError::Rejected { contract: "token", error: "Stale".into() };
    assert_eq!(told, Progress::Failed(error));
    seal(&twin, None);
    assert_eq!(stage.payments(&rival).await, [stage.paid(0, 2, 200)]);
}
