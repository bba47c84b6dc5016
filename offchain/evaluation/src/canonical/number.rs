//! Integer arithmetic that everything else is made of.

/// The largest exponent a row or vector has, and that of one that is all zeros, so that the smaller of two exponents is
/// always the one to keep.
pub const ZERO: i32 = 150;

/// `x · 2^-n` rounded to the nearest integer, halves upwards; a negative `n` shifts left and must lose nothing.
///
/// `|x|` is at most 2^62; from `n` = 63 on the result is 0.
pub fn rs(x: i64, n: i32) -> i64 {
    debug_assert!(bits(x) - n.min(0) <= 63, "{x} shifted by {n} loses bits");
    match n {
        ..=0 => x << -n,
        1..=62 => (x + (1 << (n - 1))) >> n,
        _ => 0,
    }
}

/// `x · 2^-n` rounded as by [`rs`], held within `-bound` and `bound`; `n` may be anything.
pub fn saturate(x: i64, n: i32, bound: i64) -> i64 {
    if n >= 0 {
        return rs(x, n).clamp(-bound, bound);
    }
    if x == 0 || bits(x) - n > 62 {
        return bound * x.signum();
    }
    (x << -n).clamp(-bound, bound)
}

/// Bit length of `|x|`, 0 of 0.
pub fn bits(x: i64) -> i32 {
    64 - x.unsigned_abs().leading_zeros() as i32
}

/// The `count` highest bits of `x > 0`, the others cut off; a shorter `x` is shifted left.
pub fn leading(x: i64, count: i32) -> i64 {
    let n = bits(x) - count;
    if n >= 0 { x >> n } else { x << -n }
}

/// The integer `m` and the exponent `x` with `value = m · 2^x`, from the bits; none of what is not finite.
pub fn of_f32(value: f32) -> Option<(i64, i32)> {
    let bits = value.to_bits();
    let (field, fraction) = ((bits >> 23 & 0xff) as i32, i64::from(bits & 0x7f_ffff));
    let sign = if bits >> 31 == 1 { -1 } else { 1 };
    match field {
        0xff => None,
        0 => Some((sign * fraction, -149)),
        _ => Some((sign * (fraction | 1 << 23), field - 150)),
    }
}

/// The integer `m` and the exponent `x` with `value = m · 2^x`, from the bits; none of what is not finite or negative.
pub fn of_f64(value: f64) -> Option<(i64, i32)> {
    let bits = value.to_bits();
    let (field, fraction) = ((bits >> 52) as i32, (bits & ((1 << 52) - 1)) as i64);
    match field {
        0x7ff.. => None,
        0 => Some((fraction, -1074)),
        _ => Some((fraction | 1 << 52, field - 1075)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rounding_is_to_the_nearest_with_halves_up(x in -(1i64 << 62) + 1..1 << 62, n in 1i32..80) {
            let (x, unit) = (i128::from(x), 1i128 << n);
            prop_assert_eq!(i128::from(rs(x as i64, n)), (2 * x + unit).div_euclid(2 * unit));
        }

        #[test]
        fn saturation_is_clamping_of_the_exact_value(
            x in prop_oneof![Just(0), -9i64..9, -(1i64 << 61)..1 << 61],
            n in -400i32..400,
            power in 1u32..31,
        ) {
            let bound = 1i64 << power;
            let exact = if n >= 0 { i128::from(rs(x, n)) } else { i128::from(x) << -n.max(-64) };
            prop_assert_eq!(i128::from(saturate(x, n, bound)), exact.clamp(i128::from(-bound), i128::from(bound)));
        }

        #[test]
        fn floats_are_taken_apart_exactly(bits: u32, wide: u64) {
            let value = f32::from_bits(bits);
            match of_f32(value) {
                Some((m, x)) => prop_assert_eq!(m as f64 * 2f64.powi(x), f64::from(value)),
                None => prop_assert!(!value.is_finite()),
            }
            let value = f64::from_bits(wide);
            match of_f64(value) {
                Some((m, x)) => prop_assert_eq!(m as f64 * 2f64.powi(x / 2) * 2f64.powi(x - x / 2), value),
                None => prop_assert!(!value.is_finite() || value.is_sign_negative()),
            }
        }
    }
}
