//! Endpoints that answer nonsense.

use crate::stage::{PURSE, SEED, Stage, connect, patience, soon, typed, until};
use futures_util::future::join_all;
use inktensor_chain::{Backend, ChainError, Node, NodeOptions, Stage as Reached};
use inktensor_e2e::{
    devnode::Options,
    proxy::{Proxy, Trap},
};
use inktensor_primitives::psp22::PSP22;
use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};
use tokio_tungstenite::tungstenite::accept;

/// Most that a client of these tests takes of one answer, in bytes: more than the chain's metadata.
const LARGEST: u32 = 8 << 20;
/// What the buffers of two sockets may swallow beside that.
const BUFFERS: usize = 16 << 20;
/// An answer of the right form that is of the wrong type.
const NO_BLOCK: &str = r#"{"jsonrpc":"2.0","id":$id,"result":[null]}"#;
/// Answers that no method gives. `$id` becomes the request's.
const LIES: [&str; 9] = [
    "\u{1f4a9} this is no JSON",
    r#"{"jsonrpc":"2.0","id":$id,"result":"0x00"#,
    r#"{"jsonrpc":"2.0","id":123456789,"result":"0x00"}"#,
    r#"{"jsonrpc":"2.0","id":"$id","result":[null]}"#,
    NO_BLOCK,
    r#"{"jsonrpc":"2.0","id":$id,"result":-1e300}"#,
    r#"{"jsonrpc":"2.0","id":$id,"result":"0xfeffffffffffffffffffffffffffffffffffffff"}"#,
    r#"{"jsonrpc":"2.0","id":$id,"result":{"number":"0xzz","parentHash":"0x","block":{"extrinsics":["0xz"]}}}"#,
    r#"{"jsonrpc":"2.0","id":$id,"error":"no object"}"#,
];

/// All lies, and two that are long: deep beyond any stack, and larger than is taken.
fn lies() -> Vec<String> {
    let nested = format!(r#"{{"jsonrpc":"2.0","id":$id,"result":{}"#, "[".repeat(200_000));
    let huge = format!(r#"{{"jsonrpc":"2.0","id":$id,"result":"0x{}"}}"#, "00".repeat(LARGEST as usize));
    LIES.iter().map(|lie| (*lie).to_owned()).chain([nested, huge]).collect()
}

fn impatience() -> NodeOptions {
    let timeout = Duration::from_millis(500);
    NodeOptions { patience: Duration::from_secs(1), request_timeout: timeout, max_answer: LARGEST, ..patience() }
}

/// One client on a line that lies about one method after another.
async fn lied_to(stage: &Stage, lie: &str) {
    let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let node = connect(&[proxy.url()], impatience()).await;
    let (client, account) = (node.client(), stage.account(1));
    let balance = stage.token.message(|token| token.balance_of(account));
    let short: String = lie.chars().take(60).collect();
    for method in ["chain_getBlockHash", "chain_getHeader", "state_getStorage", "state_call"] {
        proxy.trap(method, Trap::Forge(lie.to_owned()));
        let outcome = soon("an end", async {
            match method {
                "state_call" => client.query(&balance).await.map(drop),
                "state_getStorage" => node.native_balance(account).await.map(drop),
                _ => client.head().await.map(drop),
            }
        })
        .await;
        let error = outcome.expect_err(&format!("{method} answered with {short}"));
        assert!(typed(&error), "{method} answered with {short}: {error:?}");
        // The truth is believed again.
        proxy.disarm();
        until("the truth", || async { client.query(&balance).await == Ok(PURSE) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_are_errors_and_the_truth_is_believed_afterwards() {
    let stage = Stage::by_hand().await;
    join_all(lies().iter().map(|lie| lied_to(&stage, lie))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lies_about_what_it_took_or_holds_causes_no_second_payment() {
    let stage = Stage::set(Options::default()).await;
    let mut paid = Vec::new();
    for (index, lie) in lies().iter().enumerate() {
        let proxy = Proxy::start(stage.node.port(), SEED).await.unwrap();
        let options = NodeOptions { request_timeout: Duration::from_millis(500), max_answer: LARGEST, ..patience() };
        let client = connect(&[proxy.url()], options).await.client();
        for (nth, method) in ["author_submitExtrinsic", "chain_getBlock"].iter().enumerate() {
            let value = 100 + 2 * index as u128 + nth as u128;
            let message = stage.pay(2, value);
            proxy.trap(method, Trap::Forge(lie.clone()));
            let sprung = proxy.tally().sprung();
            let sending = tokio::spawn({
                let (client, bob) = (client.clone(), stage.people[1].clone());
                async move { client.submit(&bob, &message).await }
            });
            until("it was lied to", || std::future::ready(proxy.tally().sprung() > sprung)).await;
            proxy.disarm();
            let ((), receipt) = soon("a receipt", sending).await.unwrap().unwrap();
            assert_eq!(receipt.stage, Reached::Finalised);
            paid.push(stage.paid(1, 2, value));
        }
    }
    stage.reconcile(paid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_followed_by_the_endpoint_that_makes_sense() {
    let stage = Stage::set(Options::default()).await;
    let liar = Proxy::start(stage.node.port(), SEED).await.unwrap();
    let node = connect(&[liar.url(), stage.node.url()], patience()).await;
    liar.trap("chain_getBlock", Trap::Forge(NO_BLOCK.to_owned()));
    let ((), receipt) = soon("a receipt", node.client().submit(&stage.people[1], &stage.pay(2, 100))).await.unwrap();
    assert_eq!(receipt.stage, Reached::Finalised);
    assert!(liar.tally().sprung() > 0, "the liar was never asked");
    assert!(node.health()[0].connected, "it is a liar about blocks alone: {:?}", node.health());
    stage.reconcile(vec![stage.paid(1, 2, 100)]).await;
}

/// Answers each client with one message that never ends, in one frame or in many, and tells how much of it was taken.
fn flood(listener: &TcpListener, frames: bool) -> usize {
    let (stream, _) = listener.accept().unwrap();
    let mut socket = accept(stream).unwrap();
    let stream: &mut TcpStream = socket.get_mut();
    let chunk = [b' '; 1 << 16];
    // A text, not the last frame or the only one, whose length comes in eight bytes.
    let mut header = if frames { vec![0x01, 127] } else { vec![0x81, 127] };
    header.extend(if frames { chunk.len() as u64 } else { 1 << 40 }.to_be_bytes());
    let mut taken = 0;
    let mut first = true;
    loop {
        if first || frames {
            if stream.write_all(&header).is_err() {
                return taken;
            }
            header[0] &= 0x80;
        }
        first = false;
        if stream.write_all(&chunk).is_err() {
            return taken;
        }
        taken += chunk.len();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off() {
    let stage = Stage::by_hand().await;
    for frames in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let (tell, told) = mpsc::channel();
        // It ends with its connection: the client's reconnecting ends with the client.
        thread::spawn(move || {
            for _ in 0..2 {
                tell.send(flood(&listener, frames)).unwrap();
            }
        });
        let options = NodeOptions { max_answer: LARGEST, ..patience() };
        let node = connect(&[url, stage.node.url()], options).await;
        for _ in 0..2 {
            let taken = told.recv_timeout(Duration::from_secs(60)).expect("the client lets go");
            assert!(taken < LARGEST as usize + BUFFERS, "{taken} bytes of one answer");
        }
        assert_eq!(stage.balance(&node.client(), 1).await, PURSE);
        let health = node.health();
        assert!(!health[0].connected && health[0].last_error.is_some(), "{health:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_no_node_is_told_by_name() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            // Nobody reads it any more when the test is over.
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
        }
    });
    let error = Node::connect(std::slice::from_ref(&url), impatience()).await.err().unwrap();
    assert!(matches!(&error, ChainError::Unreachable(reason) if reason.contains(&url)), "{error}");
}
