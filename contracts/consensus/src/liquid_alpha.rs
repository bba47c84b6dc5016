//! Liquid alpha: how fast a bond follows a weight, by how far the weight departs from consensus.
//!
//! The rate moves along a sigmoid between a low and a high bound, so it needs an exponential; [`exp`] computes it in
//! integers to about 50 bits, rounded to the 32 fractional bits that the epoch keeps.

use crate::fixed::{div, from_proportion, high_product, mul, mul_up, ONE};
use core::num::NonZeroU64;

/// Fractional bits inside [`exp`]: enough for the error to vanish in 32, few enough for arguments up to 20 to fit.
const BITS: u32 = 58;
/// ln 2 with [`BITS`] fractional bits.
const LN_2: u64 = 199_786_072_581_291_495;
/// Terms of the Taylor series on [0, ln 2); the next one is below 2^-58.
const TERMS: u64 = 18;
/// The argument of an exponential is clamped to this magnitude, as in the specification.
const MAX_EXPONENT: u64 = 20 << 32;
const HALF: u64 = 1 << 31;

/// Bounds and slope of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidAlpha {
    /// Lowest rate, as a proportion of 65535. At most `high`.
    pub low: u16,
    /// Highest rate, as a proportion of 65535.
    pub high: u16,
    /// Slope of the sigmoid, in hundredths. A negative one gives agreement the high rate.
    pub steepness: i16,
}

impl Default for LiquidAlpha {
    /// Rates from 0.7 to 0.9, slope 10.
    fn default() -> Self {
        Self { low: 45_875, high: 58_982, steepness: 1_000 }
    }
}

impl LiquidAlpha {
    /// Rate at which `bond` follows `weight` where the median weight is `consensus`; all fractions in fixed point.
    ///
    /// A validator that buys (weight above bond) is judged by how far it stands above consensus, one that sells by how
    /// far it falls below its own bond.
    #[must_use]
    pub fn rate(&self, consensus: u64, weight: u64, bond: u64) -> u64 {
        let (low, high) = (from_proportion(self.low), from_proportion(self.high));
        let departure =
            if weight >= bond { weight.saturating_sub(consensus) } else { bond.saturating_sub(weight) }.min(ONE);
        // The exponent is steepness / -100, truncated, times (departure - 1/2), the product rounded toward minus infinity.
        let slope = (u64::from(self.steepness.unsigned_abs()) << 32) / 100;
        let distance = departure.abs_diff(HALF);
        let exponent = if (self.steepness > 0) == (departure > HALF) {
            signed(mul_up(slope, distance)).saturating_neg()
        } else {
            signed(mul(slope, distance))
        };
        low.saturating_add(mul(logistic(exponent), high.saturating_sub(low))).clamp(low, high.max(low))
    }
}

fn signed(magnitude: u64) -> i64 {
    i64::try_from(magnitude).unwrap_or(i64::MAX)
}

/// `1 / (1 + e^exponent)`; `exponent` is signed with 32 fractional bits and clamped to 20 either way.
#[must_use]
pub fn logistic(exponent: i64) -> u64 {
    div(ONE, ONE.saturating_add(exp(exponent)))
}

/// `e^exponent` with 32 fractional bits, rounded to nearest; `exponent` is signed with 32 fractional bits and clamped
/// to 20 either way.
#[must_use]
pub fn exp(exponent: i64) -> u64 {
    // e^x = 2^k * e^r with r in [0, ln 2).
    let magnitude = exponent.unsigned_abs().min(MAX_EXPONENT) << (BITS.saturating_sub(32));
    let (quotient, rest) = (magnitude / LN_2, magnitude % LN_2);
    let (remainder, doublings, halvings) = match (exponent < 0, rest) {
        (false, _) => (rest, quotient, 0),
        (true, 0) => (0, 0, quotient),
        (true, _) => (LN_2.saturating_sub(rest), 0, quotient.saturating_add(1)),
    };
    // Horner: 1 + r/1 * (1 + r/2 * (1 + r/3 * ...)). The remainder is below 2^BITS, so it can be shifted to the top, and
    // the upper half of the product is the product.
    let (one, remainder) = (1_u64 << BITS, remainder << (u64::BITS.saturating_sub(BITS)));
    let (mut series, mut term) = (one, TERMS);
    while let Some(divisor) = NonZeroU64::new(term) {
        series = one.wrapping_add(high_product(remainder, series) / divisor);
        term = term.wrapping_sub(1);
    }
    // Below 2^59 before and 2^61 after: doublings are at most 28, halvings at most 29.
    let fraction = u64::from(BITS.saturating_sub(32));
    let shift = fraction.saturating_add(halvings);
    if doublings >= shift {
        let left = u32::try_from(doublings.saturating_sub(shift)).unwrap_or(u32::MAX);
        return series.checked_shl(left).unwrap_or(u64::MAX);
    }
    let right = u32::try_from(shift.saturating_sub(doublings)).unwrap_or(u32::MAX);
    let half = 1_u64.checked_shl(right.saturating_sub(1)).unwrap_or(0);
    series.saturating_add(half).checked_shr(right).unwrap_or(0)
}
