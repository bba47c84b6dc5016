//! Reference loss: how well a model predicts known answers, in bits per byte of the answers alone.

use serde::Deserialize;

use super::bits_per_byte::{language, score};
use super::choice::continuation;
use super::data::{TaskError, count, each, parse};
use super::{Fault, Task};
use crate::model::Architecture;
use crate::score::{MAX_WINDOWS, Score};
use crate::tokenizer::Tokenizer;
use crate::window::Window;

/// Prompts, and what should follow them.
///
/// `{"schema": "inktensor/reference-loss/1", "items": [{"prompt": "2 + 2 =", "answer": " 4"}]}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceLoss {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: Schema,
    items: Vec<Item>,
}

#[derive(Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/reference-loss/1")]
    One,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    prompt: String,
    answer: String,
}

impl ReferenceLoss {
    /// Reads a task's file.
    pub fn from_json(file: &[u8]) -> Result<Self, TaskError> {
        let File { _schema: _, items } = parse(file)?;
        count("items", items.len(), 1, MAX_WINDOWS)?;
        each(&items, "has no prompt", |item: &Item| !item.prompt.is_empty())?;
        each(&items, "has no answer", |item| !item.answer.is_empty())?;
        each(&items, "has an answer of more than 65536 bytes", |item| item.answer.len() <= 1 << 16)?;
        Ok(Self { items })
    }
}

impl Task for ReferenceLoss {
    type Question = Window;
    type Figure = Score;

    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Window>, Fault> {
        language(architecture)?;
        let items = self.items.iter().enumerate();
        items.map(|(text, item)| continuation(tokenizer, text, &item.prompt, &item.answer)).collect()
    }

    fn score(&self, windows: &[Window], answers: &[i64]) -> Result<Score, Fault> {
        score(windows.iter().map(Window::bytes), answers)
    }
}
