//! Rule 7: attention.

use crate::canonical::number::{ZERO, bits, leading, rs, saturate};
use crate::canonical::row::{Row, Row16};
use crate::canonical::tables::{LOG2_E, exponential};

/// Scores are logarithms to base 2 with this many fractional bits.
const POINT: u32 = 16;
/// The largest score, with its fractional bits.
const HIGHEST: i64 = 1 << 29;

/// `log2(e) / sqrt(head)` with 30 fractional bits.
pub fn scale(head: usize) -> i64 {
    (LOG2_E << 27) / ((head as u64) << 54).isqrt() as i64
}

/// The mean of values, weighted by the exponential of their keys' products with the query.
///
/// The keys and values are those of all tokens that the query sees, at least one; `scale` is that of [`scale`].
/// Mantissas are at most 2^30.
pub fn mix(query: &Row16, keys: &[&Row16], values: &[&Row16], scale: i64) -> Row {
    let scores: Vec<i64> = keys.iter().map(|key| score(query, key, scale)).collect();
    let highest = scores.iter().copied().max().unwrap_or(0);
    let total: i64 = scores.iter().map(|score| weight(highest - score)).sum();
    // Values come with exponents of their own, which join the scores, so that the sum has one exponent.
    let lifted: Vec<i64> =
        scores.iter().zip(values).map(|(score, value)| score - (i64::from(value.exponent) << POINT)).collect();
    let peak = lifted.iter().copied().max().unwrap_or(0);
    let weights: Vec<i64> = lifted.iter().map(|lifted| weight(peak - lifted)).collect();
    let mut sums = vec![0; query.values.len()];
    for (&weight, value) in weights.iter().zip(values) {
        for (sum, &v) in sums.iter_mut().zip(&value.values) {
            *sum += weight * i64::from(v);
        }
    }
    let (whole, fraction) = ((peak - highest) >> POINT, (peak - highest) & ((1 << POINT) - 1));
    let power = exponential((1 << POINT) - fraction, POINT, 0);
    let quotient = (power << 31) / leading(total, 31);
    let drop = (bits(weights.iter().sum()) - 15).max(0);
    let mantissas = sums.iter().map(|&sum| rs(rs(sum, drop) * quotient, 31)).collect();
    Row { mantissas, exponent: bits(total) - 2 - drop - whole as i32 }
}

/// All heads of a token as one row.
pub fn join(heads: &[Row]) -> Row16 {
    let present = heads.iter().filter(|head| head.mantissas.iter().any(|&m| m != 0));
    let exponent = present.map(|head| head.exponent).min().unwrap_or(ZERO);
    let mantissas = heads.iter().flat_map(|head| {
        // A head of zeros may have a smaller exponent, and needs no shift.
        head.mantissas.iter().map(move |&m| rs(m, (head.exponent - exponent).max(0)))
    });
    Row { mantissas: mantissas.collect(), exponent }.quantise()
}

fn score(query: &Row16, key: &Row16, scale: i64) -> i64 {
    let sum: i64 = query.values.iter().zip(&key.values).map(|(&q, &k)| i64::from(q) * i64::from(k)).sum();
    saturate(rs(sum, 8) * scale, query.exponent + key.exponent + 6, HIGHEST)
}

/// `2^-d` with 22 fractional bits.
fn weight(d: i64) -> i64 {
    exponential(d, POINT, 8)
}
