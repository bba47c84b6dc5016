//! A transformer's forward pass over batches of sequences, as steps over reusable buffers.

use std::collections::VecDeque;

use wgpu::Buffer;

use super::device::Device;
use super::error::EngineError;
use super::layer::GpuLayer;
use super::operand::vector;
use super::output::Pending;
use super::ragged::{Ragged, Sequence, batches};
use super::transformer::{GpuLayers, GpuTransformer};
use crate::kernels::{
    AttentionShape, Epilogue, Function, Gather, HeadShape, Kernels, NormBuffers, NormShape, Step, angles, count,
};
use crate::model::{Placement, Position};

/// Bytes that the widest buffer of activations may take, unless one sequence alone needs more.
const BATCH_BYTES: u64 = 32 << 20;

/// Rows of a batch at most, unless one sequence alone has more.
const BATCH_ROWS: u64 = 32_768;

/// Bytes of the residual streams of batches that go through the layers together, where these are streamed.
const WAVE_BYTES: usize = 256 << 20;

/// Computes the final states of sequences and what the head makes of them: for each sequence the losses of its targets,
/// its mean state, or its logits of classes.
pub(super) fn run(
    kernels: &Kernels,
    model: &GpuTransformer,
    sequences: &[Sequence<'_>],
) -> Result<Vec<Vec<f32>>, EngineError> {
    let bytes = (model.widest(kernels.tile()) * size_of::<f32>()) as u64;
    let rows = (BATCH_BYTES.min(kernels.device().binding_limit()) / bytes).min(BATCH_ROWS) as usize;
    let padding = kernels.tile().padding();
    let batches = batches(sequences, (rows / padding).max(1) * padding);
    let batches: Vec<Ragged> = batches.into_iter().map(|batch| Ragged::new(batch, padding)).collect();
    let Some(rows) = batches.iter().map(Ragged::rows).max() else { return Ok(Vec::new()) };
    let longest = batches.iter().map(Ragged::longest).max().unwrap_or(0);
    let forward = Forward { kernels, model, scratch: Scratch::new(kernels, model, rows, longest)? };
    let (wave, ahead) = match model.layers {
        GpuLayers::Resident(_) => (1, 1),
        GpuLayers::Streamed(_) => ((WAVE_BYTES / (rows * model.layout.hidden * size_of::<f32>())).max(1), 0),
    };
    let mut results = Vec::with_capacity(sequences.len());
    let mut pending = VecDeque::new();
    for wave in batches.chunks(wave) {
        pending.extend(forward.wave(wave)?);
        // The device never waits for the next batch to be made ready; more of them would only hold memory.
        while pending.len() > ahead {
            collect(kernels.device(), &mut pending, &mut results)?;
        }
    }
    while !pending.is_empty() {
        collect(kernels.device(), &mut pending, &mut results)?;
    }
    Ok(results)
}

/// Waits for the oldest of the batches under way.
fn collect(device: &Device, pending: &mut VecDeque<Pending>, results: &mut Vec<Vec<f32>>) -> Result<(), EngineError> {
    if let Some(oldest) = pending.pop_front() {
        results.extend(oldest.read(device)?);
    }
    Ok(())
}

/// Buffers that batches use one after the other.
pub(super) struct Scratch {
    /// Zero for each row: the index of the only segment.
    segments: Buffer,
    pub normed: Buffer,
    qkv: Buffer,
    mixed: Buffer,
    inner: Buffer,
    angles: Option<Buffer>,
}

impl Scratch {
    fn new(kernels: &Kernels, model: &GpuTransformer, rows: usize, longest: usize) -> Result<Self, EngineError> {
        let (device, layout) = (kernels.device(), model.layout);
        let angles = match model.config.position {
            Position::Rotary { theta } => {
                let make = |places| angles(places, model.config.head, theta);
                Some(model.angles.of(device, "rotary angles", longest, make)?)
            }
            Position::Learned => None,
        };
        Ok(Self {
            segments: vector(device, "segments", rows)?,
            normed: vector(device, "normed stream", rows * layout.hidden)?,
            qkv: vector(device, "queries, keys and values", rows * layout.qkv)?,
            mixed: vector(device, "attention output", rows * layout.attention)?,
            inner: vector(device, "feed-forward activations", rows * layout.inner)?,
            angles,
        })
    }
}

/// A batch on the device.
pub(super) struct Batch<'a> {
    pub ragged: &'a Ragged,
    pub rows: usize,
    tokens: Buffer,
    places: Buffer,
    blocks: Buffer,
    block_count: usize,
    pub stream: Buffer,
}

/// A pass of batches through a model.
pub(super) struct Forward<'a> {
    pub kernels: &'a Kernels,
    pub model: &'a GpuTransformer,
    pub scratch: Scratch,
}

impl Forward<'_> {
    /// Submits the way of batches through the layers, together, and out of the head.
    fn wave(&self, wave: &[Ragged]) -> Result<Vec<Pending>, EngineError> {
        let Self { kernels, model, .. } = self;
        let batches = wave.iter().map(|ragged| self.batch(ragged)).collect::<Result<Vec<_>, _>>()?;
        let embed: Vec<Step> = batches.iter().flat_map(|batch| self.embed(batch)).collect();
        kernels.device().submit(&embed)?;
        model.layers.each(kernels, &model.config, model.layout, |layer| {
            let steps: Vec<Step> = batches.iter().flat_map(|batch| self.layer(batch, layer)).collect();
            kernels.device().submit(&steps)
        })?;
        batches.iter().map(|batch| self.output(batch)).collect()
    }

    fn batch<'a>(&self, ragged: &'a Ragged) -> Result<Batch<'a>, EngineError> {
        let device = self.kernels.device();
        let blocks = self.kernels.blocks(self.model.layout.pitch, &ragged.sequences);
        Ok(Batch {
            ragged,
            rows: ragged.rows(),
            tokens: device.upload("tokens", &ragged.tokens)?,
            places: device.upload("places", &ragged.places)?,
            blocks: device.upload("blocks of queries", &blocks)?,
            block_count: blocks.len(),
            stream: vector(device, "residual stream", ragged.rows() * self.model.layout.hidden)?,
        })
    }

    /// Fills the stream with the sum of the embeddings.
    fn embed(&self, batch: &Batch<'_>) -> Vec<Step> {
        let Self { kernels, model, scratch } = self;
        // The norm, where there is one, writes elsewhere than it reads.
        let sum = if model.embedding_norm.is_some() { &scratch.normed } else { &batch.stream };
        let gather = |what, table, index| kernels.gather(what, batch.rows, table, [index, sum]);
        let mut steps: Vec<Step> = gather(Gather::Copy, &model.tokens, &batch.tokens).collect();
        if let Some(table) = &model.positions {
            steps.extend(gather(Gather::Add, table, &batch.places));
        }
        if let Some(table) = &model.segment {
            steps.extend(gather(Gather::Add, table, &scratch.segments));
        }
        if let Some(norm) = &model.embedding_norm {
            steps.push(self.norm(batch.rows, norm, [sum, &batch.stream]));
        }
        steps
    }

    /// Takes the stream through a layer.
    fn layer(&self, batch: &Batch<'_>, layer: &GpuLayer) -> Vec<Step> {
        let (rows, stream, normed) = (batch.rows, &batch.stream, &self.scratch.normed);
        let mut steps = Vec::new();
        match self.model.config.placement {
            Placement::Before => {
                steps.push(self.norm(rows, &layer.attention_norm, [stream, normed]));
                self.attend(batch, layer, normed, stream, &mut steps);
                steps.push(self.norm(rows, &layer.feed_norm, [stream, normed]));
                self.feed_forward(rows, layer, normed, stream, &mut steps);
            }
            // Each sum is normed into the other buffer, and the second norm brings the stream back.
            Placement::After => {
                self.attend(batch, layer, stream, stream, &mut steps);
                steps.push(self.norm(rows, &layer.attention_norm, [stream, normed]));
                self.feed_forward(rows, layer, normed, normed, &mut steps);
                steps.push(self.norm(rows, &layer.feed_norm, [normed, stream]));
            }
        }
        steps
    }

    /// Adds the attention block of `input` to `stream`.
    fn attend(&self, batch: &Batch<'_>, layer: &GpuLayer, input: &Buffer, stream: &Buffer, steps: &mut Vec<Step>) {
        let Self { kernels, model, scratch } = self;
        let (config, layout, rows) = (&model.config, model.layout, batch.rows);
        let heads = HeadShape {
            heads: count(config.heads),
            keys: count(config.key_heads),
            pitch: count(layout.pitch),
            head: count(config.head),
            stride: count(layout.qkv),
            epsilon: config.epsilon as f32,
        };
        let attention = AttentionShape {
            heads: heads.heads,
            keys: heads.keys,
            stride: count(layout.qkv / 4),
            width: count(layout.attention / 4),
            causal: u32::from(config.causal),
            scale: (1.0 / (config.head as f64).sqrt()) as f32,
        };
        steps.extend(kernels.product(Epilogue::Store, rows, layer.qkv.operand(), [input, &scratch.qkv]));
        if config.head_norm {
            steps.push(kernels.head_norm(rows, heads, [&layer.head_norm, &scratch.qkv]));
        }
        if let Some(angles) = &scratch.angles {
            steps.push(kernels.rope(rows, heads, [angles, &batch.places, &scratch.qkv]));
        }
        let buffers = [&batch.blocks, &scratch.qkv, &scratch.mixed];
        steps.push(kernels.attention(layout.pitch, batch.block_count, attention, buffers));
        steps.extend(kernels.product(Epilogue::Add, rows, layer.output.operand(), [&scratch.mixed, stream]));
    }

    /// Adds the feed-forward block of `input` to `stream`.
    fn feed_forward(&self, rows: usize, layer: &GpuLayer, input: &Buffer, stream: &Buffer, steps: &mut Vec<Step>) {
        let Self { kernels, model, scratch } = self;
        let function = Function::Activation(model.config.activation);
        let epilogue = if model.config.gated { Epilogue::Gate(function) } else { Epilogue::Apply(function) };
        steps.extend(kernels.product(epilogue, rows, layer.up.operand(), [input, &scratch.inner]));
        steps.extend(kernels.product(Epilogue::Add, rows, layer.down.operand(), [&scratch.inner, stream]));
    }

    /// A norm of the stream, of one kind throughout a model.
    pub(super) fn norm(&self, rows: usize, weights: &NormBuffers, buffers: [&Buffer; 2]) -> Step {
        let Self { model, .. } = self;
        let shape = NormShape { features: count(model.config.hidden), epsilon: model.config.epsilon as f32 };
        self.kernels.norm(model.config.norm, rows, shape, weights, buffers)
    }
}
