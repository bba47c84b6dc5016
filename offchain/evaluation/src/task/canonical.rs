//! The canonical lane: integers alone, the same bits on every device.

use super::{Fault, Lane, MinerFault, ValidatorFault};
use crate::canonical::cpu::Cpu;
use crate::canonical::gpu::{CanonicalEngine, CanonicalGpuError, CanonicalGpuModel};
use crate::canonical::{CanonicalError, CanonicalModel, transcript};
use crate::digest::Digest;
use crate::model::{Architecture, Model};
use crate::window::Window;

/// A model in integers.
#[derive(Debug)]
pub struct Canonical<'a> {
    model: CanonicalModel,
    place: Place<'a>,
}

/// Where the model is computed. Nothing but time depends on it.
#[derive(Debug)]
enum Place<'a> {
    Cpu(Cpu),
    Gpu { engine: &'a CanonicalEngine, loaded: Box<CanonicalGpuModel> },
}

impl Canonical<'static> {
    /// A model to be computed on the CPU. All of its integers stay in memory: some 2 bytes a weight.
    pub fn on_cpu(cpu: Cpu, model: &Model) -> Result<Self, Fault> {
        let model = CanonicalModel::new(model).and_then(CanonicalModel::keep).map_err(fault)?;
        Ok(Self { model, place: Place::Cpu(cpu) })
    }
}

impl<'a> Canonical<'a> {
    /// A model to be computed on a device, if it is a transformer. Perceptrons are a matter of microseconds, for the CPU.
    pub fn on_gpu(engine: &'a CanonicalEngine, model: &Model) -> Result<Self, Fault> {
        if let Architecture::Perceptron(_) = model.architecture() {
            return Canonical::on_cpu(Cpu::default(), model);
        }
        let model = CanonicalModel::new(model).map_err(fault)?;
        let loaded = Box::new(engine.load(&model).map_err(device_fault)?);
        Ok(Self { model, place: Place::Gpu { engine, loaded } })
    }
}

impl Lane for Canonical<'_> {
    fn model(&self) -> Digest {
        self.model.tensor_digest()
    }

    fn evaluator(&self) -> Digest {
        transcript::evaluator(&[])
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        let losses = match &self.place {
            Place::Cpu(cpu) => cpu.nll(&self.model, windows).map_err(fault)?,
            Place::Gpu { engine, loaded } => engine.nll(loaded, windows).map_err(device_fault)?,
        };
        Ok(losses.into_iter().map(|loss| loss.nll).collect())
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        let texts = slices(sequences);
        match &self.place {
            Place::Cpu(cpu) => cpu.embed(&self.model, &texts).map_err(fault),
            Place::Gpu { engine, loaded } => engine.embed(loaded, &texts).map_err(device_fault),
        }
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        let texts = slices(sequences);
        let logits = match &self.place {
            Place::Cpu(cpu) => cpu.classify(&self.model, &texts).map_err(fault)?,
            Place::Gpu { engine, loaded } => engine.classify(loaded, &texts).map_err(device_fault)?,
        };
        logits.iter().map(|logits| highest(logits)).collect()
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        let Place::Cpu(cpu) = &self.place else {
            return Err(MinerFault::WrongKind { wanted: "a perceptron" }.into());
        };
        // The task's rows, not the model's.
        if let Architecture::Perceptron(perceptron) = self.model.architecture() {
            let expected = perceptron.widths.first().copied().unwrap_or(0);
            if let Some(found) = rows.iter().map(Vec::len).find(|&width| width != expected) {
                let what = "a row of features".to_owned();
                return Err(ValidatorFault::Canonical(CanonicalError::Shape { what, expected, found }).into());
            }
        }
        let logits = cpu.perceive(&self.model, &slices(rows)).map_err(fault)?;
        logits.iter().map(|logits| highest(logits)).collect()
    }
}

fn slices<T>(rows: &[Vec<T>]) -> Vec<&[T]> {
    rows.iter().map(Vec::as_slice).collect()
}

/// The first class with the highest logit.
fn highest(logits: &[i32]) -> Result<usize, Fault> {
    let best = (0..logits.len()).max_by_key(|&class| (logits[class], std::cmp::Reverse(class)));
    best.ok_or(ValidatorFault::Answers.into())
}

/// Files that cannot be read are the machine's fault; a model that the arithmetic does not take is its maker's, and every
/// validator says the same of it.
fn fault(error: CanonicalError) -> Fault {
    match error {
        CanonicalError::Output { wanted } => MinerFault::WrongKind { wanted }.into(),
        CanonicalError::Read(_) => ValidatorFault::Canonical(error).into(),
        CanonicalError::Token { token, vocabulary } => MinerFault::UnknownToken { token, vocabulary }.into(),
        error => MinerFault::Canonical(error).into(),
    }
}

fn device_fault(error: CanonicalGpuError) -> Fault {
    match error {
        CanonicalGpuError::Model(error) => fault(error),
        CanonicalGpuError::Device(error) => ValidatorFault::Engine(error).into(),
    }
}
