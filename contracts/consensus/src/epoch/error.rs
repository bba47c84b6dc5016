//! What is wrong with an epoch's input.

use super::{MAX_CELLS, MAX_UIDS};
use core::fmt;

/// Input that an epoch cannot be computed from. Nothing was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpochError {
    /// More uids than [`MAX_UIDS`].
    TooManyUids {
        /// Number of uids given.
        uids: u16,
    },
    /// Rows with weights or bonds, times uids, exceed [`MAX_CELLS`].
    TooManyCells {
        /// Number of cells given.
        cells: usize,
    },
    /// A slice indexed by uid has another length than there are uids.
    Length {
        /// Name of the field.
        field: &'static str,
        /// Its length.
        length: usize,
        /// Number of uids.
        uids: u16,
    },
    /// A uid is not below the number of uids.
    UidOutOfRange {
        /// The uid.
        uid: u16,
        /// Number of uids.
        uids: u16,
    },
    /// A validator has two rows.
    DuplicateRow {
        /// The validator.
        uid: u16,
    },
    /// The columns of a row, of its weights or of its bonds, differ in length.
    Columns {
        /// The validator.
        row: u16,
        /// Number of uids.
        uids: usize,
        /// Number of values.
        values: usize,
    },
    /// A row names a uid that does not exceed the one before, among its weights or among its bonds.
    UidsNotAscending {
        /// The validator.
        row: u16,
        /// The uid.
        uid: u16,
    },
    /// The moving average of bonds exceeds a million.
    BondsMovingAverage {
        /// Parts per million.
        value: u32,
    },
    /// The low rate of liquid alpha exceeds the high one.
    LiquidAlpha {
        /// Low rate.
        low: u16,
        /// High rate.
        high: u16,
    },
}

impl fmt::Display for EpochError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyUids { uids } => write!(f, "{uids} uids; at most {MAX_UIDS} are possible"),
            Self::TooManyCells { cells } => {
                write!(f, "{cells} cells of rows by uids; at most {MAX_CELLS} are possible")
            }
            Self::Length { field, length, uids } => {
                write!(f, "`{field}` has length {length}, but there are {uids} uids")
            }
            Self::UidOutOfRange { uid, uids } => {
                write!(f, "uid {uid} does not exist; there are {uids} uids")
            }
            Self::DuplicateRow { uid } => write!(f, "validator {uid} has more than one row"),
            Self::Columns { row, uids, values } => {
                write!(f, "the row of validator {row} has {uids} uids, but {values} values")
            }
            Self::UidsNotAscending { row, uid } => {
                write!(f, "the row of validator {row} names uid {uid} after one that is as high")
            }
            Self::BondsMovingAverage { value } => {
                write!(f, "the moving average of bonds is {value} parts per million; at most 1000000 is possible")
            }
            Self::LiquidAlpha { low, high } => {
                write!(f, "the low rate {low} of liquid alpha exceeds the high one {high}")
            }
        }
    }
}

impl core::error::Error for EpochError {}
