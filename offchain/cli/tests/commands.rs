//! The binary as scripts see it: what it prints where, and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use inktensor_evaluation::canonical::transcript::Transcript;
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

/// An honest transcript agrees; a lie is found and exits with 20, a file that is none with 12.
#[test]
fn audit_computes_what_evaluate_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let model = repository("offchain/evaluation/models/strong.safetensors");
    let (model, heldout) = (model.to_str().unwrap(), repository("offchain/evaluation/data/heldout.txt"));
    let to = folder.path().join("transcripts");
    let (to, heldout) = (to.to_str().unwrap(), heldout.to_str().unwrap());
    let evaluate = ["evaluate", "--windows", "3", "--window", "32", "--json", "--text", heldout, "--model", model];
    let evaluated = inktensor(&[&evaluate[..], &["--transcript", to]].concat());
    assert_eq!(evaluated.status.code(), Some(0), "{}", text(&evaluated.stderr));
    let result: Value = serde_json::from_slice(&evaluated.stdout).unwrap();
    let transcript = result["models"][0]["transcript"].as_str().unwrap();
    let fast = inktensor(&[&evaluate[..], &["--transcript", to, "--arithmetic", "fast"]].concat());
    assert_eq!(fast.status.code(), Some(12), "{}", text(&fast.stderr));

    let audit = |file: &str, model: &str, windows: &str| {
        inktensor(&["audit", "--json", "--transcript", file, "--model", model, "--windows", windows])
    };
    let agreed = audit(transcript, model, "all");
    assert_eq!(agreed.status.code(), Some(0), "{}", text(&agreed.stderr));
    let report: Value = serde_json::from_slice(&agreed.stdout).unwrap();
    let of = |window: usize| &report["windows"][window];
    assert!((0..3).all(|index| of(index)["window"] == index && of(index)["discrepancy"].is_null()), "{report}");
    assert_eq!(audit(transcript, model, "0,3").status.code(), Some(12), "there is no window 3");

    let other = repository("offchain/evaluation/models/weak.safetensors");
    let other = audit(transcript, other.to_str().unwrap(), "all");
    assert_eq!(other.status.code(), Some(20));
    assert!(text(&other.stderr).contains("tensors"), "{}", text(&other.stderr));

    // With a root that fits, only computing the window tells.
    let read = Transcript::from_json(&std::fs::read(transcript).unwrap()).unwrap();
    let mut entries = read.entries().to_vec();
    entries[1].loss.nll -= 1;
    let lie = Transcript::of(read.model(), entries).unwrap().to_json().unwrap();
    let tampered = folder.path().join("tampered.json");
    let tampered = tampered.to_str().unwrap();
    for (content, windows, code, found) in [
        (lie.as_str(), "1", 20, "has the loss"),
        (&lie, "2,0", 0, ""),
        (&lie.replacen("\"bytes\":32", "\"bytes\":33", 1), "all", 20, "states the root"),
        ("{}", "all", 12, "cannot be read"),
    ] {
        std::fs::write(tampered, content).unwrap();
        let output = audit(tampered, model, windows);
        let words = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(words.contains(found), "{words}");
    }
    assert_eq!(audit("/nowhere.json", model, "all").status.code(), Some(14));
}

#[test]
fn evaluate_refuses_a_bad_seed_and_missing_files() {
    let evaluate = |text: &str, seed: &str| inktensor(&["evaluate", "--model", "m", "--text", text, "--seed", seed]);
    assert_eq!(evaluate("t", "xyz").status.code(), Some(12));
    let missing = evaluate("/nowhere.txt", &"00".repeat(32));
    assert_eq!(missing.status.code(), Some(14));
    assert!(text(&missing.stderr).contains("/nowhere.txt"));
    let heldout = repository("offchain/evaluation/data/heldout.txt");
    let absent = inktensor(&["evaluate", "--model", "/nowhere.safetensors", "--text", heldout.to_str().unwrap()]);
    assert_eq!(absent.status.code(), Some(14));
    assert!(text(&absent.stderr).contains("/nowhere.safetensors"));
}
