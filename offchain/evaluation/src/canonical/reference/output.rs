//! Rules 10 to 12: embeddings, and logits of classes.

use crate::canonical::number::{ZERO, bits, rs, saturate};
use crate::canonical::quantise::QuantisedMatrix;
use crate::canonical::reference::activation::gate;
use crate::canonical::reference::linear::product;
use crate::canonical::row::{Row, Row16};
use crate::model::Activation;

/// The largest logit of a class, with its 16 fractional bits.
const HIGHEST: i64 = 1 << 30;
/// Bits of a mean's largest feature.
const PRECISION: i32 = 22;

/// The mean of all rows, scaled to length one, with 30 fractional bits (rule 10).
pub fn embedding(rows: &[Row]) -> Vec<i32> {
    let exponent = rows.iter().map(|row| row.exponent).min().unwrap_or(ZERO);
    let mut sums = vec![0; rows.first().map_or(0, |row| row.mantissas.len())];
    for row in rows {
        for (sum, &m) in sums.iter_mut().zip(&row.mantissas) {
            *sum += rs(m, row.exponent - exponent);
        }
    }
    let largest = sums.iter().map(|sum| sum.abs()).max().unwrap_or(0);
    if largest == 0 {
        return vec![0; sums.len()];
    }
    let shift = bits(largest) - PRECISION;
    let scaled: Vec<i64> = sums.iter().map(|&sum| rs(sum, shift)).collect();
    let length = (scaled.iter().map(|x| x * x).sum::<i64>() as u64).isqrt() as i64;
    scaled.iter().map(|x| ((x << 31) + length).div_euclid(2 * length) as i32).collect()
}

/// The logits of classes, from the first token's final state (rule 11).
pub fn classes(row: &Row, pooler: Option<&QuantisedMatrix>, classifier: &QuantisedMatrix) -> Vec<i32> {
    let pooled = match pooler {
        Some(pooler) => tanh(&product(&row.quantise(), pooler)),
        None => row.quantise(),
    };
    logits(&product(&pooled, classifier))
}

/// Logits with 16 fractional bits.
pub fn logits(row: &Row) -> Vec<i32> {
    row.mantissas.iter().map(|&y| saturate(y, row.exponent - 16, HIGHEST) as i32).collect()
}

/// `tanh(x) = 2 / (1 + exp(-2x)) - 1`.
fn tanh(row: &Row) -> Row16 {
    let value = |&y: &i64| match gate(2 * y.abs(), row.exponent, Activation::Silu) {
        Some(gate) => (2 * gate - (1 << 30)) * y.signum(),
        None => 0,
    };
    Row { mantissas: row.mantissas.iter().map(value).collect(), exponent: 30 }.quantise()
}
