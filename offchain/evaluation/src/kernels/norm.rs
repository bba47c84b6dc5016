//! Norms of rows.

use bytemuck::{Pod, Zeroable};
use wgpu::Buffer;

use super::{FINITE, Kernels, ROWS, Source, Step, Style, each};
use crate::model::NormKind;

/// Shape of a norm; a row is as wide as its weights.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct NormShape {
    /// True floats of a row.
    pub features: u32,
    /// Added to the mean of squares.
    pub epsilon: f32,
}

/// Weights of a norm, padded with zeros to the width of a row.
#[derive(Debug)]
pub(crate) struct NormBuffers {
    /// One float for each feature.
    pub gain: Buffer,
    /// One float for each feature; root mean square takes none.
    pub bias: Buffer,
}

impl Kernels {
    /// `out[row] = norm(x[row])` for `rows` rows, a multiple of [`ROWS`].
    pub(crate) fn norm(
        &self,
        kind: NormKind,
        rows: usize,
        shape: NormShape,
        weights: &NormBuffers,
        [x, out]: [&Buffer; 2],
    ) -> Step {
        debug_assert_eq!(rows % ROWS, 0);
        let shape = self.shape(&shape);
        let mut buffers = vec![&shape, x, &weights.gain, out];
        let source = match kind {
            NormKind::Rms => include_str!("rmsnorm.wgsl"),
            NormKind::Layer => {
                buffers.push(&weights.bias);
                include_str!("layernorm.wgsl")
            }
        };
        let (entry, grid) = match self.style {
            Style::Register => ("lane", [rows / 8, 1, 1]),
            Style::Shared => ("group", each(rows)),
        };
        self.step(Source::new(&[FINITE, include_str!("total.wgsl"), source], entry), &buffers, grid)
    }
}
