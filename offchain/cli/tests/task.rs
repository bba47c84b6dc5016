//! `inktensor task` as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation/models").join(name)
}

fn task(json: &str, models: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("task.json");
    std::fs::write(&file, json).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_inktensor"));
    command.args(["task", "--json", "--task"]).arg(file).arg("--model").args(models.iter().map(|name| model(name)));
    command.output().unwrap()
}

#[test]
fn models_choose_the_likelier_end_and_a_broken_one_fails_the_command_alone() {
    let choices = r#"{"schema": "inktensor/multiple-choice/1", "by": "byte", "questions": [
        {"prompt": "It was the ", "choices": ["qzx", "man"], "answer": 1},
        {"prompt": "and then he w", "choices": ["ent to", "ztkq#@"], "answer": 0}]}"#;
    let output = task(choices, &["strong.safetensors", "nan.safetensors", "gpt2.safetensors"]);
    assert_eq!(output.status.code(), Some(12), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = &result["models"];
    assert_eq!((rows[0]["figure"].as_str(), rows[2]["figure"].as_str()), (Some("1.0000"), Some("1.0000")), "{result}");
    assert!(rows[1]["fault"].as_str().unwrap().contains("not finite"), "{result}");
}

#[test]
fn a_language_model_gives_no_embeddings_and_an_unknown_schema_is_refused() {
    let pairs = r#"{"schema": "inktensor/similarity/1", "pairs": [
        {"a": "eat", "b": "meal", "gold": 2}, {"a": "eat", "b": "stock", "gold": 1}]}"#;
    let output = task(pairs, &["weak.safetensors"]);
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(result["models"][0]["fault"].as_str().unwrap().contains("does not give"), "{result}");
    assert_eq!(task(pairs, &["absent.safetensors"]).status.code(), Some(14), "no model's fault");
    for wrong in [r#"{"schema": "inktensor/other/1"}"#, "{", r#"{"schema": "inktensor/accuracy/1"}"#] {
        let output = task(wrong, &["weak.safetensors"]);
        assert_eq!(output.status.code(), Some(12), "{wrong}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--task"), "{wrong}");
    }
}
