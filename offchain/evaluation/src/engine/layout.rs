//! How a model lies in device memory: padded widths, heads padded to whole vec4s, fused weights.
//!
//! Padding weights are zero, so padded features are zero from end to end and change no result.

use crate::kernels::Style;
use crate::model::Transformer;

/// Widths in floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Residual stream.
    pub hidden: usize,
    /// Feed-forward layer.
    pub inner: usize,
    /// One head.
    pub pitch: usize,
    /// A row of queries, keys and values.
    pub qkv: usize,
    /// A row of attention outputs.
    pub attention: usize,
    /// Run length of alternating gate and up rows.
    pub interleave: usize,
}

impl Layout {
    pub(super) fn new(config: &Transformer, style: Style) -> Self {
        let granule = style.granule();
        let pitch = config.head.next_multiple_of(4);
        Self {
            hidden: config.hidden.next_multiple_of(granule),
            inner: config.intermediate.next_multiple_of(granule),
            pitch,
            qkv: ((config.heads + 2 * config.key_heads) * pitch).next_multiple_of(granule),
            attention: (config.heads * pitch).next_multiple_of(granule),
            interleave: style.interleave(),
        }
    }

    /// Widest row of activations.
    pub(super) fn widest(&self) -> usize {
        self.hidden.max(self.inner).max(self.qkv).max(self.attention)
    }
}

/// A padded matrix in the making.
pub(super) struct Padded {
    width: usize,
    data: Vec<f32>,
}

impl Padded {
    pub(super) fn new(rows: usize, width: usize) -> Self {
        Self { width, data: vec![0.0; rows * width] }
    }

    /// Places the rows of `source`, `columns` wide: row `r` goes to `row_of(r)`, column `c` to `column_of(c)`.
    pub(super) fn place(
        &mut self,
        source: &[f32],
        columns: usize,
        row_of: impl Fn(usize) -> usize,
        column_of: impl Fn(usize) -> usize,
    ) {
        for (r, row) in source.chunks_exact(columns).enumerate() {
            let start = row_of(r) * self.width;
            for (c, &weight) in row.iter().enumerate() {
                self.data[start + column_of(c)] = weight;
            }
        }
    }

    pub(super) fn into_data(self) -> Vec<f32> {
        self.data
    }
}
