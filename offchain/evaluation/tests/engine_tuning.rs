//! The choice of the tile of matrix products: every tile computes the same, and what a file keeps is used, or measured
//! anew where it does not serve. These tests need a compute adapter and fail without one: `scripts/setup` installs a
//! software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;
use std::path::Path;

use common::architectures::{Sample, perceptron};
use common::engines::{difference, difference_of_losses, nll, open};
use inktensor_evaluation::model::{Activation, Output};
use inktensor_evaluation::{AdapterChoice, Engine, EngineError, Options, Style, Tile, reference};
use serde_json::{Value, json};

fn register() -> Options {
    Options { style: Some(Style::Register), ..Options::default() }
}

fn tuned(file: &Path) -> Result<Engine, EngineError> {
    Engine::tuned(AdapterChoice::Fastest, register(), Some(file))
}

#[test]
fn models_are_the_same_in_every_tile() {
    let sample = Sample::decoder();
    let (model, windows) = (sample.model(), sample.windows(&[(80, 1), (3, 2), (70, 9), (1, 1)]));
    let encoder = Sample::encoder(Output::Classes { count: 5 });
    let (classifier, texts) = (encoder.model(), encoder.sequences(&[5, 80, 33]));
    let vectors = perceptron(vec![40, 70, 3], Activation::GeluTanh, 9);
    let features: Vec<f32> = (0..40 * 70).map(|n| (n % 13) as f32 / 13.0 - 0.4).collect();
    for tile in [Style::Register, Style::Shared].into_iter().flat_map(Tile::all) {
        let engine = open(Options { tile: Some(*tile), ..Options::default() });
        assert_eq!((engine.tile(), engine.style()), (*tile, tile.style()));
        for (window, found) in windows.iter().zip(nll(&engine, &model, &windows)) {
            let error = difference_of_losses(found, reference::nll(&model, window).unwrap().nll_nats, window);
            assert!(error < 1e-5, "{tile}: {error:e}");
        }
        let found = engine.classify(&engine.load(&classifier).unwrap(), &texts).unwrap();
        for (text, found) in texts.iter().zip(found) {
            let error = difference(&found, &reference::classify(&classifier, text).unwrap());
            assert!(error < 1e-4, "{tile}: {error:e}");
        }
        let found = engine.perceive(&engine.load(&vectors).unwrap(), &features).unwrap();
        for (vector, found) in features.chunks_exact(40).zip(found) {
            let error = difference(&found, &reference::perceive(&vectors, vector).unwrap());
            assert!(error < 1e-4, "{tile}: {error:e}");
        }
    }
}

#[test]
fn keeps_what_it_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuning.json");
    let measured = tuned(&path).unwrap().tile();
    assert_eq!(measured.style(), Style::Register);
    let record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(record["tile"], measured.to_string());
    assert_eq!(record["measured"].as_array().unwrap().len(), Tile::all(Style::Register).len());
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // What the file says is used, whatever would be measured.
    for tile in Tile::all(Style::Register) {
        let mut record = record.clone();
        record["tile"] = json!(tile.to_string());
        fs::write(&path, record.to_string()).unwrap();
        assert_eq!(tuned(&path).unwrap().tile(), *tile);
        assert_eq!(fs::read_to_string(&path).unwrap(), record.to_string());
    }
}

#[test]
fn measures_anew_what_does_not_serve() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuning.json");
    tuned(&path).unwrap();
    let record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut record = record.clone();
        *record.pointer_mut(pointer).unwrap() = value;
        record.to_string().into_bytes()
    };
    for bytes in [
        b"{\"tile\":".to_vec(),
        vec![b' '; 1 << 20],
        with("/key/adapter", json!("Another GPU")),
        with("/key/kernels", json!("00".repeat(32))),
        with("/key/weights", json!("F16")),
        with("/tile", json!("register 1x1 by 1x1")),
        with("/tile", json!(Tile::all(Style::Shared)[0].to_string())),
    ] {
        fs::write(&path, &bytes).unwrap();
        let tile = tuned(&path).unwrap().tile();
        let replaced: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!((&replaced["key"], &replaced["tile"]), (&record["key"], &json!(tile.to_string())));
    }
}

#[test]
fn says_which_file_it_cannot_use() {
    let folder = tempfile::tempdir().unwrap();
    let failure = |path: &Path| match tuned(path).unwrap_err() {
        EngineError::Tuning { action, path: named, .. } => {
            assert_eq!(named, path);
            action
        }
        error => panic!("{error}"),
    };
    assert_eq!(failure(folder.path()), "read");
    assert_eq!(failure(&folder.path().join("missing/tuning.json")), "write");
}

#[test]
fn tunes_in_memory() {
    let engine = Engine::tuned(AdapterChoice::Fastest, register(), None).unwrap();
    assert!(Tile::all(Style::Register).contains(&engine.tile()));
}
