//! What an evaluation can be held to (rule 13): hashes of each layer, a leaf for each window, a root over all leaves.
//!
//! A validator publishes the root beside its weights. Anybody may ask for a leaf with its [`Proof`], evaluate the one
//! window, and compare; where two disagree, the first layer whose hashes differ names the block to recompute. All
//! windows together are a [`Transcript`], a file that anybody can audit.

use blake2::Digest as _;

use super::row::Row;
use super::{CanonicalLoss, tables};
use crate::digest::{Blake2b256, Digest};
use crate::merkle;

mod audit;
mod file;

pub use audit::{Audit, Discrepancy};
pub use file::{Entry, MAX_FILE, MAX_WINDOWS, Transcript, TranscriptError};

/// The version of the arithmetic. Any change of any result is another version.
pub const VERSION: &str = "inktensor/canonical/1";

const EVALUATOR: &[u8] = b"inktensor/evaluator/1";
const LAYER: &[u8] = b"inktensor/layer/1";
const LEAF: &[u8] = b"inktensor/leaf/1";

/// What stands for one row of the stream: its exponent, and four sums of its mantissas modulo 2^32.
pub type RowPrint = (i32, [u32; 4]);

/// The factors of fingerprints of a stream of one width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(Vec<[u32; 4]>);

impl Fingerprint {
    /// The factors for rows of `width` mantissas.
    pub fn new(width: usize) -> Self {
        Self((0..width as u32).map(|i| [0, 1, 2, 3].map(|k| mix(4 * i + k) | 1)).collect())
    }

    /// The fingerprint of a row. Rows in which few mantissas differ by little have different ones, for the factors are
    /// odd.
    pub fn of(&self, row: &Row) -> RowPrint {
        let mut sums = [0u32; 4];
        for (&m, factors) in row.mantissas.iter().zip(&self.0) {
            for (sum, factor) in sums.iter_mut().zip(factors) {
                *sum = sum.wrapping_add((m as u32).wrapping_mul(*factor));
            }
        }
        (row.exponent, sums)
    }
}

/// The hash of a sequence's stream at a layer's boundary.
pub fn layer_hash(rows: &[RowPrint]) -> Digest {
    let mut hash = Blake2b256::new().chain_update(LAYER);
    for (exponent, sums) in rows {
        hash.update(exponent.to_le_bytes());
        for sum in sums {
            hash.update(sum.to_le_bytes());
        }
    }
    Digest(hash.finalize().into())
}

/// The identity of a way to evaluate: the arithmetic, its tables, and the parameters of the task, as the task encodes
/// them.
pub fn evaluator(parameters: &[u8]) -> Digest {
    let mut hash = Blake2b256::new().chain_update(EVALUATOR).chain_update(VERSION);
    for (_, table) in tables::digests() {
        hash.update(table.0);
    }
    Digest(hash.chain_update(parameters).finalize().into())
}

/// The hash of one result: of the model with this digest of tensors, on the window with this [digest](crate::Window::digest),
/// by this evaluator.
pub fn leaf(model: Digest, window: Digest, evaluator: Digest, loss: &CanonicalLoss) -> Digest {
    let mut hash = Blake2b256::new().chain_update(LEAF);
    for part in [model, window, evaluator].iter().chain(&loss.layers) {
        hash.update(part.0);
    }
    Digest(hash.chain_update(loss.nll.to_le_bytes()).finalize().into())
}

/// The Merkle root over leaves in their order; None over none.
pub fn root(leaves: &[Digest]) -> Option<Digest> {
    merkle::root(leaves)
}

/// That a leaf is one of those under a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its place, counted from 0.
    pub index: u64,
    /// Number of leaves.
    pub leaves: u64,
    /// The neighbours on the way up.
    pub path: Vec<Digest>,
}

impl Proof {
    /// For leaf `index` of `leaves`; None if there is no such leaf.
    pub fn new(leaves: &[Digest], index: usize) -> Option<Self> {
        Some(Self { index: index as u64, leaves: leaves.len() as u64, path: merkle::path(leaves, index)? })
    }

    /// Whether it leads from `leaf` to `root`.
    pub fn proves(&self, leaf: Digest, root: Digest) -> bool {
        merkle::climb(leaf, self.index, self.leaves, &self.path) == Some(root)
    }
}

/// The finaliser of MurmurHash3.
fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x85eb_ca6b);
    x ^= x >> 13;
    x = x.wrapping_mul(0xc2b2_ae35);
    x ^ x >> 16
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;
    use crate::window::Window;

    fn leaves(count: u8) -> Vec<Digest> {
        (0..count).map(|n| Digest::of(&[n])).collect()
    }

    #[test]
    fn a_leaf_binds_everything_it_speaks_of() {
        let window = |tokens: &[u32], first| Window::new(tokens.to_vec(), first, 9).unwrap().digest();
        let loss = CanonicalLoss { nll: 7, layers: leaves(2) };
        let evaluator = evaluator(b"task");
        let model = Digest::of(b"model");
        let base = leaf(model, window(&[1, 2, 3], 1), evaluator, &loss);
        assert_ne!(base, leaf(Digest::of(b"other"), window(&[1, 2, 3], 1), evaluator, &loss));
        assert_ne!(base, leaf(model, window(&[1, 2, 4], 1), evaluator, &loss));
        assert_ne!(base, leaf(model, window(&[1, 2, 3], 2), evaluator, &loss));
        assert_ne!(base, leaf(model, window(&[1, 2, 3], 1), super::evaluator(b"other"), &loss));
        assert_ne!(base, leaf(model, window(&[1, 2, 3], 1), evaluator, &CanonicalLoss { nll: 8, ..loss.clone() }));
        assert_ne!(base, leaf(model, window(&[1, 2, 3], 1), evaluator, &CanonicalLoss { layers: leaves(3), ..loss }));
    }

    #[test]
    fn a_fingerprint_sees_any_single_change() {
        let fingerprint = Fingerprint::new(5);
        let row = Row { mantissas: vec![1, -2, 3, -4, 1 << 29], exponent: 20 };
        for index in 0..5 {
            let mut other = row.clone();
            other.mantissas[index] -= 1;
            assert_ne!(fingerprint.of(&row), fingerprint.of(&other));
        }
        assert_ne!(fingerprint.of(&row), fingerprint.of(&Row { exponent: 21, ..row.clone() }));
    }
}
