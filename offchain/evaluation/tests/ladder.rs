//! The shipped models through the whole path: file, engine, score, copies, weights.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::PathBuf;

use common::candle::Oracle;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits, ModelError};
use inktensor_evaluation::score::{Score, WeightRule, mark_copies, weights};
use inktensor_evaluation::task::{MinerFault, Outcome, evaluate};
use inktensor_evaluation::{AdapterChoice, Engine};

fn shipped(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_best_model_wins_and_cheats_get_nothing() {
    let engine = Engine::new(AdapterChoice::Fastest).expect("tests need a compute adapter");
    let corpus = Corpus::open(&shipped("data/heldout.txt")).unwrap();
    let windows = corpus.windows([3; 32], 20, 128).unwrap();
    let spans = corpus.spans([3; 32], 20, 128).unwrap();
    // In the order of their commits: the copy comes after the original, the best model is neither first nor last.
    let names = ["weak", "strong", "copy", "nan", "medium"];
    let files = names.map(|name| std::fs::read(shipped(&format!("models/{name}.safetensors"))).unwrap());
    let mut evaluations: Vec<_> =
        files.iter().map(|file| evaluate(&engine, file, &Limits::default(), &spans)).collect();
    assert_eq!(evaluations[1], evaluations[2], "a copy scores like its original");
    mark_copies(&mut evaluations);

    let strong = evaluations[1].file;
    let models: Vec<Result<Score, MinerFault>> = evaluations
        .into_iter()
        .map(|evaluation| match evaluation.outcome {
            Outcome::Score(score) => Ok(score),
            Outcome::Miner(fault) => Err(fault),
            Outcome::Validator(fault) => panic!("{fault}"),
        })
        .collect();
    assert_eq!(models[2], Err(MinerFault::Copy { of: strong }));
    assert!(
        matches!(&models[3], Err(MinerFault::Model(ModelError::NonFinite { name, .. })) if name.contains("up_proj"))
    );

    for (file, model) in files.iter().zip(&models) {
        let Ok(score) = model else { continue };
        let oracle = Oracle::new(file);
        let nats: f64 = windows.iter().map(|window| oracle.nll(window.tokens())).sum();
        let expected = nats / (std::f64::consts::LN_2 * score.bytes() as f64);
        let found = score.loss().0 as f64 / 2f64.powi(32);
        assert!((found / expected - 1.0).abs() < 1e-5, "{found} bits per byte, candle says {expected}");
    }

    let [weak, best, copy, nan, medium] = weights(&models, &WeightRule::default()).unwrap()[..] else {
        panic!("five weights");
    };
    assert_eq!((best, copy, nan), (u16::MAX, 0, 0));
    assert!(best > 2 * medium && medium > 2 * weak && weak > 0, "{best} {medium} {weak}");
}
