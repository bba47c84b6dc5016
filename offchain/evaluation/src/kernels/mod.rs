//! The compute kernels, one WGSL file each, and a thin wrapper for each that makes a [`Step`] of it.
//!
//! Matrices are rows of `vec4`s, padded with zeros: columns to a granule, rows to [`ROWS`], so that no kernel
//! checks a bound. There are two styles: `Shared` for GPUs (workgroup memory and barriers) and `Register` for adapters
//! that run on the CPU, where a barrier costs more than the loads that it saves.

use std::borrow::Cow;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, ComputePass, ComputePipeline, ComputePipelineDescriptor,
    ShaderModuleDescriptor, ShaderSource,
};

use crate::engine::Device;

mod attention;
mod product;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use attention::{Attention, AttentionShape};
pub(crate) use product::{Epilogue, HeadBuffers, Products};
pub(crate) use rows::{NormShape, RopeShape, RowKernels, angles};

/// Row counts are padded to this: the rows that one workgroup of a matrix product makes.
pub(crate) const ROWS: usize = 64;

/// How kernels use the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Registers only, no barrier: for adapters of type `Cpu`.
    Register,
    /// Tiles in workgroup memory: for GPUs.
    Shared,
}

impl Style {
    /// Matrix widths are padded to a multiple of this many floats.
    pub(crate) fn granule(self) -> usize {
        match self {
            Self::Register => 8,
            Self::Shared => 64,
        }
    }

    /// Gate and up rows alternate in runs of this many in a SwiGLU weight, so that one tile holds both of a pair.
    pub(crate) fn interleave(self) -> usize {
        self.granule() / 2
    }
}

/// All kernels of a style but attention, which is compiled for each head dimension.
#[derive(Debug)]
pub(crate) struct Kernels {
    /// Kernels that treat rows on their own.
    pub rows: RowKernels,
    /// Matrix products.
    pub products: Products,
}

impl Kernels {
    /// Compiles them. Errors show at the device's next check.
    pub(crate) fn new(device: &Device, style: Style) -> Self {
        Self { rows: RowKernels::new(device, style), products: Products::new(device, style) }
    }
}

/// One dispatch: a kernel, what it is bound to, and its grid of workgroups.
#[derive(Debug)]
pub(crate) struct Step {
    pipeline: ComputePipeline,
    binding: BindGroup,
    grid: [u32; 3],
}

impl Step {
    /// Binds `buffers` in order to the bindings of group 0.
    fn new(device: &Device, pipeline: &ComputePipeline, buffers: &[&Buffer], grid: [usize; 3]) -> Self {
        let entries: Vec<_> = (0u32..)
            .zip(buffers)
            .map(|(binding, buffer)| BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let binding = device.raw().create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        // A grid beyond u32 is far beyond the device's limit; the device then refuses the saturated one.
        let grid = grid.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Self { pipeline: pipeline.clone(), binding, grid }
    }

    /// Adds the dispatch to a pass.
    pub(crate) fn record(&self, pass: &mut ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.binding, &[]);
        let [x, y, z] = self.grid;
        pass.dispatch_workgroups(x, y, z);
    }
}

/// The pipeline of `entry` in the concatenation of `sources`.
fn pipeline(device: &Device, sources: &[&str], entry: &str) -> ComputePipeline {
    let module = device.raw().create_shader_module(ShaderModuleDescriptor {
        label: Some(entry),
        source: ShaderSource::Wgsl(Cow::Owned(sources.concat())),
    });
    device.raw().create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(entry),
        layout: None,
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

/// A count as the `u32` of a shape. Counts are bounded by the limits on models and windows, far below `u32`.
pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

const FINITE: &str = include_str!("finite.wgsl");
