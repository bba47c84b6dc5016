//! Rule 3: the residual stream before the first layer.

use crate::canonical::model::CanonicalEmbedding;
use crate::canonical::number::{ZERO, rs};
use crate::canonical::row::Row;

/// Fractional bits that the 16-bit rows gain, so that the stream starts with 29 bits.
const HEADROOM: i32 = 13;

/// The sum of a token's rows.
pub fn embed(embedding: &CanonicalEmbedding, token: u32, position: usize) -> Row {
    let positional = embedding.positions.as_ref().map(|table| table.row(position));
    let segment = embedding.segment.as_ref().map(|table| table.row(0));
    let parts: Vec<(&[i16], i32)> =
        [Some(embedding.tokens.row(token as usize)), positional, segment].into_iter().flatten().collect();
    let exponent = parts.iter().map(|(_, exponent)| exponent + HEADROOM).min().unwrap_or(ZERO).min(ZERO);
    let mut mantissas = vec![0; embedding.tokens.width];
    for (row, own) in parts {
        for (sum, &q) in mantissas.iter_mut().zip(row) {
            *sum += rs(i64::from(q) << HEADROOM, own + HEADROOM - exponent);
        }
    }
    Row { mantissas, exponent }.renormalise()
}
