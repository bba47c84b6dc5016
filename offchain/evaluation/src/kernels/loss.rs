//! The language head with its cross-entropy: logits are never stored.

use bytemuck::{Pod, Zeroable};
use wgpu::Buffer;

use super::{FINITE, Kernels, Matrix, Operand, ROWS, Source, Step, Style, count};

/// Tokens of which one workgroup makes the logits, at most: few enough that a device has work for all its cores, many
/// enough that the parts are small beside the logits. A multiple of every granule.
const PART: usize = 4096;

/// Rounds of a workgroup's loops, about: Mesa's software adapters leave loops after 65,535 of them, without a word.
const ROUNDS: usize = 48_000;

/// Tokens of which one workgroup makes the logits under `head`.
fn part(head: &Matrix, style: Style) -> usize {
    let granule = style.granule();
    (ROUNDS / (head.width() / 4)).clamp(1, PART / granule) * granule
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
pub(crate) fn parts(head: &Matrix, style: Style) -> usize {
    head.shards().map(|shard| shard.rows.div_ceil(part(head, style))).sum()
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
        let tile = self.by_style(include_str!("tile_register.wgsl"), include_str!("tile_shared.wgsl"));
        let partial = self.by_style(include_str!("loss_register.wgsl"), include_str!("loss_shared.wgsl"));
        let merged = include_str!("merged.wgsl");
        let partial = Source::new(&[FINITE, merged, tile, partial], "main");
        let whole = Source::new(&[FINITE, merged, include_str!("loss.wgsl")], "main");
        let part = part(head.weight, self.style);
        let mut steps = Vec::new();
        let mut parts = 0;
        for shard in head.weight.shards() {
            let shape = self.device.uniform(&Shape {
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
            steps.push(self.step(partial.clone(), &bound, [rows / ROWS, shard_parts, 1]));
            parts += shard_parts;
        }
        let shape = self.device.uniform(&[count(parts), count(rows)]);
        let bound = [&shape, buffers.parts, buffers.losses];
        steps.push(self.step(whole, &bound, [rows / ROWS, 1, 1]));
        steps
    }
}
