//! Lanes: the same questions to each give the answers of the libraries that made the models, in integers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::slice::from_ref;

use common::engines::engines;
use common::goldens::{self, Case};
use inktensor_evaluation::AdapterChoice;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::gpu::CanonicalEngine;
use inktensor_evaluation::task::{Canonical, Fast, Fault, Lane, MinerFault, Scalar, ValidatorFault};

/// Two to the 32nd, and two to the 30th.
const LOSS: f64 = 4_294_967_296.0;
const FEATURE: f64 = 1_073_741_824.0;

/// Asks for what the model gives, to within `tolerance`.
fn check(name: &str, lane: &dyn Lane, case: &Case, tolerance: f64) {
    match case {
        Case::Language { window, nll, .. } => {
            let found = lane.nll(from_ref(window)).unwrap()[0] as f64 / LOSS;
            let difference = (found - nll).abs() / window.predictions() as f64;
            assert!(difference < tolerance, "{name}: {found} nats, not {nll}");
        }
        Case::Embedding { tokens, embedding, .. } => {
            let found = lane.embed(from_ref(tokens)).unwrap().remove(0);
            assert_eq!(found.len(), embedding.len(), "{name}");
            for (&found, &expected) in found.iter().zip(embedding) {
                assert!((f64::from(found) / FEATURE - expected).abs() < tolerance, "{name}: {found} {expected}");
            }
        }
        Case::TextClasses { tokens, logits } => {
            assert_eq!(lane.classify(from_ref(tokens)), Ok(vec![highest(logits)]), "{name}");
        }
        Case::Classes { features, logits } => {
            assert_eq!(lane.perceive(from_ref(features)), Ok(vec![highest(logits)]), "{name}");
            let long = [features.as_slice(), &[0.0]].concat();
            let ragged = lane.perceive(&[features[1..].to_vec(), long]);
            assert!(matches!(ragged, Err(Fault::Validator(_))), "{name}: {ragged:?}");
        }
    }
}

fn highest(logits: &[f64]) -> usize {
    (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap()
}

/// Asks for all that the model does not give.
fn refuses(name: &str, lane: &dyn Lane, case: &Case) {
    let (window, tokens, row) = (common::Recipe::default().windows(1, 3), vec![vec![1, 2]], vec![vec![0.5]]);
    let answers = [
        (matches!(case, Case::Language { .. }), lane.nll(&window).err()),
        (matches!(case, Case::Embedding { .. }), lane.embed(&tokens).err()),
        (matches!(case, Case::TextClasses { .. }), lane.classify(&tokens).err()),
        (matches!(case, Case::Classes { .. }), lane.perceive(&row).err()),
    ];
    for (question, (gives, fault)) in answers.into_iter().enumerate() {
        let refused = matches!(fault, Some(Fault::Miner(MinerFault::WrongKind { .. })));
        assert_ne!(gives, refused, "{name}: question {question}: {fault:?}");
    }
}

#[test]
fn the_scalar_lane_answers_as_the_libraries_do() {
    for golden in goldens::all() {
        let lane = Scalar(&golden.model);
        refuses(golden.name, &lane, &golden.cases[0]);
        golden.cases.iter().for_each(|case| check(golden.name, &lane, case, 1e-9));
    }
}

#[test]
fn the_fast_lane_answers_as_the_libraries_do() {
    for golden in goldens::all() {
        for engine in engines() {
            let lane = Fast::new(engine, &golden.model).unwrap();
            refuses(golden.name, &lane, &golden.cases[0]);
            golden.cases.iter().for_each(|case| check(golden.name, &lane, case, 1e-5));
        }
    }
}

#[test]
fn the_canonical_lane_answers_as_the_libraries_do() {
    let engine = CanonicalEngine::new(AdapterChoice::Fastest).unwrap();
    for golden in goldens::all() {
        let lanes = [Canonical::on_cpu(Cpu::default(), &golden.model), Canonical::on_gpu(&engine, &golden.model)]
            .map(Result::unwrap);
        for lane in &lanes {
            refuses(golden.name, lane, &golden.cases[0]);
            golden.cases.iter().for_each(|case| check(golden.name, lane, case, 1e-3));
        }
        assert_eq!(lanes[0].evaluator(), lanes[1].evaluator());
        for case in &golden.cases {
            match case {
                Case::Language { window, .. } => same(&lanes, |lane| lane.losses(from_ref(window))),
                Case::Embedding { tokens, .. } => same(&lanes, |lane| lane.embed(from_ref(tokens))),
                Case::TextClasses { .. } | Case::Classes { .. } => {}
            }
        }
    }
}

fn same<T: PartialEq + std::fmt::Debug>(lanes: &[Canonical<'_>; 2], ask: impl Fn(&dyn Lane) -> Result<T, Fault>) {
    assert_eq!(ask(&lanes[0]).unwrap(), ask(&lanes[1]).unwrap());
}

/// Kernels of two styles add in another order: what one has computed is not what the other would.
#[test]
fn engines_that_compute_differently_are_different_evaluators() {
    let golden = &goldens::all()[0];
    let [register, shared] = engines().map(|engine| Fast::new(engine, &golden.model).unwrap());
    assert_eq!(register.model(), shared.model());
    assert_ne!(register.evaluator(), shared.evaluator());
    assert_ne!(register.evaluator(), Scalar(&golden.model).evaluator());
    assert_eq!(register.losses(&[]), Err(ValidatorFault::NoTranscript.into()));
}
