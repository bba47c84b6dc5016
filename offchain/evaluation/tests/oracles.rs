//! The scalar f64 reference against candle's own models over random architectures.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::Random;
use common::candle::{self, Oracle};
use common::recipes::{self, Sizes};
use inktensor_evaluation::Window;
use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::reference;
use proptest::prelude::*;

/// Of f32 against f64, relative where a number exceeds one.
const TOLERANCE: f64 = 1e-4;

fn sizes() -> impl Strategy<Value = Sizes> {
    let heads = (1usize..=3, 1usize..=3, 1usize..=7);
    (2usize..200, heads, 1usize..=50, 1usize..=3, any::<bool>(), any::<u64>()).prop_map(
        |(vocabulary, (key_heads, group, half), intermediate, layers, tied, seed)| {
            let (heads, head) = (key_heads * group, 2 * half);
            let hidden = heads * head;
            Sizes { vocabulary, heads, key_heads, head, hidden, intermediate, layers, positions: 40, tied, seed }
        },
    )
}

fn tokens(sizes: &Sizes, count: usize) -> Vec<u32> {
    let mut random = Random(!sizes.seed ^ count as u64);
    (0..count).map(|_| (random.next() % sizes.vocabulary as u64) as u32).collect()
}

/// Whether numbers are near each other, and the highest difference.
fn near(found: &[f64], expected: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    let differences = found.iter().zip(expected).map(|(x, y)| (x - y).abs() / y.abs().max(1.0));
    let highest = differences.fold(0.0, f64::max);
    prop_assert!(highest < TOLERANCE, "differs by {highest:e}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn language_models_agree(
        family in prop_oneof![Just("llama"), Just("qwen2"), Just("qwen3")],
        mut sizes in sizes(),
        hidden in 1usize..50,
        length in 2usize..=40,
    ) {
        if family == "qwen3" {
            sizes.hidden = hidden;
        }
        let file = recipes::language(family, &sizes);
        let (model, oracle) = (Model::from_bytes(&file, &Limits::default()).unwrap(), Oracle::new(&file));
        let tokens = tokens(&sizes, length);
        near(&reference::logits(&model, &tokens).unwrap(), &oracle.logits(&tokens))?;
        let window = Window::new(tokens.clone(), 1, 1).unwrap();
        near(&[reference::nll(&model, &window).unwrap().nll_nats], &[oracle.nll(&tokens)])?;
    }

    #[test]
    fn encoders_agree_in_padded_batches(
        activation in prop_oneof![Just("gelu"), Just("relu")],
        sizes in sizes(),
        lengths in prop::collection::vec(1usize..=40, 1..=4),
    ) {
        let file = recipes::encoder(activation, &sizes);
        let model = Model::from_bytes(&file, &Limits::default()).unwrap();
        let sequences: Vec<Vec<u32>> = lengths.iter().map(|&length| tokens(&sizes, length)).collect();
        for (tokens, expected) in sequences.iter().zip(candle::encoder_states(&file, &sequences)) {
            near(&reference::states(&model, tokens).unwrap(), &expected)?;
        }
    }
}
