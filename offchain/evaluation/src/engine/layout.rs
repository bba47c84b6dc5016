//! How a transformer lies in device memory: padded widths, heads padded to whole vec4s, fused weights.
//!
//! Padding weights are zero, so padded features are zero from end to end and change no result.

use crate::kernels::{Precision, Tile};
use crate::model::Transformer;

/// Widths in floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Residual stream.
    pub hidden: usize,
    /// Feed-forward layer.
    pub inner: usize,
    /// Outputs of the product into the feed-forward layer: gate and up together where it is gated.
    pub up: usize,
    /// One head.
    pub pitch: usize,
    /// True width of a head.
    pub head: usize,
    /// A row of queries, keys and values.
    pub qkv: usize,
    /// A row of attention outputs.
    pub attention: usize,
    /// Run length of alternating gate and up rows.
    pub interleave: usize,
}

impl Layout {
    pub(super) fn new(config: &Transformer, tile: Tile) -> Self {
        let granule = tile.columns();
        let pitch = config.head.next_multiple_of(4);
        let inner = config.intermediate.next_multiple_of(granule);
        Self {
            hidden: config.hidden.next_multiple_of(granule),
            inner,
            up: if config.gated { 2 * inner } else { inner },
            pitch,
            head: config.head,
            qkv: ((config.heads + 2 * config.key_heads) * pitch).next_multiple_of(granule),
            attention: (config.heads * pitch).next_multiple_of(granule),
            interleave: tile.interleave(),
        }
    }

    /// Widest row of activations, where `parts` parts of a loss take four floats each.
    pub(super) fn widest(&self, parts: usize) -> usize {
        self.hidden.max(self.inner).max(self.qkv).max(self.attention).max(4 * parts)
    }

    /// Bytes of a layer's matrices; vectors are small beside them.
    pub(super) fn layer_bytes(&self, precision: Precision) -> u64 {
        let weights = self.hidden * (self.qkv + self.attention + self.up + self.inner);
        (weights * precision.bytes()) as u64
    }

    /// The head and the feature of it at `place` of a row of heads; none in the padding.
    pub(super) fn feature(&self, place: usize) -> Option<(usize, usize)> {
        let (head, feature) = (place / self.pitch, place % self.pitch);
        (feature < self.head).then_some((head, feature))
    }
}
