//! How the work is cut up. Nothing here changes a result: that is what the lane is for, and what its tests show.

use crate::engine::{AdapterDescription, Style};

/// Sizes of the pieces that one workgroup makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tile {
    /// Few registers and little workgroup memory.
    Small,
    /// Between the two.
    Medium,
    /// Many registers, and the least traffic.
    Large,
}

/// How the work is cut up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How kernels use the device.
    pub style: Style,
    /// What a workgroup makes.
    pub tile: Tile,
    /// Tokens of a batch at most, unless one sequence alone has more.
    pub rows: usize,
    /// Rows of a weight in one buffer at most, rounded up to a multiple of 64.
    pub shard: usize,
}

impl Options {
    /// What suits an adapter.
    pub fn suited(adapter: &AdapterDescription) -> Self {
        let (style, tile) =
            if adapter.software { (Style::Register, Tile::Large) } else { (Style::Shared, Tile::Large) };
        Self { style, tile, rows: 4096, shard: 8192 }
    }

    /// Constants of the product's kernel: rows a lane, and pairs of depth that are staged at a time.
    pub(super) fn product(&self) -> [usize; 2] {
        match self.tile {
            Tile::Small => [1, 4],
            Tile::Medium => [2, 8],
            Tile::Large => [4, 8],
        }
    }

    /// Lanes of each row in the kernels that treat rows of at most `width` numbers on their own.
    pub(super) fn group(&self, width: usize) -> usize {
        match (self.style, self.tile) {
            // A lane to each row where it may take as many rounds, else a vector of the processor's.
            (Style::Register, Tile::Medium | Tile::Large) if row_rounds(width) <= ROUNDS => 1,
            (Style::Register, _) => 8,
            (Style::Shared, Tile::Small) => 16,
            (Style::Shared, Tile::Medium) => 64,
            (Style::Shared, Tile::Large) => 128,
        }
    }

    /// Queries of each lane in attention over `keys` keys of heads of `quads` quadruples, if lanes are to share nothing.
    ///
    /// The code is counted out over queries and quadruples: of many it would take seconds to compile.
    pub(super) fn queries(&self, quads: usize, keys: usize) -> Option<usize> {
        match (self.style, self.tile) {
            (Style::Shared, _) | (_, Tile::Small) => None,
            _ if quads > 16 || alone_rounds(keys) > ROUNDS => None,
            (_, Tile::Large) if quads <= 12 => Some(2),
            _ => Some(1),
        }
    }

    /// Lanes of a workgroup in attention over `keys` keys of heads of `quads` quadruples.
    pub(super) fn attention_group(&self, quads: usize, keys: usize) -> usize {
        let mut group = self.group(usize::MAX).min(64);
        while group < WORKGROUP && attention_rounds(group, quads, keys) > ROUNDS {
            group *= 2;
        }
        group
    }
}

/// Rounds that the loops of one lane may take together. Mesa's lavapipe stops all loops of a lane after 65,535 rounds,
/// without a word, and the lane's result is wrong.
const ROUNDS: usize = 60_000;

/// Lanes that a workgroup of any device may have.
const WORKGROUP: usize = 256;

/// Parts of a block's keys that lanes of a group sum on their own.
pub(super) fn parts(group: usize, quads: usize) -> usize {
    (group / quads).max(1)
}

/// Rounds of the loops of a lane that treats a row alone, not one of them unrolled: four for each number, at most.
fn row_rounds(width: usize) -> usize {
    width.saturating_mul(4).saturating_add(1024)
}

/// Rounds of the loops of a lane that attends alone: twice over its keys, whose queries may be of two sequences.
fn alone_rounds(keys: usize) -> usize {
    5 * keys + 1024
}

/// Rounds of a lane's loops in attention, not one of them unrolled.
fn attention_rounds(group: usize, quads: usize, keys: usize) -> usize {
    let parts = parts(group, quads);
    let blocks = keys.div_ceil(16 * parts);
    let scores = keys.div_ceil(group) + blocks * (16 * parts).div_ceil(group);
    let sums = (quads * parts).div_ceil(group) * blocks * (16 + 6);
    scores * (quads + 2) + sums + 4 * blocks + 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attention_within_the_lanes_bounds_takes_too_many_rounds() {
        for style in [Style::Register, Style::Shared] {
            for tile in [Tile::Small, Tile::Medium, Tile::Large] {
                let options = Options { style, tile, rows: 1, shard: 1 };
                for quads in 1..=64 {
                    for keys in [1, 100, 5000, 32_768] {
                        let group = options.attention_group(quads, keys);
                        assert!(attention_rounds(group, quads, keys) <= ROUNDS, "{quads} quads, {keys} keys: {group}");
                    }
                }
            }
        }
    }
}
