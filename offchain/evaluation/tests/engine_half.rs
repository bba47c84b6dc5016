//! Weights in f16, and a device too small for the layers of a model. These tests need a compute adapter with f16 and
//! fail without one: `scripts/setup` installs a software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::sync::Arc;

use common::architectures::{Sample, perceptron, samples};
use common::engines::{difference, difference_of_losses, open};
use inktensor_evaluation::model::{Activation, Architecture, Model, Output, Transformer};
use inktensor_evaluation::{Digest, Engine, EngineError, Options, Precision, Style, Window, reference};
use proptest::prelude::*;

/// What weights in f16 may change.
const TOLERANCE: f64 = 2e-3;

fn half(options: Options) -> Engine {
    open(Options { weights: Precision::F16, ..options })
}

fn halves() -> [Engine; 2] {
    [Style::Register, Style::Shared].map(|style| half(Options { style: Some(style), ..Options::default() }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn language_models(sample in samples(any::<bool>().prop_map(|tied| Output::Language { tied }))) {
        let (model, windows) = (sample.model(), sample.windows(&[(70, 20), (5, 1)]));
        for engine in halves() {
            let found = engine.nll(&engine.load(&model).unwrap(), &windows).unwrap();
            for (window, found) in windows.iter().zip(found) {
                let expected = reference::nll(&model, window).unwrap().nll_nats;
                let error = difference_of_losses(found.nll_nats, expected, window);
                prop_assert!(error < TOLERANCE, "{error:e}");
            }
        }
    }

    #[test]
    fn encoders(sample in samples(Just(Output::Embedding))) {
        let (model, texts) = (sample.model(), sample.sequences(&[70, 5]));
        for engine in halves() {
            let found = engine.embed(&engine.load(&model).unwrap(), &texts).unwrap();
            for (text, found) in texts.iter().zip(found) {
                let error = difference(&found, &reference::embed(&model, text).unwrap());
                prop_assert!(error < TOLERANCE, "{error:e}");
            }
        }
    }
}

#[test]
fn perceptrons() {
    let model = perceptron(vec![40, 70, 3], Activation::Silu, 3);
    let features: Vec<f32> = (0..40 * 5).map(|n| (n % 13) as f32 / 13.0 - 0.4).collect();
    for engine in halves() {
        let found = engine.perceive(&engine.load(&model).unwrap(), &features).unwrap();
        for (vector, found) in features.chunks_exact(40).zip(found) {
            let error = difference(&found, &reference::perceive(&model, vector).unwrap());
            assert!(error < TOLERANCE, "{error:e}");
            assert!(error > 1e-7, "weights must have been rounded");
        }
    }
}

#[test]
fn streaming_changes_no_bit() {
    let (resident, streaming) = (half(Options::default()), half(Options { memory: Some(0), ..Options::default() }));
    let (model, windows) = with_large_weights(false);
    let (whole, parts) = (resident.load(&model).unwrap(), streaming.load(&model).unwrap());
    assert_eq!((whole.streamed(), parts.streamed()), (false, true));
    assert_eq!(streaming.nll(&parts, &windows).unwrap(), resident.nll(&whole, &windows).unwrap());
}

/// A weight beyond the range of f16 keeps its part of the model in f32.
#[test]
fn large_weights_stay_whole() {
    let (model, windows) = with_large_weights(true);
    for memory in [None, Some(0)] {
        let engine = half(Options { memory, ..Options::default() });
        let found = engine.nll(&engine.load(&model).unwrap(), &windows).unwrap();
        for (window, found) in windows.iter().zip(found) {
            let expected = reference::nll(&model, window).unwrap().nll_nats;
            let error = difference_of_losses(found.nll_nats, expected, window);
            assert!(error < TOLERANCE, "{error:e}");
        }
    }
}

/// A decoder, perhaps with weights of 70,000 in the embedding and in two of its layers.
fn with_large_weights(large: bool) -> (Model, Vec<Window>) {
    let mut sample = Sample::decoder();
    sample.config.output = Output::Language { tied: false };
    let mut parts = sample.parts();
    if large {
        parts.embedding.tokens[7] = 70_000.0;
        for layer in [1, 4] {
            let layer = &mut parts.layers[layer];
            layer.up.weight[0] = -70_000.0;
            // The first column takes back what the first row has made large.
            layer.down.weight.iter_mut().step_by(sample.config.intermediate).for_each(|weight| *weight /= 70_000.0);
        }
    }
    let architecture = Architecture::Transformer(sample.config.clone());
    (Model::of_weights(architecture, Digest([0; 32]), Arc::new(parts)), sample.windows(&[(60, 1), (3, 2)]))
}

/// Of eight layers of 1.7 MB in f32, as many as the device holds: all of them only in f16.
#[test]
fn streams_what_the_device_cannot_hold() {
    let mut sample = Sample::decoder();
    sample.config = Transformer { hidden: 256, intermediate: 512, layers: 8, ..sample.config };
    let (model, windows) = (sample.model(), sample.windows(&[(40, 1), (3, 2)]));
    let evaluate = |engine: &Engine| {
        let loaded = engine.load(&model).unwrap();
        (loaded.streamed(), engine.nll(&loaded, &windows).unwrap())
    };
    let total = Some(10 << 20);
    for weights in [Precision::F32, Precision::F16] {
        let all = Options { weights, ..Options::default() };
        let (streamed, expected) = evaluate(&open(all));
        assert!(!streamed);
        let (streamed, found) = evaluate(&open(Options { total, ..all }));
        assert_eq!((streamed, found), (weights == Precision::F32, expected), "{weights:?}");
    }
    // Too little even for two layers.
    let error = open(Options { total: Some(1 << 20), ..Options::default() }).load(&model).unwrap_err();
    assert!(matches!(error, EngineError::OutOfMemory { .. }), "{error}");
}
