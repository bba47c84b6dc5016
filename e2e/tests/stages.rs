//! The client on a node whose blocks the tests make: what it reports of a submission is what the chain holds, at each
//! moment.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_chain::{
    AccountId, Action, Backend, ChainError, Gas, Hash, Keypair, Limits, Node, NodeOptions, Progress, RawCall, RawCode,
    Stage, Submission,
};
use inktensor_e2e::devnode::{DevNode, Options, Profile, Seal};
use scale::Encode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use token::token::TokenRef;

const PLENTY: Limits = Limits { gas: Gas { ref_time: 100_000_000_000, proof_size: 1_000_000 }, deposit: None };
/// For what happens by itself.
const PATIENCE: Duration = Duration::from_secs(120);

struct World {
    chain: DevNode,
    node: Node,
    alice: Keypair,
}

impl World {
    async fn new() -> Self {
        let chain = start(Options { seal: Seal::Manual, ..Options::default() });
        let node = Node::connect(&[chain.url()], NodeOptions::default()).await.unwrap();
        Self { chain, node, alice: Keypair::from_name("Alice") }
    }

    /// Makes a block on the best one, or on another. Its hash.
    fn seal(&self, parent: Option<&Value>) -> Value {
        self.chain.rpc("engine_createBlock", json!([true, false, parent])).unwrap()["hash"].clone()
    }

    fn finalise(&self, block: &Value) {
        self.chain.rpc("engine_finalizeBlock", json!([block])).unwrap();
    }

    async fn send(&self, action: Action) -> Submission {
        self.node.submit(&self.alice, action, PLENTY).await.unwrap()
    }
}

fn start(options: Options) -> DevNode {
    DevNode::start(options).unwrap_or_else(|error| panic!("{error}"))
}

/// A token of its own for each salt.
fn token(salt: u8) -> Action {
    let holder = Keypair::from_name("Alice").account();
    let new = TokenRef::new(holder, holder, 1_000).code_hash(Hash::default()).endowment(0).salt_bytes([]);
    let data = new.params().exec_input().encode();
    Action::Instantiate(RawCode { name: "token", code: inktensor_e2e::chain::code("token"), data, salt: vec![salt] })
}

/// A call of a contract that does not exist: the chain takes it, and it fails.
fn nothing() -> Action {
    let contract = AccountId::from([9; 32]);
    Action::Call(RawCall { name: "nothing", contract, value: 0, data: vec![1, 2, 3, 4] })
}

async fn comes_to(submission: &Submission, what: impl Fn(&Progress) -> bool) -> Progress {
    let start = Instant::now();
    while !what(&submission.progress()) {
        assert!(start.elapsed() < PATIENCE, "still {:?}", submission.progress());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    submission.progress()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_stage_is_reported_when_it_is_reached() {
    let world = World::new().await;
    let mut submission = world.send(token(1)).await;
    assert_eq!(submission.progress(), Progress::Submitted);
    let block = world.seal(None);
    let held = submission.reached(Stage::InBlock).await.unwrap();
    assert_eq!((held.stage, held.block), (Stage::InBlock, 1));
    assert_eq!(submission.progress(), Progress::InBlock(held.clone()));
    world.finalise(&block);
    let settled = submission.reached(Stage::Finalised).await.unwrap();
    assert_eq!((settled.stage, settled.block_hash), (Stage::Finalised, held.block_hash));
    assert_eq!((settled.fee, settled.deposit, settled.gas), (held.fee, held.deposit, held.gas));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_of_a_key_waits_until_the_one_before_is_in_a_block() {
    let world = World::new().await;
    let first = world.send(token(1)).await;
    let (node, alice) = (world.node.clone(), world.alice.clone());
    let second = tokio::spawn(async move { node.submit(&alice, token(2), PLENTY).await });
    // Another key does not wait.
    let third = world.node.submit(&Keypair::from_name("Bob"), token(3), PLENTY).await.unwrap();
    assert_eq!(world.chain.rpc("author_pendingExtrinsics", json!([])).unwrap().as_array().unwrap().len(), 2);
    assert!(!second.is_finished());
    world.seal(None);
    let second = second.await.unwrap().unwrap();
    assert!(matches!(first.progress(), Progress::InBlock(_)));
    comes_to(&third, |progress| matches!(progress, Progress::InBlock(_))).await;
    assert_eq!(second.progress(), Progress::Submitted);
    let block = world.seal(None);
    world.finalise(&block);
    for submission in [first, second, third] {
        comes_to(&submission, |progress| matches!(progress, Progress::Finalised(_))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_block_takes_its_extrinsics_back_and_they_come_again() {
    let world = World::new().await;
    let genesis = world.chain.rpc("chain_getBlockHash", json!([0])).unwrap();
    let mut submission = world.send(token(1)).await;
    let first = world.seal(None);
    let held = submission.reached(Stage::InBlock).await.unwrap();

    // Two blocks beside it make the longer chain.
    let rival = world.seal(Some(&genesis));
    assert_ne!(rival, first);
    world.seal(Some(&rival));
    comes_to(&submission, |progress| *progress == Progress::Submitted).await;
    let id = submission.id();
    let block = world.seal(None);
    let Progress::InBlock(again) = comes_to(&submission, |progress| matches!(progress, Progress::InBlock(_))).await
    else {
        panic!("it is in a block")
    };
    assert_ne!(again.block_hash, held.block_hash);
    world.finalise(&block);
    let settled = submission.reached(Stage::Finalised).await.unwrap();
    assert_eq!((settled.block_hash, submission.id()), (again.block_hash, id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_reported_when_its_block_is_final() {
    let world = World::new().await;
    let mut submission = world.send(nothing()).await;
    let block = world.seal(None);
    // The key's next may go, so the block was seen; the failure is not certain yet.
    let next = world.send(nothing()).await;
    assert_eq!((submission.progress(), next.progress()), (Progress::Submitted, Progress::Submitted));
    world.finalise(&block);
    let error = submission.reached(Stage::Submitted).await.unwrap_err();
    assert_eq!(error, ChainError::Failed { contract: "nothing", error: "ContractNotFound".into() });
    assert_eq!(next.progress(), Progress::Submitted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_and_comes_back_is_sent_the_extrinsic_again() {
    let mut world = World::new().await;
    let block = world.seal(None);
    world.finalise(&block);
    let mut submission = world.send(token(1)).await;
    world.chain.restart().unwrap();
    let start = Instant::now();
    while world.chain.rpc("author_pendingExtrinsics", json!([])).unwrap().as_array().unwrap().is_empty() {
        assert!(start.elapsed() < PATIENCE, "nothing was sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let block = world.seal(None);
    world.finalise(&block);
    submission.reached(Stage::Finalised).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_of_two_chains_are_not_one_chain() {
    let one = start(Options::default());
    let other = start(Options { profile: Profile::Bittensor, ..Options::default() });
    let error = Node::connect(&[one.url(), other.url()], NodeOptions::default()).await.err().unwrap();
    let ChainError::WrongChain { endpoint, reason } = error else { panic!("{error}") };
    assert!([one.url(), other.url()].contains(&endpoint) && reason.contains("genesis"), "{endpoint}: {reason}");
    let node = Node::connect(&[one.url()], NodeOptions::default()).await.unwrap();
    let options = NodeOptions { genesis: Some(node.genesis().unwrap()), ..NodeOptions::default() };
    let error = Node::connect(&[other.url()], options).await.err().unwrap();
    assert!(matches!(error, ChainError::WrongChain { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_down_is_passed_over_and_told() {
    let (chain, nobody) = (start(Options::default()), "ws://127.0.0.1:1".to_owned());
    let options = NodeOptions { patience: Duration::from_secs(2), ..NodeOptions::default() };
    let node = Node::connect(&[nobody.clone(), chain.url()], options.clone()).await.unwrap();
    assert_eq!(node.head().await.unwrap().number, 0);
    let health = node.health();
    assert!(!health[0].connected && health[0].last_error.is_some(), "{health:?}");
    assert!(health[1].connected, "{health:?}");

    drop(chain);
    let error = node.head().await.unwrap_err();
    assert!(matches!(error, ChainError::Unreachable(_)), "{error}");
    let error = Node::connect(std::slice::from_ref(&nobody), options).await.err().unwrap();
    assert!(matches!(&error, ChainError::Unreachable(reason) if reason.contains(&nobody)), "{error}");
}
