//! Weights that a miner would choose to break an evaluation: nothing overflows, and the lanes still agree.

use inktensor_evaluation::canonical::CanonicalModel;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::reference;
use inktensor_evaluation::model::Activation;

use crate::equality::{Results, agreed};
use crate::models::{self, DISTORTIONS, Recipe};

#[test]
fn distorted_weights_of_every_family() {
    for (name, distort) in DISTORTIONS {
        for recipe in [models::llama(), models::qwen3(), models::gpt2(), models::bert(), models::classifier()] {
            for epsilon in [0.0, 1e-12, 1e-5, f64::MAX, f64::MIN_POSITIVE] {
                let mut recipe = Recipe { distort, ..recipe.clone() };
                recipe.shape.epsilon = epsilon;
                let results = agreed(&recipe).unwrap_or_else(|error| panic!("{name}: {error}"));
                if let Results::Losses(losses) = results {
                    assert!(losses.iter().all(|loss| loss.nll >= 0), "{name}: {losses:?}");
                }
            }
        }
    }
}

#[test]
fn distorted_perceptrons_and_features() {
    let extremes = [0.0, f32::MAX, f32::MIN, f32::from_bits(1), 1.0, -1e-20];
    for (_, distort) in DISTORTIONS {
        for activation in [Activation::Relu, Activation::Silu] {
            let widths = [6, 9, 9, 9, 9, 4];
            let model = CanonicalModel::new(&models::perceptron(&widths, activation, 3, distort)).unwrap();
            for shift in 0..6 {
                let features: Vec<f32> = (0..6).map(|index| extremes[(index + shift) % 6]).collect();
                let fast = Cpu::default().perceive(&model, &[&features]).unwrap();
                assert_eq!(reference::perceive(&model, &features).unwrap(), fast[0]);
            }
        }
    }
}

/// A model that knows nothing gives every token the same chance.
#[test]
fn zeros_lose_the_logarithm_of_the_vocabulary() {
    let recipe = Recipe { distort: |_, _| 0.0, ..models::gpt2() };
    let model = CanonicalModel::new(&recipe.model()).unwrap();
    let window = recipe.window(12);
    let found = reference::nll(&model, &window).unwrap().nll as f64 / 2f64.powi(32);
    let exact = window.predictions() as f64 * (recipe.shape.vocabulary as f64).ln();
    assert!((found - exact).abs() < 1e-6, "{found} against {exact}");
}
