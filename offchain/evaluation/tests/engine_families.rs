//! The engine over all architectures: against the scalar f64 reference and against what the families' own libraries
//! compute, and what it says to questions that a model does not answer. These tests need a compute adapter and fail
//! without one: `scripts/setup` installs a software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::path::Path;
use std::sync::Arc;

use common::Random;
use common::architectures::{Sample, activation, perceptron, samples};
use common::engines::{difference, difference_of_losses, engines, nll};
use common::goldens::{self, Case, Golden};
use inktensor_evaluation::model::{Activation, Architecture, Limits, Model, Output};
use inktensor_evaluation::{Digest, Engine, EngineError, Window, reference};
use proptest::prelude::*;

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(prop_oneof![Just(1usize), 2usize..12, 60usize..=80], 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn language_models(sample in samples(any::<bool>().prop_map(|tied| Output::Language { tied })), lengths in lengths()) {
        let model = sample.model();
        let counted: Vec<_> = lengths.iter().map(|&inputs| (inputs, 1 + sample.seed as usize % inputs)).collect();
        let windows = sample.windows(&counted);
        for engine in engines() {
            for (window, found) in windows.iter().zip(nll(engine, &model, &windows)) {
                let expected = reference::nll(&model, window).unwrap().nll_nats;
                let error = difference_of_losses(found, expected, window);
                prop_assert!(error < 1e-5, "{found} instead of {expected}, {error:e}");
            }
        }
    }

    #[test]
    fn encoders(sample in samples(Just(Output::Embedding)), lengths in lengths()) {
        let (model, texts) = (sample.model(), sample.sequences(&lengths));
        for engine in engines() {
            let found = engine.embed(&engine.load(&model).unwrap(), &texts).unwrap();
            for (text, found) in texts.iter().zip(found) {
                let error = difference(&found, &reference::embed(&model, text).unwrap());
                prop_assert!(error < 1e-4, "{error:e}");
            }
        }
    }

    #[test]
    fn classifiers(sample in samples((1usize..70).prop_map(|count| Output::Classes { count })), lengths in lengths()) {
        let (model, texts) = (sample.model(), sample.sequences(&lengths));
        for engine in engines() {
            let found = engine.classify(&engine.load(&model).unwrap(), &texts).unwrap();
            for (text, found) in texts.iter().zip(found) {
                let error = difference(&found, &reference::classify(&model, text).unwrap());
                prop_assert!(error < 1e-4, "{error:e}");
            }
        }
    }

    #[test]
    fn perceptrons(
        widths in proptest::collection::vec(1usize..150, 2..5),
        activation in activation(),
        count in 1usize..100,
        seed: u64,
    ) {
        let mut random = Random(seed);
        let features: Vec<f32> = (0..count * widths[0]).map(|_| random.symmetric()).collect();
        let model = perceptron(widths.clone(), activation, seed);
        for engine in engines() {
            let found = engine.perceive(&engine.load(&model).unwrap(), &features).unwrap();
            prop_assert_eq!(found.len(), count);
            for (vector, found) in features.chunks_exact(widths[0]).zip(found) {
                let error = difference(&found, &reference::perceive(&model, vector).unwrap());
                prop_assert!(error < 1e-4, "{error:e}");
            }
        }
    }
}

/// Losses of each token alone, which tells more than their sum.
fn losses(engine: &Engine, model: &Model, tokens: &[u32]) -> Vec<f32> {
    let window = |end: usize| Window::new(tokens[..=end].to_vec(), end, 1).unwrap();
    let windows: Vec<_> = (1..tokens.len()).map(window).collect();
    nll(engine, model, &windows).into_iter().map(|loss| loss as f32).collect()
}

#[test]
fn agrees_with_the_libraries_of_the_families() {
    for Golden { name, model, cases } in goldens::all() {
        for engine in engines() {
            let loaded = engine.load(&model).unwrap();
            for case in &cases {
                let error = match case {
                    Case::Language { window, tokens, logits, nll, .. } => {
                        let found = engine.nll(&loaded, std::slice::from_ref(window)).unwrap()[0].nll_nats;
                        let error = difference_of_losses(found, *nll, window);
                        assert!(error < 1e-5, "{name}: loss differs by {error:e}");
                        let width = logits.len() / tokens.len();
                        let expected = reference::ops::losses(logits, width, &tokens[1..]);
                        difference(&losses(engine, &model, tokens), &expected)
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
                assert!(error < 1e-4, "{name}: {error:e}");
            }
        }
    }
}

/// The trained model on the first windows of the held-out text; `goldens/train_gpt2.py` prints the figures.
#[test]
fn the_shipped_gpt2_loses_what_pytorch_says() {
    let read = |path: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (file, text) = (read("models/gpt2.safetensors"), read("data/heldout.txt"));
    let model = Model::from_bytes(&file, &Limits::default()).unwrap();
    // Neighbours share a byte.
    let windows: Vec<_> = (0..3).map(|index| Window::of_bytes(&text[index * 256..][..257]).unwrap()).collect();
    for engine in engines() {
        for (found, expected) in
            nll(engine, &model, &windows).into_iter().zip([354.24729269372904, 382.36467752321505, 377.6827924409898])
        {
            assert!((found - expected).abs() / expected < 1e-5, "{found} instead of {expected}");
        }
    }
}

#[test]
fn says_what_a_model_does_not_give() {
    let [engine, _] = engines();
    let decoder = engine.load(&Sample::decoder().model()).unwrap();
    let encoder = engine.load(&Sample::encoder(Output::Embedding).model()).unwrap();
    let classifier = engine.load(&Sample::encoder(Output::Classes { count: 3 }).model()).unwrap();
    let vectors = engine.load(&perceptron(vec![4, 5, 2], Activation::Relu, 1)).unwrap();
    let texts = [vec![1u32, 2]];
    let windows = [Window::of_bytes(b"abc").unwrap()];
    let answers = [&decoder, &encoder, &classifier, &vectors].map(|model| {
        [
            engine.nll(model, &windows).map(drop),
            engine.embed(model, &texts).map(drop),
            engine.classify(model, &texts).map(drop),
            engine.perceive(model, &[0.5; 8]).map(drop),
        ]
    });
    for (model, answers) in answers.iter().enumerate() {
        for (question, answer) in answers.iter().enumerate() {
            let refused = matches!(answer, Err(EngineError::WrongOutput { .. }));
            assert_eq!((answer.is_ok(), refused), (model == question, model != question), "{model}: {answer:?}");
        }
    }
    let error = engine.embed(&vectors, &texts).unwrap_err();
    assert_eq!(error, EngineError::WrongOutput { asked: "embeddings", gives: "classes of vectors" });
}

#[test]
fn says_what_does_not_fit_a_model() {
    let [engine, _] = engines();
    let decoder = engine.load(&Sample::decoder().model()).unwrap();
    let encoder = engine.load(&Sample::encoder(Output::Embedding).model()).unwrap();
    let vectors = engine.load(&perceptron(vec![4, 5, 2], Activation::Relu, 1)).unwrap();
    let unknown = EngineError::UnknownToken { token: 300, vocabulary: 300 };
    // To read, and to predict only.
    for tokens in [vec![300, 1], vec![1, 300]] {
        let window = Window::new(tokens, 1, 1).unwrap();
        assert_eq!(engine.nll(&decoder, &[window]).unwrap_err(), unknown);
    }
    assert_eq!(engine.embed(&encoder, &[vec![299], vec![300]]).unwrap_err(), unknown);
    assert_eq!(engine.embed(&encoder, &[vec![1], vec![]]).unwrap_err(), EngineError::Empty);
    let long = EngineError::TooLong { tokens: 81, limit: 80 };
    assert_eq!(engine.embed(&encoder, &[vec![1; 81]]).unwrap_err(), long);
    // The last token of a window is not read.
    assert_eq!(engine.nll(&decoder, &[Window::new(vec![1; 82], 81, 1).unwrap()]).unwrap_err(), long);
    assert!(engine.nll(&decoder, &[Window::new(vec![1; 81], 80, 1).unwrap()]).is_ok());
    assert_eq!(engine.perceive(&vectors, &[0.0; 7]).unwrap_err(), EngineError::Ragged { features: 7, width: 4 });
    assert_eq!(engine.embed(&encoder, &[]).unwrap(), Vec::<Vec<f32>>::new());
    assert_eq!(engine.perceive(&vectors, &[]).unwrap(), Vec::<Vec<f32>>::new());
}

#[test]
fn says_which_weights_do_not_fit() {
    let [engine, _] = engines();
    let sample = Sample::decoder();
    let mut parts = sample.parts();
    parts.layers[3].down.weight.pop();
    let architecture = Architecture::Transformer(sample.config);
    let model = Model::of_weights(architecture, Digest([0; 32]), Arc::new(parts));
    assert_eq!(engine.load(&model).unwrap_err(), EngineError::Misshapen { what: "the down projection" });
}
