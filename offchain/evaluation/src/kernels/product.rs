//! Matrix products `a · wᵀ` with their epilogues, and the head with its cross-entropy.

use wgpu::{Buffer, ComputePipeline};

use super::{FINITE, ROWS, Step, Style, count, pipeline};
use crate::engine::Device;

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epilogue {
    /// Stored.
    Store,
    /// Added to what the output holds: the residual stream.
    Add,
    /// `silu(gate) · up`, from a weight whose gate and up rows alternate by [`Style::interleave`].
    SwiGlu,
}

/// Buffers of the head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadBuffers<'a> {
    /// Hidden states, rows of `inner` floats.
    pub hidden: &'a Buffer,
    /// Head weight, `vocabulary` rows of `inner` floats.
    pub weight: &'a Buffer,
    /// The byte to predict at each row.
    pub targets: &'a Buffer,
    /// Negative log-likelihood of it, in nats.
    pub out: &'a Buffer,
}

/// Pipelines of the products.
#[derive(Debug)]
pub(crate) struct Products {
    style: Style,
    store: ComputePipeline,
    add: ComputePipeline,
    swiglu: ComputePipeline,
    head: ComputePipeline,
}

impl Products {
    pub(crate) fn new(device: &Device, style: Style) -> Self {
        let (tile, matmul, head) = match style {
            Style::Register => (
                include_str!("tile_register.wgsl"),
                include_str!("matmul_register.wgsl"),
                include_str!("head_register.wgsl"),
            ),
            Style::Shared => {
                (include_str!("tile_shared.wgsl"), include_str!("matmul_shared.wgsl"), include_str!("head_shared.wgsl"))
            }
        };
        Self {
            style,
            store: pipeline(device, &[tile, matmul], "store"),
            add: pipeline(device, &[tile, matmul], "add"),
            swiglu: pipeline(device, &[tile, matmul], "swiglu"),
            head: pipeline(device, &[FINITE, tile, head], "main"),
        }
    }

    /// `out = epilogue(a · wᵀ)`: `a` is `[rows, inner]`, `w` is `[outer, inner]`, both padded; `out` is
    /// `[rows, outer]`, or `[rows, outer / 2]` for SwiGLU.
    pub(crate) fn matmul(
        &self,
        device: &Device,
        epilogue: Epilogue,
        [rows, inner, outer]: [usize; 3],
        [a, w, out]: [&Buffer; 3],
    ) -> Step {
        let (pipeline, width) = match epilogue {
            Epilogue::Store => (&self.store, outer),
            Epilogue::Add => (&self.add, outer),
            Epilogue::SwiGlu => (&self.swiglu, outer / 2),
        };
        let shape = device.uniform(&[count(inner / 4), count(width / 4)]);
        let grid = [outer / self.style.granule(), rows / ROWS, 1];
        Step::new(device, pipeline, &[&shape, a, w, out], grid)
    }

    /// Negative log-likelihood of each row's target.
    pub(crate) fn head(
        &self,
        device: &Device,
        [rows, inner, vocabulary]: [usize; 3],
        HeadBuffers { hidden, weight, targets, out }: HeadBuffers<'_>,
    ) -> Step {
        let shape = device.uniform(&[count(inner / 4), count(vocabulary)]);
        Step::new(device, &self.head, &[&shape, hidden, weight, targets, out], [rows / ROWS, 1, 1])
    }
}
