//! A transcript as a file: all that an auditor needs beside the model.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{evaluator, leaf, root};
use crate::canonical::CanonicalLoss;
use crate::digest::Digest;
use crate::window::Window;

/// Bytes of the largest transcript.
pub const MAX_FILE: usize = 64 << 20;
/// Windows of the largest transcript.
pub const MAX_WINDOWS: usize = 1 << 14;

/// A window and what a model made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the model read and predicted.
    pub window: Window,
    /// The result.
    pub loss: CanonicalLoss,
}

/// What a validator says of a model. It may be anybody's word: [`audit`](Self::audit) holds it against the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    model: Digest,
    evaluator: Digest,
    entries: Vec<Entry>,
    root: Digest,
}

/// Why there is no transcript.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TranscriptError {
    /// The file is larger than any transcript.
    #[error("the transcript has {bytes} bytes, the limit is {MAX_FILE}. Evaluate fewer windows")]
    Oversized {
        /// Bytes of the file.
        bytes: usize,
    },
    /// The file is not the JSON of a transcript.
    #[error("the transcript cannot be read: {reason}. Fetch it again from whoever made it")]
    Json {
        /// The parser's words.
        reason: String,
    },
    /// No windows, or too many.
    #[error("the transcript has {windows} windows where 1 to {MAX_WINDOWS} are possible")]
    Count {
        /// How many there are.
        windows: usize,
    },
    /// A window makes no sense.
    #[error("window {window} of the transcript {problem}. Fetch it again from whoever made it")]
    Window {
        /// Its index.
        window: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Schema,
    model: Digest,
    evaluator: Digest,
    windows: Vec<Line>,
    root: Digest,
}

#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/transcript/1")]
    One,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    first: usize,
    bytes: u32,
    tokens: Vec<u32>,
    /// In decimal digits: many readers of JSON round large numbers.
    nll: String,
    layers: Vec<Digest>,
}

impl Transcript {
    /// The transcript of an evaluation: the losses, under the model with this digest of tensors, of windows in their
    /// order. Fails with [`TranscriptError::Count`].
    pub fn of(model: Digest, entries: Vec<Entry>) -> Result<Self, TranscriptError> {
        let evaluator = evaluator(&[]);
        let root = root_of(model, evaluator, &entries)?;
        Ok(Self { model, evaluator, entries, root })
    }

    /// Reads the JSON that [`Self::to_json`] writes, as hostile input. Whether what it says is true is not looked at.
    pub fn from_json(json: &[u8]) -> Result<Self, TranscriptError> {
        if json.len() > MAX_FILE {
            return Err(TranscriptError::Oversized { bytes: json.len() });
        }
        let file: File =
            serde_json::from_slice(json).map_err(|error| TranscriptError::Json { reason: error.to_string() })?;
        counted(file.windows.len())?;
        let entries = file.windows.into_iter().enumerate().map(entry).collect::<Result<_, _>>()?;
        Ok(Self { model: file.model, evaluator: file.evaluator, entries, root: file.root })
    }

    /// The transcript as JSON; `CANONICAL.md` says what stands in it. Fails with [`TranscriptError::Oversized`].
    pub fn to_json(&self) -> Result<String, TranscriptError> {
        let line = |entry: &Entry| Line {
            first: entry.window.first(),
            bytes: entry.window.bytes(),
            tokens: entry.window.tokens().to_vec(),
            nll: entry.loss.nll.to_string(),
            layers: entry.loss.layers.clone(),
        };
        let file = File {
            schema: Schema::One,
            model: self.model,
            evaluator: self.evaluator,
            windows: self.entries.iter().map(line).collect(),
            root: self.root,
        };
        let json = serde_json::to_string(&file).map_err(|error| TranscriptError::Json { reason: error.to_string() })?;
        if json.len() > MAX_FILE { Err(TranscriptError::Oversized { bytes: json.len() }) } else { Ok(json) }
    }

    /// Digest of the model's tensors.
    pub fn model(&self) -> Digest {
        self.model
    }

    /// What evaluated the model, see [`evaluator`].
    pub fn evaluator(&self) -> Digest {
        self.evaluator
    }

    /// The windows, at least one, with their results.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The root as it is stated: what a validator publishes.
    pub fn root(&self) -> Digest {
        self.root
    }

    /// The root over what stands in the transcript.
    pub(super) fn computed_root(&self) -> Result<Digest, TranscriptError> {
        root_of(self.model, self.evaluator, &self.entries)
    }
}

fn entry((window, line): (usize, Line)) -> Result<Entry, TranscriptError> {
    let wrong = |problem| TranscriptError::Window { window, problem };
    let nll = line.nll.parse().map_err(|_| wrong("has a loss that is no integer of 64 bits"))?;
    if line.layers.is_empty() {
        return Err(wrong("has no layers"));
    }
    let window =
        Window::new(line.tokens, line.first, line.bytes).map_err(|_| wrong("has nothing to read or to predict"))?;
    Ok(Entry { window, loss: CanonicalLoss { nll, layers: line.layers } })
}

fn root_of(model: Digest, evaluator: Digest, entries: &[Entry]) -> Result<Digest, TranscriptError> {
    counted(entries.len())?;
    let leaf = |entry: &Entry| leaf(model, entry.window.digest(), evaluator, &entry.loss);
    root(&entries.iter().map(leaf).collect::<Vec<_>>()).ok_or(TranscriptError::Count { windows: 0 })
}

fn counted(windows: usize) -> Result<(), TranscriptError> {
    if (1..=MAX_WINDOWS).contains(&windows) { Ok(()) } else { Err(TranscriptError::Count { windows }) }
}
