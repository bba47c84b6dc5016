//! The binary as scripts see it: what it prints where, and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn inktensor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inktensor")).args(arguments).output().unwrap()
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn misuse_exits_with_2() {
    for arguments in [&["nonsense"][..], &["demo", "--epochs", "0"], &["evaluate"], &["simulate", "epoch"]] {
        assert_eq!(inktensor(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn malformed_simulations_are_named_and_exit_with_12() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.json");
    for (input, name) in [("{", "not_json"), ("{\"n\": \"many\"}", "malformed_case"), ("[[NaN]]", "not_json")] {
        std::fs::write(&file, input).unwrap();
        let output = inktensor(&["simulate", "epoch", "--input", file.to_str().unwrap(), "--json"]);
        assert_eq!(output.status.code(), Some(12), "{input}");
        assert!(text(&output.stderr).contains(name), "{input}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "nothing is printed for {input}");
    }
}

#[test]
fn missing_files_exit_with_14_and_are_named() {
    let output = inktensor(&["simulate", "epoch", "--input", "/nowhere/case.json"]);
    assert_eq!(output.status.code(), Some(14));
    assert!(text(&output.stderr).contains("/nowhere/case.json"));

    let demo = Command::new(env!("CARGO_BIN_EXE_inktensor")).arg("demo").env("INKTENSOR_HOME", "/nowhere").output();
    let demo = demo.unwrap();
    assert_eq!(demo.status.code(), Some(14));
    assert!(text(&demo.stderr).contains("INKTENSOR_HOME"), "{}", text(&demo.stderr));
}

#[test]
fn evaluate_measures_models_and_names_faults() {
    let model = |name: &str| repository(&format!("offchain/evaluation/models/{name}.safetensors"));
    let (strong, weak, broken) = (model("strong"), model("weak"), model("nan"));
    let heldout = repository("offchain/evaluation/data/heldout.txt");
    let arguments = [
        "evaluate",
        "--windows",
        "4",
        "--window",
        "64",
        "--json",
        "--text",
        heldout.to_str().unwrap(),
        "--model",
        strong.to_str().unwrap(),
        weak.to_str().unwrap(),
        broken.to_str().unwrap(),
    ];
    let output = inktensor(&arguments);
    // 15 would be: no adapter; run scripts/setup.
    assert_eq!(output.status.code(), Some(12), "one model is faulty. {}", text(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bits = |index: usize| result["models"][index]["bits_per_byte"].as_f64();
    assert!(bits(0).unwrap() < bits(1).unwrap(), "the strong model predicts better: {result}");
    assert!(bits(1).unwrap() < 8.0, "a trained model beats guessing: {result}");
    assert_eq!(bits(2), None);
    assert!(result["models"][2]["fault"].as_str().unwrap().contains("not finite"), "{result}");
}

#[test]
fn evaluate_refuses_a_bad_seed_and_a_missing_text() {
    let evaluate = |text: &str, seed: &str| inktensor(&["evaluate", "--model", "m", "--text", text, "--seed", seed]);
    assert_eq!(evaluate("t", "xyz").status.code(), Some(12));
    let missing = evaluate("/nowhere.txt", &"00".repeat(32));
    assert_eq!(missing.status.code(), Some(14));
    assert!(text(&missing.stderr).contains("/nowhere.txt"));
}
