//! Between client and node, frames are lost, late, doubled, and connections cut.

use crate::stage::{NOISE, SEED, Stage, best, connect, patience, pooled, seal, soon, stands, text};
use futures_util::future::join_all;
use inktensor_chain::{Progress, Stage as Reached};
use inktensor_e2e::{
    devnode::{Options, Seal},
    proxy::{Proxy, Trap},
};
use inktensor_primitives::psp22::Transfer;

const TRANSFERS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_neither_loses_nor_doubles_a_transfer() {
    let stage = Stage::set(Options { seal: Seal::Interval(300), finalise_after: 2, ..Options::default() }).await;
    let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let client = connect(&[proxy.url()], patience()).await.client();
    proxy.set(NOISE);

    // Each of the six pays the next five times, all at once. Each amount is another, so none is taken for another.
    let payments: Vec<_> = (0..TRANSFERS).map(|index| (index % 6, (index + 1) % 6, 100 + index as u128)).collect();
    let sent = payments.iter().map(|(from, to, value)| {
        let (client, from, message) = (client.clone(), stage.people[*from].clone(), stage.pay(*to, *value));
        tokio::spawn(async move { client.submit(&from, &message).await })
    });
    let receipts = soon("all receipts", join_all(sent)).await;
    let (tally, clean) = (proxy.tally(), stage.clean().await);

    for (receipt, (from, to, value)) in receipts.into_iter().zip(&payments) {
        let ((), receipt) = receipt.unwrap().unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(receipt.stage, Reached::Finalised);
        assert_eq!(receipt.events.of::<Transfer>().unwrap(), [stage.paid(*from, *to, *value)]);
        assert_eq!(clean.block_hash(receipt.block).await.unwrap(), receipt.block_hash);
        let later = clean.events_since(receipt.block).await.unwrap();
        assert!(receipt.events.0.iter().all(|event| later.0.contains(event)), "{value} is in another block");
    }
    stage.reconcile(payments.iter().map(|(from, to, value)| stage.paid(*from, *to, *value)).collect()).await;
    assert!(tally.lost() > 0 && tally.delayed() > 0 && tally.repeated() > 0 && tally.cut() > 0, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_cut_in_the_middle_of_sending_does_not_send_twice() {
    let stage = Stage::by_hand().await;
    let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let client = connect(&[proxy.url()], patience()).await.client();
    let traps = [Trap::CutRequest, Trap::CutAnswer, Trap::LoseAnswer];
    for (index, trap) in traps.iter().enumerate() {
        let sprung = proxy.tally().sprung();
        proxy.trap("author_submitExtrinsic", trap.clone());
        let message = stage.pay(index + 1, 100 + index as u128);
        let sending = tokio::spawn({
            let (client, alice) = (client.clone(), stage.people[0].clone());
            async move { client.send(&alice, &message).await }
        });
        pooled(&stage.node, 1).await;
        proxy.disarm();
        let ((), submission) = soon("word of acceptance", sending).await.unwrap().unwrap();
        assert_eq!(submission.progress(), Progress::Submitted, "{trap:?}");
        assert_eq!(proxy.tally().sprung(), sprung + 1, "{trap:?}");
        let block = seal(&stage.node, None);
        let progress = stands(&submission, "a block", |progress| *progress != Progress::Submitted).await;
        let Progress::InBlock(receipt) = progress else { panic!("{trap:?}: {progress:?}") };
        assert_eq!((text(receipt.block_hash), best(&stage.node)), (block.clone(), block));
        pooled(&stage.node, 0).await;
    }
    stage.reconcile((0..traps.len()).map(|index| stage.paid(0, index + 1, 100 + index as u128)).collect()).await;
}
