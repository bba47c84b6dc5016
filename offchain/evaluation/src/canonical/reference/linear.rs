//! Rule 2: the product of a row with a matrix, and its bias.

use crate::canonical::number::rs;
use crate::canonical::quantise::QuantisedMatrix;
use crate::canonical::row::{Row, Row16};

/// The product. Mantissas are at most 2^29 + 2^28.
pub fn product(row: &Row16, matrix: &QuantisedMatrix) -> Row {
    let sum = |output| row.values.iter().zip(matrix.row(output)).map(|(&a, &q)| i64::from(a) * i64::from(q)).sum();
    finish(row.exponent, (0..matrix.outputs).map(sum), matrix)
}

/// Exact sums, one for each output, brought to one exponent, and the bias added.
pub fn finish(input: i32, sums: impl Iterator<Item = i64>, matrix: &QuantisedMatrix) -> Row {
    let product = input + matrix.exponent;
    let Some(bias) = &matrix.bias else {
        let mantissas = sums.zip(&matrix.shift).map(|(sum, &shift)| rs(sum, i32::from(shift))).collect();
        return Row { mantissas, exponent: product };
    };
    let exponent = product.min(bias.exponent);
    let add = |((sum, &shift), &bias_mantissa): ((i64, &u8), &i32)| {
        rs(sum, i32::from(shift) + product - exponent) + rs(i64::from(bias_mantissa), bias.exponent - exponent)
    };
    Row { mantissas: sums.zip(&matrix.shift).zip(&bias.mantissas).map(add).collect(), exponent }
}
