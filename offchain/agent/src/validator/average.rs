//! The moving average of a miner's figures, in integers, so that every validator computes the same.

use crate::figure::Figure;

/// The average after one more figure: `average + (figure - average) * responsiveness / 65,535`, rounded toward the figure,
/// so that one that stays the same is reached and not only approached. The first figure is the first average.
///
/// `responsiveness` is a proportion out of 65,535.
pub fn moved(average: Option<Figure>, figure: Figure, responsiveness: u16) -> Figure {
    let Some(Figure(average)) = average else { return figure };
    let Figure(figure) = figure;
    let step = (u128::from(average.abs_diff(figure)) * u128::from(responsiveness)).div_ceil(u128::from(u16::MAX));
    // Not larger than the difference, so it fits.
    let step = u64::try_from(step).unwrap_or(u64::MAX);
    Figure(if figure > average { average + step } else { average - step })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moved(average: Option<u64>, figure: u64, responsiveness: u16) -> u64 {
        super::moved(average.map(Figure), Figure(figure), responsiveness).0
    }

    #[test]
    fn moves_by_its_part() {
        assert_eq!(moved(None, 2_000_000, 1), 2_000_000);
        assert_eq!(moved(Some(2_000_000), 1_000_000, 32_768), 1_499_992);
        assert_eq!(moved(Some(2_000_000), 1_000_000, 0), 2_000_000);
        assert_eq!(moved(Some(2_000_000), 1_000_000, 65_535), 1_000_000);
        assert_eq!(moved(Some(0), u64::MAX, 65_535), u64::MAX);
    }

    proptest! {
        #[test]
        fn stays_between_and_moves_the_right_way(average: u64, figure: u64, responsiveness: u16) {
            let next = moved(Some(average), figure, responsiveness);
            prop_assert!(next >= average.min(figure) && next <= average.max(figure));
            if average != figure && responsiveness > 0 {
                prop_assert!(next.abs_diff(figure) < average.abs_diff(figure), "it moves toward the figure");
            }
        }

        #[test]
        fn agrees_with_the_real_numbers_to_one_unit(
            average in 0u64..100_000_000, figure in 0u64..100_000_000, responsiveness: u16,
        ) {
            let part = f64::from(responsiveness) / 65_535.0;
            let exact = average as f64 + (figure as f64 - average as f64) * part;
            prop_assert!((moved(Some(average), figure, responsiveness) as f64 - exact).abs() <= 1.000_001);
        }

        #[test]
        fn a_steady_figure_is_reached(average in 0u64..100_000_000, figure in 0u64..100_000_000, responsiveness in 6_554u16..) {
            // Each step leaves at most nine tenths of the distance, and at least one unit is taken.
            let reached = (0..200).fold(average, |average, _| moved(Some(average), figure, responsiveness));
            prop_assert_eq!(reached, figure);
        }
    }
}
