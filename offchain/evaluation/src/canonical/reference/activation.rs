//! Rule 8: the feed-forward layer's function.

use crate::canonical::number::{rs, saturate};
use crate::canonical::row::{Row, Row16};
use crate::canonical::tables::gates;
use crate::model::Activation;

/// Where the tables end: 16, with 16 fractional bits.
const END: i64 = 1 << 20;
/// One, with 30 fractional bits.
const ONE: i64 = 1 << 30;

/// The function of a row.
pub fn apply(row: &Row, activation: Activation) -> Row16 {
    let exponent = if activation == Activation::Relu { row.exponent } else { row.exponent + 30 };
    let mantissas = row.mantissas.iter().map(|&y| match gate(y, row.exponent, activation) {
        Some(gate) => y * gate,
        None => y.max(0),
    });
    Row { mantissas: mantissas.collect(), exponent }.quantise()
}

/// The function of `gate`, times `up`.
pub fn gated(gate_row: &Row, up: &Row, activation: Activation) -> Row16 {
    let function = |y: i64| match gate(y, gate_row.exponent, activation) {
        Some(gate) => rs(y * gate, 30),
        None => y.max(0),
    };
    let mantissas = gate_row.mantissas.iter().zip(&up.mantissas).map(|(&y, up)| function(y) * up).collect();
    Row { mantissas, exponent: gate_row.exponent + up.exponent }.quantise()
}

/// What the function multiplies `y · 2^-exponent` with, with 30 fractional bits; none for `Relu`.
pub fn gate(y: i64, exponent: i32, activation: Activation) -> Option<i64> {
    let table = gates(activation)?;
    let x = saturate(y.abs(), exponent - 16, END);
    let value = if x == END {
        ONE
    } else {
        let (k, u) = ((x >> 8) as usize, x & 255);
        table[k] + rs((table[k + 1] - table[k]) * u, 8)
    };
    Some(if y < 0 { ONE - value } else { value })
}
