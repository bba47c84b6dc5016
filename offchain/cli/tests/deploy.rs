//! `inktensor deploy` and `inktensor upgrade` as scripts see them, up to the chain: what is wrong with the arguments, the
//! configuration, the key or the manifest is named before anybody is asked.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Nothing listens on the port of a chain that does not exist.
const NOWHERE: &str = "ws://127.0.0.1:1";
const PHRASE: &str = "caution juice atom organ advance problem want pledge someone senior holiday very";

fn inktensor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inktensor")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/deploy.example.toml")
}

fn deploy(config: &Path, key: &str) -> Output {
    inktensor(&["deploy", "--chain", NOWHERE, "--config", config.to_str().unwrap(), "--key", key, "--yes"])
}

fn refused(output: &Output, code: i32, named: &[&str]) {
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(named.iter().all(|name| told.contains(name)), "{named:?}: {told}");
    assert!(output.stdout.is_empty(), "nothing is printed");
}

#[test]
fn a_deployment_needs_a_chain_a_configuration_and_a_key() {
    refused(&inktensor(&["deploy"]), 2, &["--chain", "--config", "--key"]);
    refused(&inktensor(&["deploy", "verify"]), 2, &["--chain"]);
    refused(&inktensor(&["deploy", "--chain", "dev", "verify", "--chain", "dev"]), 2, &["verify"]);
    refused(&inktensor(&["upgrade", "--chain", "dev"]), 2, &["CONTRACT"]);
    refused(&inktensor(&["upgrade", "tokens", "--chain", "dev"]), 2, &["tokens", "governance, token, registry"]);
}

#[test]
fn what_is_wrong_with_the_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deploy.toml");
    refused(&deploy(&path, "//Alice"), 14, &["deploy.toml"]);
    let text = fs::read_to_string(example()).unwrap();
    fs::write(&path, text.replace("threshold", "treshold")).unwrap();
    refused(&deploy(&path, "//Alice"), 12, &["deploy.toml", "treshold", "threshold", "quorum_bps"]);
}

#[test]
fn secrets_are_not_taken_from_the_command_line_and_never_shown() {
    for secret in [PHRASE, &format!("{PHRASE}//stash"), &format!("0x{}", "ab".repeat(32))] {
        let output = deploy(&example(), secret);
        refused(&output, 12, &["command line", "0600"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!told.contains("caution") && !told.contains("abab"), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, PHRASE).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&deploy(&example(), path.to_str().unwrap()), 12, &["0644", "chmod 600"]);
    refused(&deploy(&example(), "/nowhere/key"), 14, &["/nowhere/key"]);
}

#[test]
fn a_manifest_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deployment.json");
    let verify = || inktensor(&["deploy", "verify", "--chain", NOWHERE, "--manifest", path.to_str().unwrap()]);
    refused(&verify(), 14, &["deployment.json"]);
    fs::write(&path, "{}").unwrap();
    refused(&verify(), 12, &["deployment.json", "schema"]);
}

#[test]
fn a_step_of_an_upgrade_says_what_it_needs() {
    let step = |step: &str, more: &[&str]| {
        inktensor(&[&["upgrade", "token", "--chain", NOWHERE, "--step", step][..], more].concat())
    };
    refused(&step("propose", &[]), 12, &["--key"]);
    refused(&step("vote", &["--key", "//Alice"]), 12, &["--hotkey"]);
    refused(&step("execute", &[]), 12, &["--key"]);
    refused(&step("vote", &["--hotkey", "5GrwvaEF"]), 2, &["--hotkey", "wrong length"]);
}
