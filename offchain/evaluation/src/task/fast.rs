//! The fast lane: floats on a GPU, for screening. Its last bits depend on the device.

use super::lane::{fixed_nll, fixed_vector, highest};
use super::{Fault, Lane, MinerFault, ValidatorFault};
use crate::digest::Digest;
use crate::engine::{Engine, EngineError, GpuModel};
use crate::model::{Architecture, Model};
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
        let loaded = engine.load(model).map_err(fault)?;
        Ok(Self { engine, model: model.tensor_digest(), loaded })
    }
}

impl Lane for Fast<'_> {
    fn model(&self) -> Digest {
        self.model
    }

    fn evaluator(&self) -> Digest {
        let (adapter, tile, version) = (self.engine.adapter(), self.engine.tile(), env!("CARGO_PKG_VERSION"));
        let (weights, products) = (self.engine.weights(), self.engine.products());
        let all =
            format!("inktensor/fast/2 {version} {adapter}, {tile}, weights in {weights:?}, products in {products:?}");
        Digest::of(all.as_bytes())
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        let results = self.engine.nll(&self.loaded, windows).map_err(fault)?;
        results.iter().enumerate().map(|(window, result)| fixed_nll(window, result.nll_nats)).collect()
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        let vectors = self.engine.embed(&self.loaded, sequences).map_err(fault)?;
        let fixed = |(sequence, vector): (usize, Vec<f32>)| fixed_vector(sequence, vector.into_iter().map(f64::from));
        vectors.into_iter().enumerate().map(fixed).collect()
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        classes(self.engine.classify(&self.loaded, sequences))
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        // The engine gets the rows one behind the other, and could not tell a long one from a short one.
        if let Architecture::Perceptron(perceptron) = self.loaded.architecture() {
            let width = perceptron.widths.first().copied().unwrap_or(0);
            if let Some(row) = rows.iter().find(|row| row.len() != width) {
                return Err(fault(EngineError::Ragged { features: row.len(), width }));
            }
        }
        classes(self.engine.perceive(&self.loaded, &rows.concat()))
    }
}

fn classes(logits: Result<Vec<Vec<f32>>, EngineError>) -> Result<Vec<usize>, Fault> {
    let class = |(sequence, logits): (usize, Vec<f32>)| highest(sequence, logits.into_iter().map(f64::from));
    logits.map_err(fault)?.into_iter().enumerate().map(class).collect()
}

/// A model that does not give what it is asked for is at fault; all else is the machine's.
fn fault(error: EngineError) -> Fault {
    match error {
        EngineError::WrongOutput { asked, .. } => MinerFault::WrongKind { wanted: asked }.into(),
        error => ValidatorFault::Engine(error).into(),
    }
}
