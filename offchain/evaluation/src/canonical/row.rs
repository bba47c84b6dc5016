//! Rows of numbers `mantissa · 2^-exponent`, and their rounding to 16 bits (rule 0).

use super::number::{ZERO, bits, rs};

/// The largest magnitude of a 16-bit number: `127 · 256 + 127`, so that both its limbs fit 8 signed bits.
pub const LARGEST: i64 = 32_639;

/// A row of wide numbers, each below 2^62.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The integers.
    pub mantissas: Vec<i64>,
    /// A mantissa `m` stands for `m · 2^-exponent`.
    pub exponent: i32,
}

/// A row of 16-bit numbers, the input of products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row16 {
    /// The integers, at most [`LARGEST`].
    pub values: Vec<i16>,
    /// A value `q` stands for `q · 2^-exponent`; at most [`ZERO`].
    pub exponent: i32,
}

impl Row {
    /// Rounded to 16 bits by the smallest shift that fits (rule 0).
    pub fn quantise(&self) -> Row16 {
        let largest = largest(&self.mantissas);
        if largest == 0 {
            return Row16 { values: vec![0; self.mantissas.len()], exponent: ZERO };
        }
        let mut shift = (self.exponent - ZERO).max(bits(largest) - 15).max(0);
        if rs(largest, shift) > LARGEST {
            shift += 1;
        }
        let values = self.mantissas.iter().map(|&m| rs(m, shift) as i16).collect();
        Row16 { values, exponent: self.exponent - shift }
    }

    /// With mantissas of at most 2^29, as the residual stream has them (rule 4).
    pub fn renormalise(self) -> Self {
        let largest = largest(&self.mantissas);
        if largest == 0 {
            return Self { exponent: ZERO, ..self };
        }
        let shift = (bits(largest) - 29).max(0);
        let mantissas = self.mantissas.iter().map(|&m| rs(m, shift)).collect();
        Self { mantissas, exponent: self.exponent - shift }
    }
}

fn largest(mantissas: &[i64]) -> i64 {
    mantissas.iter().map(|m| m.abs()).max().unwrap_or(0)
}
