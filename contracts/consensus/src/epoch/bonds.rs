//! Second pass: what the clipped weights earn, and how bonds follow weights.

use super::rows::{stored_bond, weighs_nothing, Cell, Rows};
use super::BondRule;
use crate::fixed::{div, interpolate, mul, normalize, share, ONE};
use crate::liquid_alpha::LiquidAlpha;
use alloc::vec::Vec;
use core::num::NonZeroU64;

/// How bonds of this epoch move.
pub(super) struct Movement {
    /// The rule.
    pub(super) rule: BondRule,
    /// How far weights above consensus are cut back, a fraction.
    pub(super) penalty: u64,
    /// The fixed rate, a fraction.
    pub(super) alpha: u64,
}

/// Clips weights to `consensus` and replaces the cells with the new bonds. Returns the incentive of each uid, which sums
/// to one or is all zero, and the sum of the bonds toward it; tallies what is left of each validator's weights.
///
/// Sums are over at most 4096 validators or uids of at most one each, so nothing wraps.
pub(super) fn turn(rows: &mut Rows, consensus: &[u64], movement: &Movement) -> (Vec<u64>, Vec<u64>) {
    let liquid = match movement.rule {
        // Without any consensus there is nothing to depart from.
        BondRule::LiquidYuma3(liquid) if consensus.iter().any(|consensus| *consensus > 0) => Some(liquid),
        _ => None,
    };
    let (mut incentive, mut totals) = (alloc::vec![0_u64; consensus.len()], alloc::vec![0_u64; consensus.len()]);
    let columns = rows.cells.chunks_exact_mut(rows.voters.len().max(1));
    for (((cells, consensus), incentive), total) in columns.zip(consensus).zip(&mut incentive).zip(&mut totals) {
        let (mut rank, mut sum) = (0_u64, 0_u64);
        for (cell, voter) in cells.iter_mut().zip(&mut rows.voters) {
            let weight = voter.fraction(*cell);
            let clipped = weight.min(*consensus);
            rank = rank.wrapping_add(share(voter.stake, clipped));
            voter.tally = voter.tally.wrapping_add(clipped);
            let buys = penalised(weight, clipped, movement.penalty);
            *cell = match (&movement.rule, &liquid) {
                (BondRule::Classic, _) => stored_bond(*cell) | share(buys, voter.stake) << 16,
                (_, None) => follow(bond(*cell), buys, movement.alpha),
                (_, Some(liquid)) => flow(*cell, buys, *consensus, movement.penalty, liquid),
            };
            sum = sum.wrapping_add(*cell);
        }
        (*incentive, *total) = (rank, sum);
        if movement.rule == BondRule::Classic {
            compete(cells, movement.alpha);
            *total = ONE;
        }
    }
    normalize(&mut incentive);
    (incentive, totals)
}

/// The moving average of a bond: `alpha * toward + (1 - alpha) * bond`, all fractions, which are at most one.
#[must_use]
#[inline(always)]
pub fn follow(bond: u64, toward: u64, alpha: u64) -> u64 {
    share(alpha, toward).wrapping_add(share(ONE.saturating_sub(alpha), bond))
}

/// The fraction that the stored bond stands for.
#[inline(always)]
fn bond(cell: Cell) -> u64 {
    (stored_bond(cell) << 32) / 65_535
}

/// The weight that buys bonds: between the weight itself and the clipped one, as far as the penalty says.
#[inline(always)]
fn penalised(weight: u64, clipped: u64, penalty: u64) -> u64 {
    if penalty == ONE || weight == clipped {
        clipped
    } else {
        interpolate(weight, clipped, penalty)
    }
}

/// The classic rule, where bonds are shares: replaces cells, which hold a stored bond in the lowest 16 bits and stake times
/// weight above, with the new bonds, which sum to one.
fn compete(cells: &mut [Cell], alpha: u64) {
    let parts = |cell: Cell| (cell & 0xffff, cell >> 16);
    let (mut bonds, mut purchases) = (0_u64, 0_u64);
    for cell in cells.iter() {
        let (bond, purchase) = parts(*cell);
        bonds = bonds.wrapping_add(bond);
        purchases = purchases.wrapping_add(purchase);
    }
    for cell in cells.iter_mut() {
        let (bond, purchase) = parts(*cell);
        *cell = follow(div(bond, bonds), div(purchase, purchases), alpha);
    }
    normalize(cells);
}

/// Liquid alpha: the new bond, at a rate of its own. A bond whose weight is gone is dropped, not decayed.
#[inline(never)]
fn flow(cell: Cell, weight: u64, consensus: u64, penalty: u64, liquid: &LiquidAlpha) -> u64 {
    // A weight of zero is a weight, unless blending made it.
    let blended = penalty > 0 && penalty < ONE;
    if weight == 0 && (blended || !weighs_nothing(cell)) {
        return 0;
    }
    let bond = bond(cell);
    follow(bond, weight, liquid.rate(consensus, weight, bond))
}

/// Third pass: dividends by uid from the new bonds and their `totals`, which sum to one or are all zero. Under the classic
/// rule bonds are left as they are stored: the highest toward each uid becomes one.
pub(super) fn dividends(rows: &mut Rows, incentive: &[u64], totals: &[u64], rule: BondRule) -> Vec<u64> {
    let columns = rows.cells.chunks_exact_mut(rows.voters.len().max(1));
    for ((cells, incentive), total) in columns.zip(incentive).zip(totals) {
        if let Some(total) = NonZeroU64::new(*total).filter(|_| *incentive > 0) {
            for (bond, voter) in cells.iter().zip(&mut rows.voters) {
                let part = if *bond < ONE { (*bond << 32) / total } else { div(*bond, total.get()) };
                voter.tally = voter.tally.wrapping_add(share(part, *incentive));
            }
        }
        if rule == BondRule::Classic {
            let highest = cells.iter().copied().max().unwrap_or(0);
            cells.iter_mut().for_each(|bond| *bond = div(*bond, highest));
        }
    }
    if rule != BondRule::Classic {
        for voter in &mut rows.voters {
            voter.tally = mul(voter.tally, voter.stake);
        }
    }
    let mut dividends = rows.take_tallies(incentive.len());
    normalize(&mut dividends);
    dividends
}
