//! Weights as integers (rule 1), from the bits of their exact f32 values.

use super::CanonicalError;
use super::number::{ZERO, bits, of_f32, rs};
use super::row::{LARGEST, Row16};
use crate::model::{Linear, Norm};

/// A vector with one exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantisedVector {
    /// The integers.
    pub mantissas: Vec<i32>,
    /// A mantissa `m` stands for `m · 2^-exponent`.
    pub exponent: i32,
}

/// A matrix whose products come out at one exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantisedMatrix {
    /// Columns.
    pub inputs: usize,
    /// Rows.
    pub outputs: usize,
    /// `outputs` rows of `inputs`, each row at its own exponent `exponent + shift`.
    pub weight: Vec<i16>,
    /// For each output, how far its sum is shifted right to reach the common exponent; 0 to 62.
    pub shift: Vec<u8>,
    /// What a product adds to the exponent of its input.
    pub exponent: i32,
    /// Added to the product.
    pub bias: Option<QuantisedVector>,
}

/// Rows to be looked up, each with an exponent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantisedTable {
    /// Columns.
    pub width: usize,
    /// The rows, one after another.
    pub rows: Vec<i16>,
    /// One for each row: a value `q` stands for `q · 2^-exponent`.
    pub exponents: Vec<i32>,
}

/// The weights of a norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantisedNorm {
    /// At most 2^24.
    pub gain: QuantisedVector,
    /// At most 2^27.
    pub bias: Option<QuantisedVector>,
}

/// Magnitudes of a vector's largest entry, as powers of two.
const BIAS: u32 = 28;
const GAIN: u32 = 24;
const NORM_BIAS: u32 = 27;

impl QuantisedMatrix {
    /// Takes a product's weights; `outputs` by `inputs` are wanted of `what`.
    pub fn new(linear: &Linear, [outputs, inputs]: [usize; 2], what: &str) -> Result<Self, CanonicalError> {
        let table = QuantisedTable::new(&linear.weight, [outputs, inputs], what)?;
        let bias = match &linear.bias {
            Some(bias) => Some(QuantisedVector::new(bias, outputs, 1 << BIAS, what)?),
            None => None,
        };
        // The exponent at which no sum of the row with any input exceeds 2^29; none of a row of zeros.
        let ceiling = |(row, &exponent): (&[i16], &i32)| {
            let bound = LARGEST * row.iter().map(|&q| i64::from(q).abs()).sum::<i64>();
            (bound > 0).then(|| exponent - (bits(bound) - 29).max(0))
        };
        let ceilings: Vec<Option<i32>> = table.rows.chunks_exact(inputs).zip(&table.exponents).map(ceiling).collect();
        let common = ceilings.iter().flatten().copied().min().unwrap_or(0);
        let shift =
            |(ceiling, &exponent): (&Option<i32>, &i32)| ceiling.map_or(0, |_| (exponent - common).min(62) as u8);
        let shift = ceilings.iter().zip(&table.exponents).map(shift).collect();
        Ok(Self { inputs, outputs, weight: table.rows, shift, exponent: common, bias })
    }

    /// The weights of output `index`.
    pub fn row(&self, index: usize) -> &[i16] {
        &self.weight[index * self.inputs..(index + 1) * self.inputs]
    }
}

impl QuantisedTable {
    /// Takes `[count, width]` weights of `what`.
    pub fn new(weights: &[f32], [count, width]: [usize; 2], what: &str) -> Result<Self, CanonicalError> {
        check(weights, count * width, what)?;
        let mut rows = Vec::with_capacity(weights.len());
        let mut exponents = Vec::with_capacity(count);
        for row in weights.chunks_exact(width) {
            let exponent = exponent(row, LARGEST, what)?;
            for &weight in row {
                rows.push(at(weight, exponent, what)? as i16);
            }
            exponents.push(exponent);
        }
        Ok(Self { width, rows, exponents })
    }

    /// Row `index`, and its exponent.
    pub fn row(&self, index: usize) -> (&[i16], i32) {
        (&self.rows[index * self.width..(index + 1) * self.width], self.exponents[index])
    }
}

impl QuantisedVector {
    fn new(weights: &[f32], count: usize, largest: i64, what: &str) -> Result<Self, CanonicalError> {
        check(weights, count, what)?;
        let exponent = exponent(weights, largest, what)?;
        let mantissas = weights.iter().map(|&weight| Ok(at(weight, exponent, what)? as i32));
        Ok(Self { mantissas: mantissas.collect::<Result<_, CanonicalError>>()?, exponent })
    }

    /// The gain of a norm, `count` wide.
    pub fn gain(weights: &[f32], count: usize, what: &str) -> Result<Self, CanonicalError> {
        Self::new(weights, count, 1 << GAIN, what)
    }
}

impl QuantisedNorm {
    /// Takes a norm's weights, `count` wide.
    pub fn new(norm: &Norm, count: usize, what: &str) -> Result<Self, CanonicalError> {
        let bias = match &norm.bias {
            Some(bias) => Some(QuantisedVector::new(bias, count, 1 << NORM_BIAS, what)?),
            None => None,
        };
        Ok(Self { gain: QuantisedVector::gain(&norm.gain, count, what)?, bias })
    }
}

/// Features of a perceptron as a row of 16 bits.
pub fn features(values: &[f32]) -> Result<Row16, CanonicalError> {
    let exponent = exponent(values, LARGEST, "the features")?;
    let values = values.iter().map(|&value| Ok(at(value, exponent, "the features")? as i16));
    Ok(Row16 { values: values.collect::<Result<_, CanonicalError>>()?, exponent })
}

/// The largest exponent, at most [`ZERO`], at which no weight exceeds `bound`.
fn exponent(weights: &[f32], bound: i64, what: &str) -> Result<i32, CanonicalError> {
    // The bits of finite floats without their sign are in the order of the magnitudes.
    let largest = weights.iter().map(|weight| weight.to_bits() & 0x7fff_ffff).max().unwrap_or(0);
    let (m, x) = of_f32(f32::from_bits(largest)).ok_or_else(|| CanonicalError::NotFinite { what: what.to_owned() })?;
    if m == 0 {
        return Ok(ZERO);
    }
    let exponent = (bits(bound) - bits(m) - x).min(ZERO);
    Ok(if rs(m, -(x + exponent)) > bound { exponent - 1 } else { exponent })
}

/// A weight's mantissa at an exponent.
fn at(weight: f32, exponent: i32, what: &str) -> Result<i64, CanonicalError> {
    let (m, x) = of_f32(weight).ok_or_else(|| CanonicalError::NotFinite { what: what.to_owned() })?;
    Ok(rs(m, -(x + exponent)))
}

fn check(weights: &[f32], expected: usize, what: &str) -> Result<(), CanonicalError> {
    if weights.len() == expected {
        return Ok(());
    }
    Err(CanonicalError::Shape { what: what.to_owned(), expected, found: weights.len() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Any finite row: each weight within half a unit, and the unit as small as it can be.
        #[test]
        fn rows_keep_fifteen_bits(bits in proptest::collection::vec(any::<u32>(), 1..9)) {
            let row: Vec<f32> = bits.into_iter().map(f32::from_bits).filter(|value| value.is_finite()).collect();
            prop_assume!(!row.is_empty());
            let table = QuantisedTable::new(&row, [1, row.len()], "a row").unwrap();
            let (values, exponent) = table.row(0);
            for (&q, &weight) in values.iter().zip(&row) {
                let exact = f64::from(weight) * 2f64.powi(exponent);
                prop_assert!((f64::from(q) - exact).abs() <= 0.5);
                prop_assert!(i64::from(q).abs() <= LARGEST);
            }
            let largest = values.iter().map(|q| q.unsigned_abs()).max().unwrap();
            prop_assert!(largest >= 16_319 || exponent == ZERO, "{largest} at {exponent}");
        }

        #[test]
        fn no_product_exceeds_thirty_bits(
            weight in proptest::collection::vec(-1e3f32..1e3, 12),
            scale in 0i32..60,
        ) {
            let weight: Vec<f32> = weight.iter().enumerate().map(|(i, w)| w * 2f32.powi(-scale * (i / 4) as i32)).collect();
            let matrix = QuantisedMatrix::new(&Linear { inputs: 4, weight, bias: None }, [3, 4], "a matrix").unwrap();
            for output in 0..3 {
                let sum: i64 = matrix.row(output).iter().map(|&q| i64::from(q).abs() * LARGEST).sum();
                prop_assert!(rs(sum, i32::from(matrix.shift[output])) <= 1 << 29);
            }
        }
    }

    #[test]
    fn what_is_not_finite_or_of_another_size_is_refused() {
        let not_finite = CanonicalError::NotFinite { what: "x".to_owned() };
        assert_eq!(QuantisedTable::new(&[1.0, f32::NAN], [1, 2], "x"), Err(not_finite));
        let shape = CanonicalError::Shape { what: "x".to_owned(), expected: 4, found: 2 };
        assert_eq!(QuantisedTable::new(&[1.0, 2.0], [2, 2], "x"), Err(shape));
    }
}
