//! The node dies and comes back.

use crate::stage::{Stage, connect, finalise, patience, pooled, seal, soon, stands, text};
use inktensor_chain::{ChainError, Progress, Stage as Reached};
use inktensor_e2e::devnode::{Options, Seal};
use tokio::task::JoinSet;

const KILLS: usize = 3;
const EACH: u128 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_neither_loses_nor_doubles_a_transfer() {
    let mut stage = Stage::set(Options { seal: Seal::Interval(200), finalise_after: 3, ..Options::default() }).await;
    let client = connect(&[stage.node.url()], patience()).await.client();
    let mut sent = JoinSet::new();
    for from in 0..stage.people.len() {
        let (client, key) = (client.clone(), stage.people[from].clone());
        let to = (from + 1) % stage.people.len();
        let messages: Vec<_> = (0..EACH).map(|nth| 100 * (from as u128 + 1) + nth).collect();
        let messages: Vec<_> = messages.into_iter().map(|value| (value, stage.pay(to, value))).collect();
        for (value, message) in messages {
            let (client, key) = (client.clone(), key.clone());
            sent.spawn(async move { (from, to, value, client.submit(&key, &message).await.map(drop)) });
        }
    }

    let (mut paid, mut unpaid, mut settled) = (Vec::new(), Vec::new(), 0);
    while let Some(done) = soon("the next fate", sent.join_next()).await {
        let (from, to, value, outcome) = done.unwrap();
        match outcome.map_err(ChainError::from) {
            Ok(()) => paid.push(stage.paid(from, to, value)),
            // It is known to have had no effect, and so may be sent again.
            Err(ChainError::Expired { .. }) => unpaid.push((from, to, value)),
            Err(error) => panic!("{value}: {error}"),
        }
        settled += 1;
        // While the others are under way.
        if settled % 6 == 0 && settled / 6 <= KILLS {
            stage.node.kill();
            stage.node.restart().unwrap();
        }
    }
    for (from, to, value) in unpaid {
        client.submit(&stage.people[from], &stage.pay(to, value)).await.unwrap();
        paid.push(stage.paid(from, to, value));
    }
    assert_eq!(paid.len(), stage.people.len() * EACH as usize);
    stage.reconcile(paid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_died_with_its_node_is_filled_again() {
    let mut stage = Stage::by_hand().await;
    let client = connect(&[stage.node.url()], patience()).await.client();
    let ((), mut submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    pooled(&stage.node, 1).await;
    stage.node.kill();
    stage.node.restart().unwrap();

    pooled(&stage.node, 1).await;
    assert_eq!(submission.progress(), Progress::Submitted);
    let block = seal(&stage.node, None);
    let in_block = stands(&submission, "a block", |progress| *progress != Progress::Submitted).await;
    let Progress::InBlock(receipt) = in_block else { panic!("{in_block:?}") };
    assert_eq!(text(receipt.block_hash), block);
    finalise(&stage.node, &block);
    let receipt = soon("finality", submission.reached(Reached::Finalised)).await.unwrap();
    assert_eq!(text(receipt.block_hash), block);
    stage.reconcile(vec![stage.paid(0, 1, 100)]).await;
}
