//! The bundler tells apart what can be wrong with a workspace before it compiles anything.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::{fs, path::Path, process::Command};

/// Runs the bundler in a workspace with one package `one` of the given manifest; gives what it says on stderr.
fn refuse(manifest: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(&folder.path().join("Cargo.toml"), "[workspace]\nresolver = \"2\"\nmembers = [\"one\", \"ink\"]\n");
    write(
        &folder.path().join("ink/Cargo.toml"),
        "[package]\nname = \"ink\"\nversion = \"5.1.1\"\nedition = \"2021\"\n",
    );
    write(&folder.path().join("ink/src/lib.rs"), "");
    write(&folder.path().join("one/Cargo.toml"), manifest);
    write(&folder.path().join("one/src/lib.rs"), "");
    let output = Command::new(env!("CARGO_BIN_EXE_inktensor-bundle"))
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "a failed run reports nothing on stdout");
    String::from_utf8(output.stderr).unwrap()
}

const PACKAGE: &str = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
const AUTHORS: &str = "authors = [\"somebody\"]\n";
const FEATURE: &str = "[features]\nink-as-dependency = []\n";
const INK: &str = "[dependencies]\nink = { path = \"../ink\" }\n";

#[test]
fn a_workspace_without_contracts_is_refused() {
    let said = refuse(&format!("{PACKAGE}{AUTHORS}{INK}"), &[]);
    assert!(said.contains("no contract in the workspace"), "{said}");
    assert!(said.contains("ink-as-dependency"), "the hint says what makes a contract: {said}");
}

#[test]
fn a_contract_without_author_is_refused_by_name() {
    let said = refuse(&format!("{PACKAGE}{FEATURE}{INK}"), &[]);
    assert!(said.contains("contract `one`") && said.contains("author"), "{said}");
}

#[test]
fn a_contract_without_ink_is_refused_by_name() {
    let said = refuse(&format!("{PACKAGE}{AUTHORS}{FEATURE}"), &[]);
    assert!(said.contains("contract `one`") && said.contains("`ink`"), "{said}");
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let said = refuse(&format!("{PACKAGE}{AUTHORS}{FEATURE}{INK}"), &["two"]);
    assert!(said.contains("no contract or evaluator is named `two`; there are: one"), "{said}");
}

#[test]
fn a_broken_manifest_is_refused() {
    let said = refuse("nonsense", &[]);
    assert!(said.contains("cannot read the workspace"), "{said}");
}
