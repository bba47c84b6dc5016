//! `inktensor pack` as a miner runs it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use inktensor_evaluation::model::{Limits, Model};
use serde_json::Value;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation/tests/goldens").join(name)
}

fn pack(folder: &Path, output: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inktensor"));
    command.args(["pack", "--json"]).arg(folder).arg("--output").arg(output).output().unwrap()
}

#[test]
fn a_folder_becomes_the_file_that_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("mine.safetensors");
    let packed = pack(&golden("qwen3"), &output);
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let told: Value = serde_json::from_slice(&packed.stdout).unwrap();
    let [file, own] = [output.as_path(), &golden("qwen3")].map(|path| Model::open(path, &Limits::default()).unwrap());
    assert_eq!(told["digest"], file.digest().to_string());
    assert_eq!(
        (told["weights"].as_str(), file.tensor_digest()),
        (Some(&*own.tensor_digest().to_string()), own.tensor_digest())
    );
    assert_eq!(told["bytes"], std::fs::metadata(&output).unwrap().len());
}

#[test]
fn what_is_no_model_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("mine.safetensors");
    std::fs::write(&output, "another").unwrap();
    let packed = pack(folder.path(), &output);
    assert_eq!(packed.status.code(), Some(12));
    assert!(String::from_utf8_lossy(&packed.stderr).contains("config.json"));
    assert_eq!(pack(&folder.path().join("absent"), &output).status.code(), Some(14));
    assert_eq!(std::fs::read(&output).unwrap(), b"another");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}
