//! The scalar f64 reference against what PyTorch computes, family by family, and what it says to questions that a model
//! does not answer.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::Path;
use std::sync::Arc;

use common::goldens::{self, Case, Golden};
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Embedding, Limits, Model, Parts};
use inktensor_evaluation::reference::{self, ReferenceError};

/// The highest difference, relative where a number exceeds one.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(x, y)| (x - y).abs() / y.abs().max(1.0)).fold(0.0, f64::max)
}

fn golden(name: &str) -> Golden {
    goldens::all().into_iter().find(|golden| golden.name == name).unwrap()
}

#[test]
fn agrees_with_the_libraries_that_made_the_models() {
    for Golden { name, model, cases } in goldens::all() {
        assert!(cases.len() >= 2, "{name}");
        for case in cases {
            let (what, difference) = match case {
                Case::Language { window, tokens, logits, nll, states } => {
                    same_states(name, &model, &tokens, &states);
                    let difference_of_logits = difference(&reference::logits(&model, &tokens).unwrap(), &logits);
                    assert!(difference_of_logits < 1e-9, "{name}: logits differ by {difference_of_logits:e}");
                    ("loss", difference(&[reference::nll(&model, &window).unwrap().nll_nats], &[nll]))
                }
                Case::Embedding { tokens, embedding, states } => {
                    same_states(name, &model, &tokens, &states);
                    ("embedding", difference(&reference::embed(&model, &tokens).unwrap(), &embedding))
                }
                Case::TextClasses { tokens, logits } => {
                    ("logits", difference(&reference::classify(&model, &tokens).unwrap(), &logits))
                }
                Case::Classes { features, logits } => {
                    ("logits", difference(&reference::perceive(&model, &features).unwrap(), &logits))
                }
            };
            assert!(difference < 1e-9, "{name}: {what} differs by {difference:e}");
        }
    }
}

fn same_states(name: &str, model: &Model, tokens: &[u32], states: &[Vec<f64>]) {
    let mut found = reference::streams(model, tokens).unwrap();
    *found.last_mut().unwrap() = reference::states(model, tokens).unwrap();
    assert_eq!(found.len(), states.len(), "{name}");
    for (layer, (found, expected)) in found.iter().zip(states).enumerate() {
        let difference = difference(found, expected);
        assert!(difference < 1e-9, "{name}: states {layer} differ by {difference:e}");
    }
}

/// The trained model, in f16, on the first windows of the held-out text; `goldens/train_gpt2.py` prints the figures.
#[test]
fn the_shipped_gpt2_loses_what_pytorch_says() {
    let read = |path: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (file, text) = (read("models/gpt2.safetensors"), read("data/heldout.txt"));
    let model = Model::from_bytes(&file, &Limits::default()).unwrap();
    for (index, nats) in [354.24729269372904, 382.36467752321505, 377.6827924409898].into_iter().enumerate() {
        // Neighbours share a byte.
        let window = Window::of_bytes(&text[index * 256..][..257]).unwrap();
        let difference = difference(&[reference::nll(&model, &window).unwrap().nll_nats], &[nats]);
        assert!(difference < 1e-9, "window {index} differs by {difference:e}");
    }
}

#[test]
fn counts_only_what_a_window_predicts() {
    let Golden { model, cases, .. } = golden("gpt2");
    let Some(Case::Language { tokens, nll, .. }) = cases.into_iter().next_back() else { panic!("a language model") };
    let first = 4;
    let loss = |window| reference::nll(&model, &window).unwrap();
    let head = loss(Window::new(tokens[..first].to_vec(), 1, 9).unwrap());
    let rest = loss(Window::new(tokens, first, 70).unwrap());
    assert_eq!((head.bytes, rest.bytes), (9, 70));
    assert!(difference(&[head.nll_nats + rest.nll_nats], &[nll]) < 1e-12);
}

#[test]
fn refuses_what_the_architecture_does_not_give() {
    let window = Window::new(vec![1, 2], 1, 1).unwrap();
    for Golden { name, model, cases } in goldens::all() {
        let answers = [
            reference::nll(&model, &window).is_ok(),
            reference::embed(&model, &[1, 2]).is_ok(),
            reference::classify(&model, &[1, 2]).is_ok(),
            reference::perceive(&model, &[0.5; 13]).is_ok(),
        ];
        let expected = match cases[0] {
            Case::Language { .. } => [true, false, false, false],
            Case::Embedding { .. } => [false, true, false, false],
            Case::TextClasses { .. } => [false, false, true, false],
            Case::Classes { .. } => [false, false, false, true],
        };
        assert_eq!(answers, expected, "{name}");
    }
    let refusal = reference::nll(&golden("bert").model, &window).unwrap_err();
    assert_eq!(refusal, ReferenceError::OtherOutput { asked: "a language model's loss" });
}

#[test]
fn refuses_inputs_that_do_not_fit() {
    let model = golden("gpt2").model;
    let unknown = ReferenceError::UnknownToken { token: 113, vocabulary: 113 };
    assert_eq!(reference::logits(&model, &[0, 113]).unwrap_err(), unknown);
    let window = Window::new(vec![0, 113], 1, 1).unwrap();
    assert_eq!(reference::nll(&model, &window).unwrap_err(), unknown);
    for tokens in [0, 31] {
        let length = ReferenceError::Length { tokens, positions: 30 };
        assert_eq!(reference::logits(&model, &vec![1; tokens]).unwrap_err(), length);
    }
    let features = ReferenceError::Features { found: 12, expected: 13 };
    assert_eq!(reference::perceive(&golden("mlp").model, &[0.0; 12]).unwrap_err(), features);
}

#[test]
fn names_weights_that_are_missing() {
    let model = golden("gpt2").model;
    let embedding = Embedding { positions: None, ..model.weights().embedding().unwrap() };
    let parts = Parts { embedding, layers: Vec::new(), tail: model.weights().tail().unwrap() };
    let unfit = Model::of_weights(model.architecture().clone(), model.digest(), Arc::new(parts));
    let missing = reference::logits(&unfit, &[1]).unwrap_err();
    assert_eq!(missing, ReferenceError::Unfit { part: "the positions" });
}
