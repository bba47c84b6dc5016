//! What comes out of a forward pass: losses, means of states, or logits of classes, for each sequence of a batch.

use std::ops::Range;

use wgpu::Buffer;

use super::device::{Device, Reading};
use super::error::EngineError;
use super::forward::{Batch, Forward};
use super::operand::vector;
use super::transformer::GpuHead;
use crate::kernels::{Epilogue, Function, LossBuffers, Operand, Step, count, parts};

/// Results of a batch on their way from the device.
#[derive(Debug)]
pub(super) struct Pending {
    reading: Reading,
    rows: Rows,
}

/// What belongs to each sequence.
#[derive(Debug)]
enum Rows {
    /// As many numbers as are told, one sequence behind the other.
    Ragged(Vec<usize>),
    /// The first `columns` of each of the first `count` rows of `width`.
    Even { width: usize, count: usize, columns: usize },
}

impl Pending {
    /// Waits for them.
    pub(super) fn read(self, device: &Device) -> Result<Vec<Vec<f32>>, EngineError> {
        let found = device.read(self.reading)?;
        Ok(match self.rows {
            Rows::Even { width, count, columns } => rows_of(&found, width, count, columns),
            Rows::Ragged(lengths) => {
                let mut found = found.into_iter();
                lengths.into_iter().map(|length| found.by_ref().take(length).collect()).collect()
            }
        })
    }
}

impl Forward<'_> {
    /// Submits what the head makes of the final states of each sequence.
    pub(super) fn output(&self, batch: &Batch<'_>) -> Result<Pending, EngineError> {
        match &self.model.head {
            GpuHead::Embedding => self.means(batch),
            GpuHead::Classes { pooler, classifier } => {
                self.classes(batch, pooler.as_ref().map(|pooler| pooler.operand()), classifier.operand())
            }
            GpuHead::Language(head) => self.losses(batch, head.operand()),
            GpuHead::Tied(bias) => self.losses(batch, Operand { weight: &self.model.tokens, bias }),
        }
    }

    /// The negative log-likelihood of each target, in nats.
    fn losses(&self, batch: &Batch<'_>, head: Operand<'_>) -> Result<Pending, EngineError> {
        let Self { kernels, model, .. } = self;
        let (device, rows) = (kernels.device(), batch.ragged.picks.len());
        let targets = device.upload("targets", &batch.ragged.targets)?;
        let parts = vector(device, "parts of losses", rows * 4 * parts(head.weight, kernels.tile()))?;
        let losses = vector(device, "losses", rows)?;
        let (mut steps, states) = self.picked(batch)?;
        let buffers = LossBuffers { states, targets: &targets, parts: &parts, losses: &losses };
        steps.extend(kernels.loss(rows, model.config.vocabulary, head, buffers));
        let reading = device.start(&steps, &losses, losses.size())?;
        Ok(Pending { reading, rows: Rows::Ragged(batch.ragged.states.iter().map(Range::len).collect()) })
    }

    /// The logits of each sequence's first state.
    fn classes(
        &self,
        batch: &Batch<'_>,
        pooler: Option<Operand<'_>>,
        classifier: Operand<'_>,
    ) -> Result<Pending, EngineError> {
        let Self { kernels, model, .. } = self;
        let (device, rows, width) = (kernels.device(), batch.ragged.picks.len(), classifier.weight.rows());
        let pooled = vector(device, "pooled states", rows * model.layout.hidden)?;
        let logits = vector(device, "logits", rows * width)?;
        let (mut steps, mut states) = self.picked(batch)?;
        if let Some(pooler) = pooler {
            steps.extend(kernels.product(Epilogue::Apply(Function::Tanh), rows, pooler, [states, &pooled]));
            states = &pooled;
        }
        steps.extend(kernels.product(Epilogue::Store, rows, classifier, [states, &logits]));
        let reading = device.start(&steps, &logits, logits.size())?;
        let rows = Rows::Even { width, count: batch.ragged.sequences.len(), columns: model.classes() };
        Ok(Pending { reading, rows })
    }

    /// The mean of each sequence's states.
    fn means(&self, batch: &Batch<'_>) -> Result<Pending, EngineError> {
        let Self { kernels, model, scratch } = self;
        let (device, width) = (kernels.device(), model.layout.hidden);
        let sequences = &batch.ragged.sequences;
        let ranges: Vec<[u32; 2]> = sequences.iter().map(|Range { start, end }| [count(*start), count(*end)]).collect();
        let ranges = device.upload("rows of sequences", &ranges)?;
        let means = vector(device, "mean states", sequences.len() * width)?;
        let mut steps = Vec::new();
        let mut states = &batch.stream;
        if let Some(norm) = &model.norm {
            steps.push(self.norm(batch.rows, norm, [states, &scratch.normed]));
            states = &scratch.normed;
        }
        steps.push(kernels.pool(sequences.len(), width, [states, &ranges, &means]));
        let reading = device.start(&steps, &means, means.size())?;
        let rows = Rows::Even { width, count: sequences.len(), columns: model.config.hidden };
        Ok(Pending { reading, rows })
    }

    /// Steps that gather the states that count and norm them, and the buffer where these then are. The stream is no
    /// longer whole after them.
    fn picked<'b>(&'b self, batch: &'b Batch<'_>) -> Result<(Vec<Step>, &'b Buffer), EngineError> {
        let Self { kernels, model, scratch } = self;
        let picks = kernels.device().upload("states that count", &batch.ragged.picks)?;
        let rows = batch.ragged.picks.len();
        debug_assert_eq!(rows % kernels.tile().padding(), 0);
        let shape = [rows, batch.rows, model.layout.hidden];
        let mut steps = vec![kernels.pick(shape, [&batch.stream, &picks, &scratch.normed])];
        match &model.norm {
            Some(norm) => {
                steps.push(self.norm(rows, norm, [&scratch.normed, &batch.stream]));
                Ok((steps, &batch.stream))
            }
            None => Ok((steps, &scratch.normed)),
        }
    }
}

/// The first `columns` of each of the first `count` rows of `width`.
pub(super) fn rows_of(data: &[f32], width: usize, count: usize, columns: usize) -> Vec<Vec<f32>> {
    data.chunks_exact(width).take(count).map(|row| row[..columns].to_vec()).collect()
}
