//! Unsigned fixed point with 32 fractional bits, held in a `u64`.
//!
//! Yuma is specified in signed I32F32. Every quantity of an epoch is nonnegative, so the same bits are kept unsigned,
//! and differences are taken only where their sign is known. Products round down, quotients round down, and a quotient
//! by zero is zero, as in the specification. The largest quantity of an epoch, a column sum of 4096 bonds, stays
//! below 2^60; outside that range operations saturate.
//!
//! An epoch spends most of its time here. The usual case of each operation, factors or dividend below one, is a few
//! instructions and inlined; the rest works on halves of 32 bits, since WebAssembly has no 128-bit arithmetic.

use alloc::vec::Vec;

/// One, in fixed point.
pub const ONE: u64 = 1 << 32;
/// The lower half of a number.
const LOW: u64 = ONE.wrapping_sub(1);

/// `a * b`, rounded down. One of the two may also be an integer: then the result is an integer.
#[must_use]
#[inline(always)]
pub fn mul(a: u64, b: u64) -> u64 {
    if (a | b) < ONE {
        a.wrapping_mul(b) >> 32
    } else {
        wide_mul(a, b)
    }
}

#[inline(never)]
fn wide_mul(a: u64, b: u64) -> u64 {
    let high = high_product(a, b);
    if high < ONE {
        high << 32 | a.wrapping_mul(b) >> 32
    } else {
        u64::MAX
    }
}

/// The upper 64 bits of the product.
#[must_use]
#[inline(always)]
pub fn high_product(a: u64, b: u64) -> u64 {
    // A product of halves and two more halves fit in 64 bits.
    let (a_high, a_low, b_high, b_low) = (a >> 32, a & LOW, b >> 32, b & LOW);
    let middle = a_high.wrapping_mul(b_low).wrapping_add(a_low.wrapping_mul(b_low) >> 32);
    let other = a_low.wrapping_mul(b_high).wrapping_add(middle & LOW);
    a_high.wrapping_mul(b_high).wrapping_add(middle >> 32).wrapping_add(other >> 32)
}

/// `a * b`, rounded up.
#[must_use]
pub fn mul_up(a: u64, b: u64) -> u64 {
    // The lower half of the product is what rounding down drops.
    mul(a, b).saturating_add(u64::from(a.wrapping_mul(b) & LOW > 0))
}

/// `a * b`, rounded down, of two fractions, which are at most [`ONE`]. What every cell of an epoch takes.
#[must_use]
#[inline(always)]
pub fn share(a: u64, b: u64) -> u64 {
    // The product wraps only where both are one, to zero.
    a.wrapping_mul(b) >> 32 | a & b & ONE
}

/// `a / b`, rounded down; zero when `b` is zero. Of two integers it makes a fraction.
#[must_use]
#[inline(always)]
pub fn div(a: u64, b: u64) -> u64 {
    if a < ONE {
        (a << 32).checked_div(b).unwrap_or(0)
    } else {
        wide_div(a, b)
    }
}

/// Long division: each round finds as many bits as leave the rest within 64.
#[inline(never)]
fn wide_div(a: u64, b: u64) -> u64 {
    let mut rest = a.checked_rem(b).unwrap_or(0);
    let mut quotient = a.checked_div(b).unwrap_or(0);
    if quotient >= ONE {
        return u64::MAX;
    }
    let mut missing = 32;
    while missing > 0 {
        let bits = b.leading_zeros().min(missing);
        if bits == 0 {
            // A divisor of 2^63 and more: one bit, by hand, as the rest may outgrow 64.
            let fits = rest >= b.wrapping_sub(rest);
            rest = if fits { rest.wrapping_sub(b.wrapping_sub(rest)) } else { rest << 1 };
            quotient = quotient << 1 | u64::from(fits);
            missing = missing.saturating_sub(1);
        } else {
            rest = rest.wrapping_shl(bits);
            quotient = quotient.wrapping_shl(bits) | rest.checked_div(b).unwrap_or(0);
            rest = rest.checked_rem(b).unwrap_or(0);
            missing = missing.saturating_sub(bits);
        }
    }
    quotient
}

/// The exact product of two integers.
#[must_use]
pub fn product(a: u64, b: u64) -> u128 {
    // Below 2^128, so nothing wraps; a check for overflow would only cost.
    u128::from(a).wrapping_mul(u128::from(b))
}

/// Sum that saturates.
#[must_use]
pub fn sum(values: impl IntoIterator<Item = u64>) -> u64 {
    values.into_iter().fold(0, u64::saturating_add)
}

/// Divides every value by the sum of all; a vector of zeros stays as it is.
pub fn normalize(values: &mut [u64]) {
    let total = sum(values.iter().copied());
    if total > 0 {
        for value in values {
            *value = div(*value, total);
        }
    }
}

/// Each value's share in the sum of all, exactly rounded down, however large the sum is; zeros for zeros.
#[must_use]
pub fn shares_of(values: &[u64]) -> Vec<u64> {
    let total = values.iter().fold(0, |total: u128, value| total.saturating_add(u128::from(*value)));
    let share = |value: &u64| (u128::from(*value) << 32).checked_div(total).unwrap_or(0);
    values.iter().map(|value| u64::try_from(share(value)).unwrap_or(ONE)).collect()
}

/// `from + ratio * (to - from)`, where the product rounds toward minus infinity. `ratio` is at most [`ONE`].
#[must_use]
#[inline(never)]
pub fn interpolate(from: u64, to: u64, ratio: u64) -> u64 {
    if to >= from {
        from.saturating_add(mul(ratio, to.saturating_sub(from)))
    } else {
        from.saturating_sub(mul_up(ratio, from.saturating_sub(to)))
    }
}

/// The fraction that a stored proportion stands for: `value / 65535`.
#[must_use]
#[inline(always)]
pub fn from_proportion(value: u16) -> u64 {
    (u64::from(value) << 32) / 65_535
}

/// The proportion to store for a fraction: `floor(value * 65535)`, at most 65535.
#[must_use]
#[inline(always)]
pub fn to_proportion(value: u64) -> u16 {
    // At most 65535 below one; what is above is cut.
    if value < ONE {
        u16::try_from(value.wrapping_mul(65_535) >> 32).unwrap_or(u16::MAX)
    } else {
        u16::MAX
    }
}
