//! Angles of rotary positions (rule 6), as integers from the exact base.

use super::CanonicalError;
use super::number::{of_f64, rs};
use super::tables::{logarithm, power};

/// `1 / (2 pi)` with 64 fractional bits.
const TURN_64: u128 = 2_935_890_503_282_001_226;
/// `pi / 2` with 62 fractional bits.
const QUARTER_62: i128 = 7_244_019_458_077_122_842;

/// How far each pair of a head's features turns from one position to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotary {
    /// Fractions of a turn, with 64 bits.
    frequencies: Vec<u64>,
}

impl Rotary {
    /// `theta^(-2i/head) / (2 pi)` turns for `i` below `head / 2`; `theta` is at least 1.
    pub fn new(theta: f64, head: usize) -> Result<Self, CanonicalError> {
        let wrong = || CanonicalError::Constant { what: "theta".to_owned(), value: theta.to_string() };
        let (m, x) = of_f64(theta).filter(|&(m, x)| m >> 52 == 1 && x >= -52).ok_or_else(wrong)?;
        let log = (((x + 52) as u128) << 60) + logarithm((m as u128) << 10);
        let frequency = |i: usize| {
            let exponent = 2 * i as u128 * log / head as u128;
            let whole = (exponent >> 60) as u32;
            let turns = (TURN_64 * power(exponent & ((1 << 60) - 1))) >> 62;
            turns.checked_shr(whole).unwrap_or(0) as u64
        };
        Ok(Self { frequencies: (0..head / 2).map(frequency).collect() })
    }

    /// Cosine and sine of pair `i`'s angle at a position, with 30 fractional bits.
    pub fn angle(&self, position: usize, i: usize) -> [i32; 2] {
        circle(self.frequencies[i].wrapping_mul(position as u64))
    }

    /// The angles of all pairs at the first `positions` positions, one position after another.
    pub fn table(&self, positions: usize) -> Vec<[i32; 2]> {
        let pairs = self.frequencies.len();
        (0..positions * pairs).map(|index| self.angle(index / pairs, index % pairs)).collect()
    }
}

/// Cosine and sine of a fraction of a turn, with 30 fractional bits.
fn circle(turn: u64) -> [i32; 2] {
    let x = (i128::from((turn << 2) >> 2) * QUARTER_62) >> 62;
    let [cos, sin] = [series(x, 0), series(x, 1)].map(|value| rs(value as i64, 32) as i32);
    match turn >> 62 {
        0 => [cos, sin],
        1 => [-sin, cos],
        2 => [-cos, -sin],
        _ => [sin, -cos],
    }
}

/// The sum of `±x^n / n!` over `n` = `first`, `first` + 2, ...: cosine from 0, sine from 1; 62 fractional bits.
fn series(x: i128, first: i128) -> i128 {
    let (mut term, mut sum, mut n) = (if first == 0 { 1 << 62 } else { x }, 0, first);
    while term != 0 {
        sum += term;
        term = -((((term * x) >> 62) * x) >> 62) / ((n + 1) * (n + 2));
        n += 2;
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn angles_are_those_of_the_formula(theta in 1.0f64..1e9, half in 1usize..65, position in 0usize..2048, at: usize) {
            let i = at % half;
            let rotary = Rotary::new(theta, 2 * half).unwrap();
            let angle = position as f64 * theta.powf(-(i as f64) / half as f64);
            let [cos, sin] = rotary.angle(position, i).map(|value| f64::from(value) / 2f64.powi(30));
            prop_assert!((cos - angle.cos()).abs() < 2e-9, "{cos} {}", angle.cos());
            prop_assert!((sin - angle.sin()).abs() < 2e-9, "{sin} {}", angle.sin());
        }
    }

    #[test]
    fn bases_below_one_are_refused() {
        for theta in [0.5, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Rotary::new(theta, 8), Err(CanonicalError::Constant { .. })), "{theta}");
        }
    }
}
