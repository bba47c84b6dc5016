//! Median of scores weighted by stake.

use crate::fixed::{div, mul};

/// Who votes on a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Stake that scores zero without a ballot.
    pub silent: u64,
    /// All stake: the silent and that of the ballots.
    pub total: u64,
    /// Stake that a median has to exceed.
    pub minority: u64,
}

impl Poll {
    /// The smallest score whose stake, together with all lower scores', exceeds the minority; the highest score that has
    /// stake where none does; zero without ballots.
    ///
    /// Ballots are (score, stake), in any order; `highest` is their highest score. No allocation, no reordering: every
    /// round counts the stake up to a guess and closes in on the answer from that side. Guesses are by proportion of
    /// stake, and every fourth one by halves, so that no distribution of scores takes more than four rounds for each
    /// of their bits.
    #[must_use]
    pub fn median(&self, ballots: &[(u64, u64)], highest: u64) -> u64 {
        if self.total <= self.minority {
            return ballots.iter().filter(|ballot| ballot.1 > 0).map(|ballot| ballot.0).max().unwrap_or(0);
        }
        if self.silent > self.minority {
            return 0;
        }
        // Invariant: the answer is in low..=high; `under` is the stake on scores below `low`, `over` that up to `high`.
        let (mut low, mut high, mut under, mut over) = (0, highest, 0_u64, self.total);
        let mut round = 0_u32;
        while low < high {
            round = round.wrapping_add(1);
            let span = high.saturating_sub(low);
            let step = if round & 3 == 0 {
                span >> 1
            } else {
                mul(span, div(self.minority.saturating_sub(under), over.saturating_sub(under)))
            };
            let guess = low.saturating_add(step.min(span.saturating_sub(1)));
            let (mut counted, mut below, mut above) = (self.silent, 0, high);
            for (score, stake) in ballots {
                if *score > guess {
                    above = above.min(*score);
                } else {
                    // Never more than the total.
                    counted = counted.wrapping_add(*stake);
                    below = below.max(*score);
                }
            }
            if counted > self.minority {
                (high, over) = (below, counted);
            } else {
                (low, under) = (above, counted);
            }
        }
        low
    }
}
