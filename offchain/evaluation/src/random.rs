//! The specified source of random integers: blake2b-256 in counter mode.
//!
//! Block `i` is `blake2b-256(tag ‖ seed ‖ context ‖ i)` with the 18-byte tag `inktensor/stream/1`, a 32-byte seed, a
//! 32-byte context and `i` as u64 little-endian, from 0. Each block gives four u64, little-endian, in order.

use blake2::Digest as _;

use crate::digest::{Blake2b256, Digest};

const TAG: &[u8] = b"inktensor/stream/1";

/// An endless stream of u64.
pub(crate) struct Stream {
    seed: [u8; 32],
    context: Digest,
    block: u64,
    ready: Vec<u64>,
}

impl Stream {
    pub(crate) fn new(seed: [u8; 32], context: Digest) -> Self {
        Self { seed, context, block: 0, ready: Vec::new() }
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        loop {
            if let Some(number) = self.ready.pop() {
                return number;
            }
            let hash = Blake2b256::new()
                .chain_update(TAG)
                .chain_update(self.seed)
                .chain_update(self.context.0)
                .chain_update(self.block.to_le_bytes())
                .finalize();
            self.block = self.block.wrapping_add(1);
            self.ready = hash.as_chunks::<8>().0.iter().rev().copied().map(u64::from_le_bytes).collect();
        }
    }

    /// Uniform below `bound`, which is not zero: a draw at or above the largest multiple of `bound` is thrown away, any
    /// other is taken modulo `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // 2^64 mod bound draws too many.
        let excess = (u64::MAX % bound + 1) % bound;
        loop {
            let draw = self.next();
            if draw <= u64::MAX - excess {
                return draw % bound;
            }
        }
    }
}
