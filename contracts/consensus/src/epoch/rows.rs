//! Weights and bonds of the epoch as dense columns, masked.
//!
//! The passes of an epoch go by columns: all validators' weights toward one uid. So the cells of a column are
//! neighbours, in order of rows, and a pass walks along slices without an index.

use super::{EpochError, EpochInput, Row};
use alloc::vec::Vec;
use core::num::NonZeroU64;

/// Set in the half of a cell that has an entry.
const PRESENT: u32 = 1 << 16;
/// The entry in a half.
const VALUE: u64 = 0xffff;

/// What a validator has toward a uid.
///
/// At first its stored weight in the lower half and its stored bond in the upper, each with a bit set where it exists and
/// counts: an absent weight and a weight of zero differ, as under the latter a bond may decay, under the former it is
/// dropped. `bonds.rs` replaces both with the new bond in fixed point. A bare number, as zeros cost nothing to make.
pub(super) type Cell = u64;

/// The stored bond of a cell; zero where it is absent.
#[inline(always)]
pub(super) fn stored_bond(cell: Cell) -> u64 {
    cell >> 32 & VALUE
}

/// Whether the weight of a cell is there and zero.
#[inline(always)]
pub(super) fn weighs_nothing(cell: Cell) -> bool {
    cell & u64::from(u32::MAX) == u64::from(PRESENT)
}

/// A validator with weights or bonds.
pub(super) struct Voter {
    /// The validator.
    pub(super) uid: u16,
    /// Its active stake share.
    pub(super) stake: u64,
    /// Sum of its weights that count; one where that is zero.
    sum: NonZeroU64,
    /// What the pass at hand adds up over the columns.
    pub(super) tally: u64,
}

impl Voter {
    /// The weight of its cell as a fraction of its row; zero where it is absent.
    #[inline(always)]
    pub(super) fn fraction(&self, cell: Cell) -> u64 {
        ((cell & VALUE) << 32) / self.sum
    }
}

/// One row for every validator with weights or bonds, one column for every uid.
pub(super) struct Rows {
    /// Whose rows.
    pub(super) voters: Vec<Voter>,
    /// Column by column.
    pub(super) cells: Vec<Cell>,
}

impl Rows {
    /// Loads what counts, and checks the entries on the way; the rest of the input has been checked.
    pub(super) fn load(input: &EpochInput<'_>, permit: &[bool], active_stake: &[u64]) -> Result<Self, EpochError> {
        let height = input.rows.iter().filter(|row| !row.is_empty()).count();
        let mut cells = alloc::vec![0; height.saturating_mul(usize::from(input.uids))];
        let mut voters = Vec::with_capacity(height);
        for (index, row) in input.rows.iter().filter(|row| !row.is_empty()).enumerate() {
            let permitted = permit.get(usize::from(row.uid)).copied().unwrap_or(false);
            let knew = if permitted { knew_before(input, row) } else { 0 };
            // A validator does not weigh itself; the owner may.
            let itself = if input.owner == Some(row.uid) { u32::MAX } else { u32::from(row.uid) };
            let mut sum = 0_u64;
            row.weights.visit(row.uid, input.registered, |uid, weight, registered| {
                if registered < knew && u32::from(uid) != itself {
                    put(&mut cells, position(uid, height, index), weight, 0);
                    sum = sum.wrapping_add(u64::from(weight));
                }
            })?;
            row.bonds.visit(row.uid, input.bonds_from, |uid, bond, from| {
                if from < input.last_epoch_block {
                    put(&mut cells, position(uid, height, index), bond, 32);
                }
            })?;
            voters.push(Voter {
                uid: row.uid,
                stake: active_stake.get(usize::from(row.uid)).copied().unwrap_or(0),
                sum: NonZeroU64::new(sum).unwrap_or(NonZeroU64::MIN),
                tally: 0,
            });
        }
        Ok(Self { voters, cells })
    }

    /// What was added up for each validator, by uid; the tallies start anew.
    pub(super) fn take_tallies(&mut self, width: usize) -> Vec<u64> {
        let mut tallies = alloc::vec![0; width];
        for voter in &mut self.voters {
            if let Some(tally) = tallies.get_mut(usize::from(voter.uid)) {
                *tally = core::mem::take(&mut voter.tally);
            }
        }
        tallies
    }
}

/// Where the cell of row `index` and column `uid` is. There are at most [`super::MAX_CELLS`], so nothing wraps.
#[inline(always)]
fn position(uid: u16, height: usize, index: usize) -> usize {
    usize::from(uid).wrapping_mul(height).wrapping_add(index)
}

/// Stores an entry in the half of a cell that begins at bit `half`.
#[inline(always)]
fn put(cells: &mut [Cell], position: usize, value: u16, half: u32) {
    if let Some(cell) = cells.get_mut(position) {
        *cell |= u64::from(PRESENT | u32::from(value)) << half;
    }
}

/// The block before which a uid must have registered for the validator of `row` to have known whom it weighed: it set
/// weights after, and committed to them no earlier.
fn knew_before(input: &EpochInput<'_>, row: &Row<'_>) -> u64 {
    let update = input.last_update.get(usize::from(row.uid)).copied().unwrap_or(0);
    row.committed.map_or(update, |block| update.min(block.saturating_add(1)))
}
