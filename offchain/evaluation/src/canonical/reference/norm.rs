//! Rule 5: norms.

use crate::canonical::model::Epsilon;
use crate::canonical::number::{ZERO, bits, rs};
use crate::canonical::quantise::QuantisedVector;
use crate::canonical::row::Row;
use crate::model::NormKind;

/// Fractional bits of a normalised number.
const POINT: i32 = 22;

/// The normed row. Mantissas are at most 2^29; the exponent is the same whatever the row.
pub fn norm(
    row: &Row,
    kind: NormKind,
    epsilon: Epsilon,
    gain: &QuantisedVector,
    bias: Option<&QuantisedVector>,
) -> Row {
    let normal = normalise(row, kind, epsilon);
    let shift = (bits(row.mantissas.len() as i64) + 1) / 2 + 18;
    let scaled = POINT + gain.exponent - shift;
    let exponent = bias.map_or(scaled, |bias| scaled.min(bias.exponent)).min(ZERO);
    let mantissas = normal.iter().enumerate().map(|(index, h)| {
        let product = rs(h * i64::from(gain.mantissas[index]), shift + scaled - exponent);
        product + bias.map_or(0, |bias| rs(i64::from(bias.mantissas[index]), bias.exponent - exponent))
    });
    Row { mantissas: mantissas.collect(), exponent }
}

/// The row less its mean, if the norm takes it, divided by the root of its mean square, with 22 fractional bits.
fn normalise(row: &Row, kind: NormKind, epsilon: Epsilon) -> Vec<i64> {
    let count = row.mantissas.len() as i64;
    let mean = match kind {
        NormKind::Rms => 0,
        NormKind::Layer => (2 * row.mantissas.iter().sum::<i64>() + count).div_euclid(2 * count),
    };
    let centred: Vec<i64> = row.mantissas.iter().map(|m| m - mean).collect();
    let largest = centred.iter().map(|c| c.abs()).max().unwrap_or(0);
    if largest == 0 {
        return vec![0; centred.len()];
    }
    // The sum of squares of numbers of 15 bits.
    let r = (bits(largest) - 15).max(0);
    let squares: i64 = centred.iter().map(|&c| rs(c, r) * rs(c, r)).sum();
    let own = 2 * (row.exponent - r);
    // Epsilon counts once for each feature. `sum · 2^-exponent` is what stands under the root, times the features.
    let constant = epsilon.mantissa * count;
    let apart = own - epsilon.exponent;
    let (sum, exponent) = match apart {
        ..=0 => (squares + rs(constant, -apart), own),
        1..=14 => (squares + (constant << apart), own),
        _ => (rs(squares, apart - 14) + (constant << 14), own - (apart - 14)),
    };
    let mut z = 62 - bits(sum);
    if (exponent + z).rem_euclid(2) == 1 {
        z -= 1;
    }
    let root = ((sum as u64) << z).isqrt() as i64;
    let width = ((count as u64) << 44).isqrt() as i64;
    // sqrt(K) / root: below 2^32.
    let scale = (width << 32) / root;
    let shift = 32 + row.exponent - (exponent + z) / 2;
    centred.iter().map(|c| rs(c * scale, shift)).collect()
}
