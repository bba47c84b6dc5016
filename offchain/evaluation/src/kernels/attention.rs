//! Causal attention with grouped queries.

use bytemuck::{Pod, Zeroable};
use wgpu::{Buffer, ComputePipeline};

use super::{FINITE, Step, Style, pipeline};
use crate::engine::Device;

/// Bytes of workgroup memory that the staged keys and values may take: the least that every device has.
const STAGE: usize = 16 * 1024;

/// Shape of an attention.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct AttentionShape {
    /// Positions of a window.
    pub window: u32,
    /// Query heads; they lead each row of `qkv`, then key heads, then value heads.
    pub heads: u32,
    /// Key heads, a divisor of `heads`.
    pub keys: u32,
    /// vec4s a row of `qkv`.
    pub stride: u32,
    /// vec4s a row of the output.
    pub width: u32,
    /// `1 / sqrt(head dimension)`.
    pub scale: f32,
}

/// The pipeline for one head dimension.
#[derive(Debug, Clone)]
pub(crate) struct Attention {
    /// Queries of a workgroup.
    queries: usize,
    pipeline: ComputePipeline,
}

impl Attention {
    /// For heads of `pitch` floats, a multiple of 4, padding included.
    pub(crate) fn new(device: &Device, style: Style, pitch: usize) -> Self {
        let head = pitch / 4;
        let (constant, queries, source) = match style {
            Style::Register => {
                // The driver unrolls a lane's code over its queries and its head; wide heads would compile for seconds.
                let lane = if pitch <= 48 { 2 } else { 1 };
                (format!("const QUERIES: u32 = {lane}u;\n"), 8 * lane, include_str!("attention_register.wgsl"))
            }
            Style::Shared => {
                let keys = (STAGE / (2 * 16 * head)).clamp(1, 32);
                (format!("const KEYS: u32 = {keys}u;\n"), 64, include_str!("attention_shared.wgsl"))
            }
        };
        let head = format!("const HEAD: u32 = {head}u;\n");
        Self { queries, pipeline: pipeline(device, &[&head, &constant, FINITE, source], "main") }
    }

    /// Attends within each of `windows` windows.
    pub(crate) fn step(
        &self,
        device: &Device,
        windows: usize,
        shape: AttentionShape,
        qkv: &Buffer,
        out: &Buffer,
    ) -> Step {
        let grid = [(shape.window as usize).div_ceil(self.queries), shape.heads as usize, windows];
        let shape = device.uniform(&shape);
        Step::new(device, &self.pipeline, &[&shape, qkv, out], grid)
    }
}
