//! One pass over a batch of sequences of any lengths, one below the other, as a list of steps over reusable buffers.

use wgpu::Buffer;

use super::buffers::Buffers;
use super::kernels::{
    ActivationShape, AttentionShape, BlockShape, ByRow, Column, HeadShape, JoinShape, Kernels, LossShape, NormShape,
    ProductShape, StreamShape,
};
use super::matrix::{Matrix, padded};
use super::model::{CanonicalGpuModel, GpuLayer, GpuNorm};
use crate::canonical::reference::attention;
use crate::canonical::row::Row;
use crate::canonical::transcript::RowPrint;
use crate::engine::{Device, EngineError};
use crate::kernels::{Step, count};
use crate::model::{Activation, Placement};

/// Where no fingerprint is taken, as in `stream.wgsl`.
const NOWHERE: u32 = u32::MAX;

/// A batch on the device.
pub(super) struct Pass<'a> {
    device: &'a Device,
    kernels: &'a Kernels,
    model: &'a CanonicalGpuModel,
    rows: usize,
    /// Tokens of the longest sequence.
    longest: usize,
    buffers: Buffers,
    steps: Vec<Step>,
}

impl<'a> Pass<'a> {
    /// The steps up to the final states of sequences of tokens that the model can read.
    pub(super) fn new(
        device: &'a Device,
        kernels: &'a Kernels,
        model: &'a CanonicalGpuModel,
        sequences: &[&[u32]],
    ) -> Result<Self, EngineError> {
        let rows = sequences.iter().map(|tokens| tokens.len()).sum();
        let buffers = Buffers::new(device, model, sequences, rows)?;
        let longest = sequences.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let mut pass = Self { device, kernels, model, rows, longest, buffers, steps: Vec::new() };
        pass.states();
        device.check()?;
        Ok(pass)
    }

    /// Fingerprints of the rows at each boundary, and the rows' final states.
    pub(super) fn run(&self) -> Result<(Vec<Vec<RowPrint>>, Vec<Row>), EngineError> {
        let prints = self.prints()?;
        let width = self.model.shape.hidden;
        let pitch = padded(width);
        let work: Vec<i32> = self.device.run(&[], &self.buffers.work, self.rows * pitch)?;
        let exponents: Vec<[i32; 2]> = self.device.run(&[], &self.buffers.exponents, self.rows)?;
        let normed = self.model.norm.as_ref().map(|norm| norm.shape.exponent);
        let states = work.chunks_exact(pitch).zip(exponents).map(|(row, [stream, _])| Row {
            mantissas: row[..width].iter().copied().map(i64::from).collect(),
            exponent: normed.unwrap_or(stream),
        });
        Ok((prints, states.collect()))
    }

    /// Fingerprints of the rows at each boundary, and the loss of each row's target, in bits with 30 fractional bits.
    pub(super) fn run_losses(
        mut self,
        head: &Matrix,
        targets: &[u32],
    ) -> Result<(Vec<Vec<RowPrint>>, Vec<i64>), EngineError> {
        let losses = self.losses(head, targets)?;
        let prints = self.prints()?;
        Ok((prints, self.device.run(&[], &losses, self.rows)?))
    }

    fn prints(&self) -> Result<Vec<Vec<RowPrint>>, EngineError> {
        let boundaries = self.model.shape.layers + 1;
        let words: Vec<[u32; 5]> = self.device.run(&self.steps, &self.buffers.fingerprints, boundaries * self.rows)?;
        let print = |&[exponent, a, b, c, d]: &[u32; 5]| (exponent.cast_signed(), [a, b, c, d]);
        Ok(words.chunks_exact(self.rows).map(|rows| rows.iter().map(print).collect()).collect())
    }

    fn states(&mut self) {
        let model = self.model;
        let before = model.shape.placement == Placement::Before;
        let first = model.layers.first().map(|layer| &layer.attention_norm).or(model.norm.as_ref());
        self.settle(Column::ABSENT, first.filter(|_| before), Some(0));
        for (index, layer) in model.layers.iter().enumerate() {
            self.attend(layer);
            let norm = if before { &layer.feed_norm } else { &layer.attention_norm };
            self.settle(layer.output.rules[0], Some(norm), None);
            self.feed(layer);
            let next = model.layers.get(index + 1).map(|layer| &layer.attention_norm).or(model.norm.as_ref());
            let norm = if before { next } else { Some(&layer.feed_norm) };
            self.settle(layer.down.rules[0], norm, Some(index + 1));
        }
        if !before && let Some(norm) = &model.norm {
            self.normalise(Column::ABSENT, Some(norm), false, None);
        }
    }

    /// The stream with a block's product; its fingerprint; the next product's input.
    fn settle(&mut self, product: Column, norm: Option<&GpuNorm>, boundary: Option<usize>) {
        let after = norm.is_some() && self.model.shape.placement == Placement::After;
        self.normalise(product, norm, after, boundary);
    }

    fn normalise(&mut self, product: Column, norm: Option<&GpuNorm>, after: bool, boundary: Option<usize>) {
        let shape = StreamShape {
            product,
            norm: norm.map_or(NormShape::none(), |norm| norm.shape),
            rows: count(self.rows),
            quads: count(padded(self.model.shape.hidden) / 4),
            after: u32::from(after),
            fingerprint: boundary.map_or(NOWHERE, |boundary| count(boundary * self.rows)),
        };
        let Buffers { stream, exponents, work, a, fingerprints, .. } = &self.buffers;
        let weights = norm.map_or(&self.model.nothing, |norm| &norm.weights);
        let buffers = [stream, exponents, work, weights, a, fingerprints];
        let size = [self.rows, padded(self.model.shape.hidden)];
        self.steps.push(self.kernels.by_row(self.device, ByRow::Stream, size, &shape, &buffers));
    }

    /// Everything of the attention block but what is before its input and behind its product.
    fn attend(&mut self, layer: &GpuLayer) {
        let (device, rows, shape) = (self.device, self.rows, &self.model.shape);
        self.product(&layer.qkv);
        let [queries, keys, head] = [shape.heads, shape.key_heads, shape.head].map(count);
        let slots = shape.heads + 2 * shape.key_heads;
        let split = HeadShape {
            products: [layer.qkv.rules[0], layer.qkv.rules[1], layer.qkv.rules[2]],
            norms: layer.head_norms,
            rows: count(rows),
            queries,
            keys,
            head,
            quads: count(shape.head.div_ceil(4)),
            width: count(layer.qkv.outputs),
            rotary: u32::from(self.model.rotary.is_some()),
            unused: 0,
        };
        let width = count(shape.query_width());
        // Within 31 bits for any head: log2(e) at a head of 1.
        let factor = attention::scale(shape.head) as i32;
        let mix = AttentionShape { rows: count(rows), heads: queries, keys, head, factor, width };
        let quads = count(padded(shape.query_width()) / 4);
        let join = JoinShape { rows: count(rows), heads: queries, head, width, quads };
        let Buffers { places, turns, exponents, work, a, heads, head_exponents, mixed, mixed_exponents, .. } =
            &self.buffers;
        let splits = [exponents, work, places, turns, &layer.head_gains, heads, head_exponents];
        let mixes = [heads, head_exponents, places, &self.model.tables.powers, mixed, mixed_exponents];
        let size = [rows * slots, shape.head];
        self.steps.push(self.kernels.by_row(device, ByRow::Heads, size, &split, &splits));
        self.steps.push(self.kernels.attention(device, self.longest, &mix, mixes));
        let size = [rows, padded(shape.query_width())];
        let joins = [mixed, mixed_exponents, a, exponents];
        self.steps.push(self.kernels.by_row(device, ByRow::Join, size, &join, &joins));
        self.product(&layer.output);
    }

    fn feed(&mut self, layer: &GpuLayer) {
        let shape = &self.model.shape;
        self.product(&layer.up);
        let rules = &layer.up.rules;
        let activation = ActivationShape {
            source: rules[0],
            // The up product's, where there are two.
            gated: rules[rules.len() - 1],
            rows: count(self.rows),
            inner: count(shape.intermediate),
            gates: u32::from(shape.gated),
            function: u32::from(shape.activation != Activation::Relu),
            width: count(layer.up.outputs),
            quads: count(padded(shape.intermediate) / 4),
            unused: [0; 2],
        };
        let Buffers { exponents, work, a, .. } = &self.buffers;
        let buffers = [work, &self.model.tables.factors, a, exponents];
        let size = [self.rows, padded(shape.intermediate)];
        self.steps.push(self.kernels.by_row(self.device, ByRow::Activate, size, &activation, &buffers));
        self.product(&layer.down);
    }

    fn product(&mut self, matrix: &Matrix) {
        for index in 0..matrix.shards.len() {
            let step = self.shard(matrix, index, matrix.outputs, matrix.shards[index].first);
            self.steps.push(step);
        }
    }

    /// The product with one shard, in rows of `work` of `width` numbers from number `first` on.
    fn shard(&self, matrix: &Matrix, index: usize, width: usize, first: usize) -> Step {
        let shard = &matrix.shards[index];
        let [depth, width, first] = [matrix.depth, width, first].map(count);
        let Buffers { exponents, work, a, .. } = &self.buffers;
        let buffers = [a, exponents, &shard.weight, &shard.columns, work];
        let shape = ProductShape { depth, width, first };
        self.kernels.product(self.device, [self.rows, shard.outputs], &shape, buffers)
    }

    /// Adds the language head's steps. The logits of one shard at a time are in memory.
    fn losses(&mut self, head: &Matrix, targets: &[u32]) -> Result<Buffer, EngineError> {
        let (device, rows, model) = (self.device, self.rows, self.model);
        let vocabulary = model.shape.vocabulary;
        let blocks = vocabulary.div_ceil(64);
        let targets = device.upload("targets", targets)?;
        let logits = device.storage("logits of targets", 4 * rows as u64)?;
        let parts = device.storage("blocks of logits", 8 * (rows * blocks) as u64)?;
        let losses = device.storage("losses", 8 * rows as u64)?;
        let powers = &model.tables.powers;
        for (index, shard) in head.shards.iter().enumerate() {
            let product = self.shard(head, index, shard.outputs, 0);
            let shape = BlockShape {
                product: head.rules[0],
                rows: count(rows),
                width: count(shard.outputs),
                first: count(shard.first),
                count: count(shard.outputs.min(vocabulary - shard.first)),
                blocks: count(blocks),
                unused: [0; 3],
            };
            let Buffers { exponents, work, .. } = &self.buffers;
            let buffers = [work, exponents, &targets, powers, &parts, &logits];
            self.steps.extend([product, self.kernels.blocks(device, &shape, buffers)]);
        }
        let shape = LossShape { rows: count(rows), blocks: count(blocks) };
        let buffers = [&parts, &logits, powers, &model.tables.logarithms, &losses];
        self.steps.push(self.kernels.loss(device, &shape, buffers));
        device.check()?;
        Ok(losses)
    }
}
