use std::fmt::Debug;

use proptest::prelude::*;

use super::engines;
use super::models::{Extras, any_model, model, plain};
use crate::canonical::gpu::{CanonicalEngine, CanonicalGpuError, CanonicalGpuModel};
use crate::canonical::{CanonicalError, CanonicalLoss, CanonicalModel, reference};
use crate::model::{Output, Position, Transformer};
use crate::window::Window;

/// Some sequences of tokens.
fn texts(vocabulary: usize, lengths: &[usize], seed: u64) -> Vec<Vec<u32>> {
    let mut state = seed;
    let mut token = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 33) % vocabulary as u64) as u32
    };
    lengths.iter().map(|&length| (0..length).map(|_| token()).collect()).collect()
}

fn canonical(shape: &Transformer, extras: Extras) -> CanonicalModel {
    CanonicalModel::new(&model(shape, extras)).unwrap().keep().unwrap()
}

/// Every engine finds what is expected of a model.
fn agree<T: Debug + PartialEq>(
    canonical: &CanonicalModel,
    expected: &[T],
    find: impl Fn(&CanonicalEngine, &CanonicalGpuModel) -> Result<Vec<T>, CanonicalGpuError>,
) {
    for engine in engines() {
        let found = find(engine, &engine.load(canonical).unwrap()).unwrap();
        assert_eq!(found, expected, "{:?}", engine.options);
    }
}

/// Every engine gives the reference's losses of windows, which are returned.
fn agree_on_losses(canonical: &CanonicalModel, windows: &[Window]) -> Vec<CanonicalLoss> {
    let expected: Vec<_> = windows.iter().map(|window| reference::nll(canonical, window).unwrap()).collect();
    agree(canonical, &expected, |engine, loaded| engine.nll(loaded, windows));
    expected
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gives_the_bits_of_the_reference_however_it_is_cut_up(
        (shape, extras) in any_model(),
        lengths in proptest::collection::vec(prop_oneof![1 => Just(2usize), 4 => 2usize..41], 1..4),
        seed: u64,
    ) {
        let canonical = canonical(&shape, extras);
        let texts = texts(shape.vocabulary, &lengths, seed);
        let texts: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        match shape.output {
            Output::Language { .. } => {
                let first = |text: &[u32]| 1 + seed as usize % (text.len() - 1);
                let windows = texts.iter().map(|text| Window::new(text.to_vec(), first(text), 1).unwrap());
                agree_on_losses(&canonical, &windows.collect::<Vec<_>>());
            }
            Output::Embedding => {
                let expected: Vec<_> = texts.iter().map(|text| reference::embed(&canonical, text).unwrap()).collect();
                agree(&canonical, &expected, |engine, loaded| engine.embed(loaded, &texts));
            }
            Output::Classes { .. } => {
                let expected: Vec<_> =
                    texts.iter().map(|text| reference::classify(&canonical, text).unwrap()).collect();
                agree(&canonical, &expected, |engine, loaded| engine.classify(loaded, &texts));
            }
        }
    }
}

/// More keys than a block holds, and more tokens than a workgroup has rows.
#[test]
fn gives_the_bits_of_the_reference_on_a_long_window() {
    let (shape, extras) = plain();
    for (causal, position) in [(true, Position::Rotary { theta: 10_000.0 }), (false, Position::Learned)] {
        let shape = Transformer { causal, position, ..shape.clone() };
        let text = texts(shape.vocabulary, &[421], 7).concat();
        agree_on_losses(&canonical(&shape, extras), &[Window::new(text, 200, 1).unwrap()]);
    }
}

/// Logits that are as far apart as they can be.
#[test]
fn gives_the_bits_of_the_reference_where_logits_saturate() {
    let (shape, extras) = plain();
    let text = texts(shape.vocabulary, &[40], 3).concat();
    let model = canonical(&shape, Extras { size: 3e4, ..extras });
    let losses = agree_on_losses(&model, &[Window::new(text, 1, 1).unwrap()]);
    // More than 1,024 bits, or 710 nats, a token: from one end to beyond the middle.
    assert!(losses[0].nll >> 32 > 39 * 710, "{losses:?}");
}

/// A vocabulary of many shards whose last block is short.
#[test]
fn gives_the_bits_of_the_reference_with_many_tokens() {
    let (shape, extras) = plain();
    let shape = Transformer { vocabulary: 9001, ..shape };
    let window = Window::new(vec![0, 63, 64, 8191, 8192, 8999, 9000], 1, 1).unwrap();
    agree_on_losses(&canonical(&shape, extras), &[window]);
}

#[test]
fn what_a_model_cannot_do_is_refused() {
    let (shape, extras) = plain();
    let engine = &engines()[0];
    let loaded = engine.load(&canonical(&shape, extras)).unwrap();
    let vocabulary = shape.vocabulary;
    let outside = Window::new(vec![0, vocabulary as u32], 1, 1).unwrap();
    let token = CanonicalError::Token { token: vocabulary as u32, vocabulary };
    assert_eq!(engine.nll(&loaded, &[outside]), Err(token.into()));
    let long = Window::new(vec![0; shape.positions + 2], 1, 1).unwrap();
    assert!(matches!(engine.nll(&loaded, &[long]), Err(CanonicalGpuError::Model(CanonicalError::Bound { .. }))));
    assert!(matches!(engine.embed(&loaded, &[&[0]]), Err(CanonicalGpuError::Model(CanonicalError::Output { .. }))));
    assert!(matches!(engine.classify(&loaded, &[&[0]]), Err(CanonicalGpuError::Model(CanonicalError::Output { .. }))));
    assert_eq!(engine.nll(&loaded, &[]), Ok(Vec::new()));
}
