//! What `score` has to know of what `plan` found.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::examine::{Finding, Spam};

/// For each contribution the bytes of it that are new, or why it is worth nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memo(pub Vec<Result<u64, String>>);

impl Memo {
    /// Adds the next contribution's.
    pub fn push(&mut self, found: Result<Finding, Spam>) {
        self.0.push(found.map(|finding| finding.novel).map_err(|spam| spam.to_string()));
    }

    /// A line for each contribution: `new <bytes>` or `spam <why>`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let line = |one: &Result<u64, String>| match one {
            Ok(novel) => alloc::format!("new {novel}\n"),
            Err(spam) => alloc::format!("spam {spam}\n"),
        };
        self.0.iter().map(line).collect::<String>().into_bytes()
    }

    /// What [`Self::to_bytes`] wrote; None of anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let line = |line: &str| match line.split_once(' ')? {
            ("new", novel) => Some(Ok(novel.parse().ok()?)),
            ("spam", spam) => Some(Err(spam.to_string())),
            _ => None,
        };
        core::str::from_utf8(bytes).ok()?.lines().map(line).collect::<Option<_>>().map(Self)
    }
}
