//! The price of a registration: it halves in every half life and jumps with every registration.
//!
//! Source: subtensor's burn price. Its decay factor has 32 fractional bits and is found by bisection, once per change
//! of the half life; the price of a step is a product rounded down.

use crate::fixed::{mul, ONE};

/// How the price moves. A step is whatever unit of time the caller counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurnSchedule {
    /// Factor of one step, 32 fractional bits, from [`decay_factor`].
    pub factor: u64,
    /// Factor of one registration, in basis points: 12 600 makes the price 1.26 times as high.
    pub increase: u32,
    /// Least price, in rao.
    pub minimum: u64,
    /// Highest price, in rao; it prevails over `minimum`.
    pub maximum: u64,
}

impl BurnSchedule {
    /// The price after `steps` steps without a registration.
    ///
    /// Rounds once, where a price decayed step by step rounds at each: never lower than that.
    #[must_use]
    pub fn decayed(&self, price: u64, steps: u64) -> u64 {
        self.bounded(mul(price, pow(self.factor.min(ONE), steps)))
    }

    /// The price after one more registration.
    #[must_use]
    pub fn increased(&self, price: u64) -> u64 {
        // In two parts, because WebAssembly has no 128-bit division. Their sum is the exact quotient.
        let (whole, rest) = (price / 10_000, price % 10_000);
        let increase = u64::from(self.increase);
        self.bounded(whole.saturating_mul(increase).saturating_add(rest.saturating_mul(increase) / 10_000))
    }

    fn bounded(&self, price: u64) -> u64 {
        price.max(self.minimum).min(self.maximum)
    }
}

/// The highest factor whose power by `half_life` is at most one half; [`ONE`], no decay, for a half life of zero.
#[must_use]
pub fn decay_factor(half_life: u32) -> u64 {
    if half_life == 0 {
        return ONE;
    }
    // Invariant: the factor is in low..=high. At most 33 rounds.
    let (mut low, mut high) = (0, ONE);
    while low < high {
        let middle = high.saturating_sub(high.saturating_sub(low) / 2);
        if pow(middle, u64::from(half_life)) <= ONE / 2 {
            low = middle;
        } else {
            high = middle.saturating_sub(1);
        }
    }
    low
}

/// `base` to the power of `exponent`, for a base of at most [`ONE`]; every product rounds down.
fn pow(mut base: u64, mut exponent: u64) -> u64 {
    let mut power = ONE;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = mul(power, base);
        }
        base = mul(base, base);
        exponent >>= 1;
    }
    power
}
