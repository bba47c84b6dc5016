//! Weights and bonds of the epoch in dense rows, masked.

use super::{Bonds, EpochInput, Row};
use crate::fixed::div;
use crate::matrix::Matrix;
use alloc::vec::Vec;

/// One row for every validator with weights or bonds, one column for every uid.
pub(super) struct Rows {
    /// Validator of each row.
    pub(super) uids: Vec<u16>,
    /// Active stake share of each row's validator.
    pub(super) stake: Vec<u64>,
    /// Stored weights that count.
    weights: Matrix,
    /// Sum of each row of `weights`.
    weight_sums: Vec<u64>,
    /// Stored bonds that count, replaced column by column with the new ones.
    pub(super) bonds: Matrix,
    /// Number of columns.
    pub(super) width: usize,
}

impl Rows {
    /// Loads what counts. The input has been checked.
    pub(super) fn load(input: &EpochInput<'_>, permit: &[bool], active_stake: &[u64]) -> Self {
        let width = usize::from(input.uids);
        let height = input.rows.iter().filter(|row| !row.is_empty()).count();
        let mut rows = Self {
            uids: Vec::with_capacity(height),
            stake: Vec::with_capacity(height),
            weights: Matrix::absent(height, width),
            weight_sums: Vec::with_capacity(height),
            bonds: Matrix::absent(height, width),
            width,
        };
        let registered = |uid: u16| input.registered.get(usize::from(uid)).copied().unwrap_or(0);
        for (index, row) in input.rows.iter().filter(|row| !row.is_empty()).enumerate() {
            let mut total = 0_u64;
            for (uid, weight) in row.weights {
                if weight_counts(input, row, permit, *uid) {
                    rows.weights.set(index, usize::from(*uid), Some(*weight));
                    total = total.saturating_add(u64::from(*weight));
                }
            }
            for (uid, bond) in row.bonds {
                if registered(*uid) < input.last_epoch_block {
                    rows.bonds.set(index, usize::from(*uid), Some(*bond));
                }
            }
            rows.uids.push(row.uid);
            rows.stake.push(active_stake.get(usize::from(row.uid)).copied().unwrap_or(0));
            rows.weight_sums.push(total);
        }
        rows
    }

    /// Weight of a row in a column as a fraction of the row, where there is one.
    pub(super) fn weight(&self, row: usize, column: usize) -> Option<u64> {
        let weight = self.weights.get(row, column)?;
        Some(div(u64::from(weight), self.weight_sums.get(row).copied().unwrap_or(0)))
    }

    /// Bonds of the validators that keep a permit; others lose theirs.
    pub(super) fn into_bonds(self, permit: &[bool]) -> Bonds {
        Bonds::new(self.uids, self.bonds, permit)
    }
}

/// Whether a weight of `row` toward `uid` counts: its validator has a permit, does not weigh itself (the owner may), and
/// knew whom it weighed.
fn weight_counts(input: &EpochInput<'_>, row: &Row<'_>, permit: &[bool], uid: u16) -> bool {
    let at = |blocks: &[u64], uid: u16| blocks.get(usize::from(uid)).copied().unwrap_or(0);
    let registered = at(input.registered, uid);
    permit.get(usize::from(row.uid)).copied().unwrap_or(false)
        && (row.uid != uid || input.owner == Some(uid))
        && at(input.last_update, row.uid) > registered
        && row.committed.is_none_or(|block| block >= registered)
}
