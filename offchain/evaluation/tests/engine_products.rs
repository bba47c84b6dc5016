//! Products in f16: how far they are from the f64 reference, and that what f16 cannot hold is computed in f32. These
//! tests need a compute adapter with f16 and fail without one: `scripts/setup` installs a software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::Path;
use std::sync::Arc;

use common::architectures::{Sample, perceptron, samples};
use common::engines::{difference, difference_of_losses, nll, open};
use common::goldens::{self, Case, Golden};
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Activation, Architecture, Limits, Model, Output};
use inktensor_evaluation::{Digest, Engine, Options, Precision, Style, Window, reference};
use proptest::prelude::*;

/// What products in f16 may change of losses, in small models of random weights.
const LOSSES: f64 = 5e-3;

/// What they may change of vectors, which norms of few features may make larger.
const VECTORS: f64 = 3e-2;

fn half(style: Style) -> Engine {
    open(Options { products: Precision::F16, style: Some(style), ..Options::default() })
}

/// What computes the same as [`half`] in f32, from the same weights.
fn wide(style: Style) -> Engine {
    open(Options { weights: Precision::F16, style: Some(style), ..Options::default() })
}

const STYLES: [Style; 2] = [Style::Register, Style::Shared];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn language_models(sample in samples(any::<bool>().prop_map(|tied| Output::Language { tied }))) {
        let (model, windows) = (sample.model(), sample.windows(&[(70, 20), (5, 1)]));
        for engine in STYLES.map(half) {
            for (window, found) in windows.iter().zip(nll(&engine, &model, &windows)) {
                let expected = reference::nll(&model, window).unwrap().nll_nats;
                let error = difference_of_losses(found, expected, window);
                prop_assert!(error < LOSSES, "{error:e}");
            }
        }
    }

    #[test]
    fn encoders(sample in samples(Just(Output::Embedding))) {
        let (model, texts) = (sample.model(), sample.sequences(&[70, 5]));
        for engine in STYLES.map(half) {
            let found = engine.embed(&engine.load(&model).unwrap(), &texts).unwrap();
            for (text, found) in texts.iter().zip(found) {
                let error = difference(&found, &reference::embed(&model, text).unwrap());
                prop_assert!(error < VECTORS, "{error:e}");
            }
        }
    }
}

/// Models of every family, against what the families' own libraries compute.
#[test]
fn families() {
    for engine in STYLES.map(half) {
        assert_eq!([engine.weights(), engine.products()], [Precision::F16; 2]);
        for Golden { name, model, cases } in goldens::all() {
            let loaded = engine.load(&model).unwrap();
            for case in &cases {
                let error = match case {
                    Case::Language { window, nll, .. } => {
                        let found = engine.nll(&loaded, std::slice::from_ref(window)).unwrap()[0].nll_nats;
                        difference_of_losses(found, *nll, window)
                    }
                    Case::Embedding { tokens, embedding, .. } => {
                        difference(&engine.embed(&loaded, std::slice::from_ref(tokens)).unwrap()[0], embedding)
                    }
                    Case::TextClasses { tokens, logits } => {
                        difference(&engine.classify(&loaded, std::slice::from_ref(tokens)).unwrap()[0], logits)
                    }
                    Case::Classes { features, logits } => {
                        difference(&engine.perceive(&loaded, features).unwrap()[0], logits)
                    }
                };
                assert!(error < VECTORS, "{name}: {error:e}");
            }
        }
    }
}

/// The weights of the shipped models are exact in f16: what losses are off by is due to products alone.
#[test]
fn trained_models() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = Corpus::open(&folder.join("data/heldout.txt")).unwrap();
    let windows = corpus.windows([5; 32], 3, 128).unwrap();
    for name in ["strong", "medium", "weak", "gpt2"] {
        let path = folder.join("models").join(format!("{name}.safetensors"));
        let model = Model::from_bytes(&std::fs::read(path).unwrap(), &Limits::default()).unwrap();
        for style in STYLES {
            let [found, same] = [half(style), wide(style)].map(|engine| nll(&engine, &model, &windows));
            assert_ne!(found, same, "{name}: products must have been rounded");
            for (window, found) in windows.iter().zip(found) {
                let expected = reference::nll(&model, window).unwrap().nll_nats;
                let error = difference_of_losses(found, expected, window);
                assert!(error < 5e-4, "{name}: {error:e}");
            }
        }
    }
}

/// A decoder in which token 7, and no other, comes to 60,000 times five in the first layer, and windows without and
/// with that token.
fn beyond_at_a_token() -> (Model, [Window; 2]) {
    let mut sample = Sample::decoder();
    sample.biased = false;
    sample.config.output = Output::Language { tied: false };
    let (hidden, mut parts) = (sample.config.hidden, sample.parts());
    for (token, row) in parts.embedding.tokens.chunks_exact_mut(hidden).enumerate() {
        if token == 7 {
            row.fill(0.0);
        }
        row[0] = f32::from(u8::from(token == 7));
    }
    let layer = &mut parts.layers[0];
    // Attention brings nothing into the first feature.
    layer.output.weight[..sample.config.query_width()].fill(0.0);
    layer.up.weight[0] = 60_000.0;
    let model = Model::of_weights(Architecture::Transformer(sample.config), Digest([0; 32]), Arc::new(parts));
    let tokens = |special: u32| (20..60).chain([special]).chain(80..90).collect();
    (model, [10, 7].map(|special| Window::new(tokens(special), 1, 9).unwrap()))
}

#[test]
fn what_f16_cannot_hold_is_computed_in_f32() {
    let (model, windows) = beyond_at_a_token();
    for style in STYLES {
        let (half, wide) = (half(style), wide(style));
        let [found, same] = [&half, &wide].map(|engine| nll(engine, &model, &windows));
        assert_ne!(found[0], same[0], "{style:?}: the window without the token stays in f16");
        assert_eq!(found[1], same[1], "{style:?}: the window with it does not");
        assert!(found[1].is_finite());
        assert_eq!(found[..1], nll(&half, &model, &windows[..1]), "{style:?}: whatever is asked beside it");
    }
}

/// Wherever it is that numbers grow: before queries, before the feed-forward layer, before the head.
#[test]
fn no_overflow_is_hidden() {
    let mut sample = Sample::decoder();
    for activation in [Activation::Relu, Activation::Silu, Activation::GeluErf, Activation::GeluTanh] {
        for (place, gated) in [(0, true), (1, true), (1, false), (2, false)] {
            sample.config.activation = activation;
            sample.config.gated = gated;
            let mut parts = sample.parts();
            let layer = &mut parts.layers[2];
            let gain = match place {
                0 => &mut layer.attention_norm.gain,
                1 => &mut layer.feed_norm.gain,
                _ => &mut parts.tail.norm.as_mut().unwrap().gain,
            };
            gain.iter_mut().for_each(|gain| *gain *= 1e6);
            let architecture = Architecture::Transformer(sample.config.clone());
            let model = Model::of_weights(architecture, Digest([0; 32]), Arc::new(parts));
            let windows = sample.windows(&[(20, 3), (1, 1)]);
            for style in STYLES {
                let [found, same] = [half(style), wide(style)].map(|engine| nll(&engine, &model, &windows));
                assert!(found.iter().all(|nats| nats.is_finite()));
                assert_eq!(found, same, "{style:?}, {activation:?}, {place}");
            }
        }
    }
}

#[test]
fn each_vector_of_features_stands_alone() {
    let model = perceptron(vec![40, 70, 3], Activation::Relu, 3);
    let mut features: Vec<f32> = (0..40 * 5).map(|n| (n % 13) as f32 / 13.0 - 0.4).collect();
    features[40] = -70_000.0;
    for style in STYLES {
        let [found, same] =
            [half(style), wide(style)].map(|engine| engine.perceive(&engine.load(&model).unwrap(), &features).unwrap());
        let equal: Vec<bool> = found.iter().zip(same).map(|(found, same)| *found == same).collect();
        assert_eq!(equal, [false, true, false, false, false], "{style:?}");
        for (vector, found) in features.chunks_exact(40).zip(found) {
            let error = difference(&found, &reference::perceive(&model, vector).unwrap());
            assert!(error < VECTORS, "{error:e}");
        }
    }
}
