//! How good an order is in which things were found.

use alloc::vec::Vec;
use core::cmp::Reverse;

/// `2^32 / log2(rank + 1)` for ranks 1 to 10, rounded to the nearest.
const DISCOUNTS: [u64; 10] = [
    4_294_967_296,
    2_709_822_658,
    2_147_483_648,
    1_849_741_732,
    1_661_520_155,
    1_529_898_219,
    1_431_655_765,
    1_354_911_329,
    1_292_913_986,
    1_241_523_975,
];

/// Cosine of two vectors of length one in Q30: their product, exact, in Q60. Features beyond the shorter's end count as
/// zero.
pub fn cosine(a: &[i32], b: &[i32]) -> i128 {
    // A product is at most 2^62, and vectors are far shorter than 2^32: neither half wraps. Both together are much less
    // work than a sum in 128 bits.
    let (mut high, mut low) = (0i64, 0u64);
    for (&a, &b) in a.iter().zip(b) {
        let product = i64::from(a) * i64::from(b);
        high = high.wrapping_add(product >> 32);
        low = low.wrapping_add(product as u64 & 0xffff_ffff);
    }
    (i128::from(high) << 32) + i128::from(low)
}

/// nDCG@10 of passages, each with its cosine to the query and what it gains: gains divided by `log2(rank + 1)`, as a share
/// of the best order's, Q32; 0 if nothing gains. Among passages of equal cosine the least relevant comes first, so that a
/// model that cannot tell them apart gains nothing by their order.
pub fn ndcg(mut found: Vec<(i128, u8)>) -> u64 {
    found.sort_unstable_by_key(|&(cosine, gain)| (Reverse(cosine), gain));
    let reached = discounted(found.iter().map(|passage| passage.1));
    found.sort_unstable_by_key(|passage| Reverse(passage.1));
    let ideal = discounted(found.iter().map(|passage| passage.1));
    // Both are below 10 · 255 · 2^32, and the first is not above the second.
    ((u128::from(reached) << 32) / u128::from(ideal.max(1))) as u64
}

/// Discounted gains of the first ten, Q32.
fn discounted(gains: impl IntoIterator<Item = u8>) -> u64 {
    gains.into_iter().zip(DISCOUNTS).map(|(gain, discount)| u64::from(gain) * discount).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn discounts_are_those_of_the_definition() {
        for (rank, &discount) in (1u32..).zip(&DISCOUNTS) {
            let exact = 4_294_967_296.0 / f64::from(rank + 1).log2();
            assert!((discount as f64 - exact).abs() <= 0.501, "{rank}: {discount} {exact}");
        }
    }

    proptest! {
        /// No order of the same gains is better than by gains, and none than worse among those that cannot be told apart.
        #[test]
        fn the_best_order_is_one_and_a_tie_gains_nothing(gains in proptest::collection::vec(0u8..16, 1..30)) {
            let gaining = gains.iter().any(|&gain| gain > 0);
            let by_gain = gains.iter().map(|&gain| (i128::from(gain), gain)).collect();
            prop_assert_eq!(ndcg(by_gain), if gaining { 1 << 32 } else { 0 });
            let worst = ndcg(gains.iter().map(|&gain| (-i128::from(gain), gain)).collect());
            let tied = ndcg(gains.iter().map(|&gain| (7, gain)).collect());
            let listed = ndcg(gains.iter().enumerate().map(|(place, &gain)| (-(place as i128), gain)).collect());
            prop_assert!(tied == worst && worst <= listed && listed <= 1 << 32);
        }

        #[test]
        fn cosines_are_exact(pairs in proptest::collection::vec((any::<i32>(), any::<i32>()), 0..50)) {
            let (a, b): (Vec<i32>, Vec<i32>) = pairs.iter().copied().unzip();
            let expected: i128 = pairs.iter().map(|&(a, b)| i128::from(a) * i128::from(b)).sum();
            prop_assert_eq!(cosine(&a, &b), expected);
        }
    }
}
