//! What a task asks of a model, and the one interface through which it asks.
//!
//! A lane is a loaded model on some engine. Its answers are integers, so that the same scorers serve the fast lane,
//! whose floats end here, and the canonical lane, which has none.

use super::{Fault, MinerFault, ValidatorFault};
use crate::canonical::CanonicalLoss;
use crate::digest::Digest;
use crate::window::Window;

/// A model on an engine.
pub trait Lane {
    /// Digest of the model's weights.
    fn model(&self) -> Digest;

    /// Digest of all that decides on the answers, beside the model: the arithmetic and its version, and the device
    /// where results depend on it.
    fn evaluator(&self) -> Digest;

    /// Negative log-likelihood of the predicted tokens of each window, summed, in nats, Q32.32.
    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault>;

    /// The same with hashes of the layers, for a transcript, which only the canonical arithmetic leaves:
    /// [`ValidatorFault::NoTranscript`] of others.
    fn losses(&self, _: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        Err(ValidatorFault::NoTranscript.into())
    }

    /// The vector of length one of each sequence of tokens, Q30.
    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault>;

    /// The class of each sequence of tokens: the first with the highest logit.
    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault>;

    /// The class of each row of features: the first with the highest logit.
    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault>;
}

impl<L: Lane + ?Sized> Lane for Box<L> {
    fn model(&self) -> Digest {
        (**self).model()
    }

    fn evaluator(&self) -> Digest {
        (**self).evaluator()
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        (**self).nll(windows)
    }

    fn losses(&self, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        (**self).losses(windows)
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        (**self).embed(sequences)
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        (**self).classify(sequences)
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        (**self).perceive(rows)
    }
}

/// A question to a lane, and what it answers.
pub trait Question: Sized {
    /// The answer.
    type Answer;

    /// Tokens that the model reads, or 1 for a row of features.
    fn length(&self) -> usize;

    /// All tokens of the question, those to predict among them.
    fn tokens(&self) -> &[u32];

    /// Asks all questions at once.
    fn ask<L: Lane + ?Sized>(lane: &L, questions: &[Self]) -> Result<Vec<Self::Answer>, Fault>;
}

impl Question for Window {
    type Answer = i64;

    fn length(&self) -> usize {
        self.inputs().len()
    }

    fn tokens(&self) -> &[u32] {
        Window::tokens(self)
    }

    fn ask<L: Lane + ?Sized>(lane: &L, questions: &[Self]) -> Result<Vec<i64>, Fault> {
        lane.nll(questions)
    }
}

/// A text to embed, as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage(pub Vec<u32>);

impl Question for Passage {
    type Answer = Vec<i32>;

    fn length(&self) -> usize {
        self.0.len()
    }

    fn tokens(&self) -> &[u32] {
        &self.0
    }

    fn ask<L: Lane + ?Sized>(lane: &L, questions: &[Self]) -> Result<Vec<Vec<i32>>, Fault> {
        lane.embed(&questions.iter().map(|passage| passage.0.clone()).collect::<Vec<_>>())
    }
}

/// Something to put into a class.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    /// A text, as tokens.
    Text(Vec<u32>),
    /// A row of features.
    Features(Vec<f32>),
}

impl Question for Sample {
    type Answer = usize;

    fn length(&self) -> usize {
        match self {
            Self::Text(tokens) => tokens.len(),
            Self::Features(_) => 1,
        }
    }

    fn tokens(&self) -> &[u32] {
        match self {
            Self::Text(tokens) => tokens,
            Self::Features(_) => &[],
        }
    }

    fn ask<L: Lane + ?Sized>(lane: &L, questions: &[Self]) -> Result<Vec<usize>, Fault> {
        let (mut texts, mut rows) = (Vec::new(), Vec::new());
        for sample in questions {
            match sample {
                Self::Text(tokens) => texts.push(tokens.clone()),
                Self::Features(features) => rows.push(features.clone()),
            }
        }
        let mut texts = if texts.is_empty() { Vec::new() } else { lane.classify(&texts)? }.into_iter();
        let mut rows = if rows.is_empty() { Vec::new() } else { lane.perceive(&rows)? }.into_iter();
        let answer = |sample: &Self| match sample {
            Self::Text(_) => texts.next(),
            Self::Features(_) => rows.next(),
        };
        let answers: Option<Vec<usize>> = questions.iter().map(answer).collect();
        answers.ok_or(Fault::Validator(ValidatorFault::Answers))
    }
}

/// Rounds nats to the nearest 2^-32, ties to even; slightly negative sums, which rounding of a perfect prediction can
/// give, become zero.
pub(super) fn fixed_nll(window: usize, nats: f64) -> Result<i64, Fault> {
    if !nats.is_finite() {
        return Err(Fault::Miner(MinerFault::NonFiniteLoss { window }));
    }
    // The cast saturates: 2^31 nats and more are all the same.
    Ok(((nats * 4_294_967_296.0).round_ties_even() as i64).max(0))
}

/// Rounds the features of a vector of length one to Q30.
pub(super) fn fixed_vector(sequence: usize, vector: impl IntoIterator<Item = f64>) -> Result<Vec<i32>, Fault> {
    let convert = |feature: f64| {
        if !feature.is_finite() {
            return Err(Fault::Miner(MinerFault::NonFiniteOutput { sequence }));
        }
        Ok((feature * 1_073_741_824.0).round_ties_even() as i32)
    };
    vector.into_iter().map(convert).collect()
}

/// The first class with the highest logit.
pub(super) fn highest(sequence: usize, logits: impl IntoIterator<Item = f64>) -> Result<usize, Fault> {
    let mut best: Option<(usize, f64)> = None;
    for (class, logit) in logits.into_iter().enumerate() {
        if !logit.is_finite() {
            return Err(Fault::Miner(MinerFault::NonFiniteOutput { sequence }));
        }
        if best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((class, logit));
        }
    }
    best.map(|(class, _)| class).ok_or(Fault::Validator(ValidatorFault::Answers))
}
