//! From averages to weights.

use inktensor_evaluation::score::{Loss, WeightRule, weights_of_losses};

use crate::figure::{Figure, Measure};

/// Weights as u16 proportions, one for each average, which stand in the order of commits; None is a fault and gets 0.
///
/// Of losses, the champion gets 65,535 and the others by how far they are behind: see [`weights_of_losses`]. Merits are
/// divided in proportion, rounded to the nearest, and the largest gets 65,535.
pub fn weights(measure: Measure, averages: &[Option<Figure>]) -> Vec<u16> {
    match measure {
        Measure::Loss => {
            let losses: Vec<_> = averages.iter().map(|average| average.map(|figure| Loss(figure.0))).collect();
            weights_of_losses(&losses, &WeightRule::default())
        }
        Measure::Merit => in_proportion(averages),
    }
}

fn in_proportion(merits: &[Option<Figure>]) -> Vec<u16> {
    let most = u128::from(merits.iter().flatten().map(|merit| merit.0).max().unwrap_or(0)).max(1);
    let weigh = |merit: &Option<Figure>| {
        let share = merit.map_or(0, |merit| u128::from(merit.0)) * u128::from(u16::MAX);
        // At most 65,535: no merit is above the largest.
        ((share + most / 2) / most) as u16
    };
    merits.iter().map(weigh).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_merits(merits: &[Option<u64>]) -> Vec<u16> {
        weights(Measure::Merit, &merits.iter().map(|merit| merit.map(Figure)).collect::<Vec<_>>())
    }

    #[test]
    fn merits_are_paid_in_proportion() {
        assert_eq!(of_merits(&[Some(300), None, Some(100), Some(0)]), [65_535, 0, 21_845, 0]);
        assert_eq!(of_merits(&[Some(0), None]), [0, 0]);
        assert_eq!(of_merits(&[]), [0u16; 0]);
    }

    proptest! {
        #[test]
        fn the_largest_merit_gets_all_and_the_order_stays(merits in proptest::collection::vec(any::<Option<u64>>(), 1..20)) {
            let weights = of_merits(&merits);
            let most = merits.iter().flatten().copied().max().unwrap_or(0);
            for (a, weight) in merits.iter().zip(&weights) {
                prop_assert!(*weight == u16::MAX || *a != Some(most) || most == 0);
                prop_assert!(a.is_some() || *weight == 0);
                for (b, other) in merits.iter().zip(&weights) {
                    prop_assert!(a.unwrap_or(0) < b.unwrap_or(0) || weight >= other);
                }
                let exact = a.unwrap_or(0) as f64 / most.max(1) as f64 * 65_535.0;
                prop_assert!((f64::from(*weight) - exact).abs() <= 0.501);
            }
        }
    }
}
