//! Passages and queries.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::draw::Amount;

/// Passages, or queries, at most.
const MOST: usize = 1 << 16;

/// Bytes of a set at most: it is in memory beside the vectors.
const MOST_BYTES: usize = 1 << 24;

/// The greatest gain of a passage.
const MOST_GAIN: u8 = 15;

/// Queries over one list of passages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub(crate) passages: Vec<String>,
    pub(crate) queries: Vec<Query>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    pub text: String,
    /// Passages and what they gain, in their order; no passage twice.
    pub relevant: Vec<(usize, u8)>,
}

/// A table that is no set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetError {
    /// The line, from 1; 0 for the whole.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The bytes are not UTF-8.
    Encoding,
    /// The line is neither a passage nor a query.
    Form,
    /// A text is empty.
    Empty,
    /// A passage, or a query with the passages that answer it, is more than a full round has room for.
    Long,
    /// What is relevant is not a list of passages above the query with gains of 1 to 15, each once.
    Relevant,
    /// There are no passages, no queries, or too many of them.
    Count,
    /// The table is too large.
    Size,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the set: ", self.line)?;
        match self.problem {
            Problem::Encoding => f.write_str("not UTF-8"),
            Problem::Form => f.write_str("neither `passage<tab>text` nor `query<tab>text<tab>passage:gain,...`"),
            Problem::Empty => f.write_str("an empty text"),
            Problem::Long => {
                let Amount { texts, bytes } = Amount::of_a_query();
                write!(f, "a query and the passages that answer it may be {texts} texts and {bytes} bytes")
            }
            Problem::Relevant => {
                write!(f, "relevant are passages above the query with gains of 1 to {MOST_GAIN}, each once: `0:3,4:1`")
            }
            Problem::Count => write!(f, "1 to {MOST} passages and 1 to {MOST} queries are needed"),
            Problem::Size => write!(f, "more than {MOST_BYTES} bytes"),
        }
    }
}

impl core::error::Error for SetError {}

impl Set {
    /// Reads a table in UTF-8, a line for each passage and query, columns apart by tabs:
    ///
    /// ```text
    /// passage<tab>Snow is cold.
    /// passage<tab>Fire is hot.
    /// query<tab>what burns?<tab>1:3
    /// ```
    ///
    /// The third column of a query names the passages that answer it, counted from 0 in the order of the lines, and what
    /// each gains, from 1 to 15; apart by commas. They stand above the query. Empty lines do not count. A table has at
    /// most 16 MiB; a query and the passages that answer it are at most 64 texts of 64 KiB together, so that there is room
    /// for them in any round.
    pub fn parse(bytes: &[u8]) -> Result<Self, SetError> {
        let mut set = Self { passages: Vec::new(), queries: Vec::new() };
        let wrong = |line: usize| move |problem| SetError { line, problem };
        if bytes.len() > MOST_BYTES {
            return Err(wrong(0)(Problem::Size));
        }
        let text = core::str::from_utf8(bytes).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|&&byte| byte == b'\n').count() + 1;
            wrong(line)(Problem::Encoding)
        })?;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()) {
            set.add(line).map_err(wrong(number))?;
        }
        if set.passages.is_empty() || set.queries.is_empty() {
            return Err(wrong(0)(Problem::Count));
        }
        Ok(set)
    }

    fn add(&mut self, line: &str) -> Result<(), Problem> {
        let mut columns = line.split('\t');
        let kind = columns.next();
        let text = columns.next().ok_or(Problem::Form)?.to_string();
        if text.trim().is_empty() {
            return Err(Problem::Empty);
        }
        let full = |length: usize| if length < MOST { Ok(()) } else { Err(Problem::Count) };
        match (kind, columns.next(), columns.next()) {
            (Some("passage"), None, None) => {
                full(self.passages.len())?;
                short([&text])?;
                self.passages.push(text);
            }
            (Some("query"), Some(relevant), None) => {
                full(self.queries.len())?;
                let relevant = self.relevant(relevant).ok_or(Problem::Relevant)?;
                short(relevant.iter().map(|&(passage, _)| &self.passages[passage]).chain([&text]))?;
                self.queries.push(Query { text, relevant });
            }
            _ => return Err(Problem::Form),
        }
        Ok(())
    }

    fn relevant(&self, column: &str) -> Option<Vec<(usize, u8)>> {
        let known = |(passage, gain): &(usize, u8)| *passage < self.passages.len() && (1..=MOST_GAIN).contains(gain);
        let pair = |part: &str| {
            let (passage, gain) = part.split_once(':')?;
            Some((passage.parse().ok()?, gain.parse().ok()?)).filter(known)
        };
        let mut relevant = column.split(',').map(pair).collect::<Option<Vec<_>>>()?;
        relevant.sort_unstable();
        relevant.windows(2).all(|pair| pair[0].0 < pair[1].0).then_some(relevant)
    }

    /// All texts.
    pub(crate) fn amount(&self) -> Amount {
        Amount::of(self.passages.iter().chain(self.queries.iter().map(|query| &query.text)))
    }

    /// All passages, then all queries: what a model has to embed.
    pub fn into_texts(self) -> Vec<String> {
        self.passages.into_iter().chain(self.queries.into_iter().map(|query| query.text)).collect()
    }

    /// Number of passages.
    pub fn passages(&self) -> usize {
        self.passages.len()
    }

    /// What each passage gains, query by query.
    pub fn gains(&self) -> impl ExactSizeIterator<Item = Vec<u8>> + '_ {
        self.queries.iter().map(|query| {
            let mut gains = alloc::vec![0; self.passages.len()];
            query.relevant.iter().for_each(|&(passage, gain)| gains[passage] = gain);
            gains
        })
    }
}

/// Fails unless there is room for these texts in any round.
fn short<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), Problem> {
    if Amount::of(texts).fits(Amount::of_a_query()) { Ok(()) } else { Err(Problem::Long) }
}
