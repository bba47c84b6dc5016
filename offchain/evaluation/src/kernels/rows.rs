//! Kernels that treat rows on their own: embedding, RMSNorm, rotary position embedding.

use bytemuck::{Pod, Zeroable};
use wgpu::{Buffer, ComputePipeline};

use super::{FINITE, ROWS, Step, Style, count, pipeline};
use crate::engine::Device;

/// Shape of an RMSNorm.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct NormShape {
    /// vec4s a row, padding included.
    pub width: u32,
    /// True features of a row.
    pub features: f32,
    /// Added to the mean of squares.
    pub epsilon: f32,
}

/// Shape of a rotation of heads.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct RopeShape {
    /// Positions of a window.
    pub window: u32,
    /// Query heads and key heads together.
    pub heads: u32,
    /// Floats of a head, padding included.
    pub pitch: u32,
    /// Half of the true head dimension.
    pub half: u32,
    /// Floats a row.
    pub stride: u32,
}

/// Pipelines of the row kernels.
#[derive(Debug)]
pub(crate) struct RowKernels {
    style: Style,
    embed: ComputePipeline,
    norm: ComputePipeline,
    rope: ComputePipeline,
}

impl RowKernels {
    pub(crate) fn new(device: &Device, style: Style) -> Self {
        let norm = match style {
            Style::Register => "lane",
            Style::Shared => "group",
        };
        Self {
            style,
            embed: pipeline(device, &[include_str!("embed.wgsl")], "main"),
            norm: pipeline(device, &[FINITE, include_str!("rmsnorm.wgsl")], norm),
            rope: pipeline(device, &[include_str!("rope.wgsl")], "main"),
        }
    }

    /// `out[row] = table[tokens[row]]`, rows of `width` floats.
    pub(crate) fn embed(&self, device: &Device, rows: usize, width: usize, [table, tokens, out]: [&Buffer; 3]) -> Step {
        let shape = device.uniform(&count(width / 4));
        Step::new(device, &self.embed, &[&shape, table, tokens, out], [rows, 1, 1])
    }

    /// `out[row] = x[row] / sqrt(mean(x[row]²) + epsilon) · gain`; `rows` is a multiple of [`ROWS`].
    pub(crate) fn norm(&self, device: &Device, rows: usize, shape: NormShape, [x, gain, out]: [&Buffer; 3]) -> Step {
        debug_assert_eq!(rows % ROWS, 0);
        let groups = match self.style {
            Style::Register => rows / 8,
            Style::Shared => rows,
        };
        let shape = device.uniform(&shape);
        Step::new(device, &self.norm, &[&shape, x, gain, out], [groups, 1, 1])
    }

    /// Rotates the leading heads of each row of `qkv` by its position in its window.
    pub(crate) fn rope(&self, device: &Device, rows: usize, shape: RopeShape, angles: &Buffer, qkv: &Buffer) -> Step {
        let shape = device.uniform(&shape);
        Step::new(device, &self.rope, &[&shape, angles, qkv], [rows, 1, 1])
    }
}

/// (cos, sin) of `position · theta^(-2i / head)` for every position and pair `i`, row-major by position.
pub(crate) fn angles(window: usize, head: usize, theta: f64) -> Vec<[f32; 2]> {
    let half = head / 2;
    (0..window * half)
        .map(|n| {
            let frequency = theta.powf(-2.0 * (n % half) as f64 / head as f64);
            let (sin, cos) = ((n / half) as f64 * frequency).sin_cos();
            [cos as f32, sin as f32]
        })
        .collect()
}
