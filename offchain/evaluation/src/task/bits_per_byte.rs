//! Bits per byte of a byte-level language model on windows of held-out text.

use super::{Evaluation, MinerFault, Outcome, ValidatorFault};
use crate::digest::Digest;
use crate::engine::Engine;
use crate::model::{Architecture, Limits, Model};
use crate::score::{Score, ScoreError};
use crate::window::Window;

/// Reads `file` as a model and measures it on `windows`. Blocks until the device is done.
pub fn evaluate(engine: &Engine, file: &[u8], limits: &Limits, windows: &[Window]) -> Evaluation {
    match Model::from_bytes(file, limits) {
        Ok(model) => Evaluation {
            file: model.digest(),
            tensors: Some(model.tensor_digest()),
            outcome: measure(engine, &model, windows),
        },
        Err(error) => {
            Evaluation { file: Digest::of(file), tensors: None, outcome: Outcome::Miner(MinerFault::Model(error)) }
        }
    }
}

fn measure(engine: &Engine, model: &Model, windows: &[Window]) -> Outcome {
    let positions = match model.architecture() {
        Architecture::Transformer(transformer) => transformer.positions,
        Architecture::Perceptron(_) => 0,
    };
    let needed = windows.iter().map(Window::predictions).max().unwrap_or(0);
    if needed > positions {
        return Outcome::Miner(MinerFault::ContextTooShort { positions, needed });
    }
    let results = match engine.load(model).and_then(|loaded| engine.evaluate(&loaded, windows)) {
        Ok(results) => results,
        Err(error) => return Outcome::Validator(ValidatorFault::Engine(error)),
    };
    match Score::new(&results) {
        Ok(score) => Outcome::Score(score),
        Err(ScoreError::NotFinite { window }) => Outcome::Miner(MinerFault::NonFiniteLoss { window }),
        Err(error) => Outcome::Validator(ValidatorFault::Score(error)),
    }
}
