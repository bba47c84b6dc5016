//! The engine against the scalar f64 reference and against candle, and what it says when something is wrong. These
//! tests need a compute adapter and fail without one: `scripts/setup` installs a software one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::candle::Oracle;
use common::engines::engines;
use common::{Recipe, write};
use inktensor_evaluation::model::{Limits, Model, ModelError};
use inktensor_evaluation::task::{MinerFault, Outcome, ValidatorFault, evaluate};
use inktensor_evaluation::{AdapterChoice, Engine, EngineError, Window, WindowResult, reference};
use proptest::prelude::*;
use safetensors::Dtype;

fn engine() -> &'static Engine {
    engines()[0]
}

fn read(file: &[u8]) -> Model {
    Model::from_bytes(file, &Limits::default()).unwrap()
}

fn run(engine: &Engine, model: &Model, windows: &[Window]) -> Vec<WindowResult> {
    engine.nll(&engine.load(model).unwrap(), windows).unwrap()
}

fn relative(found: f64, expected: f64) -> f64 {
    (found - expected).abs() / expected
}

fn recipe() -> impl Strategy<Value = Recipe> {
    (1usize..4, 1usize..4, 1usize..10, 1usize..80, 1usize..4, any::<bool>(), any::<u64>()).prop_map(
        |(key_heads, group, half, intermediate, layers, tied, seed)| Recipe {
            heads: key_heads * group,
            key_heads,
            head: 2 * half,
            intermediate,
            layers,
            tied,
            positions: 80,
            seed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Odd widths, grouped heads, tied and own heads, one prediction and many, windows of unequal length in one call.
    #[test]
    fn agrees_with_the_reference_and_with_candle(
        recipe in recipe(),
        lengths in proptest::collection::vec(prop_oneof![Just(1usize), 2usize..12, 60usize..=80], 1..5),
    ) {
        let file = recipe.file();
        let (model, oracle) = (read(&file), Oracle::new(&file));
        let windows: Vec<_> = lengths.iter().flat_map(|&length| recipe.windows(2, length)).collect();
        for engine in engines() {
            for (window, result) in windows.iter().zip(run(engine, &model, &windows)) {
                let expected = reference::nll(&model, window).unwrap();
                prop_assert_eq!(result.bytes, expected.bytes);
                let error = relative(result.nll_nats, expected.nll_nats);
                prop_assert!(error < 1e-5, "against the reference: {error:e}");
                let error = relative(expected.nll_nats, oracle.nll(window.tokens()));
                prop_assert!(error < 1e-5, "the reference against candle: {error:e}");
            }
        }
    }
}

/// More windows than a batch takes, so that the last batch is not full.
#[test]
fn many_windows_come_back_in_order() {
    let recipe = Recipe { heads: 1, key_heads: 1, head: 2, intermediate: 32_768, layers: 1, ..Recipe::default() };
    let model = read(&recipe.file());
    let windows = recipe.windows(17, 64);
    let together = run(engine(), &model, &windows);
    for (window, result) in windows.iter().zip(&together) {
        assert_eq!(run(engine(), &model, std::slice::from_ref(window)), [*result]);
    }
    assert_eq!(run(engine(), &model, &[]), []);
}

#[test]
fn sixteen_bit_files_mean_what_their_numbers_say() {
    let recipe = Recipe::default();
    for dtype in [Dtype::F16, Dtype::BF16] {
        let file = write(&recipe.parts(), Some(&recipe.config().to_string()), dtype);
        let windows = recipe.windows(2, 50);
        let results = run(engine(), &read(&file), &windows);
        for (window, result) in windows.iter().zip(results) {
            assert!(relative(result.nll_nats, Oracle::new(&file).nll(window.tokens())) < 1e-5);
        }
    }
}

/// The agent shares one engine between tasks.
#[test]
fn is_shared_between_threads() {
    let recipe = Recipe::default();
    let (model, windows) = (read(&recipe.file()), recipe.windows(4, 30));
    let expected = run(engine(), &model, &windows);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(|| run(engine(), &model, &windows))).collect();
        for worker in workers {
            assert_eq!(worker.join().unwrap(), expected);
        }
    });
}

#[test]
fn the_adapter_is_named() {
    let adapter = engine().adapter();
    assert!(!adapter.name.is_empty() && !adapter.driver.is_empty());
    assert!(["vulkan", "metal", "dx12"].contains(&adapter.backend.as_str()), "{adapter}");
    assert_eq!(adapter.software, adapter.to_string().contains("slow"));
}

#[test]
fn a_missing_adapter_says_what_to_do() {
    let error = Engine::new(AdapterChoice::Named("no such adapter".into())).unwrap_err();
    assert!(matches!(error, EngineError::NoAdapter { .. }));
    assert!(error.to_string().contains("no such adapter") && error.to_string().contains("scripts/setup"));
}

#[test]
fn a_good_model_gets_a_score() {
    let recipe = Recipe::default();
    let file = recipe.file();
    let windows = recipe.windows(3, 40);
    let evaluation = evaluate(engine(), &file, &Limits::default(), &recipe.spans(3, 40));
    let model = read(&file);
    assert_eq!((evaluation.file, evaluation.tensors), (model.digest(), Some(model.tensor_digest())));
    let Outcome::Score(score) = evaluation.outcome else { panic!("{:?}", evaluation.outcome) };
    let nats: f64 = windows.iter().map(|window| reference::nll(&model, window).unwrap().nll_nats).sum();
    let expected = nats / (std::f64::consts::LN_2 * 120.0);
    assert!(relative(score.loss().0 as f64 / 2f64.powi(32), expected) < 1e-5);
}

#[test]
fn a_faulty_model_is_the_miners_fault() {
    let recipe = Recipe::default();
    let fault =
        |file: &[u8], length| match evaluate(engine(), file, &Limits::default(), &recipe.spans(2, length)).outcome {
            Outcome::Miner(fault) => fault,
            other => panic!("{other:?}"),
        };
    let file = recipe.file();
    assert!(matches!(fault(&file[..99], 8), MinerFault::Model(ModelError::Truncated { .. })));
    assert_eq!(fault(&file, 65), MinerFault::ContextTooShort { positions: 64, needed: 65 });
    // Finite weights whose products are beyond f32, wherever the overflow first arises.
    for part in ["model.embed_tokens", "model.norm", "mlp.up_proj", "self_attn.q_proj", "self_attn.v_proj"] {
        let mut parts = recipe.parts();
        let named = parts.iter_mut().filter(|found| found.name.contains(part));
        named.flat_map(|found| &mut found.weights).for_each(|weight| *weight *= 2e38);
        let file = write(&parts, Some(&recipe.config().to_string()), Dtype::F32);
        for engine in engines() {
            let outcome = evaluate(engine, &file, &Limits::default(), &recipe.spans(2, 30)).outcome;
            assert_eq!(outcome, Outcome::Miner(MinerFault::NonFiniteLoss { window: 0 }), "{part}");
        }
    }
}

#[test]
fn a_fault_of_the_validator_is_an_abstention() {
    let recipe = Recipe::default();
    let outcome = evaluate(engine(), &recipe.file(), &Limits::default(), &[b""; 0]).outcome;
    assert!(matches!(outcome, Outcome::Validator(ValidatorFault::Score(_))), "{outcome:?}");
    let loaded = engine().load(&read(&recipe.file())).unwrap();
    let error = engine().nll(&loaded, &recipe.windows(1, 65)).unwrap_err();
    assert_eq!(error, EngineError::TooLong { tokens: 65, limit: 64 });
    // And the engine still works.
    assert!(engine().nll(&loaded, &recipe.windows(1, 64)).is_ok());
}
