//! Multiple choice: of several ends of a text, the one that the model finds likeliest.

use serde::Deserialize;

use super::bits_per_byte::language;
use super::data::{MAX_ITEMS, TaskError, count, each, parse};
use super::{Fault, Grade, MinerFault, Task, ValidatorFault};
use crate::model::Architecture;
use crate::tokenizer::Tokenizer;
use crate::window::Window;

/// Choices of a question at most.
const MAX_CHOICES: usize = 16;

/// Questions with one right end each.
///
/// `{"schema": "inktensor/multiple-choice/1", "by": "byte", "questions":
/// [{"prompt": "Ice is", "choices": [" cold", " hot"], "answer": 0}]}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultipleChoice {
    by: By,
    questions: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: Schema,
    by: By,
    questions: Vec<Item>,
}

#[derive(Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/multiple-choice/1")]
    One,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    /// The negative log-likelihood of the whole choice.
    Sum,
    /// The same for each of its bytes.
    Byte,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    prompt: String,
    choices: Vec<String>,
    answer: usize,
}

impl MultipleChoice {
    /// Reads a task's file.
    pub fn from_json(file: &[u8]) -> Result<Self, TaskError> {
        let File { _schema: _, by, questions } = parse(file)?;
        count("questions", questions.len(), 1, MAX_ITEMS)?;
        each(&questions, "has no prompt", |item: &Item| !item.prompt.is_empty())?;
        each(&questions, "needs 2 to 16 choices", |item| (2..=MAX_CHOICES).contains(&item.choices.len()))?;
        each(&questions, "has an empty choice", |item| item.choices.iter().all(|choice| !choice.is_empty()))?;
        each(&questions, "has an answer that is none of its choices", |item| item.answer < item.choices.len())?;
        Ok(Self { by, questions })
    }
}

impl Task for MultipleChoice {
    type Question = Window;
    type Figure = Grade;

    /// A window for each choice. Prompt and choice are encoded apart, so that the model predicts exactly the choice.
    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Window>, Fault> {
        language(architecture)?;
        let ends = self.questions.iter().flat_map(|item| item.choices.iter().map(|choice| (&item.prompt, choice)));
        ends.enumerate().map(|(text, (prompt, choice))| continuation(tokenizer, text, prompt, choice)).collect()
    }

    /// The share of questions whose answer is likelier than every other choice. A tie counts as wrong.
    fn score(&self, windows: &[Window], answers: &[i64]) -> Result<Grade, Fault> {
        let mut losses = answers.iter().zip(windows).map(|(&nll, window)| match self.by {
            By::Sum => (i128::from(nll), 1),
            By::Byte => (i128::from(nll), i128::from(window.bytes())),
        });
        let mut right = 0;
        for item in &self.questions {
            let losses: Vec<(i128, i128)> = losses.by_ref().take(item.choices.len()).collect();
            let Some(&(own, length)) = losses.get(item.answer) else {
                return Err(ValidatorFault::Answers.into());
            };
            let ahead =
                |&(index, &(nll, bytes)): &(usize, &(i128, i128))| index == item.answer || own * bytes < nll * length;
            right += usize::from(losses.iter().enumerate().all(|choice| ahead(&choice)));
        }
        Ok(Grade::share(right, self.questions.len()))
    }
}

/// A window that reads `prompt` and predicts `end`, which is exactly spelled. What the tokenizer puts before a text
/// stands before the prompt. `text` is its index in the task.
pub(super) fn continuation(tokenizer: &Tokenizer, text: usize, prompt: &str, end: &str) -> Result<Window, Fault> {
    let mut tokens = tokenizer.frame().before;
    tokens.extend(tokenizer.tokens(prompt)?);
    let first = tokens.len();
    tokens.extend(tokenizer.spell(end)?.into_iter().map(|token| token.id));
    let bytes = u32::try_from(end.len()).unwrap_or(u32::MAX);
    Window::new(tokens, first, bytes).map_err(|_| MinerFault::NoTokens { text }.into())
}
