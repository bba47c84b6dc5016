//! The language head with its cross-entropy: logits are never stored.

use bytemuck::{Pod, Zeroable};
use wgpu::Buffer;

use super::{FINITE, Kernels, Matrix, Operand, Precision, ROWS, Source, Step, Tile, count};

/// Tokens of which one workgroup makes the logits, at most: few enough that a device has work for all its cores, many
/// enough that the parts are small beside the logits. A multiple of every tile's columns.
const PART: usize = 4096;

/// Rounds of a workgroup's loops, about: Mesa's software adapters leave loops after 65,535 of them, without a word.
const ROUNDS: usize = 60_000;

/// Tokens of which one workgroup makes the logits under `head`.
fn part(head: &Matrix, tile: Tile) -> usize {
    let columns = tile.columns();
    (ROUNDS / (head.width() / 4 * tile.rounds() / 4)).clamp(1, PART / columns) * columns
}

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Shape {
    depth: u32,
    first: u32,
    shard: u32,
    vocabulary: u32,
    part: u32,
    parts: u32,
    rows: u32,
}

/// What a loss is made of, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LossBuffers<'a> {
    /// States, rows as wide as the head's.
    pub states: &'a Buffer,
    /// The token to predict at each row.
    pub targets: &'a Buffer,
    /// Four floats for each row and each of the head's [`parts`].
    pub parts: &'a Buffer,
    /// Negative log-likelihood of the target of each row, in nats.
    pub losses: &'a Buffer,
}

/// The number of parts in which the head's tokens are treated.
pub(crate) fn parts(head: &Matrix, tile: Tile) -> usize {
    head.shards().map(|shard| shard.rows.div_ceil(part(head, tile))).sum()
}

impl Kernels {
    /// Negative log-likelihood of each row's target under `head`, whose rows beyond `vocabulary` are padding.
    pub(crate) fn loss(
        &self,
        rows: usize,
        vocabulary: usize,
        head: Operand<'_>,
        buffers: LossBuffers<'_>,
    ) -> Vec<Step> {
        let partial = self.loss_source(head.weight.precision());
        let whole = Source::new(&[FINITE, MERGED, include_str!("loss.wgsl")], "main");
        let part = part(head.weight, self.tile);
        let mut steps = Vec::new();
        let mut parts = 0;
        for shard in head.weight.shards() {
            let shape = self.shape(&Shape {
                depth: count(head.weight.width() / 4),
                first: count(shard.first),
                shard: count(shard.rows),
                vocabulary: count(vocabulary),
                part: count(part),
                parts: count(parts),
                rows: count(rows),
            });
            let bound = [&shape, buffers.states, &shard.buffer, head.bias, buffers.targets, buffers.parts];
            let shard_parts = shard.rows.div_ceil(part);
            steps.push(self.step(partial.clone(), &bound, [rows / self.tile.rows(), shard_parts, 1]));
            parts += shard_parts;
        }
        let shape = self.shape(&[count(parts), count(rows)]);
        let bound = [&shape, buffers.parts, buffers.losses];
        steps.push(self.step(whole, &bound, [rows / ROWS, 1, 1]));
        steps
    }

    /// What the pipeline of the parts is made of.
    pub(super) fn loss_source(&self, precision: Precision) -> Source {
        let tile = self.by_style(include_str!("tile_register.wgsl"), include_str!("tile_shared.wgsl"));
        let partial = self.by_style(include_str!("loss_register.wgsl"), include_str!("loss_shared.wgsl"));
        let source = Source::new(&[FINITE, MERGED, include_str!("row_loss.wgsl"), tile, partial], "main");
        self.tile.shapes(source).stored(precision).multiplied(self.products_with(precision))
    }
}

const MERGED: &str = include_str!("merged.wgsl");
