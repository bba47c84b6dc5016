//! Rule 4: a block's output is added to the residual stream.

use crate::canonical::number::rs;
use crate::canonical::row::Row;

/// The sum, with mantissas of at most 2^29.
pub fn add(stream: &Row, change: &Row) -> Row {
    let exponent = stream.exponent.min(change.exponent);
    let at = |row: &Row, index: usize| rs(row.mantissas[index], row.exponent - exponent);
    let mantissas = (0..stream.mantissas.len()).map(|index| at(stream, index) + at(change, index)).collect();
    Row { mantissas, exponent }.renormalise()
}
