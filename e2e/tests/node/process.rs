//! The handle of a node: what it starts is there, what it kills is gone, and what it starts again is the same chain.

use inktensor_e2e::devnode::{Clock, DevNode, NodeError, Options, Profile, Seal};
use serde_json::{Value, json};
use std::{
    env,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpStream},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Set where this program runs to be killed; before the port in the line that it says.
const VICTIM: &str = "INKTENSOR_TEST_VICTIM";

/// Number of the best block.
fn height(node: &DevNode) -> u64 {
    let header = node.rpc("chain_getHeader", json!([])).unwrap();
    let number = header["number"].as_str().unwrap().trim_start_matches("0x");
    u64::from_str_radix(number, 16).unwrap()
}

fn genesis(node: &DevNode) -> Value {
    node.rpc("chain_getBlockHash", json!([0])).unwrap()
}

#[test]
fn a_killed_node_comes_back_as_the_same_chain_on_the_same_port() {
    for profile in [Profile::Contracts, Profile::Bittensor] {
        let options = Options { profile, clock: Clock::Manual, ..Options::default() };
        let mut node = DevNode::start(options).unwrap();
        let (port, first) = (node.port(), genesis(&node));
        node.advance_time(1_000).unwrap();
        assert_eq!(height(&node), 1);
        node.kill();
        let silent = node.rpc("system_health", json!([]));
        assert!(matches!(silent, Err(NodeError::Unreachable(_))), "{silent:?}");
        node.restart().unwrap();
        assert_eq!((node.port(), genesis(&node)), (port, first));
        node.advance_time(1_000).unwrap();
    }
}

#[test]
fn nodes_are_kept_apart_and_seal_as_they_are_told() {
    let node = |seal| DevNode::start(Options { seal, ..Options::default() }).unwrap();
    let (manual, other) = (node(Seal::Manual), node(Seal::Manual));
    assert_ne!(manual.port(), other.port());
    manual.rpc("engine_createBlock", json!([true, true])).unwrap();
    assert_eq!((height(&manual), height(&other)), (1, 0));
    let refused = manual.rpc("no_such_method", json!([]));
    assert!(matches!(refused, Err(NodeError::Refused { .. })), "{refused:?}");
    let interval = node(Seal::Interval(50));
    let (start, deadline) = (height(&interval), Instant::now() + Duration::from_secs(60));
    while height(&interval) < start + 2 {
        assert!(Instant::now() < deadline, "blocks come by themselves");
    }
}

#[test]
fn a_node_ends_with_a_test_that_is_killed() {
    if env::var_os(VICTIM).is_some() {
        let node = DevNode::start(Options::default()).unwrap();
        println!("\n{VICTIM}{}", node.port());
        loop {
            thread::park();
        }
    }
    let mut victim = Command::new(env::current_exe().unwrap());
    let name = "process::a_node_ends_with_a_test_that_is_killed";
    let mut victim =
        victim.args(["--exact", name, "--nocapture"]).env(VICTIM, "").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let port =
        lines.find_map(|line| line.unwrap().strip_prefix(VICTIM).map(|port| port.parse::<u16>().unwrap())).unwrap();
    let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    assert!(listens());
    victim.kill().unwrap();
    victim.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while listens() {
        assert!(Instant::now() < deadline, "the node ends with the process that started it");
    }
}
