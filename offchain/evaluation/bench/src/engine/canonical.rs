//! Our canonical lane, on the device and on the CPU.

use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::canonical::gpu::{CanonicalEngine, CanonicalGpuModel};
use inktensor_evaluation::canonical::{CanonicalLoss, CanonicalModel};
use inktensor_evaluation::model::Architecture;

use super::{Engine, Lane, Loaded};
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

pub const GPU: &str = "inktensor-canonical";
pub const CPU: &str = "inktensor-canonical-cpu";

/// Fractional bits of the lane's results.
const LOSS: i32 = 32;
const FEATURE: i32 = 30;
const LOGIT: i32 = 16;

struct OnDevice<'a> {
    engine: &'a CanonicalEngine,
    model: CanonicalGpuModel,
}

struct OnCpu<'a> {
    engine: &'a Cpu,
    model: CanonicalModel,
}

impl Engine for CanonicalEngine {
    fn name(&self) -> &'static str {
        GPU
    }

    fn about(&self) -> &'static str {
        "the canonical lane, integers on the adapter"
    }

    fn lane(&self) -> Lane {
        Lane::Canonical
    }

    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        // Perceptrons are the CPU's.
        let Architecture::Transformer(_) = workload.model.architecture() else { return Ok(None) };
        let model = CanonicalEngine::load(self, &CanonicalModel::new(&workload.model)?)?;
        Ok(Some(Box::new(OnDevice { engine: self, model })))
    }
}

impl Engine for Cpu {
    fn name(&self) -> &'static str {
        CPU
    }

    fn about(&self) -> &'static str {
        "the canonical lane, integers on the CPU's threads"
    }

    fn lane(&self) -> Lane {
        Lane::Canonical
    }

    fn load<'a>(&'a self, workload: &Workload) -> Result<Option<Box<dyn Loaded + 'a>>, BenchError> {
        let model = CanonicalModel::new(&workload.model)?.keep()?;
        Ok(Some(Box::new(OnCpu { engine: self, model })))
    }
}

impl Loaded for OnDevice<'_> {
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError> {
        Ok(match questions {
            Questions::Losses(windows) => losses(self.engine.nll(&self.model, windows)?),
            Questions::Embeddings(texts) => scaled(self.engine.embed(&self.model, &slices(texts))?, FEATURE),
            // No perceptron was loaded.
            Questions::Classes(..) => Vec::new(),
        })
    }
}

impl Loaded for OnCpu<'_> {
    fn answer(&self, questions: &Questions) -> Result<Answers, BenchError> {
        Ok(match questions {
            Questions::Losses(windows) => losses(self.engine.nll(&self.model, windows)?),
            Questions::Embeddings(texts) => scaled(self.engine.embed(&self.model, &slices(texts))?, FEATURE),
            Questions::Classes(features, width) => {
                let vectors: Vec<&[f32]> = features.chunks_exact(*width).collect();
                scaled(self.engine.perceive(&self.model, &vectors)?, LOGIT)
            }
        })
    }
}

fn slices(texts: &[Vec<u32>]) -> Vec<&[u32]> {
    texts.iter().map(Vec::as_slice).collect()
}

fn losses(losses: Vec<CanonicalLoss>) -> Answers {
    losses.into_iter().map(|loss| vec![loss.nll as f64 / 2f64.powi(LOSS)]).collect()
}

fn scaled(vectors: Vec<Vec<i32>>, bits: i32) -> Answers {
    let number = |x| f64::from(x) / 2f64.powi(bits);
    vectors.into_iter().map(|vector| vector.into_iter().map(number).collect()).collect()
}
