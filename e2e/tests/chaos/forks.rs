//! Blocks that were best are replaced by a longer fork.

use crate::stage::{PURSE, Stage, best, connect, finalise, patience, pooled, seal, soon, stands, text, until};
use inktensor_chain::{Action, ChainError, Client, Gas, Limits, Progress, Receipt, Stage as Reached, Submission};
use inktensor_primitives::psp22::PSP22;

/// Enough for a message of the token.
const ENOUGH: Limits = Limits { gas: Gas { ref_time: 5_000_000_000, proof_size: 500_000 }, deposit: None };

async fn in_block(submission: &Submission, block: &str) -> Receipt {
    let there =
        |progress: &Progress| matches!(progress, Progress::InBlock(receipt) if text(receipt.block_hash) == block);
    match stands(submission, "it is in the block", there).await {
        Progress::InBlock(receipt) => receipt,
        progress => panic!("{progress:?}"),
    }
}

async fn in_no_block(submission: &Submission) {
    stands(submission, "it is in no block", |progress| *progress == Progress::Submitted).await;
}

async fn client(stage: &Stage) -> Client {
    connect(&[stage.node.url()], patience()).await.client()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_a_fork_undoes_is_told_so_and_made_again() {
    let stage = Stage::by_hand().await;
    let client = client(&stage).await;
    let base = best(&stage.node);
    let ((), mut submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    let a1 = seal(&stage.node, Some(&base));
    let first = in_block(&submission, &a1).await;
    let pinned = client.pin().await.unwrap();
    assert_eq!(text(pinned.head().hash), a1);
    assert_eq!(stage.payments(&client).await, [stage.paid(0, 1, 100)]);

    let b1 = seal(&stage.node, Some(&base));
    assert_eq!(best(&stage.node), a1, "a fork of the same length replaces nothing");
    assert_eq!(submission.progress(), Progress::InBlock(first.clone()));
    let b2 = seal(&stage.node, Some(&b1));
    assert_eq!(best(&stage.node), b2);
    in_no_block(&submission).await;
    assert_eq!(stage.payments(&client).await, [], "events of the fork that lost");
    assert_eq!(stage.balance(&client, 1).await, PURSE);
    // Who reads the state that it held sees that state, and no mixture.
    let receiver = stage.account(1);
    let held = pinned.query(&stage.token.message(|token| token.balance_of(receiver))).await.unwrap();
    assert_eq!(held, PURSE + 100);

    pooled(&stage.node, 1).await;
    let b3 = seal(&stage.node, Some(&b2));
    let second = in_block(&submission, &b3).await;
    assert_eq!((second.block, &second.events.0[0].data), (first.block + 2, &first.events.0[0].data));
    finalise(&stage.node, &b3);
    let last = soon("finality", submission.reached(Reached::Finalised)).await.unwrap();
    assert_eq!(last, Receipt { stage: Reached::Finalised, ..second });
    stage.reconcile(vec![stage.paid(0, 1, 100)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_s_row_of_payments_survives_a_fork_in_its_order() {
    let stage = Stage::by_hand().await;
    let client = client(&stage).await;
    let base = best(&stage.node);
    let mut submissions = Vec::new();
    for nth in 0..3 {
        let ((), submission) =
            soon("acceptance", client.send(&stage.people[0], &stage.pay(1, 100 + nth))).await.unwrap();
        let block = seal(&stage.node, None);
        in_block(&submission, &block).await;
        submissions.push(submission);
    }
    let mut tip = base;
    for _ in 0..4 {
        tip = seal(&stage.node, Some(&tip));
    }
    assert_eq!(best(&stage.node), tip);
    for submission in &submissions {
        in_no_block(submission).await;
    }
    assert_eq!(stage.payments(&client).await, []);
    // The pool has them again by the second look of the client at the latest, and a block takes the whole row.
    pooled(&stage.node, 3).await;
    let block = seal(&stage.node, Some(&tip));
    finalise(&stage.node, &block);
    for submission in &mut submissions {
        let receipt = soon("finality", submission.reached(Reached::Finalised)).await.unwrap();
        assert_eq!(text(receipt.block_hash), block);
    }
    stage.reconcile((0..3).map(|nth| stage.paid(0, 1, 100 + nth)).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_payments_of_the_same_coins_one_is_made_and_the_other_told_to_have_failed() {
    let stage = Stage::by_hand().await;
    let client = client(&stage).await;
    let (spender, token) = (stage.account(1), stage.token);
    let approve = token.message(|token| token.approve(spender, PURSE));
    let ((), mut approval) = client.send(&stage.people[0], &approve).await.unwrap();
    let base = seal(&stage.node, None);
    finalise(&stage.node, &base);
    soon("the approval", approval.reached(Reached::Finalised)).await.unwrap();

    // On one fork the owner pays all that it has; on the other the spender was faster.
    let ((), mut owner_s) = client.send(&stage.people[0], &stage.pay(2, PURSE)).await.unwrap();
    let a1 = seal(&stage.node, Some(&base));
    in_block(&owner_s, &a1).await;
    let (from, to) = (stage.account(0), stage.account(3));
    let draw = token.message(|token| token.transfer_from(from, to, 600_000, vec![]));
    let draw = Action::Call(draw.call().clone());
    let mut spender_s = client.backend().submit(&stage.people[1], draw, ENOUGH).await.unwrap();
    let b1 = seal(&stage.node, Some(&base));
    let b2 = seal(&stage.node, Some(&b1));
    in_no_block(&owner_s).await;
    in_block(&spender_s, &b1).await;
    assert_eq!(stage.payments(&client).await, [stage.paid(0, 3, 600_000)]);

    pooled(&stage.node, 1).await;
    let b3 = seal(&stage.node, Some(&b2));
    until("the block of the failure was seen", || async { text(client.head().await.unwrap().hash) == b3 }).await;
    finalise(&stage.node, &b3);
    let receipt = soon("finality", spender_s.reached(Reached::Finalised)).await.unwrap();
    assert_eq!(text(receipt.block_hash), b1);
    let error = soon("the failure", owner_s.reached(Reached::Finalised)).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "token", error: "ContractReverted".into() });
    stage.reconcile(vec![stage.paid(0, 3, 600_000)]).await;
}
