//! `a * b / d` where the product needs more than 128 bits.

/// `a * b / d` rounded down; `None` if `d` is zero or above 2^127, or the quotient leaves its range.
pub fn mul_div(a: u64, b: u128, d: u128) -> Option<u128> {
    multiply(a, b, d).map(|(quotient, _)| quotient)
}

/// `a * b / d` rounded up, under the same conditions.
pub fn mul_div_up(a: u64, b: u128, d: u128) -> Option<u128> {
    let (quotient, remainder) = multiply(a, b, d)?;
    quotient.checked_add(u128::from(remainder > 0))
}

/// Quotient and remainder of `a * b / d`, with no step wider than 128 bits: by division where `d` has 64 bits, since a
/// remainder times `a` then fits; by doubling otherwise.
fn multiply(a: u64, b: u128, d: u128) -> Option<(u128, u128)> {
    let whole = b.checked_div(d)?;
    let part = b.checked_sub(whole.checked_mul(d)?)?;
    if d > u128::from(u64::MAX) {
        return double(a, whole, part, d);
    }
    let rest = u128::from(a).checked_mul(part)?;
    let low = rest.checked_div(d)?;
    let quotient = u128::from(a).checked_mul(whole)?.checked_add(low)?;
    Some((quotient, rest.checked_sub(low.checked_mul(d)?)?))
}

/// The same of `b = whole * d + part`: the bits of `a` from the highest, the product kept as `quotient * d + remainder`.
/// A remainder stays below `d`.
fn double(a: u64, whole: u128, part: u128, d: u128) -> Option<(u128, u128)> {
    let (mut quotient, mut remainder) = (0_u128, 0_u128);
    for bit in (0..u64::BITS.saturating_sub(a.leading_zeros())).rev() {
        quotient = quotient.checked_mul(2)?;
        remainder = remainder.checked_mul(2)?;
        if a >> bit & 1 == 1 {
            quotient = quotient.checked_add(whole)?;
            carry(&mut quotient, &mut remainder, d)?;
            remainder = remainder.checked_add(part)?;
        }
        carry(&mut quotient, &mut remainder, d)?;
    }
    Some((quotient, remainder))
}

fn carry(quotient: &mut u128, remainder: &mut u128, d: u128) -> Option<()> {
    if let Some(rest) = remainder.checked_sub(d) {
        *quotient = quotient.checked_add(1)?;
        *remainder = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Where the product fits 128 bits, plain arithmetic says the same.
        #[test]
        fn agrees_with_plain_arithmetic(a: u64, b: u64, d in 1_u128..1 << 127) {
            let product = u128::from(a) * u128::from(b);
            prop_assert_eq!(mul_div(a, u128::from(b), d), Some(product / d));
            prop_assert_eq!(mul_div_up(a, u128::from(b), d), Some(product.div_ceil(d)));
        }

        /// A factor common to `b` and `d` changes nothing, however wide it makes the product.
        #[test]
        fn keeps_wide_products(a: u64, b in 0_u128..1 << 63, d in 1_u128..1 << 63, factor in 1_u128..1 << 64) {
            prop_assert_eq!(mul_div(a, b * factor, d * factor), mul_div(a, b, d));
            prop_assert_eq!(mul_div_up(a, b * factor, d * factor), mul_div_up(a, b, d));
        }

        /// Both ways of dividing agree.
        #[test]
        fn ways_agree(a: u64, b: u128, d in 1_u128..1 << 64) {
            prop_assert_eq!(multiply(a, b, d), double(a, b / d, b % d, d));
        }

        /// No input makes it panic.
        #[test]
        fn is_total(a: u64, b: u128, d: u128) {
            let _ = mul_div_up(a, b, d);
        }
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        assert_eq!(mul_div(1, 1, 0), None);
        assert_eq!(mul_div(u64::MAX, u128::MAX, 1), None);
        assert_eq!(mul_div(0, u128::MAX, 1), Some(0));
    }
}
