//! The canonical lane on any device that wgpu reaches, in shaders that use integers only: the bits of
//! [`super::reference`], whatever the device, the driver, the tiling and the batch.
//!
//! All that is proportional to the weights or to the square of a sequence runs on the device. The CPU looks tokens up,
//! and makes vectors and classes of final states.

use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use super::model::{CanonicalHead, readable};
use super::reference::{language, output};
use super::row::Row;
use super::transcript::{RowPrint, layer_hash};
use super::{CanonicalError, CanonicalLoss, CanonicalModel};
use crate::digest::Digest;
use crate::engine::{AdapterChoice, AdapterDescription, Device, EngineError};
use crate::window::Window;

mod buffers;
mod kernels;
mod matrix;
mod model;
mod options;
mod pass;
#[cfg(test)]
mod tests;

pub use model::CanonicalGpuModel;
pub use options::{Options, Tile};

use kernels::Kernels;
use pass::Pass;

/// The target of a row that predicts nothing that counts.
const UNTARGETED: u32 = u32::MAX;

/// Why the lane gave no result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CanonicalGpuError {
    /// The model, or what was asked of it.
    #[error(transparent)]
    Model(#[from] CanonicalError),
    /// The validator's device: says nothing of the model.
    #[error(transparent)]
    Device(#[from] EngineError),
}

/// An open device with the lane's kernels, each compiled when a model first needs it. `Send + Sync`; calls block until the
/// device is done and take turns.
#[derive(Debug)]
pub struct CanonicalEngine {
    device: Device,
    adapter: AdapterDescription,
    options: Options,
    kernels: Kernels,
    turn: Mutex<()>,
}

impl CanonicalEngine {
    /// Opens an adapter, with the options that suit it.
    pub fn new(choice: AdapterChoice) -> Result<Self, EngineError> {
        let (device, adapter) = Device::open(&choice)?;
        let options = Options::suited(&adapter);
        Ok(Self::on(device, adapter, options))
    }

    /// Opens an adapter with chosen options, on which no result depends.
    pub fn with_options(choice: AdapterChoice, options: Options) -> Result<Self, EngineError> {
        let (device, adapter) = Device::open(&choice)?;
        Ok(Self::on(device, adapter, options))
    }

    fn on(device: Device, adapter: AdapterDescription, options: Options) -> Self {
        tracing::info!(%adapter, ?options, "canonical lane ready");
        Self { device, adapter, options, kernels: Kernels::new(options), turn: Mutex::default() }
    }

    /// What the lane runs on.
    pub fn adapter(&self) -> &AdapterDescription {
        &self.adapter
    }

    /// Copies a transformer to the device.
    pub fn load(&self, model: &CanonicalModel) -> Result<CanonicalGpuModel, CanonicalGpuError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        CanonicalGpuModel::upload(&self.device, self.options, model)
    }

    /// The losses of windows under a language model, in the order given.
    pub fn nll(&self, model: &CanonicalGpuModel, windows: &[Window]) -> Result<Vec<CanonicalLoss>, CanonicalGpuError> {
        let head = model.head.as_ref().ok_or(CanonicalError::Output { wanted: "a language model" })?;
        for window in windows {
            readable(&model.shape, window.inputs())?;
            readable(&model.shape, window.targets())?;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut results = Vec::with_capacity(windows.len());
        for batch in self.batches(model, windows, |window| window.inputs().len()) {
            let sequences: Vec<&[u32]> = batch.iter().map(Window::inputs).collect();
            let targets: Vec<u32> = batch.iter().flat_map(targets).collect();
            let pass = Pass::new(&self.device, &self.kernels, model, &sequences);
            let found = pass.and_then(|pass| pass.run_losses(head, &targets));
            let (prints, losses) = found.inspect_err(|_| self.kernels.forget())?;
            let mut start = 0;
            for window in batch {
                let end = start + window.inputs().len();
                let counted = losses[start + window.first() - 1..end].iter().copied();
                results.push(CanonicalLoss { nll: language::nats(counted), layers: layers(&prints, start, end) });
                start = end;
            }
        }
        Ok(results)
    }

    /// The embeddings of texts: vectors of length one, their features with 30 fractional bits.
    pub fn embed(&self, model: &CanonicalGpuModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, CanonicalGpuError> {
        let CanonicalHead::Embedding = model.tail.head else {
            return Err(CanonicalError::Output { wanted: "an encoder" }.into());
        };
        self.finish(model, texts, output::embedding)
    }

    /// The logits of texts' classes, with 16 fractional bits.
    pub fn classify(&self, model: &CanonicalGpuModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, CanonicalGpuError> {
        let CanonicalHead::Classes { pooler, classifier } = &model.tail.head else {
            return Err(CanonicalError::Output { wanted: "a classifier of text" }.into());
        };
        self.finish(model, texts, |states| output::classes(&states[0], pooler.as_ref(), classifier))
    }

    fn finish(
        &self,
        model: &CanonicalGpuModel,
        texts: &[&[u32]],
        output: impl Fn(&[Row]) -> Vec<i32>,
    ) -> Result<Vec<Vec<i32>>, CanonicalGpuError> {
        for text in texts {
            readable(&model.shape, text)?;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut results = Vec::with_capacity(texts.len());
        for batch in self.batches(model, texts, |text| text.len()) {
            let pass = Pass::new(&self.device, &self.kernels, model, batch);
            let (_, states) = pass.and_then(|pass| pass.run()).inspect_err(|_| self.kernels.forget())?;
            let mut rest = states.as_slice();
            for text in batch {
                let (own, others) = rest.split_at(text.len());
                results.push(output(own));
                rest = others;
            }
        }
        Ok(results)
    }

    /// Runs of items whose lengths together stay within a batch's rows and what the device can bind, or of one item.
    fn batches<'a, T>(&self, model: &CanonicalGpuModel, items: &'a [T], length: impl Fn(&T) -> usize) -> Vec<&'a [T]> {
        let limit = buffers::bound(&self.device, model).min(self.options.rows);
        let (mut batches, mut first, mut rows) = (Vec::new(), 0, 0);
        for (index, item) in items.iter().enumerate() {
            if index > first && rows + length(item) > limit {
                batches.push(&items[first..index]);
                (first, rows) = (index, 0);
            }
            rows += length(item);
        }
        if first < items.len() {
            batches.push(&items[first..]);
        }
        batches
    }
}

/// For each input the token to predict, if it counts.
fn targets(window: &Window) -> impl Iterator<Item = u32> + '_ {
    std::iter::repeat_n(UNTARGETED, window.first() - 1).chain(window.targets().iter().copied())
}

/// The hash of each boundary over the rows of one sequence.
fn layers(prints: &[Vec<RowPrint>], start: usize, end: usize) -> Vec<Digest> {
    prints.iter().map(|rows| layer_hash(&rows[start..end])).collect()
}
