//! Products of rows with a matrix, in loops that compilers turn into SIMD; `pulp` compiles them once for the widest
//! instructions of the processor at hand, which is why all of them are inlined.
//!
//! A sum of products of 16-bit numbers does not fit 32 bits, but each of an input's two limbs does for [`RUN`] terms:
//! `input = 256 · high + low`, both limbs within -128 and 127.

use crate::canonical::quantise::QuantisedMatrix;
use crate::canonical::reference::linear::finish;
use crate::canonical::row::{Row, Row16};

/// Terms of which 32 bits hold the sum: `128 · 32639 · 512 < 2^31`.
const RUN: usize = 512;
/// Rows of input that meet a row of the matrix while it is in the cache.
const TILE: usize = 16;

/// The limbs of an input.
struct Limbs {
    high: Vec<i16>,
    low: Vec<i16>,
}

/// The products of all rows.
pub fn products(rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Row> {
    let finish = |(row, sums): (&Row16, Vec<i64>)| finish(row.exponent, sums.into_iter(), matrix);
    let tile = |rows: &[Row16]| rows.iter().zip(sums(rows, matrix)).map(finish).collect::<Vec<_>>();
    rows.chunks(TILE).flat_map(tile).collect()
}

/// The exact sums of each row with each row of the matrix.
fn sums(rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Vec<i64>> {
    pulp::Arch::new().dispatch(Sums { limbs: &rows.iter().map(split).collect::<Vec<_>>(), matrix })
}

struct Sums<'a> {
    limbs: &'a [Limbs],
    matrix: &'a QuantisedMatrix,
}

impl pulp::NullaryFnOnce for Sums<'_> {
    type Output = Vec<Vec<i64>>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let mut sums = vec![vec![0; self.matrix.outputs]; self.limbs.len()];
        for (output, weights) in self.matrix.weight.chunks_exact(self.matrix.inputs).enumerate() {
            for (limbs, sums) in self.limbs.iter().zip(&mut sums) {
                sums[output] = dot(limbs, weights);
            }
        }
        sums
    }
}

fn split(row: &Row16) -> Limbs {
    let high: Vec<i16> = row.values.iter().map(|&q| (q + 128) >> 8).collect();
    let low = row.values.iter().zip(&high).map(|(&q, &high)| q - 256 * high).collect();
    Limbs { high, low }
}

/// The exact sum of products.
#[inline(always)]
fn dot(limbs: &Limbs, weights: &[i16]) -> i64 {
    let runs = limbs.high.chunks(RUN).zip(limbs.low.chunks(RUN)).zip(weights.chunks(RUN));
    let mut sum = 0;
    for ((high, low), weights) in runs {
        sum += 256 * i64::from(run(high, weights)) + i64::from(run(low, weights));
    }
    sum
}

/// Cannot wrap, see [`RUN`]; but a check for it in each step would keep the compiler from using SIMD.
#[inline(always)]
fn run(limbs: &[i16], weights: &[i16]) -> i32 {
    let mut sum = 0i32;
    for (&a, &b) in limbs.iter().zip(weights) {
        sum = sum.wrapping_add(i32::from(a) * i32::from(b));
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;
    use crate::canonical::reference::linear::product;
    use crate::canonical::row::LARGEST;

    /// The largest sums that there can be, at lengths around that of a run.
    #[test]
    fn extremes_do_not_wrap() {
        let largest = LARGEST as i16;
        for inputs in [1, 7, 511, 512, 513, 1024, 5000, 32_768] {
            for value in [largest, -largest, 32_512 + 127 - 255, -128, 127] {
                let rows = [largest, -largest].map(|value| Row16 { values: vec![value; inputs], exponent: 3 });
                let weight = vec![value; 2 * inputs];
                let matrix =
                    QuantisedMatrix { inputs, outputs: 2, weight, shift: vec![0, 20], exponent: 1, bias: None };
                let exact: Vec<Row> = rows.iter().map(|row| product(row, &matrix)).collect();
                assert_eq!(products(&rows, &matrix), exact, "{inputs} of {value}");
            }
        }
    }
}
