//! Figures in integers.

use std::fmt;

/// A figure in Q32.32: the integer is `2^32` times the value. Higher is better; most end at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grade(pub i64);

impl Grade {
    /// One.
    pub const ONE: Self = Self(1 << 32);

    /// `part` of `whole`, rounded down; zero of zero is zero.
    pub fn share(part: usize, whole: usize) -> Self {
        let quotient = ((part as u128) << 32).checked_div(whole as u128).unwrap_or(0);
        Self(i64::try_from(quotient).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Grade {
    /// Four decimals, rounded towards zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:04}", size >> 32, ((size & u64::from(u32::MAX)) * 10_000) >> 32)
    }
}

/// Twice the rank of each value, counted from 1; equal values share the mean of their ranks, which doubling keeps whole.
pub fn doubled_ranks<T: Ord>(values: &[T]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let same = order[start..].iter().take_while(|&&index| values[index] == values[order[start]]).count();
        // Ranks start + 1 to start + same: their mean, doubled.
        let doubled = (2 * start + same + 1) as i64;
        for &index in &order[start..start + same] {
            ranks[index] = doubled;
        }
        start += same;
    }
    ranks
}

/// Spearman's coefficient: the correlation of ranks, rounded towards zero; zero where all values of one side are equal.
/// At most 2^16 pairs.
pub fn spearman<A: Ord, B: Ord>(a: &[A], b: &[B]) -> Grade {
    let mean = a.len() as i64 + 1;
    let centred = |ranks: Vec<i64>| ranks.into_iter().map(|rank| i128::from(rank - mean)).collect::<Vec<_>>();
    let (a, b) = (centred(doubled_ranks(a)), centred(doubled_ranks(b)));
    let product = |x: &[i128], y: &[i128]| x.iter().zip(y).map(|(x, y)| x * y).sum::<i128>();
    // Deviations stay below 2^17, sums of squares below 2^50, their product below 2^100. It is shifted by an even number
    // of bits so that the root keeps 64: the numerator, shifted by half of it and by 32, stays below 2^97.
    let squares = product(&a, &a).unsigned_abs() * product(&b, &b).unsigned_abs();
    let shift = squares.leading_zeros() & !1;
    let root = squares.checked_shl(shift).unwrap_or(0).isqrt() as i128;
    let value = product(&a, &b).checked_shl(32 + shift / 2).and_then(|raised| raised.checked_div(root)).unwrap_or(0);
    Grade(i64::try_from(value).unwrap_or(0).clamp(-Grade::ONE.0, Grade::ONE.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        assert_eq!(doubled_ranks(&[10, 30, 20, 20]), [2, 8, 5, 5]);
        assert_eq!(doubled_ranks(&[7, 7, 7]), [4, 4, 4]);
        assert!(doubled_ranks::<i32>(&[]).is_empty());
    }

    #[test]
    fn spearman_is_one_for_equal_orders_and_zero_for_none() {
        assert_eq!(spearman(&[1, 5, 9], &[-3, 0, 100]), Grade::ONE);
        assert_eq!(spearman(&[1, 5, 9], &[3, 2, 1]), Grade(-Grade::ONE.0));
        assert_eq!(spearman(&[1, 1, 1], &[3, 2, 1]), Grade(0));
        // Spearman's own example of the textbook: IQ and hours of television, rho = -29/165.
        let iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        let hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        assert_eq!(spearman(&iq, &hours).to_string(), "-0.1757");
    }

    fn by_floats(a: &[i8], b: &[i8]) -> f64 {
        let ranks = |values: &[i8]| -> Vec<f64> {
            let rank = |value: &i8| {
                let below = values.iter().filter(|other| *other < value).count();
                let same = values.iter().filter(|other| *other == value).count();
                below as f64 + (same as f64 + 1.0) / 2.0
            };
            values.iter().map(rank).collect()
        };
        let (a, b) = (ranks(a), ranks(b));
        let mean = (a.len() as f64 + 1.0) / 2.0;
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>();
        let scale = (product(&a, &a) * product(&b, &b)).sqrt();
        if scale == 0.0 { 0.0 } else { product(&a, &b) / scale }
    }

    proptest! {
        #[test]
        fn spearman_is_the_correlation_of_ranks(pairs in proptest::collection::vec((-9i8..9, -9i8..9), 2..200)) {
            let (a, b): (Vec<i8>, Vec<i8>) = pairs.into_iter().unzip();
            let grade = spearman(&a, &b).0 as f64 / 4_294_967_296.0;
            prop_assert!((grade - by_floats(&a, &b)).abs() < 1e-8);
        }
    }
}
