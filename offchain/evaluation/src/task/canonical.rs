//! The canonical lane: integers alone, the same bits on every device.

use std::fmt::Debug;

use super::{Fault, Lane, MinerFault, ValidatorFault};
use crate::canonical::cpu::Cpu;
use crate::canonical::{CanonicalError, CanonicalLoss, CanonicalModel, transcript};
use crate::digest::Digest;
use crate::model::{Architecture, Model};
use crate::window::Window;

/// A model in integers.
#[derive(Debug)]
pub struct Canonical<'a> {
    model: CanonicalModel,
    place: Box<dyn Place + 'a>,
}

/// Where a model is computed. Nothing but time depends on it.
pub(super) trait Place: Debug + Send + Sync {
    fn losses(&self, model: &CanonicalModel, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault>;
    fn embed(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault>;
    fn classify(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault>;
    fn perceive(&self, model: &CanonicalModel, rows: &[&[f32]]) -> Result<Vec<Vec<i32>>, Fault>;
}

impl Place for Cpu {
    fn losses(&self, model: &CanonicalModel, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        self.nll(model, windows).map_err(fault)
    }

    fn embed(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault> {
        self.embed(model, texts).map_err(fault)
    }

    fn classify(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, Fault> {
        self.classify(model, texts).map_err(fault)
    }

    fn perceive(&self, model: &CanonicalModel, rows: &[&[f32]]) -> Result<Vec<Vec<i32>>, Fault> {
        // The task's rows, not the model's.
        if let Architecture::Perceptron(perceptron) = model.architecture() {
            let expected = perceptron.widths.first().copied().unwrap_or(0);
            if let Some(found) = rows.iter().map(|row| row.len()).find(|&width| width != expected) {
                let what = "a row of features".to_owned();
                return Err(ValidatorFault::Canonical(CanonicalError::Shape { what, expected, found }).into());
            }
        }
        self.perceive(model, rows).map_err(fault)
    }
}

impl<'a> Canonical<'a> {
    /// A model to be computed on the CPU. All of its integers stay in memory: some 2 bytes a weight.
    pub fn on_cpu(cpu: Cpu, model: &Model) -> Result<Self, Fault> {
        let model = CanonicalModel::new(model).and_then(CanonicalModel::keep).map_err(fault)?;
        Ok(Self::at(model, cpu))
    }

    pub(super) fn at(model: CanonicalModel, place: impl Place + 'a) -> Self {
        Self { model, place: Box::new(place) }
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
        Ok(self.losses(windows)?.into_iter().map(|loss| loss.nll).collect())
    }

    fn losses(&self, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        self.place.losses(&self.model, windows)
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        self.place.embed(&self.model, &slices(sequences))
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        let logits = self.place.classify(&self.model, &slices(sequences))?;
        logits.iter().map(|logits| highest(logits)).collect()
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        let logits = self.place.perceive(&self.model, &slices(rows))?;
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
pub(super) fn fault(error: CanonicalError) -> Fault {
    match error {
        CanonicalError::Output { wanted } => MinerFault::WrongKind { wanted }.into(),
        CanonicalError::Read(_) => ValidatorFault::Canonical(error).into(),
        CanonicalError::Token { token, vocabulary } => MinerFault::UnknownToken { token, vocabulary }.into(),
        error => MinerFault::Canonical(error).into(),
    }
}
