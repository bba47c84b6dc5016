//! The engine against itself where memory is short: weights in shards, layers streamed, windows in batches. These tests
//! need a compute adapter and fail without one: `scripts/setup` installs a software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::architectures::Sample;
use common::engines::{difference_of_losses, engines, nll, open};
use common::goldens::{self, Case, Golden};
use inktensor_evaluation::model::{Output, Transformer};
use inktensor_evaluation::{Engine, Options, Style, reference};

/// Weights and tables larger than a binding lie in several buffers. No bit of a state changes; a loss is the same sum in
/// another order.
#[test]
fn shards_change_nothing() {
    for style in [Style::Register, Style::Shared] {
        let whole = open(Options { style: Some(style), ..Options::default() });
        let sharded = open(Options { style: Some(style), binding: Some(256 << 10), ..Options::default() });
        // In the style that pads less, 9,000 rows of 40 floats take six bindings, and 2,000 take two.
        let large = |mut sample: Sample, output| {
            sample.config = Transformer { vocabulary: 9000, hidden: 40, intermediate: 1000, output, ..sample.config };
            sample
        };
        for tied in [true, false] {
            let sample = large(Sample::decoder(), Output::Language { tied });
            let (model, windows) = (sample.model(), sample.windows(&[(30, 1), (8, 4)]));
            for (window, found) in windows.iter().zip(nll(&sharded, &model, &windows)) {
                let expected = reference::nll(&model, window).unwrap().nll_nats;
                assert!(difference_of_losses(found, expected, window) < 1e-5, "{style:?}");
            }
        }
        let mut sample = large(Sample::encoder(Output::Embedding), Output::Embedding);
        for gated in [true, false] {
            sample.config.gated = gated;
            let (model, texts) = (sample.model(), sample.sequences(&[20, 1, 33]));
            let embed = |engine: &Engine| engine.embed(&engine.load(&model).unwrap(), &texts).unwrap();
            assert_eq!(embed(&sharded), embed(&whole), "{style:?}");
        }
    }
}

/// Layers that do not stay on the device come there one after the other, for many windows at a time.
#[test]
fn streaming_changes_no_bit() {
    let resident = open(Options::default());
    let streaming = open(Options { memory: Some(0), ..Options::default() });
    let sample = Sample::decoder();
    let (model, windows) = (sample.model(), sample.windows(&[(80, 1), (3, 2), (50, 1), (1, 1)]));
    let loaded = streaming.load(&model).unwrap();
    let expected = resident.nll(&resident.load(&model).unwrap(), &windows).unwrap();
    // Twice, as the second pass begins with the last layers of the first.
    for _ in 0..2 {
        assert_eq!(streaming.nll(&loaded, &windows).unwrap(), expected);
    }
    let encoder = Sample::encoder(Output::Embedding);
    let (model, texts) = (encoder.model(), encoder.sequences(&[5, 80, 33]));
    let embed = |engine: &Engine| engine.embed(&engine.load(&model).unwrap(), &texts).unwrap();
    assert_eq!(embed(&streaming), embed(&resident));
}

/// As before, with layers that are read from files each time.
#[test]
fn streaming_from_files_changes_no_bit() {
    let (resident, streaming) = (open(Options::default()), open(Options { memory: Some(0), ..Options::default() }));
    for Golden { name, model, cases } in goldens::all() {
        for case in cases {
            if let Case::Language { window, .. } = case {
                let windows = [window];
                assert_eq!(nll(&streaming, &model, &windows), nll(&resident, &model, &windows), "{name}");
            }
        }
    }
}

/// A batch holds what a binding holds; here that is little, so that there are several batches.
#[test]
fn batches_change_no_bit() {
    let [engine, _] = engines();
    let options = Options { style: Some(Style::Register), binding: Some(32 << 10), ..Options::default() };
    let sample = Sample::decoder();
    let (model, windows) = (sample.model(), sample.windows(&[(80, 1), (3, 2), (50, 1), (70, 9), (1, 1), (64, 64)]));
    let alone: Vec<f64> = windows.iter().flat_map(|one| nll(engine, &model, std::slice::from_ref(one))).collect();
    assert_eq!(nll(engine, &model, &windows), alone);
    for memory in [None, Some(0)] {
        assert_eq!(nll(&open(Options { memory, ..options }), &model, &windows), alone, "{memory:?}");
    }
}

/// The head of GPT-2 is larger than a binding of lavapipe without any limit of ours.
#[test]
fn tables_as_large_as_those_of_gpt2() {
    let [engine, _] = engines();
    let mut sample = Sample::decoder();
    sample.config = Transformer { vocabulary: 50_257, hidden: 768, layers: 1, ..sample.config };
    let (model, windows) = (sample.model(), sample.windows(&[(5, 1), (3, 3)]));
    for (window, found) in windows.iter().zip(nll(engine, &model, &windows)) {
        let expected = reference::nll(&model, window).unwrap().nll_nats;
        let error = difference_of_losses(found, expected, window);
        assert!(error < 1e-5, "{found} instead of {expected}");
    }
}
