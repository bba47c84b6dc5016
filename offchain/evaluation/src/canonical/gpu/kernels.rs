//! The lane's kernels: a file of WGSL each, the same source in both styles but for the products, and the shapes that they
//! are told.
//!
//! Widths are padded to [`GRANULE`] with zeros, so that no product checks a bound.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytemuck::{Pod, Zeroable};
use wgpu::{Buffer, ComputePipeline};

use super::options::{Options, parts};
use crate::engine::{Device, Style};
use crate::kernels::{Step, pipeline};

/// Widths, and rows of products, are padded to a multiple of this.
pub(super) const GRANULE: usize = 64;

/// Groups along the first dimension of a grid of rows, as in the kernels.
const LINE: usize = 32_768;

const NUMBER: &str = include_str!("kernels/number.wgsl");
const LIMBS: &str = include_str!("kernels/limbs.wgsl");
const NORM: &str = include_str!("kernels/norm.wgsl");
const TABLES: &str = include_str!("kernels/tables.wgsl");
const PRODUCT: &str = include_str!("kernels/product.wgsl");

/// An exponent that no bias has, above all of them.
pub(super) const BIASLESS: i32 = 1 << 30;

/// How a column of a product is rounded, see `limbs.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Column {
    pub shift: i32,
    pub exponent: i32,
    pub bias: i32,
    pub bias_exponent: i32,
}

impl Column {
    /// Of padding.
    pub const EMPTY: Self = Self { shift: 0, exponent: 0, bias: 0, bias_exponent: BIASLESS };
    /// Where there is no product to add to the stream: at this exponent any number is rounded to nothing.
    pub const ABSENT: Self = Self { shift: 0, exponent: BIASLESS, bias: 0, bias_exponent: BIASLESS };
}

/// A norm's constants, see `norm.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct NormShape {
    pub kind: u32,
    pub features: u32,
    pub root: u32,
    pub epsilon_low: u32,
    pub epsilon_high: u32,
    pub epsilon_exponent: i32,
    pub gain_shift: i32,
    pub bias_shift: i32,
    pub exponent: i32,
    pub unused: [u32; 3],
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ProductShape {
    pub depth: u32,
    pub width: u32,
    pub first: u32,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct StreamShape {
    pub product: Column,
    pub norm: NormShape,
    pub rows: u32,
    pub quads: u32,
    pub after: u32,
    pub fingerprint: u32,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct HeadShape {
    pub products: [Column; 3],
    pub norms: [NormShape; 2],
    pub rows: u32,
    pub queries: u32,
    pub keys: u32,
    pub head: u32,
    pub quads: u32,
    pub width: u32,
    pub rotary: u32,
    pub unused: u32,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct AttentionShape {
    pub rows: u32,
    pub heads: u32,
    pub keys: u32,
    pub head: u32,
    pub factor: i32,
    pub width: u32,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct JoinShape {
    pub rows: u32,
    pub heads: u32,
    pub head: u32,
    pub width: u32,
    pub quads: u32,
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct ActivationShape {
    pub source: Column,
    pub gated: Column,
    pub rows: u32,
    pub inner: u32,
    pub gates: u32,
    pub function: u32,
    pub width: u32,
    pub quads: u32,
    pub unused: [u32; 2],
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct BlockShape {
    pub product: Column,
    pub rows: u32,
    pub width: u32,
    pub first: u32,
    pub count: u32,
    pub blocks: u32,
    pub unused: [u32; 3],
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct LossShape {
    pub rows: u32,
    pub blocks: u32,
}

/// A kernel that treats rows, or heads of rows, on their own, a workgroup to each.
#[derive(Debug, Clone)]
pub(super) struct ByRow(ComputePipeline);

impl ByRow {
    fn new(device: &Device, group: usize, sources: &[&str]) -> Self {
        let constant = format!("const GROUP: u32 = {group}u;\n");
        let sources = [&[&constant, NUMBER, LIMBS, include_str!("kernels/row.wgsl")], sources].concat();
        Self(pipeline(device, &sources, "main"))
    }

    /// The kernel on `items` rows, with its shape and its other buffers in the order of their bindings.
    pub(super) fn step<S: Pod>(&self, device: &Device, items: usize, shape: &S, buffers: &[&Buffer]) -> Step {
        step(device, &self.0, shape, buffers, [items.min(LINE), items.div_ceil(LINE), 1])
    }
}

/// Pipelines of the lane. Attention is compiled when a pass first needs it.
#[derive(Debug)]
pub(super) struct Kernels {
    options: Options,
    product: ComputePipeline,
    pub stream: ByRow,
    pub heads: ByRow,
    pub join: ByRow,
    pub activate: ByRow,
    blocks: ComputePipeline,
    loss: ComputePipeline,
    /// Attention by the quadruples of a head and the lanes of a group.
    attention: Mutex<BTreeMap<[usize; 2], ByRow>>,
}

impl Kernels {
    /// Compiles them. Errors show at the device's next check.
    pub(super) fn new(device: &Device, options: Options) -> Self {
        let [tile, stage] = options.product();
        let constants = match options.style {
            Style::Register => format!("const TILE: u32 = {tile}u;\n"),
            Style::Shared => format!("const TILE: u32 = {tile}u;\nconst STAGE: u32 = {stage}u;\n"),
        };
        let product = match options.style {
            Style::Register => include_str!("kernels/product_register.wgsl"),
            Style::Shared => include_str!("kernels/product_shared.wgsl"),
        };
        let by_row = |group, sources: &[&str]| ByRow::new(device, group, sources);
        let head = [NUMBER, LIMBS, TABLES];
        Self {
            options,
            product: pipeline(device, &[&constants, NUMBER, LIMBS, PRODUCT, product], "main"),
            stream: by_row(options.group(), &[NORM, include_str!("kernels/stream.wgsl")]),
            heads: by_row(options.group(), &[NORM, include_str!("kernels/heads.wgsl")]),
            join: by_row(options.group(), &[include_str!("kernels/join.wgsl")]),
            activate: by_row(options.group(), &[include_str!("kernels/activate.wgsl")]),
            blocks: pipeline(device, &[&head[..], &[include_str!("kernels/blocks.wgsl")]].concat(), "main"),
            loss: pipeline(device, &[&head[..], &[include_str!("kernels/loss.wgsl")]].concat(), "main"),
            attention: Mutex::default(),
        }
    }

    /// Attention over at most `keys` keys of heads of `quads` quadruples.
    pub(super) fn attention(&self, device: &Device, quads: usize, keys: usize) -> ByRow {
        let group = self.options.attention_group(quads, keys);
        let mut known = self.attention.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = || {
            let parts = parts(group, quads);
            let constants = format!("const QUADS: u32 = {quads}u;\nconst PARTS: u32 = {parts}u;\n");
            ByRow::new(device, group, &[&constants, TABLES, include_str!("kernels/attention.wgsl")])
        };
        known.entry([quads, group]).or_insert_with(compile).clone()
    }

    /// A product of `rows` rows with `outputs` rows of a weight, both multiples of [`GRANULE`].
    pub(super) fn product(
        &self,
        device: &Device,
        [rows, outputs]: [usize; 2],
        shape: &ProductShape,
        buffers: [&Buffer; 5],
    ) -> Step {
        let [tile, _] = self.options.product();
        let grid = match self.options.style {
            Style::Register => [outputs / 4, rows / (8 * tile), 1],
            Style::Shared => [outputs / 64, rows / (16 * tile), 1],
        };
        step(device, &self.product, shape, &buffers, grid)
    }

    /// Blocks of logits of a part of the vocabulary.
    pub(super) fn blocks(&self, device: &Device, shape: &BlockShape, buffers: [&Buffer; 6]) -> Step {
        let grid = [(shape.count as usize).div_ceil(64 * 64), shape.rows as usize, 1];
        step(device, &self.blocks, shape, &buffers, grid)
    }

    /// Losses from the blocks.
    pub(super) fn loss(&self, device: &Device, shape: &LossShape, buffers: [&Buffer; 5]) -> Step {
        step(device, &self.loss, shape, &buffers, [(shape.rows as usize).div_ceil(64), 1, 1])
    }
}

fn step<S: Pod>(device: &Device, pipeline: &ComputePipeline, shape: &S, buffers: &[&Buffer], grid: [usize; 3]) -> Step {
    let shape = device.uniform(shape);
    let buffers: Vec<&Buffer> = std::iter::once(&shape).chain(buffers.iter().copied()).collect();
    Step::new(device, pipeline, &buffers, grid)
}
