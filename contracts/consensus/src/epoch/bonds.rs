//! Second pass: bonds follow weights, and dividends follow bonds.

use super::consensus::{clip, Agreed};
use super::rows::Rows;
use super::BondRule;
use crate::fixed::{div, from_proportion, interpolate, mul, normalize, sum, to_proportion, ONE};
use alloc::vec::Vec;

/// Replaces the bonds in `rows` with the new ones and returns dividends by uid, which sum to one or are all zero.
/// `penalty` cuts back weights above consensus, `alpha` is the fixed rate; both are fractions.
pub(super) fn turn(rows: &mut Rows, agreed: &Agreed, penalty: u64, alpha: u64, rule: BondRule) -> Vec<u64> {
    // Without any consensus there is nothing to depart from.
    let rule = match rule {
        BondRule::LiquidYuma3(_) if agreed.consensus.iter().all(|consensus| *consensus == 0) => BondRule::Yuma3,
        rule => rule,
    };
    let mut earned = alloc::vec![0_u64; rows.uids.len()];
    let mut column_bonds = Vec::with_capacity(rows.uids.len());
    for (column, (consensus, incentive)) in agreed.consensus.iter().zip(&agreed.incentive).enumerate() {
        let target = |rows: &Rows, row| penalised(rows.weight(row, column)?, *consensus, penalty);
        column_bonds.clear();
        match rule {
            BondRule::Classic => {
                let shares = Shares::of(rows, column, |row| target(rows, row));
                column_bonds.extend((0..rows.uids.len()).map(|row| {
                    let bond = div(rows.bonds.get(row, column).map_or(0, u64::from), shares.bonds);
                    let bought = div(shares.purchase(rows, row, target(rows, row)), shares.purchases);
                    follow(bond, bought, alpha)
                }));
                normalize(&mut column_bonds);
            }
            BondRule::Yuma3 | BondRule::LiquidYuma3(_) => {
                column_bonds.extend((0..rows.uids.len()).map(|row| {
                    let bond = rows.bonds.get(row, column).map_or(0, from_proportion);
                    match (rule, target(rows, row)) {
                        // Where the rate is liquid, a bond whose weight is gone is dropped, not decayed.
                        (BondRule::LiquidYuma3(_), None) => 0,
                        (BondRule::LiquidYuma3(liquid), Some(weight)) => {
                            follow(bond, weight, liquid.rate(*consensus, weight, bond)).min(ONE)
                        }
                        (_, weight) => follow(bond, weight.unwrap_or(0), alpha),
                    }
                }));
            }
        }
        let total = sum(column_bonds.iter().copied());
        let highest = column_bonds.iter().copied().max().unwrap_or(0);
        for (row, (bond, earned)) in column_bonds.iter().zip(&mut earned).enumerate() {
            let (share, stored) = match rule {
                BondRule::Classic => (*bond, div(*bond, highest)),
                _ => (div(*bond, total), *bond),
            };
            *earned = earned.saturating_add(mul(share, *incentive));
            rows.bonds.set(row, column, (*bond > 0).then(|| to_proportion(stored)));
        }
    }
    let mut dividends = alloc::vec![0; rows.width];
    for ((uid, stake), earned) in rows.uids.iter().zip(&rows.stake).zip(earned) {
        if let Some(dividend) = dividends.get_mut(usize::from(*uid)) {
            *dividend = if matches!(rule, BondRule::Classic) { earned } else { mul(earned, *stake) };
        }
    }
    normalize(&mut dividends);
    dividends
}

/// The moving average of a bond: `alpha * toward + (1 - alpha) * bond`, all in fixed point, `alpha` at most one.
#[must_use]
pub fn follow(bond: u64, toward: u64, alpha: u64) -> u64 {
    mul(alpha, toward).saturating_add(mul(ONE.saturating_sub(alpha), bond))
}

/// The weight that buys bonds: between the weight itself and the clipped one, as far as the penalty says.
fn penalised(weight: u64, consensus: u64, penalty: u64) -> Option<u64> {
    if penalty == 0 {
        return Some(weight);
    }
    let clipped = clip(weight, consensus);
    if penalty == ONE {
        return clipped;
    }
    Some(interpolate(weight, clipped.unwrap_or(0), penalty)).filter(|weight| *weight > 0)
}

/// Sums of a column under the classic rule, where bonds are shares.
struct Shares {
    /// Of stored bonds.
    bonds: u64,
    /// Of stake times weight.
    purchases: u64,
}

impl Shares {
    fn of(rows: &Rows, column: usize, target: impl Fn(usize) -> Option<u64>) -> Self {
        let mut shares = Self { bonds: 0, purchases: 0 };
        for row in 0..rows.uids.len() {
            let bond = rows.bonds.get(row, column).map_or(0, u64::from);
            shares.bonds = shares.bonds.saturating_add(bond);
            shares.purchases = shares.purchases.saturating_add(shares.purchase(rows, row, target(row)));
        }
        shares
    }

    fn purchase(&self, rows: &Rows, row: usize, target: Option<u64>) -> u64 {
        mul(target.unwrap_or(0), rows.stake.get(row).copied().unwrap_or(0))
    }
}
