//! Validators and miners as processes: on a dev node, killed and told to stop. Needs the node: `scripts/node` builds it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn inktensor(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inktensor"));
    command.args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a service on settings that this text gives.
fn service(kind: &str, settings: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("service.toml");
    fs::write(&file, settings).unwrap();
    inktensor(&[kind, "run", "--config", file.to_str().unwrap()]).output().unwrap()
}

#[test]
fn a_validator_killed_between_commit_and_reveal_reveals() {
    let output = inktensor(&["demo", "--chain", "node", "--kill", "--epochs", "3", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    let killed = outcome["killed"].as_array().unwrap();
    let epochs = outcome["epochs"].as_array().unwrap();
    let mut landed = 0;
    for kill in killed {
        let after =
            epochs.iter().find(|epoch| epoch["epoch"].as_u64() == kill["epoch"].as_u64().map(|epoch| epoch + 1));
        let Some(after) = after else { continue };
        assert!(after["revealed"].as_array().unwrap().contains(&kill["uid"]), "{kill} lost its reveal: {outcome}");
        landed += 1;
    }
    assert!(landed >= 3, "all three validators were killed and went on: {outcome}");
}

#[test]
fn settings_that_cannot_work_are_named() {
    let chain =
        "[chain]\nendpoints = [\"ws://127.0.0.1:1\"]\ndeployment = \"nowhere.json\"\nnetuid = 1\nhotkey = \"//Alice\"";
    let miner = "[service]\nmodel = \"m\"\nlisten = \"127.0.0.1:0\"";
    for (settings, code, word) in [
        (String::new(), 12, "chain"),
        (format!("{chain}\nsecret = \"0x00\"\n{miner}"), 12, "unknown field `secret`"),
        (format!("{chain}\n{miner}"), 14, "nowhere.json"),
    ] {
        let output = service("miner", &settings);
        assert_eq!(output.status.code(), Some(code), "{settings}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(word), "{settings}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_endpoint_that_is_down_is_waited_for_until_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    // A port of our own on which nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    drop(silent);
    let address = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    let names = ["token", "registry", "staking", "emission", "incentive", "governance"];
    let addresses: Value = names.iter().map(|name| ((*name).to_owned(), Value::from(address))).collect();
    fs::write(folder.path().join("deployment.json"), addresses.to_string()).unwrap();
    let settings = format!(
        "[chain]\nendpoints = [\"ws://127.0.0.1:{port}\"]\ndeployment = \"deployment.json\"\nnetuid = 1\n\
         hotkey = \"//Alice\"\n[service]\nmodel = \"m\"\nlisten = \"127.0.0.1:0\""
    );
    let file = folder.path().join("miner.toml");
    fs::write(&file, settings).unwrap();
    let mut miner = inktensor(&["miner", "run", "--config", file.to_str().unwrap()]);
    let mut miner = miner.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(miner.stderr.take().unwrap()).lines();
    let waiting = said.find(|line| line.as_ref().is_ok_and(|line| line.contains("trying again")));
    assert!(waiting.is_some(), "it says that it waits");
    assert!(miner.try_wait().unwrap().is_none(), "it has not ended");
    Command::new("kill").arg("-TERM").arg(miner.id().to_string()).status().unwrap();
    assert!(miner.wait().unwrap().success());
}
