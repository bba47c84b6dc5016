//! Attention within sequences, with grouped queries.

use std::ops::Range;

use bytemuck::{Pod, Zeroable};
use wgpu::Buffer;

use super::{FINITE, Kernels, Source, Step, Style, count};

/// Bytes of workgroup memory that the staged keys and values may take: the least that every device has.
const STAGE: usize = 16 * 1024;

/// Shape of an attention.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct AttentionShape {
    /// Query heads; they lead each row of queries, keys and values, then key heads, then value heads.
    pub heads: u32,
    /// Key heads, a divisor of `heads`.
    pub keys: u32,
    /// vec4s a row of queries, keys and values.
    pub stride: u32,
    /// vec4s a row of the output.
    pub width: u32,
    /// 1 if a query sees only the keys up to its own, else 0.
    pub causal: u32,
    /// `1 / sqrt(head dimension)`.
    pub scale: f32,
}

impl Kernels {
    /// Cuts the queries of sequences, given by their rows, into what a workgroup of [`Self::attention`] takes.
    pub(crate) fn blocks(&self, pitch: usize, sequences: &[Range<usize>]) -> Vec<[u32; 4]> {
        let queries = match self.style {
            Style::Register => 8 * lane_queries(pitch),
            Style::Shared => 64,
        };
        let cut = |rows: &Range<usize>| {
            let (start, end) = (count(rows.start), count(rows.end));
            rows.clone().step_by(queries).map(move |first| [count(first), start, end, 0])
        };
        sequences.iter().flat_map(cut).collect()
    }

    /// Attends with heads of `pitch` floats, padding included, in each of `count` blocks.
    pub(crate) fn attention(
        &self,
        pitch: usize,
        count: usize,
        shape: AttentionShape,
        [blocks, qkv, out]: [&Buffer; 3],
    ) -> Step {
        let head = pitch / 4;
        let kernel = self.by_style(include_str!("attention_register.wgsl"), include_str!("attention_shared.wgsl"));
        let source = Source::new(&[FINITE, kernel], "main").with("HEAD", "{d}", head);
        let source = match self.style {
            Style::Register => source.with("QUERIES", "{n}", lane_queries(pitch)),
            Style::Shared => {
                let keys = (STAGE / (2 * 16 * head)).clamp(1, 32);
                source.with("KEYS", "{k}", keys).with("STAGES", "{s}", (keys * head).div_ceil(64))
            }
        };
        let grid = [shape.heads as usize, count, 1];
        let shape = self.shape(&shape);
        self.step(source, &[&shape, blocks, qkv, out], grid)
    }
}

/// Queries of a lane: its code is counted out over them and over the head, and would compile for seconds if both were many.
fn lane_queries(pitch: usize) -> usize {
    if pitch <= 48 { 2 } else { 1 }
}
