//! The memory of a batch: what it starts from, and what each step leaves for the next.

use wgpu::Buffer;

use super::kernels::GRANULE;
use super::matrix::padded;
use super::model::CanonicalGpuModel;
use crate::canonical::reference::{embedding, norm};
use crate::engine::{Device, EngineError};
use crate::kernels::count;

/// Rows of a batch that the device can bind.
pub(super) fn bound(device: &Device, model: &CanonicalGpuModel) -> usize {
    let shape = &model.shape;
    let slots = shape.heads + 2 * shape.key_heads;
    let bytes = [
        size_of::<i32>() * model.widest(),
        size_of::<[u32; 2]>() * slots * shape.head.div_ceil(4),
        size_of::<[u32; 5]>() * (shape.layers + 1),
        size_of::<[i32; 2]>() * shape.vocabulary.div_ceil(64),
    ];
    let rows = device.binding_limit() / bytes.into_iter().fold(1, usize::max) as u64;
    // Whole granules, as rows are padded.
    usize::try_from(rows).unwrap_or(usize::MAX) / GRANULE * GRANULE
}

/// What holds a batch while it is computed. Rows of `work`, `a` and `heads` are as wide as each step needs.
pub(super) struct Buffers {
    /// For each row: its position, and the first and the end of the rows that it sees.
    pub places: Buffer,
    pub turns: Buffer,
    pub stream: Buffer,
    /// For each row, of the stream and of `a`.
    pub exponents: Buffer,
    /// Products, and rows of norms.
    pub work: Buffer,
    /// Inputs of products.
    pub a: Buffer,
    pub heads: Buffer,
    pub head_exponents: Buffer,
    pub mixed: Buffer,
    pub mixed_exponents: Buffer,
    pub fingerprints: Buffer,
}

impl Buffers {
    pub(super) fn new(
        device: &Device,
        model: &CanonicalGpuModel,
        sequences: &[&[u32]],
        rows: usize,
    ) -> Result<Self, EngineError> {
        let shape = &model.shape;
        let [hidden, queries, inner] = [shape.hidden, shape.query_width(), shape.intermediate].map(padded);
        let slots = shape.heads + 2 * shape.key_heads;
        let numbers = |what, count: usize| device.storage(what, (count * size_of::<i32>()) as u64);
        let all = padded(rows);
        let longest = sequences.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let turns = match &model.rotary {
            Some(rotary) => model.turns.of(device, "rotary angles", longest, |places| rotary.table(places))?,
            None => model.nothing.clone(),
        };
        let (stream, exponents) = embedded(model, sequences);
        let stream_rows = numbers("stream", all * hidden)?;
        device.write(&stream_rows, &stream);
        let exponent_rows = numbers("exponents", 2 * all)?;
        device.write(&exponent_rows, &exponents);
        Ok(Self {
            places: device.upload("places", &places(sequences, shape.causal))?,
            turns,
            stream: stream_rows,
            exponents: exponent_rows,
            work: numbers("products", all * model.widest())?,
            a: numbers("inputs of products", all * hidden.max(queries).max(inner) / 2)?,
            heads: numbers("queries, keys and values", rows * slots * shape.head.div_ceil(4) * 2)?,
            head_exponents: numbers("exponents of heads", rows * slots)?,
            mixed: numbers("means of values", rows * shape.query_width())?,
            mixed_exponents: numbers("exponents of means", rows * shape.heads)?,
            fingerprints: numbers("fingerprints", (shape.layers + 1) * rows * 5)?,
        })
    }
}

/// Rows of the stream before the first layer, padded, and their exponents.
fn embedded(model: &CanonicalGpuModel, sequences: &[&[u32]]) -> (Vec<i32>, Vec<[i32; 2]>) {
    let parts = &model.embedding;
    let pitch = padded(model.shape.hidden);
    let (mut stream, mut exponents) = (Vec::new(), Vec::new());
    for tokens in sequences {
        for (position, &token) in tokens.iter().enumerate() {
            let mut row = embedding::embed(parts, token, position);
            if let Some(weights) = &parts.norm {
                row = norm::norm(&row, model.shape.norm, model.epsilon, &weights.gain, weights.bias.as_ref());
            }
            let end = stream.len() + pitch;
            // At most 2^29.
            stream.extend(row.mantissas.iter().map(|&m| m as i32));
            stream.resize(end, 0);
            exponents.push([row.exponent, 0]);
        }
    }
    (stream, exponents)
}

fn places(sequences: &[&[u32]], causal: bool) -> Vec<[u32; 4]> {
    let mut places = Vec::new();
    for tokens in sequences {
        let first = places.len();
        places.extend((0..tokens.len()).map(|position| {
            let end = if causal { position + 1 } else { tokens.len() };
            [count(position), count(first), count(first + end), 0]
        }));
    }
    places
}
