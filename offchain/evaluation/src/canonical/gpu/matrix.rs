//! Weights of a product in device memory: limbs of 16-bit numbers, one row after another, in shards that the device can
//! bind.

use wgpu::Buffer;

use super::kernels::{BIASLESS, Column, GRANULE};
use crate::canonical::quantise::QuantisedMatrix;
use crate::engine::{Device, EngineError};

/// Rows of a shard at most: a grid has up to 65,535 workgroups along a side, and the narrowest make four rows' products.
const SHARD: usize = 1 << 17;

/// Rows of one or more matrices, one below the other.
#[derive(Debug)]
pub(super) struct Matrix {
    /// Pairs of words a row.
    pub depth: usize,
    /// Rows, padding included.
    pub outputs: usize,
    /// The exponents of each matrix: a rule without shift and bias.
    pub rules: Vec<Column>,
    /// The rows, in order.
    pub shards: Vec<Shard>,
}

/// Some rows of a weight.
#[derive(Debug)]
pub(super) struct Shard {
    /// Index of the first.
    pub first: usize,
    /// How many, padding included.
    pub outputs: usize,
    pub weight: Buffer,
    pub columns: Buffer,
}

impl Matrix {
    /// Uploads matrices of equal width in shards of at most `most` rows, and of what the device binds.
    pub(super) fn upload(device: &Device, matrices: &[&QuantisedMatrix], most: usize) -> Result<Self, EngineError> {
        let inputs = matrices.iter().map(|matrix| matrix.inputs).max().unwrap_or(0);
        let depth = padded(inputs) / 4;
        let bytes = device.binding_limit() / (depth * size_of::<[u32; 2]>()).max(1) as u64;
        let bound = usize::try_from(bytes).unwrap_or(usize::MAX) / GRANULE * GRANULE;
        let most = most.min(SHARD).next_multiple_of(GRANULE).min(bound).max(GRANULE);
        let rows: Vec<(&[i16], Column)> = matrices.iter().flat_map(|matrix| rows(matrix)).collect();
        let mut shards = Vec::new();
        for (index, rows) in rows.chunks(most).enumerate() {
            let outputs = padded(rows.len());
            let mut weight = vec![[0; 2]; outputs * depth];
            for ((row, _), target) in rows.iter().zip(weight.chunks_exact_mut(depth)) {
                pack(row, target);
            }
            let mut columns: Vec<Column> = rows.iter().map(|(_, column)| *column).collect();
            columns.resize(outputs, Column::EMPTY);
            let weight = device.upload("weights", &weight)?;
            let columns = device.upload("rules of products", &columns)?;
            // What is on its way to the device takes memory twice: wait for a shard before the next.
            let _: Vec<[u32; 2]> = device.run(&[], &weight, 1)?;
            shards.push(Shard { first: index * most, outputs, weight, columns });
        }
        let rules = matrices.iter().map(|matrix| rule(matrix)).collect();
        Ok(Self { depth, outputs: padded(rows.len()), rules, shards })
    }
}

/// `width` with its padding.
pub(super) fn padded(width: usize) -> usize {
    width.next_multiple_of(GRANULE)
}

fn rule(matrix: &QuantisedMatrix) -> Column {
    let bias_exponent = matrix.bias.as_ref().map_or(BIASLESS, |bias| bias.exponent);
    Column { shift: 0, exponent: matrix.exponent, bias: 0, bias_exponent }
}

fn rows(matrix: &QuantisedMatrix) -> impl Iterator<Item = (&[i16], Column)> {
    let rule = rule(matrix);
    (0..matrix.outputs).map(move |index| {
        let bias = matrix.bias.as_ref().map_or(0, |bias| bias.mantissas[index]);
        (matrix.row(index), Column { shift: i32::from(matrix.shift[index]), bias, ..rule })
    })
}

/// Four numbers to a word of high limbs and a word of low ones.
fn pack(row: &[i16], target: &mut [[u32; 2]]) {
    for (quad, pair) in row.chunks(4).zip(target) {
        for (index, &q) in quad.iter().enumerate() {
            // Within 32,639, so that neither limb overflows.
            let high = (i32::from(q) + 128) >> 8;
            pair[0] |= (high as u32 & 0xff) << (8 * index);
            pair[1] |= (q as u32 & 0xff) << (8 * index);
        }
    }
}
