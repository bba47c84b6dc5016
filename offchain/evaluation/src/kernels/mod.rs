//! The compute kernels, one WGSL file each, and thin wrappers that make a [`Step`] of each.
//!
//! Matrices are rows of `vec4`s, padded with zeros: columns and rows to whole tiles, so that no kernel
//! checks a bound. There are two styles: `Shared` for GPUs (workgroup memory and barriers) and `Register` for adapters
//! that run on the CPU, where a barrier costs more than the loads that it saves.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, ComputePass, ComputePipeline, ComputePipelineDescriptor,
    ShaderModuleDescriptor, ShaderSource,
};

use crate::engine::Device;

mod activation;
mod attention;
mod gather;
mod heads;
mod loss;
mod matrix;
mod norm;
mod pool;
mod precision;
mod product;
mod source;
#[cfg(test)]
mod tests;
mod tile;

pub(crate) use activation::Function;
pub(crate) use attention::AttentionShape;
pub(crate) use gather::Gather;
pub(crate) use heads::{HeadShape, angles};
pub(crate) use loss::{LossBuffers, parts};
pub(crate) use matrix::{Matrix, Operand};
pub(crate) use norm::{NormBuffers, NormShape};
pub use precision::Precision;
pub(crate) use product::Epilogue;
pub use tile::{Tile, UnknownTile};

pub(crate) use source::Source;

/// Row counts are multiples of this, and of [`Tile::padding`]: grids of a workgroup for each row have lines of as many.
pub(crate) const ROWS: usize = 64;

/// Shapes that are kept on the device, at most; models and batches of one size have a dozen.
const SHAPES: usize = 1024;

/// How kernels use the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Registers only, no barrier: for adapters of type `Cpu`.
    Register,
    /// Tiles in workgroup memory: for GPUs.
    Shared,
}

/// All kernels of a style, products in tiles of one shape. Each is compiled when it is first asked for; errors show at
/// the device's next check.
#[derive(Debug)]
pub(crate) struct Kernels {
    device: Device,
    style: Style,
    tile: Tile,
    products: Precision,
    pipelines: Mutex<HashMap<Source, ComputePipeline>>,
    shapes: Mutex<HashMap<Vec<u8>, Buffer>>,
}

impl Kernels {
    /// Kernels on a device, in the style of a tile, with products in f32.
    pub(crate) fn new(device: Device, tile: Tile) -> Self {
        let (pipelines, shapes) = (Mutex::default(), Mutex::default());
        Self { device, style: tile.style(), tile, products: Precision::F32, pipelines, shapes }
    }

    /// With products in a precision.
    pub(crate) fn multiplying(self, products: Precision) -> Self {
        Self { products, ..self }
    }

    /// The device that they run on.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// The style that they are written in.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// The tile of their products.
    pub(crate) fn tile(&self) -> Tile {
        self.tile
    }

    /// What their products multiply in.
    pub(crate) fn products(&self) -> Precision {
        self.products
    }

    /// What products with weights that are stored so multiply in: f16 needs weights that it can hold.
    fn products_with(&self, stored: Precision) -> Precision {
        if stored == Precision::F16 { self.products } else { Precision::F32 }
    }

    /// One of two sources, by style.
    fn by_style(&self, register: &'static str, shared: &'static str) -> &'static str {
        match self.style {
            Style::Register => register,
            Style::Shared => shared,
        }
    }

    /// Drops all that is kept: after an error of the device, some of it may be of no use.
    pub(crate) fn forget(&self) {
        self.pipelines.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A uniform buffer that holds a shape. The same few shapes come again in every layer and every batch.
    fn shape<T: bytemuck::NoUninit>(&self, shape: &T) -> Buffer {
        let mut known = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SHAPES {
            known.clear();
        }
        known.entry(bytemuck::bytes_of(shape).to_vec()).or_insert_with(|| self.device.uniform(shape)).clone()
    }

    /// A dispatch of a source's entry point.
    fn step(&self, source: Source, buffers: &[&Buffer], grid: [usize; 3]) -> Step {
        let mut known = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        let compile = |source: &Source| pipeline(&self.device, &[&source.text()], source.entry());
        Step::new(&self.device, known.entry(source).or_insert_with_key(compile), buffers, grid)
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
    pub(crate) fn new(device: &Device, pipeline: &ComputePipeline, buffers: &[&Buffer], grid: [usize; 3]) -> Self {
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
pub(crate) fn pipeline(device: &Device, sources: &[&str], entry: &str) -> ComputePipeline {
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

/// A workgroup for each of `rows` rows, a multiple of [`ROWS`]: in two dimensions, as one ends at 65,535.
fn each(rows: usize) -> [usize; 3] {
    [ROWS, rows / ROWS, 1]
}

const FINITE: &str = include_str!("finite.wgsl");
