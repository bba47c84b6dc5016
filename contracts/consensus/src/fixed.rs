//! Unsigned fixed point with 32 fractional bits, held in a `u64`.
//!
//! Yuma is specified in signed I32F32. Every quantity of an epoch is nonnegative, so the same bits are kept unsigned,
//! and differences are taken only where their sign is known. Products round down, quotients round down, and a quotient
//! by zero is zero, as in the specification. The largest quantity of an epoch, a column sum of 4096 bonds, stays
//! below 2^60; outside that range operations saturate.

/// One, in fixed point.
pub const ONE: u64 = 1 << 32;

/// `a * b`, rounded down. One of the two may also be an integer: then the result is an integer.
#[must_use]
#[inline]
pub fn mul(a: u64, b: u64) -> u64 {
    // Both factors below 2^32: the product fits. 128-bit arithmetic is slow in WebAssembly and seldom needed.
    if (a | b) < ONE {
        a.wrapping_mul(b) >> 32
    } else {
        wide_mul(a, b)
    }
}

#[inline(never)]
fn wide_mul(a: u64, b: u64) -> u64 {
    let wide = product(a, b) >> 32;
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// `a * b`, rounded up.
#[must_use]
pub fn mul_up(a: u64, b: u64) -> u64 {
    let wide = product(a, b).saturating_add(u128::from(u32::MAX)) >> 32;
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// `a / b`, rounded down; zero when `b` is zero. Of two integers it makes a fraction.
#[must_use]
#[inline]
pub fn div(a: u64, b: u64) -> u64 {
    if a < ONE {
        (a << 32).checked_div(b).unwrap_or(0)
    } else {
        wide_div(a, b)
    }
}

#[inline(never)]
fn wide_div(a: u64, b: u64) -> u64 {
    let wide = (u128::from(a) << 32).checked_div(u128::from(b)).unwrap_or(0);
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// The exact product of two integers.
#[must_use]
pub fn product(a: u64, b: u64) -> u128 {
    // Below 2^128, so nothing wraps; a check for overflow would cost several times the product.
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

/// `from + ratio * (to - from)`, where the product rounds toward minus infinity. `ratio` is at most [`ONE`].
#[must_use]
pub fn interpolate(from: u64, to: u64, ratio: u64) -> u64 {
    if to >= from {
        from.saturating_add(mul(ratio, to.saturating_sub(from)))
    } else {
        from.saturating_sub(mul_up(ratio, from.saturating_sub(to)))
    }
}

/// The fraction that a stored proportion stands for: `value / 65535`.
#[must_use]
pub fn from_proportion(value: u16) -> u64 {
    div(u64::from(value), u64::from(u16::MAX))
}

/// The proportion to store for a fraction: `floor(value * 65535)`, at most 65535.
#[must_use]
pub fn to_proportion(value: u64) -> u16 {
    u16::try_from(mul(value, u64::from(u16::MAX))).unwrap_or(u16::MAX)
}
