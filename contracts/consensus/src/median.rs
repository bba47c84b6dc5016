//! Median of scores weighted by stake.

/// The smallest score whose stake, together with all lower scores' and `below`, exceeds `minority`; the highest score
/// where none does; zero without ballots.
///
/// Ballots are (score, stake) and get reordered. `below` is stake on scores lower than any ballot's. The result does not
/// depend on the order of ballots. Quickselect: linear time on average, quadratic at worst, no allocation.
#[must_use]
pub fn weighted_median(mut ballots: &mut [(u64, u64)], mut below: u64, minority: u64) -> u64 {
    loop {
        let Some(&(pivot, _)) = ballots.get(ballots.len() / 2) else {
            return 0;
        };
        let (lower, equal) = partition(ballots, pivot);
        let stake = |part: &[(u64, u64)]| crate::fixed::sum(part.iter().map(|ballot| ballot.1));
        let (low, rest) = ballots.split_at_mut(lower);
        let (same, high) = rest.split_at_mut(equal);
        let to_low = below.saturating_add(stake(low));
        let to_same = to_low.saturating_add(stake(same));
        if to_low > minority && !low.is_empty() {
            ballots = low;
        } else if to_same > minority || high.is_empty() {
            return pivot;
        } else {
            below = to_same;
            ballots = high;
        }
    }
}

/// Reorders ballots into lower than, equal to and higher than `pivot`; returns how many are lower and how many equal.
fn partition(ballots: &mut [(u64, u64)], pivot: u64) -> (usize, usize) {
    let (mut lower, mut next, mut higher) = (0_usize, 0_usize, ballots.len());
    while next < higher {
        let score = ballots.get(next).map_or(pivot, |ballot| ballot.0);
        if score < pivot {
            ballots.swap(lower, next);
            lower = lower.saturating_add(1);
            next = next.saturating_add(1);
        } else if score > pivot {
            higher = higher.saturating_sub(1);
            ballots.swap(next, higher);
        } else {
            next = next.saturating_add(1);
        }
    }
    (lower, higher.saturating_sub(lower))
}
