//! The mean of a sequence's states.

use wgpu::Buffer;

use super::{Kernels, Source, Step, count};

impl Kernels {
    /// The mean of the rows, `width` floats each, in each of `sequences` ranges: pairs of the first row and the row
    /// behind the last.
    pub(crate) fn pool(&self, sequences: usize, width: usize, [x, ranges, out]: [&Buffer; 3]) -> Step {
        let shape = self.shape(&count(width / 4));
        let grid = [(width / 4).div_ceil(64), sequences, 1];
        self.step(Source::new(&[include_str!("pool.wgsl")], "main"), &[&shape, x, ranges, out], grid)
    }
}
