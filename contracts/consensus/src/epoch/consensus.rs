//! First pass: the median weight of every uid.

use super::rows::Rows;
use crate::fixed::{div, sum};
use crate::median::Poll;
use alloc::vec::Vec;

/// Highest weight toward each uid that the stake majority `kappa` supports, a fraction.
pub(super) fn reach(rows: &Rows, active_stake: &[u64], kappa: u64) -> Vec<u64> {
    // Normalised once more, as in the specification: the sum of truncated shares is not quite one.
    let votes_total = sum(active_stake.iter().copied());
    let vote = |stake: u64| div(stake, votes_total);
    let total = sum(active_stake.iter().map(|stake| vote(*stake)));
    let mut ballots: Vec<(u64, u64)> = rows.voters.iter().map(|voter| (0, vote(voter.stake))).collect();
    // Voters without a row score zero everywhere.
    let silent = total.saturating_sub(sum(ballots.iter().map(|ballot| ballot.1)));
    let poll = Poll { silent, total, minority: total.saturating_sub(kappa) };

    let mut consensus = alloc::vec![0; active_stake.len()];
    for (cells, consensus) in rows.cells.chunks_exact(ballots.len().max(1)).zip(&mut consensus) {
        let mut highest = 0;
        for ((cell, voter), ballot) in cells.iter().zip(&rows.voters).zip(&mut ballots) {
            ballot.0 = voter.fraction(*cell);
            highest = ballot.0.max(highest);
        }
        *consensus = poll.median(&ballots, highest);
    }
    consensus
}
