//! The canonical lane against real numbers: the f64 reference, and PyTorch.

use std::path::Path;

use inktensor_evaluation::canonical::CanonicalModel;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::{Window, reference};

use crate::common::goldens::{self, Case};
use crate::models;

/// What the specification promises, in nats for each token, and in cosine.
const LOSS: f64 = 1e-3;
const COSINE: f64 = 5e-4;

/// The losses of windows by the canonical lane, in nats for each token.
fn losses(model: &Model, windows: &[Window]) -> Vec<f64> {
    let found = Cpu::default().nll(&CanonicalModel::new(model).unwrap(), windows).unwrap();
    let nats = |(window, nll): (&Window, i64)| nll as f64 / 2f64.powi(32) / window.predictions() as f64;
    windows.iter().zip(found.iter().map(|loss| loss.nll)).map(nats).collect()
}

/// The same by the reference.
fn exact(model: &Model, windows: &[Window]) -> Vec<f64> {
    let nats = |window| reference::nll(model, window).unwrap().nll_nats / window.predictions() as f64;
    windows.iter().map(nats).collect()
}

fn cosine(found: &[i32], exact: &[f64]) -> f64 {
    exact.iter().zip(found).map(|(a, &b)| a * f64::from(b) / 2f64.powi(30)).sum()
}

/// The largest difference of logits with 16 fractional bits.
fn difference(found: &[i32], exact: &[f64]) -> f64 {
    assert_eq!(found.len(), exact.len());
    found.iter().zip(exact).map(|(&a, b)| (f64::from(a) / 65536.0 - b).abs()).fold(0.0, f64::max)
}

fn rank(losses: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..losses.len()).collect();
    order.sort_by(|&a, &b| losses[a].total_cmp(&losses[b]));
    order
}

#[test]
fn trained_models_lose_what_they_lose_in_real_numbers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let windows = Corpus::open(&folder.join("data/heldout.txt")).unwrap().windows([5; 32], 5, 96).unwrap();
    let file = |name: &str| std::fs::read(folder.join(format!("models/{name}.safetensors"))).unwrap();
    let ladder =
        ["strong", "sibling", "medium", "weak", "gpt2"].map(|name| Model::from_bytes(&file(name), &Limits::default()));
    let models = ladder.map(Result::unwrap).into_iter();
    let (exact, found): (Vec<_>, Vec<_>) =
        models.map(|model| (exact(&model, &windows), losses(&model, &windows))).unzip();
    for window in 0..windows.len() {
        let column = |losses: &[Vec<f64>]| losses.iter().map(|losses| losses[window]).collect::<Vec<f64>>();
        let (exact, found) = (column(&exact), column(&found));
        assert_eq!(rank(&exact), rank(&found));
        for (exact, found) in exact.iter().zip(&found) {
            assert!((exact - found).abs() <= LOSS, "{found} against {exact}");
        }
    }
}

/// All families, by the figures of the libraries that made the models.
#[test]
fn golden_models_give_what_their_libraries_say() {
    let cpu = Cpu::default();
    for golden in goldens::all() {
        let (name, model) = (golden.name, CanonicalModel::new(&golden.model).unwrap());
        for case in golden.cases {
            match case {
                Case::Language { window, nll, .. } => {
                    let (found, exact) =
                        (losses(&golden.model, std::slice::from_ref(&window))[0], nll / window.predictions() as f64);
                    assert!((found - exact).abs() <= LOSS, "{name}: {found} against {exact}");
                }
                Case::Embedding { tokens, embedding, .. } => {
                    let cosine = cosine(&cpu.embed(&model, &[&tokens]).unwrap()[0], &embedding);
                    assert!((1.0 - cosine).abs() <= COSINE, "{name}: {cosine}");
                }
                Case::TextClasses { tokens, logits } => {
                    let difference = difference(&cpu.classify(&model, &[&tokens]).unwrap()[0], &logits);
                    assert!(difference <= LOSS, "{name}: {difference}");
                }
                Case::Classes { features, logits } => {
                    let difference = difference(&cpu.perceive(&model, &[&features]).unwrap()[0], &logits);
                    assert!(difference <= LOSS, "{name}: {difference}");
                }
            }
        }
    }
}

#[test]
fn random_language_models_lose_what_they_lose_in_real_numbers() {
    for recipe in [models::llama(), models::qwen3(), models::gpt2()] {
        let (model, windows) = (recipe.model(), [recipe.window(60), recipe.window(9)]);
        for (found, exact) in losses(&model, &windows).into_iter().zip(exact(&model, &windows)) {
            assert!((exact - found).abs() <= LOSS, "{found} against {exact}");
        }
    }
}

#[test]
fn random_encoders_give_what_they_give_in_real_numbers() {
    for seed in 1..6 {
        let recipe = models::Recipe { seed, ..models::bert() };
        let (model, tokens) = (recipe.model(), recipe.tokens(30));
        let found = Cpu::default().embed(&CanonicalModel::new(&model).unwrap(), &[&tokens]).unwrap();
        let cosine = cosine(&found[0], &reference::embed(&model, &tokens).unwrap());
        assert!((1.0 - cosine).abs() <= COSINE, "{cosine}");

        let model = models::Recipe { seed, ..models::classifier() }.model();
        let found = Cpu::default().classify(&CanonicalModel::new(&model).unwrap(), &[&tokens]).unwrap();
        let difference = difference(&found[0], &reference::classify(&model, &tokens).unwrap());
        assert!(difference <= LOSS, "{difference}");
    }
}
