//! What happens to queries and keys before they meet: each head's norm, and its rotation by place.

use bytemuck::{Pod, Zeroable};
use wgpu::Buffer;

use super::{FINITE, Kernels, ROWS, Source, Step, each};

/// Shape of a row of queries, keys and values.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct HeadShape {
    /// Query heads.
    pub heads: u32,
    /// Key heads, behind the query heads.
    pub keys: u32,
    /// Floats of a head, padding included.
    pub pitch: u32,
    /// True floats of a head.
    pub head: u32,
    /// Floats a row.
    pub stride: u32,
    /// Added to the mean of squares of a head.
    pub epsilon: f32,
}

impl Kernels {
    /// Norms every query and key head in place; `gain` holds a query head's, then a key head's.
    pub(crate) fn head_norm(&self, rows: usize, shape: HeadShape, [gain, qkv]: [&Buffer; 2]) -> Step {
        let grid = [(shape.heads + shape.keys) as usize, rows / ROWS, 1];
        let shape = self.shape(&shape);
        self.step(Source::new(&[FINITE, include_str!("headnorm.wgsl")], "main"), &[&shape, gain, qkv], grid)
    }

    /// Turns every query and key head in place by its row's place; `angles` as of [`angles`].
    pub(crate) fn rope(&self, rows: usize, shape: HeadShape, [angles, places, qkv]: [&Buffer; 3]) -> Step {
        let shape = self.shape(&shape);
        self.step(Source::new(&[include_str!("rope.wgsl")], "main"), &[&shape, angles, places, qkv], each(rows))
    }
}

/// (cos, sin) of `place · theta^(-2i / head)` for every place below `places` and pair `i`, row-major by place.
pub(crate) fn angles(places: usize, head: usize, theta: f64) -> Vec<[f32; 2]> {
    let half = head / 2;
    (0..places * half)
        .map(|n| {
            let frequency = theta.powf(-2.0 * (n % half) as f64 / head as f64);
            let (sin, cos) = ((n / half) as f64 * frequency).sin_cos();
            [cos as f32, sin as f32]
        })
        .collect()
}
