//! Our fast lane.

use inktensor_evaluation::{Engine as FastEngine, GpuModel};

use super::{Engine, Lane, Loaded};
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

pub const NAME: &str = "inktensor";

struct OnDevice<'a> {
    engine: &'a FastEngine,
    model: GpuModel,
}

impl Engine for FastEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "the fast lane, f32 on the adapter"
    }

    fn lane(&self) -> Lane {
        Lane::Fast
    }

    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        let model = FastEngine::load(self, &workload.model)?;
        Ok(Some(Box::new(OnDevice { engine: self, model })))
    }
}

impl Loaded for OnDevice<'_> {
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError> {
        Ok(match questions {
            Questions::Losses(windows) => {
                self.engine.nll(&self.model, windows)?.into_iter().map(|loss| vec![loss.nll_nats]).collect()
            }
            Questions::Embeddings(texts) => widen(self.engine.embed(&self.model, texts)?),
            Questions::Classes(features, _) => widen(self.engine.perceive(&self.model, features)?),
        })
    }
}

fn widen(vectors: Vec<Vec<f32>>) -> Answers {
    vectors.into_iter().map(|vector| vector.into_iter().map(f64::from).collect()).collect()
}
