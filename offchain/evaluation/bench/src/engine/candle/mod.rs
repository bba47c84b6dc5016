//! candle on the CPU. Its models of language give the last token's logits only, and it has no GPT-2: the forward pass is
//! written here with its layers and operations.

use inktensor_evaluation::model::Architecture;

use super::{Engine, Lane, Loaded};
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

mod forward;
mod model;

use model::{CandlePerceptron, CandleTransformer};

pub const NAME: &str = "candle-cpu";

/// candle, with as many threads as the machine has.
pub struct Candle;

enum Model {
    Transformer(Box<CandleTransformer>),
    Perceptron(CandlePerceptron),
}

impl Engine for Candle {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "candle, f32 on all of the CPU's threads"
    }

    fn lane(&self) -> Lane {
        Lane::Fast
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        Ok(Some(Box::new(match workload.model.architecture() {
            Architecture::Transformer(shape) if shape.head_norm => return Ok(None),
            Architecture::Transformer(shape) => Model::Transformer(Box::new(CandleTransformer::load(workload, shape)?)),
            Architecture::Perceptron(shape) => Model::Perceptron(CandlePerceptron::load(workload, shape)?),
        })))
    }
}

impl Loaded for Model {
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError> {
        match (self, questions) {
            (Self::Transformer(model), Questions::Losses(windows)) => Ok(model.losses(windows)?),
            (Self::Transformer(model), Questions::Embeddings(texts)) => Ok(model.embeddings(texts)?),
            (Self::Perceptron(model), Questions::Classes(features, width)) => Ok(model.classes(features, *width)?),
            _ => Err(BenchError::Peer { engine: NAME, reason: "the model has no such answers".to_owned() }),
        }
    }
}

impl From<candle_core::Error> for BenchError {
    fn from(error: candle_core::Error) -> Self {
        Self::Peer { engine: NAME, reason: error.to_string() }
    }
}
