//! Rule 9: the loss of a token.

use crate::canonical::number::{bits, leading, rs, saturate};
use crate::canonical::row::Row;
use crate::canonical::tables::{LN_2, LOG2_E, LOGARITHM, exponential};

/// Logits are logarithms to base 2 with this many fractional bits.
const POINT: u32 = 20;
/// The largest logit, with its fractional bits.
const HIGHEST: i64 = 1 << 30;
/// Tokens whose exponentials are summed against one maximum.
const BLOCK: usize = 64;

/// `-log2` of the target's probability, with 30 fractional bits.
pub fn loss(logits: &Row, target: u32) -> i64 {
    let z: Vec<i64> = logits.mantissas.iter().map(|&y| saturate(y * LOG2_E, logits.exponent + 10, HIGHEST)).collect();
    let blocks: Vec<(i64, i64)> = z.chunks(BLOCK).map(block).collect();
    let highest = blocks.iter().map(|&(highest, _)| highest).max().unwrap_or(0);
    let total: i64 = blocks.iter().map(|&(own, sum)| rs(sum * exponential(highest - own, POINT, 0), 24)).sum();
    let logarithm = (i64::from(bits(total) - 31) << 30) + logarithm(leading(total, 31));
    ((highest << 10) + logarithm - (z[target as usize] << 10)).max(0)
}

/// The highest logit of a block, and the sum of exponentials against it, with 24 fractional bits.
fn block(z: &[i64]) -> (i64, i64) {
    let highest = z.iter().copied().max().unwrap_or(0);
    (highest, z.iter().map(|z| exponential(highest - z, POINT, 6)).sum())
}

/// `log2(m · 2^-30)` with 30 fractional bits, `m` having 31 bits.
fn logarithm(m: i64) -> i64 {
    let (k, u) = (((m - (1 << 30)) >> 20) as usize, m & ((1 << 20) - 1));
    LOGARITHM[k] + rs((LOGARITHM[k + 1] - LOGARITHM[k]) * u, 20)
}

/// A sum of losses in nats, with 32 fractional bits.
pub fn nats(losses: impl Iterator<Item = i64>) -> i64 {
    let sum: i64 = losses.sum();
    ((i128::from(sum) * i128::from(LN_2) + (1 << 59)) >> 60) as i64
}
