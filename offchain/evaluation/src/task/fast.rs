//! The fast lane: f32 on a GPU, for screening. Its last bits depend on the device.

use super::lane::fixed_nll;
use super::{Fault, Lane, ValidatorFault};
use crate::digest::Digest;
use crate::engine::{Engine, EngineError, GpuModel};
use crate::model::Model;
use crate::window::Window;

/// A model on an [`Engine`].
#[derive(Debug)]
pub struct Fast<'a> {
    engine: &'a Engine,
    model: Digest,
    loaded: GpuModel,
}

impl<'a> Fast<'a> {
    /// Loads a model.
    pub fn new(engine: &'a Engine, model: &Model) -> Result<Self, Fault> {
        let loaded = engine.load(model).map_err(ValidatorFault::Engine)?;
        Ok(Self { engine, model: model.tensor_digest(), loaded })
    }
}

impl Lane for Fast<'_> {
    fn model(&self) -> Digest {
        self.model
    }

    fn evaluator(&self) -> Digest {
        let adapter = self.engine.adapter();
        Digest::of(format!("inktensor/fast/1 {} {adapter}", env!("CARGO_PKG_VERSION")).as_bytes())
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        let results = self.engine.evaluate(&self.loaded, windows).map_err(ValidatorFault::Engine)?;
        results.iter().enumerate().map(|(window, result)| fixed_nll(window, result.nll_nats)).collect()
    }

    fn embed(&self, _: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        Err(ValidatorFault::Engine(EngineError::Unsupported).into())
    }

    fn classify(&self, _: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        Err(ValidatorFault::Engine(EngineError::Unsupported).into())
    }

    fn perceive(&self, _: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        Err(ValidatorFault::Engine(EngineError::Unsupported).into())
    }
}
