//! Null consensus: the mean of validators' rows, for subnets that trust their validators.

use super::rows::Rows;
use super::Verdict;
use crate::fixed::{normalize, share, ONE};

/// Incentive is the mean of normalised rows by active stake, which earns the dividends as it is. Clears the cells: there
/// are no bonds.
pub(super) fn verdict(rows: &mut Rows, active_stake: &[u64]) -> Verdict {
    let mut incentive = alloc::vec![0_u64; active_stake.len()];
    let columns = rows.cells.chunks_exact_mut(rows.voters.len().max(1));
    for (cells, incentive) in columns.zip(&mut incentive) {
        for (cell, voter) in cells.iter_mut().zip(&mut rows.voters) {
            let part = share(voter.stake, voter.fraction(*cell));
            *incentive = incentive.saturating_add(part);
            voter.tally |= part;
            *cell = 0;
        }
    }
    normalize(&mut incentive);
    let mut trust = rows.take_tallies(active_stake.len());
    for trust in &mut trust {
        *trust = if *trust > 0 { ONE } else { 0 };
    }
    Verdict { consensus: incentive.clone(), incentive, trust, dividends: active_stake.to_vec() }
}
