//! `inktensor devnet` with a real node: scripts/node builds it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A user with no development chain yet. What runs at the end is stopped.
struct User {
    data: TempDir,
    port: u16,
}

impl User {
    fn new() -> Self {
        // The system does not deal a port again at once.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { data: tempfile::tempdir().unwrap(), port }
    }

    fn devnet(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inktensor"));
        command.args(["devnet", "--json"]).args(arguments).env("XDG_DATA_HOME", self.data.path());
        command
    }

    fn up(&self, arguments: &[&str]) -> Value {
        let port = self.port.to_string();
        succeeds(&self.devnet(&[&["up", "--port", &port], arguments].concat()))
    }

    fn best(&self) -> u64 {
        succeeds(&self.devnet(&["status"]))["heads"]["best"].as_u64().unwrap()
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.devnet(&["reset"]);
    }
}

fn succeeds(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fails(output: &Output, code: i32, name: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(name) && text.contains("Hint: "), "{text}");
}

#[test]
fn a_chain_is_started_once_kept_over_a_restart_and_forgotten_by_reset() {
    let user = User::new();
    let regular = ["--seal", "interval", "--block-time", "50"];
    fails(&user.devnet(&["status"]), 20, "not_running");
    assert_eq!(user.up(&regular)["started"], true);
    assert_eq!(user.up(&regular)["started"], false, "it runs already");
    fails(&user.devnet(&["up", "--port", &user.port.to_string()]), 13, "runs_otherwise");

    let began = Instant::now();
    while user.best() < 2 {
        assert!(began.elapsed() < Duration::from_secs(60), "no blocks are sealed");
    }
    assert_eq!(succeeds(&user.devnet(&["down"])), json!({ "stopped": true }));
    fails(&user.devnet(&["status"]), 20, "not_running");
    assert_eq!(succeeds(&user.devnet(&["down"])), json!({ "stopped": false }), "stopping twice is no mistake");
    let lines = succeeds(&user.devnet(&["logs", "--lines", "3"]))["lines"].as_array().unwrap().len();
    assert_eq!(lines, 3);

    assert_eq!(user.up(&["--seal", "manual"])["started"], true);
    assert!(user.best() >= 2, "the chain is kept");
    assert_eq!(succeeds(&user.devnet(&["reset"])), json!({ "stopped": true }));
    user.up(&["--seal", "manual", "--chain", "bittensor"]);
    assert_eq!(user.best(), 0, "the chain is forgotten");
}

#[test]
fn what_is_the_users_own_is_left_alone() {
    let user = User::new();
    let own = TcpListener::bind(("127.0.0.1", user.port)).unwrap();
    // It takes connections and says nothing, as many programs do.
    fails(&user.devnet(&["up", "--port", &user.port.to_string()]), 14, "port_taken");
    drop(own);

    let mut process = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let plan = json!({ "chain": "contracts", "seal": "instant", "block_time": 1000, "port": user.port });
    let record = json!({ "pid": process.id(), "birth": "1 after another start of the machine", "plan": plan });
    let folder = user.data.path().join("inktensor/devnet");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("node.json"), record.to_string()).unwrap();
    fails(&user.devnet(&["status"]), 20, "not_running");
    assert_eq!(succeeds(&user.devnet(&["down"])), json!({ "stopped": false }));
    assert!(process.try_wait().unwrap().is_none(), "a process that got the node's number later goes on");
    drop(process.stdin.take());
    process.wait().unwrap();
}

#[test]
fn a_missing_or_broken_node_is_named() {
    let user = User::new();
    let port = user.port.to_string();
    let up = |node: &str| user.command(&["up", "--port", &port]).env("INKTENSOR_NODE", node).output().unwrap();
    fails(&up("/nowhere/inktensor-node"), 14, "scripts/node");
    let broken = user.data.path().join("broken");
    std::fs::write(&broken, "#!/bin/sh\necho out of order >&2\nexit 3\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&broken, mode).unwrap();
    let output = up(broken.to_str().unwrap());
    fails(&output, 20, "out of order");
    fails(&user.devnet(&["status"]), 20, "not_running");
}
