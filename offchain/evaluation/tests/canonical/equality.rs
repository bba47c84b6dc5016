//! The CPU lane gives what the reference gives, to the bit.

use std::num::NonZeroUsize;

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::{CanonicalError, CanonicalLoss, CanonicalModel, reference};
use inktensor_evaluation::model::{Activation, NormKind, Output, Placement, Position, Transformer};
use proptest::prelude::*;

use crate::models::{self, DISTORTIONS, Random, Recipe};

/// All that lanes give of two sequences, of different lengths where the model's positions allow it.
#[derive(Debug, PartialEq)]
pub enum Results {
    Losses(Vec<CanonicalLoss>),
    Numbers(Vec<Vec<i32>>),
}

/// The reference's results, after checking that the CPU lane has the same on several threads.
pub fn agreed(recipe: &Recipe) -> Result<Results, CanonicalError> {
    let model = CanonicalModel::new(&recipe.model())?;
    let kept = model.clone().keep()?;
    let long = recipe.shape.positions.min(19);
    let lengths = [long, 2.min(long)];
    let threads = NonZeroUsize::new(1 + recipe.seed as usize % 5).unwrap();
    let cpu = Cpu::new(threads);
    let texts = lengths.map(|length| recipe.tokens(length));
    let [first, second] = &texts;
    let (scalar, fast) = match recipe.shape.output {
        Output::Language { .. } => {
            let windows = lengths.map(|length| recipe.window(length + 1));
            let scalar = windows.iter().map(|window| reference::nll(&model, window)).collect::<Result<_, _>>()?;
            (Results::Losses(scalar), Results::Losses(cpu.nll(&kept, &windows)?))
        }
        Output::Embedding => {
            let scalar = texts.iter().map(|text| reference::embed(&model, text)).collect::<Result<_, _>>()?;
            (Results::Numbers(scalar), Results::Numbers(cpu.embed(&kept, &[first, second])?))
        }
        Output::Classes { .. } => {
            let scalar = texts.iter().map(|text| reference::classify(&model, text)).collect::<Result<_, _>>()?;
            (Results::Numbers(scalar), Results::Numbers(cpu.classify(&kept, &[first, second])?))
        }
    };
    assert_eq!(scalar, fast, "{recipe:?}");
    Ok(scalar)
}

fn shapes() -> impl Strategy<Value = Transformer> {
    let sizes = (1usize..200, 1usize..50, 1usize..70, 0usize..3, 1usize..4, 1usize..3, 1usize..10);
    let switches = (0usize..3, 0usize..4, 0usize..6, any::<[bool; 5]>());
    (sizes, switches).prop_map(|((vocabulary, hidden, intermediate, layers, key_heads, group, half), switches)| {
        let (output, activation, epsilon, [rotary, layer_norm, after, gated, head_norm]) = switches;
        let outputs = [Output::Language { tied: rotary }, Output::Embedding, Output::Classes { count: 3 }];
        let position = if rotary { Position::Rotary { theta: 500.0 } } else { Position::Learned };
        let activations = [Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu];
        Transformer {
            vocabulary,
            hidden,
            intermediate,
            layers,
            heads: key_heads * group,
            key_heads,
            head: if rotary { 2 * half } else { half },
            positions: 1 + intermediate % 30,
            position,
            norm: if layer_norm { NormKind::Layer } else { NormKind::Rms },
            epsilon: [0.0, 1e-12, 1e-6, 1e-5, 1.0, 1e20][epsilon],
            placement: if after { Placement::After } else { Placement::Before },
            activation: activations[activation],
            gated,
            causal: output == 0 || half % 2 == 0,
            head_norm,
            output: outputs[output],
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_architecture(shape in shapes(), switches: [bool; 3], seed: u64) {
        let [bias, segment, pooler] = switches;
        agreed(&Recipe { shape, bias, segment, pooler, seed, distort: |_, weight| weight }).unwrap();
    }

    #[test]
    fn any_architecture_with_any_weights(
        shape in shapes(), switches: [bool; 3], seed: u64, distortion in 0..DISTORTIONS.len(),
    ) {
        let [bias, segment, pooler] = switches;
        agreed(&Recipe { shape, bias, segment, pooler, seed, distort: DISTORTIONS[distortion].1 }).unwrap();
    }

    #[test]
    fn any_perceptron(widths in proptest::collection::vec(1usize..700, 2..5), activation in 0usize..4, seed: u64) {
        let activation = [Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu][activation];
        let model = CanonicalModel::new(&models::perceptron(&widths, activation, seed, |_, weight| weight)).unwrap();
        let mut random = Random(seed);
        let vectors: Vec<Vec<f32>> =
            (0..5).map(|_| (0..widths[0]).map(|_| random.symmetric()).collect()).collect();
        let borrowed: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
        let scalar: Vec<_> = vectors.iter().map(|vector| reference::perceive(&model, vector).unwrap()).collect();
        prop_assert_eq!(scalar, Cpu::new(NonZeroUsize::new(3).unwrap()).perceive(&model, &borrowed).unwrap());
    }
}

/// A token's loss depends on what is before it and on nothing else that is evaluated beside it.
#[test]
fn neighbours_do_not_matter() {
    let recipe = models::llama();
    let model = CanonicalModel::new(&recipe.model()).unwrap();
    let windows: Vec<_> = (2..9).map(|length| recipe.window(length)).collect();
    let together = Cpu::default().nll(&model, &windows).unwrap();
    for (window, loss) in windows.iter().zip(&together) {
        assert_eq!(&Cpu::default().nll(&model, std::slice::from_ref(window)).unwrap()[0], loss);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let recipe = models::llama();
    let model = CanonicalModel::new(&recipe.model()).unwrap();
    let token = recipe.shape.vocabulary as u32;
    let window = inktensor_evaluation::Window::new(vec![0, token], 1, 1).unwrap();
    assert_eq!(reference::nll(&model, &window), Err(CanonicalError::Token { token, vocabulary: token as usize }));
    let long = recipe.window(recipe.shape.positions + 2);
    assert!(matches!(reference::nll(&model, &long), Err(CanonicalError::Bound { .. })));
    assert!(matches!(reference::embed(&model, &[1]), Err(CanonicalError::Output { .. })));
    assert!(matches!(reference::perceive(&model, &[1.0]), Err(CanonicalError::Output { .. })));
    let encoder = CanonicalModel::new(&models::bert().model()).unwrap();
    assert!(matches!(reference::embed(&encoder, &[]), Err(CanonicalError::Bound { .. })));
    let mut odd = models::llama();
    odd.shape.head = 5;
    assert!(matches!(CanonicalModel::new(&odd.model()), Err(CanonicalError::Bound { .. })));
    let broken = Recipe { distort: |n, weight| if n == 5000 { f32::NAN } else { weight }, ..models::llama() };
    assert!(matches!(agreed(&broken), Err(CanonicalError::NotFinite { .. })));
}
