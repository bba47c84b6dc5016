//! Forms of weight vectors.

use crate::fixed::{div, from_proportion, mul};
use crate::median::Poll;
use alloc::vec::Vec;

const FULL: u64 = (u16::MAX as u64) << 32;
/// Up to this maximum the exact product with 65535 fits the specification's integers.
const EXACT_UP_TO: u64 = 32_768 << 32;

/// Scales values in place so that the highest becomes 65535, each rounded to nearest. Zeros stay zeros.
///
/// This is the form in which weight rows are stored: it keeps ratios and forgets the sum.
pub fn max_upscale(values: &mut [u16]) {
    let highest = u64::from(values.iter().copied().max().unwrap_or(0)) << 32;
    for value in values {
        *value = upscale(u64::from(*value) << 32, highest);
    }
}

/// As [`max_upscale`], of values in fixed point below 2^31.
#[must_use]
pub fn max_upscale_fixed(values: &[u64]) -> Vec<u16> {
    let highest = values.iter().copied().max().unwrap_or(0);
    values.iter().map(|value| upscale(*value, highest)).collect()
}

fn upscale(value: u64, highest: u64) -> u16 {
    let scaled = if highest > EXACT_UP_TO { mul(value, div(FULL, highest)) } else { div(mul(value, FULL), highest) };
    u16::try_from(scaled.saturating_add(1 << 31) >> 32).unwrap_or(u16::MAX)
}

/// Whether no value exceeds `limit` (a proportion of 65535) of the sum of all.
#[must_use]
pub fn max_limited(values: &[u16], limit: u16) -> bool {
    let total = crate::fixed::sum(values.iter().map(|value| u64::from(*value)));
    let highest = u64::from(values.iter().copied().max().unwrap_or(0));
    div(highest, total) <= from_proportion(limit)
}

/// Marks the `k` highest values; of equal ones the higher index comes first.
#[must_use]
pub fn top_k(values: &[u64], k: usize) -> Vec<bool> {
    let Some(others) = values.len().checked_sub(k).filter(|_| k > 0) else {
        return alloc::vec![k > 0; values.len()];
    };
    // The k-th highest is the lowest value that more than the others reach down to: a median with one vote each.
    let votes: Vec<(u64, u64)> = values.iter().map(|value| (*value, 1)).collect();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let poll = Poll { silent: 0, total: count(values.len()), minority: count(others) };
    let least = poll.median(&votes, values.iter().copied().max().unwrap_or(0));
    let mut ties = k.saturating_sub(values.iter().filter(|value| **value > least).count());
    let mut marked = alloc::vec![false; values.len()];
    for (mark, value) in marked.iter_mut().zip(values).rev() {
        *mark = *value > least || (*value == least && ties > 0);
        if *value == least {
            ties = ties.saturating_sub(1);
        }
    }
    marked
}

/// As [`top_k`], but a zero is never marked: the validator permits of a stake vector.
#[must_use]
pub fn top_k_nonzero(values: &[u64], k: usize) -> Vec<bool> {
    let mut marked = top_k(values, k);
    for (mark, value) in marked.iter_mut().zip(values) {
        *mark &= *value > 0;
    }
    marked
}
