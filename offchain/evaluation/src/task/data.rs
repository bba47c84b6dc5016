//! Task data: JSON with a schema's name, read as hostile input.

use serde::de::DeserializeOwned;
use thiserror::Error;

/// Bytes of a task's file at most.
pub const MAX_FILE: usize = 64 << 20;
/// Items of a task at most: questions, texts, rows.
pub const MAX_ITEMS: usize = 1 << 14;

/// Why task data cannot be used. The validator's own fault: whoever runs the subnet publishes the data.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TaskError {
    /// The file is larger than any task.
    #[error("the task has {bytes} bytes, the limit is {limit}. Split it")]
    Oversized {
        /// Bytes of the file.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The file is not the JSON of such a task.
    #[error("the task cannot be read: {reason}. Fetch the data of the subnet's evaluator again")]
    Json {
        /// The parser's words.
        reason: String,
    },
    /// No items, or too many.
    #[error("the task has {count} {what} where {least} to {most} are possible")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The fewest possible.
        least: usize,
        /// The most possible.
        most: usize,
    },
    /// An item makes no sense.
    #[error("item {item} of the task {problem}")]
    Item {
        /// Its index.
        item: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

/// Parses a file of type `T`, which names its schema in a field of its own.
pub(super) fn parse<T: DeserializeOwned>(file: &[u8]) -> Result<T, TaskError> {
    if file.len() > MAX_FILE {
        return Err(TaskError::Oversized { bytes: file.len(), limit: MAX_FILE });
    }
    serde_json::from_slice(file).map_err(|error| TaskError::Json { reason: error.to_string() })
}

/// Fails unless `least <= count <= most`.
pub(super) fn count(what: &'static str, count: usize, least: usize, most: usize) -> Result<(), TaskError> {
    if (least..=most).contains(&count) { Ok(()) } else { Err(TaskError::Count { what, count, least, most }) }
}

/// Fails with the first item that does not satisfy `sound`.
pub(super) fn each<T>(items: &[T], problem: &'static str, sound: impl Fn(&T) -> bool) -> Result<(), TaskError> {
    match items.iter().position(|item| !sound(item)) {
        Some(item) => Err(TaskError::Item { item, problem }),
        None => Ok(()),
    }
}
