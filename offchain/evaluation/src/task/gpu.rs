//! Evaluation on a device.

use std::path::Path;
use std::sync::Arc;

use super::canonical::{Place, fault};
use super::{Arithmetic, Canonical, Evaluator, Fast, Fault, Lane, MinerFault, ValidatorFault};
use crate::canonical::cpu::Cpu;
use crate::canonical::gpu::{CanonicalEngine, CanonicalGpuError, CanonicalGpuModel};
use crate::canonical::{CanonicalLoss, CanonicalModel};
use crate::engine::{AdapterChoice, Engine, EngineError, Options, Precision, adapters};
use crate::model::{Architecture, Model};
use crate::window::Window;

impl Evaluator for Engine {
    fn describe(&self) -> String {
        match (self.weights(), self.products()) {
            (Precision::F32, Precision::F32) => format!("{} in f32", self.adapter()),
            (weights, products) => format!("{}, weights in {weights:?}, products in {products:?}", self.adapter()),
        }
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Fast::new(self, model)?))
    }
}

impl Evaluator for CanonicalEngine {
    fn describe(&self) -> String {
        format!("{} in integers", self.adapter())
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Canonical::on_gpu(self, model)?))
    }
}

/// Opens what computes in this arithmetic on an adapter. For integers, [`AdapterChoice::Fastest`] is the CPU itself where
/// there is no GPU: its own instructions are faster than an adapter in software.
pub fn evaluator(arithmetic: Arithmetic, adapter: AdapterChoice) -> Result<Arc<dyn Evaluator>, EngineError> {
    open(arithmetic, adapter, None)
}

/// The same for a service that runs long: products in f32 take the tile that is fastest on the adapter, measured once and
/// kept in `file`, see [`Engine::tuned`]. Integers are the same in every tile, and are not tuned.
pub fn tuned_evaluator(
    arithmetic: Arithmetic,
    adapter: AdapterChoice,
    file: &Path,
) -> Result<Arc<dyn Evaluator>, EngineError> {
    open(arithmetic, adapter, Some(file))
}

fn open(
    arithmetic: Arithmetic,
    adapter: AdapterChoice,
    tuning: Option<&Path>,
) -> Result<Arc<dyn Evaluator>, EngineError> {
    let gpu = || adapters().iter().any(|adapter| !adapter.software);
    Ok(match arithmetic {
        Arithmetic::Fast => Arc::new(match tuning {
            Some(file) => Engine::tuned(adapter, Options::default(), Some(file))?,
            None => Engine::new(adapter)?,
        }),
        Arithmetic::Canonical if adapter == AdapterChoice::Fastest && !gpu() => Arc::new(Cpu::default()),
        Arithmetic::Canonical => Arc::new(CanonicalEngine::new(adapter)?),
    })
}

impl<'a> Canonical<'a> {
    /// A model to be computed on a device, if it is a transformer. Perceptrons are a matter of microseconds, for the CPU.
    pub fn on_gpu(engine: &'a CanonicalEngine, model: &Model) -> Result<Self, Fault> {
        if let Architecture::Perceptron(_) = model.architecture() {
            return Canonical::on_cpu(Cpu::default(), model);
        }
        let model = CanonicalModel::new(model).map_err(fault)?;
        let loaded = engine.load(&model).map_err(device_fault)?;
        Ok(Self::at(model, OnDevice { engine, loaded }))
    }
}

/// A model on a device.
#[derive(Debug)]
struct OnDevice<'a> {
    engine: &'a CanonicalEngine,
    loaded: CanonicalGpuModel,
}

impl Place for OnDevice<'_> {
    fn losses(&self, _: &CanonicalModel, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        self.engine.nll(&self.loaded, windows).map_err(device_fault)
    }

    fn embed(&self, _: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault> {
        self.engine.embed(&self.loaded, texts).map_err(device_fault)
    }

    fn classify(&self, _: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault> {
        self.engine.classify(&self.loaded, texts).map_err(device_fault)
    }

    /// Only transformers are there.
    fn perceive(&self, _: &CanonicalModel, _: &[&[f32]]) -> Result<Vec<Vec<i32>>, Fault> {
        Err(MinerFault::WrongKind { wanted: "a perceptron" }.into())
    }
}

fn device_fault(error: CanonicalGpuError) -> Fault {
    match error {
        CanonicalGpuError::Model(error) => fault(error),
        CanonicalGpuError::Device(error) => ValidatorFault::Engine(error).into(),
    }
}
