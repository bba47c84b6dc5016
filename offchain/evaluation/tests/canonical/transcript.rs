//! A validator publishes a root; another one audits it.

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::transcript::{self, Proof};
use inktensor_evaluation::canonical::{CanonicalLoss, CanonicalModel, reference};
use inktensor_evaluation::model::Model;
use inktensor_evaluation::{Digest, Window};

use crate::models::{self, Recipe};

fn leaf(model: &Model, window: &Window, loss: &CanonicalLoss) -> Digest {
    transcript::leaf(model.tensor_digest(), window.digest(), transcript::evaluator(b"a task"), loss)
}

#[test]
fn an_auditor_computes_the_leaf_of_an_honest_validator() {
    let recipe = models::qwen3();
    let model = recipe.model();
    let windows: Vec<Window> = [9, 30, 4, 17, 2].map(|length| recipe.window(length)).to_vec();
    let losses = Cpu::default().nll(&CanonicalModel::new(&model).unwrap(), &windows).unwrap();
    let leaves: Vec<Digest> = windows.iter().zip(&losses).map(|(window, loss)| leaf(&model, window, loss)).collect();
    let root = transcript::root(&leaves).unwrap();
    for (index, window) in windows.iter().enumerate() {
        let proof = Proof::new(&leaves, index).unwrap();
        let loss = reference::nll(&CanonicalModel::new(&model).unwrap(), window).unwrap();
        assert!(proof.proves(leaf(&model, window, &loss), root));
        assert!(!proof.proves(leaf(&model, window, &CanonicalLoss { nll: loss.nll - 1, ..loss }), root));
    }
    assert_eq!(Proof::new(&leaves, windows.len()), None);
}

/// Weights of the second layer that differ in one number leave the hashes before it as they are.
#[test]
fn the_first_layer_that_differs_is_where_the_difference_is() {
    let honest = models::llama();
    // The tables of 150 tokens, the first layer, and then some.
    const CHANGED: usize = 150 * 24 + (2 * 24 + 2 * 24 * 24 + 2 * 12 * 24 + 3 * 36 * 24) + 100;
    let other = Recipe { distort: |n, weight| if n == CHANGED { weight + 0.05 } else { weight }, ..honest.clone() };
    let window = honest.window(20);
    let layers = [&honest, &other]
        .map(|recipe| reference::nll(&CanonicalModel::new(&recipe.model()).unwrap(), &window).unwrap().layers);
    let same: Vec<bool> = layers[0].iter().zip(&layers[1]).map(|(a, b)| a == b).collect();
    assert_eq!(same, [true, true, false]);
}
