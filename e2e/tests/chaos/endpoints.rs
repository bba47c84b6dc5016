//! Several endpoints, some of which are of no use.

use crate::stage::{PURSE, SEED, Stage, best, connect, finalise, patience, pooled, seal, soon, stands, text, until};
use inktensor_chain::{ChainError, Client, Node, NodeOptions, Progress};
use inktensor_e2e::{
    devnode::{DevNode, Options, Profile},
    proxy::{Faults, Proxy},
};
use std::{net::TcpListener, time::Duration};
use tempfile::TempDir;

/// Blocks by which an endpoint lies behind: more than a client bears.
const LAG: u32 = 20;

/// Two nodes with the same blocks; the first is behind a proxy.
struct Twins {
    stage: Stage,
    other: DevNode,
    line: Proxy,
    /// Where the second keeps its blocks.
    _folder: TempDir,
}

impl Twins {
    async fn start() -> Self {
        let mut stage = Stage::by_hand().await;
        let folder = tempfile::tempdir().unwrap();
        let other = stage.twin(&folder);
        let line = Proxy::start(stage.node.port(), SEED).await.unwrap();
        Self { stage, other, line, _folder: folder }
    }
}

async fn head(client: &Client) -> u32 {
    soon("a head", client.head()).await.unwrap().number
}

/// Waits until a client knows how far its endpoints are.
async fn known(node: &Node, best: &[u32]) {
    until("the endpoints' heads are known", || {
        let health = node.health();
        std::future::ready(health.iter().map(|endpoint| endpoint.best).eq(best.iter().copied()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_lies_behind_is_not_read_and_not_followed() {
    let mut stage = Stage::by_hand().await;
    let folder = tempfile::tempdir().unwrap();
    let laggard = stage.twin(&folder);
    let node = connect(&[laggard.url(), stage.node.url()], patience()).await;
    let client = node.client();
    let low = head(&client).await;
    for _ in 0..LAG {
        seal(&stage.node, None);
    }
    known(&node, &[low, low + LAG]).await;
    assert_eq!(text(client.head().await.unwrap().hash), best(&stage.node));

    let ((), submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    let block = seal(&stage.node, None);
    let progress = stands(&submission, "a block", |progress| *progress != Progress::Submitted).await;
    let Progress::InBlock(receipt) = progress else { panic!("{progress:?}") };
    assert_eq!(text(receipt.block_hash), block);
    assert_eq!(stage.balance(&client, 1).await, PURSE + 100);
    known(&node, &[low, low + LAG + 1]).await;
    assert!(node.health().iter().all(|endpoint| endpoint.connected), "behind is not down: {:?}", node.health());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_endpoint_does_not_hold_up_the_others_and_is_named() {
    let stage = Stage::by_hand().await;
    // The kernel accepts, and nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = format!("ws://{}", listener.local_addr().unwrap());
    let deaf = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let options = NodeOptions { connect_timeout: Duration::from_secs(2), ..patience() };
    let node = soon("a connection", connect(&[mute.clone(), deaf.url(), stage.node.url()], options)).await;
    let client = node.client();
    // This one answered once and does no more, but keeps the connection.
    deaf.set(Faults { silent: true, ..Faults::default() });
    let (before, sealed) = (head(&client).await, seal(&stage.node, None));
    until("the new head is read", || async { text(soon("a head", client.head()).await.unwrap().hash) == sealed }).await;
    assert_eq!(head(&client).await, before + 1);

    until("the deaf one is found out", || std::future::ready(!node.health()[1].connected)).await;
    let health = node.health();
    assert_eq!(health.iter().map(|endpoint| endpoint.connected).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(health[0].url, mute);
    assert!(health[..2].iter().all(|endpoint| endpoint.last_error.is_some()), "{health:?}");
    assert_eq!(health[2].best, before + 1);

    deaf.set(Faults::default());
    until("it is taken back", || std::future::ready(node.health()[1].connected)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_another_chain_is_refused_by_name() {
    let stage = Stage::by_hand().await;
    let stranger = DevNode::start(Options { profile: Profile::Bittensor, ..Options::default() }).unwrap();
    let genesis = connect(&[stage.node.url()], patience()).await.genesis().unwrap();
    let options = NodeOptions { genesis: Some(genesis), ..patience() };
    for endpoints in [[stage.node.url(), stranger.url()], [stranger.url(), stage.node.url()]] {
        let error = Node::connect(&endpoints, options.clone()).await.err().unwrap();
        let ChainError::WrongChain { endpoint, .. } = &error else { panic!("{error}") };
        assert_eq!(*endpoint, stranger.url());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failover_the_head_waits_for_the_other_endpoint_instead_of_going_back() {
    let Twins { stage, other, line, _folder } = Twins::start().await;
    let options = NodeOptions { settle: Duration::from_secs(60), ..patience() };
    let node = connect(&[line.url(), other.url()], options).await;
    let client = node.client();
    let low = head(&client).await;
    let blocks: Vec<_> = (0..5).map(|_| seal(&stage.node, None)).collect();
    known(&node, &[low + 5, low]).await;
    assert_eq!(head(&client).await, low + 5);

    line.set(Faults { down: true, ..Faults::default() });
    line.cut_all();
    until("the loss is noticed", || std::future::ready(!node.health()[0].connected)).await;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.head().await.unwrap() }
    });
    // The other endpoint makes the same blocks, late.
    let copies: Vec<_> = (0..5).map(|_| seal(&other, None)).collect();
    assert_eq!(copies, blocks);
    let found = soon("a head", waiting).await.unwrap();
    assert_eq!((found.number, text(found.hash)), (low + 5, blocks[4].clone()));
    assert_eq!(stage.payments(&client).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_really_is_shorter_is_believed_after_a_while() {
    let Twins { stage, other, line, _folder } = Twins::start().await;
    let node = connect(&[line.url(), other.url()], patience()).await;
    let client = node.client();
    let low = head(&client).await;
    (0..5).for_each(|_| drop(seal(&stage.node, None)));
    known(&node, &[low + 5, low]).await;
    assert_eq!(head(&client).await, low + 5);
    line.set(Faults { down: true, ..Faults::default() });
    line.cut_all();
    assert_eq!(head(&client).await, low);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_on_by_another_endpoint_when_its_own_dies() {
    let Twins { stage, other, line, _folder } = Twins::start().await;
    let node = connect(&[line.url(), other.url()], patience()).await;
    let client = node.client();
    let ((), submission) = client.send(&stage.people[0], &stage.pay(1, 100)).await.unwrap();
    pooled(&stage.node, 1).await;
    line.set(Faults { down: true, ..Faults::default() });
    line.cut_all();

    // The other endpoint never heard of it, until the client sends the same again.
    pooled(&other, 1).await;
    let block = seal(&other, None);
    finalise(&other, &block);
    let done = stands(&submission, "finality", |progress| matches!(progress, Progress::Finalised(_))).await;
    let Progress::Finalised(receipt) = done else { panic!("{done:?}") };
    assert_eq!(text(receipt.block_hash), block);
    assert_eq!(stage.payments(&client).await, [stage.paid(0, 1, 100)]);
    // The first endpoint has the same extrinsic, byte for byte.
    let pool = stage.node.rpc("author_pendingExtrinsics", serde_json::json!([])).unwrap();
    let body = other.rpc("chain_getBlock", serde_json::json!([block])).unwrap();
    let body = body["block"]["extrinsics"].as_array().unwrap();
    assert!(body.contains(&pool[0]));
}
