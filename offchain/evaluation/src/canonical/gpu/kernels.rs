//! The lane's kernels: a file of WGSL each, the same source in both styles but for the products, and the shapes that they
//! are told.
//!
//! Widths are padded to [`GRANULE`] with zeros, so that no product checks a bound.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytemuck::{Pod, Zeroable};
use wgpu::{Buffer, ComputePipeline};

use super::options::{Options, parts};
use crate::engine::{Device, Style};
use crate::kernels::{Source, Step, pipeline};

/// Widths, and rows of products, are padded to a multiple of this.
pub(super) const GRANULE: usize = 64;

/// Lanes of a workgroup that share nothing.
const LANES: usize = 8;

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

/// A kernel that treats rows, or heads of rows, on their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum ByRow {
    Stream,
    Heads,
    Join,
    Activate,
}

impl ByRow {
    fn source(self, row: &'static str) -> Source {
        let kernel = match self {
            Self::Stream => include_str!("kernels/stream.wgsl"),
            Self::Heads => include_str!("kernels/heads.wgsl"),
            Self::Join => include_str!("kernels/join.wgsl"),
            Self::Activate => include_str!("kernels/activate.wgsl"),
        };
        match self {
            Self::Stream | Self::Heads => Source::new(&[NUMBER, LIMBS, row, NORM, kernel], "main"),
            Self::Join | Self::Activate => Source::new(&[NUMBER, LIMBS, row, kernel], "main"),
        }
    }
}

/// The lane's kernels. Each is compiled when it is first asked for; errors show at the device's next check.
#[derive(Debug)]
pub(super) struct Kernels {
    options: Options,
    pipelines: Mutex<HashMap<Source, ComputePipeline>>,
}

impl Kernels {
    pub(super) fn new(options: Options) -> Self {
        Self { options, pipelines: Mutex::default() }
    }

    /// Drops all that is kept: after an error of the device, some of it may be of no use.
    pub(super) fn forget(&self) {
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A kernel on `items` rows of at most `width` numbers, with its shape and its other buffers in the order of their
    /// bindings.
    pub(super) fn by_row<S: Pod>(
        &self,
        device: &Device,
        kernel: ByRow,
        [items, width]: [usize; 2],
        shape: &S,
        buffers: &[&Buffer],
    ) -> Step {
        match self.options.group(width) {
            1 => {
                let source = kernel.source(include_str!("kernels/row_alone.wgsl"));
                self.step(device, source, shape, buffers, line(items.div_ceil(LANES)))
            }
            group => {
                let source = kernel.source(include_str!("kernels/row_together.wgsl")).constant("GROUP", group);
                self.step(device, source, shape, buffers, line(items))
            }
        }
    }

    /// Attention of all rows over at most `keys` keys.
    pub(super) fn attention(
        &self,
        device: &Device,
        keys: usize,
        shape: &AttentionShape,
        buffers: [&Buffer; 6],
    ) -> Step {
        let [rows, heads, quads] = [shape.rows, shape.heads, shape.head.div_ceil(4)].map(|n| n as usize);
        if let Some(queries) = self.options.queries(quads, keys) {
            let kernel = include_str!("kernels/attention_alone.wgsl");
            let source = Source::new(&[NUMBER, LIMBS, TABLES, kernel], "main");
            let source = source.with("QUERIES", "{n}", queries).with("QUADS", "{d}", quads);
            return self.step(device, source, shape, &buffers, [heads, rows.div_ceil(LANES * queries), 1]);
        }
        let group = self.options.attention_group(quads, keys);
        let kernels = [include_str!("kernels/row_together.wgsl"), include_str!("kernels/attention.wgsl")];
        let source = Source::new(&[NUMBER, LIMBS, kernels[0], TABLES, kernels[1]], "main").constant("GROUP", group);
        let source = source.constant("QUADS", quads).constant("PARTS", parts(group, quads));
        self.step(device, source, shape, &buffers, line(rows * heads))
    }

    /// A product of `rows` rows with `outputs` rows of a weight, a multiple of [`GRANULE`].
    pub(super) fn product(
        &self,
        device: &Device,
        [rows, outputs]: [usize; 2],
        shape: &ProductShape,
        buffers: [&Buffer; 5],
    ) -> Step {
        let [tile, stage] = self.options.product();
        let source = |kernel| Source::new(&[NUMBER, LIMBS, PRODUCT, kernel], "main");
        match self.options.style {
            Style::Register => {
                let source = source(include_str!("kernels/product_register.wgsl")).with("TILE", "{r}", tile);
                self.step(device, source, shape, &buffers, [outputs / 4, rows.div_ceil(LANES * tile), 1])
            }
            Style::Shared => {
                let source = source(include_str!("kernels/product_shared.wgsl"));
                let source = source.constant("TILE", tile).constant("STAGE", stage);
                self.step(device, source, shape, &buffers, [outputs / 64, rows.div_ceil(16 * tile), 1])
            }
        }
    }

    /// Blocks of logits of a part of the vocabulary.
    pub(super) fn blocks(&self, device: &Device, shape: &BlockShape, buffers: [&Buffer; 6]) -> Step {
        let grid = [(shape.count as usize).div_ceil(64 * 64), shape.rows as usize, 1];
        let source = Source::new(&[NUMBER, LIMBS, TABLES, include_str!("kernels/blocks.wgsl")], "main");
        self.step(device, source, shape, &buffers, grid)
    }

    /// Losses from the blocks.
    pub(super) fn loss(&self, device: &Device, shape: &LossShape, buffers: [&Buffer; 5]) -> Step {
        let source = Source::new(&[NUMBER, LIMBS, TABLES, include_str!("kernels/loss.wgsl")], "main");
        self.step(device, source, shape, &buffers, [(shape.rows as usize).div_ceil(64), 1, 1])
    }

    fn step<S: Pod>(&self, device: &Device, source: Source, shape: &S, buffers: &[&Buffer], grid: [usize; 3]) -> Step {
        let shape = device.uniform(shape);
        let buffers: Vec<&Buffer> = std::iter::once(&shape).chain(buffers.iter().copied()).collect();
        let mut known = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = |source: &Source| pipeline(device, &[&source.text()], source.entry());
        Step::new(device, known.entry(source).or_insert_with_key(compile), &buffers, grid)
    }
}

/// A grid of groups in lines, as the kernels count them.
fn line(groups: usize) -> [usize; 3] {
    [groups.min(LINE), groups.div_ceil(LINE), 1]
}
