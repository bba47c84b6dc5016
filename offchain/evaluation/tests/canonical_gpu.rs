//! The canonical lane's shaders on shipped models, against the lane of threads and SIMD. They need a compute adapter.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::path::Path;

use inktensor_evaluation::canonical::CanonicalModel;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::gpu::CanonicalEngine;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::{AdapterChoice, Engine};

#[test]
fn agrees_with_the_cpu_to_the_bit_and_with_the_fast_lane_closely() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = Corpus::open(&root.join("data/heldout.txt")).unwrap();
    let windows = corpus.windows([3; 32], 3, 64).unwrap();
    let engine = CanonicalEngine::new(AdapterChoice::Fastest).expect("tests need a compute adapter");
    let fast = Engine::new(AdapterChoice::Fastest).unwrap();
    for name in ["strong", "gpt2"] {
        let file = std::fs::read(root.join(format!("models/{name}.safetensors"))).unwrap();
        let model = Model::from_bytes(&file, &Limits::default()).unwrap();
        let canonical = CanonicalModel::new(&model).unwrap().keep().unwrap();
        let found = engine.nll(&engine.load(&canonical).unwrap(), &windows).unwrap();
        assert_eq!(found, Cpu::default().nll(&canonical, &windows).unwrap(), "{name}");

        let floats = fast.nll(&fast.load(&model).unwrap(), &windows).unwrap();
        for (exact, float) in found.iter().zip(floats) {
            let nats = exact.nll as f64 / 2f64.powi(32);
            // A thousandth of a nat for each of the 64 predictions.
            assert!((nats - float.nll_nats).abs() < 0.064, "{name}: {nats} {}", float.nll_nats);
        }
    }
}
