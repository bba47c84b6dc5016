//! `inktensor evaluator`, with the shipped component `dataset`. `scripts/build` makes it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use inktensor_evaluation::Digest;
use serde_json::Value;

fn inktensor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inktensor")).arg("evaluator").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn evaluation(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation").join(path)
}

/// The component `dataset`, as `scripts/build` makes it.
fn component() -> String {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let target = || {
        let cache = variable("XDG_CACHE_HOME").unwrap_or_else(|| variable("HOME").unwrap().join(".cache"));
        variable("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("inktensor/target")).join("evaluators")
    };
    let path = variable("INKTENSOR_EVALUATORS").unwrap_or_else(target).join("dataset.wasm");
    assert!(path.is_file(), "{} is not there: run scripts/build", path.display());
    path.display().to_string()
}

fn parameters() -> String {
    let digest = |name: &str| Digest::of(&std::fs::read(evaluation(&format!("models/{name}.safetensors"))).unwrap());
    format!("learner={};reference={};windows=1;length=16", digest("weak"), digest("medium"))
}

#[test]
fn check_says_what_a_component_is() {
    let (component, parameters) = (component(), parameters());
    let output = inktensor(&["check", &component, "--parameters", &parameters, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bytes = std::fs::read(&component).unwrap();
    assert_eq!(told["hash"], Digest::of(&bytes).to_string());
    assert_eq!((&told["name"], told["bytes"].as_u64()), (&"dataset".into(), Some(bytes.len() as u64)));
    let names: Vec<_> =
        told["assets"].as_array().unwrap().iter().map(|asset| asset["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["learner", "reference"]);
}

#[test]
fn what_cannot_be_used_is_named_with_its_exit_code() {
    let (component, parameters) = (component(), parameters());
    let text_file = evaluation("data/README.md").display().to_string();
    let missing = ["try", &component, "--parameters", &parameters, "--contribution", &text_file];
    for (arguments, code, word) in [
        (&["check", "/nowhere.wasm"][..], 14, "/nowhere.wasm"),
        (&["check", &text_file], 12, "no WebAssembly component"),
        (&["check", &component], 12, "learner"),
        (&["build", "/nowhere"], 14, "/nowhere"),
        (&["new", "/tmp/No Name"], 12, "No Name"),
        (&["new", "/nowhere/name"], 14, "/nowhere/name"),
        (&missing, 12, "--assets"),
        (&["try", &component], 2, "--contribution"),
    ] {
        let output = inktensor(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(word), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn new_makes_what_build_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bright-idea");
    let made = path.display().to_string();
    let output = inktensor(&["new", &made]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let again = inktensor(&["new", &made]);
    assert_eq!(again.status.code(), Some(14), "nothing is overwritten");

    let component = folder.path().join("component.wasm").display().to_string();
    let built = inktensor(&["build", &made, "--output", &component, "--json"]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    let built: Value = serde_json::from_slice(&built.stdout).unwrap();
    assert_eq!(built["name"], "bright-idea");
    let judge = format!("judge={}", "07".repeat(32));
    let checked = inktensor(&["check", &component, "--parameters", &judge, "--json"]);
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!((&checked["hash"], &checked["assets"][0]["name"]), (&built["hash"], &"judge".into()));
}

#[test]
fn try_judges_files_as_a_validator_would() {
    let (component, parameters, folder) = (component(), parameters(), tempfile::tempdir().unwrap());
    let heldout = std::fs::read(evaluation("data/heldout.txt")).unwrap();
    // What a validator refuses to fetch.
    let huge = vec![b'x'; (4 << 20) + 1];
    let files: [(&str, &[u8]); 4] =
        [("prose", &heldout[..6_000]), ("twin", &heldout[..6_000]), ("blank", b"\n\n"), ("huge", &huge)];
    let paths = files.map(|(name, bytes)| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    });
    let models = evaluation("models").display().to_string();
    let run = |seed: &str| {
        let fixed = ["try", &component, "--parameters", &parameters, "--assets", &models, "--json", "--seed", seed];
        let files = ["--contribution", &paths[0], &paths[1], &paths[2], &paths[3]];
        let output = inktensor(&[&fixed[..], &files[..]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let told = run(&"07".repeat(32));
    let verdicts = told["contributions"].as_array().unwrap();
    assert!(verdicts[0]["merit"].as_u64().unwrap() > 0, "{told}");
    assert!(verdicts[1]["fault"].as_str().unwrap().contains("copy of"), "{told}");
    assert!(verdicts[2]["fault"].as_str().is_some() && verdicts[2]["merit"].is_null(), "{told}");
    let refused = "a data set of 4194305 bytes, more than 4194304. Commit a smaller one";
    assert_eq!(verdicts[3]["fault"], refused, "{told}");
    assert!(told["fuel"].as_u64().unwrap() > 0 && told["work"]["tokens"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(run(&"07".repeat(32)), told, "the same seed, the same verdicts");
    assert_ne!(run(&"08".repeat(32))["contributions"][0], told["contributions"][0], "another seed, other windows");
}
