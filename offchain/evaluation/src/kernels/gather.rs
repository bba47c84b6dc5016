//! Rows of a table by index: embeddings, and the choice of states that count.

use wgpu::Buffer;

use super::{Kernels, Matrix, Precision, Source, Step, count, each};

/// What becomes of a row that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gather {
    /// Stored.
    Copy,
    /// Added to what the output holds.
    Add,
}

impl Kernels {
    /// `out[row] = table[index[row]]`, or `+=`, for `rows` rows; a step for each shard of the table.
    pub(crate) fn gather(
        &self,
        what: Gather,
        rows: usize,
        table: &Matrix,
        [index, out]: [&Buffer; 2],
    ) -> impl Iterator<Item = Step> {
        table.shards().map(move |shard| {
            let shape = [rows, table.width(), shard.first, shard.rows];
            self.gather_of(what, table.precision(), shape, [&shard.buffer, index, out])
        })
    }

    /// `out[row] = x[index[row]]`, rows of `width` floats, of the `from` rows of activations `x`.
    pub(crate) fn pick(&self, [rows, from, width]: [usize; 3], [x, index, out]: [&Buffer; 3]) -> Step {
        self.gather_of(Gather::Copy, Precision::F32, [rows, width, 0, from], [x, index, out])
    }

    fn gather_of(
        &self,
        what: Gather,
        precision: Precision,
        [rows, width, first, length]: [usize; 4],
        [table, index, out]: [&Buffer; 3],
    ) -> Step {
        let entry = match what {
            Gather::Copy => "copy",
            Gather::Add => "add",
        };
        let shape = self.shape(&[count(width / 4), count(first), count(length)]);
        let source = Source::new(&[include_str!("gather.wgsl")], entry).stored(precision);
        self.step(source, &[&shape, table, index, out], each(rows))
    }
}
