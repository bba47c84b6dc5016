//! Times into the figures that are reported.

use serde::{Deserialize, Serialize};

/// Median and quartiles of repeats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// A quarter of the values is not above it.
    pub lower: f64,
    /// Half of the values is not above it.
    pub median: f64,
    /// Three quarters of the values are not above it.
    pub upper: f64,
}

impl Summary {
    /// Of values in any order; none of none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self { lower: quantile(&sorted, 0.25)?, median: quantile(&sorted, 0.5)?, upper: quantile(&sorted, 0.75)? })
    }

    /// Of `rival / own` turn by turn: how many times as fast what took `own` seconds was as what took `rival` seconds.
    pub fn ratio(rival: &[f64], own: &[f64]) -> Option<Self> {
        Self::of(&rival.iter().zip(own).map(|(rival, own)| rival / own).collect::<Vec<f64>>())
    }

    /// The same for `amount / value`: what is done in a time becomes a rate, and the order turns round.
    pub fn rate(self, amount: f64) -> Self {
        Self { lower: amount / self.upper, median: amount / self.median, upper: amount / self.lower }
    }
}

/// The value below which a share of sorted values lies, between neighbours in proportion.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, part) = (place.floor(), place.fract());
    let (low, high) = (sorted[below as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_do_not_depend_on_the_order() {
        let summary = Summary { lower: 2.0, median: 3.0, upper: 4.0 };
        assert_eq!(Summary::of(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(summary));
        assert_eq!(Summary::of(&[4.0, 1.0, 5.0, 3.0, 2.0]), Some(summary));
    }

    #[test]
    fn between_two_values_quartiles_lie_in_proportion() {
        assert_eq!(Summary::of(&[10.0, 20.0]), Some(Summary { lower: 12.5, median: 15.0, upper: 17.5 }));
    }

    #[test]
    fn one_value_is_its_own_summary_and_none_has_none() {
        assert_eq!(Summary::of(&[7.0]), Some(Summary { lower: 7.0, median: 7.0, upper: 7.0 }));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn an_outlier_moves_no_quartile() {
        let calm = Summary::of(&[1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(Summary::of(&[1.0, 1.0, 1.0, 1.0, 1000.0]), calm);
    }

    #[test]
    fn what_slows_both_in_a_turn_moves_no_ratio() {
        let even = Summary { lower: 2.0, median: 2.0, upper: 2.0 };
        assert_eq!(Summary::ratio(&[2.0, 2.0, 20.0], &[1.0, 1.0, 10.0]), Some(even));
    }

    #[test]
    fn the_shortest_time_is_the_highest_rate() {
        let times = Summary { lower: 2.0, median: 4.0, upper: 8.0 };
        assert_eq!(times.rate(16.0), Summary { lower: 2.0, median: 4.0, upper: 8.0 });
        assert_eq!(times.rate(8.0), Summary { lower: 1.0, median: 2.0, upper: 4.0 });
    }
}
