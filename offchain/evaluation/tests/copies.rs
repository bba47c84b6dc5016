//! Copies that hide their weights but not their function, and models that are as good without being copies, evaluated as
//! validators do where integers decide.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;
use std::path::PathBuf;

use common::forge::Forgery;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::Limits;
use inktensor_evaluation::score::{CopyRule, Disagreement, Score, mark_copies, mark_functional_copies};
use inktensor_evaluation::task::{Evaluation, MinerFault, Outcome, evaluate};

fn shipped(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn score(evaluation: &Evaluation) -> &Score {
    match &evaluation.outcome {
        Outcome::Score(score) => score,
        other => panic!("no score: {other:?}"),
    }
}

#[test]
fn functional_copies_are_caught_and_independent_models_are_not() {
    let corpus = Corpus::open(&shipped("data/heldout.txt")).unwrap();
    let spans = corpus.spans([3; 32], 20, 128).unwrap();
    let model = |name: &str| fs::read(shipped(&format!("models/{name}.safetensors"))).unwrap();
    let strong = model("strong");
    let forgery = || Forgery::of(&strong);
    // Name, file, and the largest disagreement with `strong` in millionths of a bit² a byte.
    let copies = [
        ("permuted", forgery().permuted().file(), 0.01),
        // Integers round scaled weights anew.
        ("scaled", forgery().scaled().file(), 1.0),
        ("rounded to BF16", forgery().rounded(), 200.0),
        ("noise of 0.1 %", forgery().noisy(1e-3).file(), 20.0),
        ("noise of 1 %", forgery().noisy(1e-2).file(), 2000.0),
        ("permuted, scaled, noise of 1 %", forgery().permuted().scaled().noisy(1e-2).file(), 2000.0),
        ("final gain times 1.02", forgery().times("model.norm.weight", 1.02).file(), 8000.0),
    ];
    let independent = ["sibling", "medium"];

    let evaluate = |file: &[u8]| evaluate(&Cpu::default(), file, &Limits::default(), &spans);
    let mut evaluations = vec![evaluate(&strong)];
    evaluations.extend(independent.iter().map(|name| evaluate(&model(name))));
    evaluations.extend(copies.iter().map(|(_, file, _)| evaluate(file)));
    let (original, of) = (score(&evaluations[0]).clone(), evaluations[0].file);
    let limit = CopyRule::default().limit;
    for (name, other) in independent.iter().zip(&evaluations[1..]) {
        let found = Disagreement::of(score(other), &original).unwrap();
        println!("{name}: {:.2e} bits² a byte", found.0 as f64 / 2f64.powi(32));
        assert!(found.0 > 16 * limit.0, "{name}: {found:?}");
    }
    for ((name, _, most), other) in copies.iter().zip(&evaluations[1 + independent.len()..]) {
        let found = Disagreement::of(score(other), &original).unwrap().0 as f64 / 2f64.powi(32);
        println!("{name}: {found:.2e} bits² a byte");
        assert!(found * 1e6 < *most, "{name}: {found:e}");
    }

    // Other weights throughout: nothing for the test of equal weights to find.
    let before = evaluations.clone();
    mark_copies(&mut evaluations);
    assert_eq!(evaluations, before);
    mark_functional_copies(&mut evaluations, &CopyRule::default()).unwrap();
    let copy = Outcome::Miner(MinerFault::Copy { of });
    for (index, (found, before)) in evaluations.iter().zip(&before).enumerate() {
        let expected = if index <= independent.len() { &before.outcome } else { &copy };
        assert_eq!(&found.outcome, expected, "model {index}");
    }
}
