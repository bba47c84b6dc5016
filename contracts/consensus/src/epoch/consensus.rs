//! First pass: the median weight of every uid, and what the clipped weights earn.

use super::rows::Rows;
use crate::fixed::{mul, normalize, sum};
use crate::median::weighted_median;
use alloc::vec::Vec;

/// What validators agree on. Fractions in fixed point, by uid.
pub(super) struct Agreed {
    /// Highest weight toward the uid that a stake majority supports.
    pub(super) consensus: Vec<u64>,
    /// Share in the reward of miners; sums to one or is all zero.
    pub(super) incentive: Vec<u64>,
    /// How much of its weights consensus leaves to a validator.
    pub(super) trust: Vec<u64>,
}

/// Finds consensus at the majority `kappa`, clips weights to it, ranks uids by the stake behind them.
pub(super) fn reach(rows: &Rows, active_stake: &[u64], kappa: u64) -> Agreed {
    // Normalised once more, as in the specification: the sum of truncated shares is not quite one.
    let votes_total = sum(active_stake.iter().copied());
    let vote = |stake: u64| crate::fixed::div(stake, votes_total);
    let total = sum(active_stake.iter().map(|stake| vote(*stake)));
    let votes: Vec<u64> = rows.stake.iter().map(|stake| vote(*stake)).collect();
    let minority = total.saturating_sub(kappa);

    let mut agreed = Agreed {
        consensus: alloc::vec![0; rows.width],
        incentive: alloc::vec![0; rows.width],
        trust: alloc::vec![0; rows.width],
    };
    let mut ballots = Vec::with_capacity(rows.uids.len());
    let columns = agreed.consensus.iter_mut().zip(agreed.incentive.iter_mut());
    for (column, (consensus, incentive)) in columns.enumerate() {
        // Voters without a weight here score zero; they need no ballot.
        ballots.clear();
        let mut silent = total;
        for (row, vote) in votes.iter().enumerate() {
            let weight = rows.weight(row, column).unwrap_or(0);
            if weight > 0 && *vote > 0 {
                ballots.push((weight, *vote));
                silent = silent.saturating_sub(*vote);
            }
        }
        *consensus = if silent > minority { 0 } else { weighted_median(&mut ballots, silent, minority) };

        for (row, (uid, stake)) in rows.uids.iter().zip(&rows.stake).enumerate() {
            if let Some(clipped) = rows.weight(row, column).and_then(|weight| clip(weight, *consensus)) {
                *incentive = incentive.saturating_add(mul(*stake, clipped));
                if let Some(trust) = agreed.trust.get_mut(usize::from(*uid)) {
                    *trust = trust.saturating_add(clipped);
                }
            }
        }
    }
    normalize(&mut agreed.incentive);
    agreed
}

/// A weight cut back to consensus; absent where consensus is zero and the weight is not.
pub(super) fn clip(weight: u64, consensus: u64) -> Option<u64> {
    if weight <= consensus {
        Some(weight)
    } else {
        Some(consensus).filter(|consensus| *consensus > 0)
    }
}
