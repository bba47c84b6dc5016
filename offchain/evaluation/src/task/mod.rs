//! Tasks: what a model is asked to do, and the three ways in which that can end.
//!
//! A task is data, read as hostile input. It plans what the model has to read, before anything runs; a [`Lane`] answers
//! in integers; the task makes its figure of the answers. What a plan costs is known and held against the subnet's
//! [`WorkLimits`] first.

use thiserror::Error;

use crate::canonical::CanonicalError;
use crate::canonical::transcript::TranscriptError;
use crate::corpus::{CorpusError, TokensError};
use crate::digest::Digest;
#[cfg(feature = "gpu")]
use crate::engine::EngineError;
use crate::model::{Architecture, ModelError, Transformer};
use crate::reference::ReferenceError;
use crate::score::{Score, ScoreError};
use crate::tokenizer::{EncodeError, Tokenizer, TokenizerError};

mod accuracy;
mod bits_per_byte;
mod canonical;
mod choice;
mod data;
mod evaluator;
#[cfg(feature = "gpu")]
mod fast;
mod fixed;
#[cfg(feature = "gpu")]
mod gpu;
mod lane;
mod reference_loss;
mod retrieval;
mod scalar;
mod similarity;
mod work;

pub use accuracy::Accuracy;
pub use bits_per_byte::{BitsPerByte, evaluate, measure, measure_spans, transcribe};
pub use canonical::Canonical;
pub use choice::MultipleChoice;
pub use data::{MAX_FILE, MAX_ITEMS, TaskError};
pub use evaluator::{Arithmetic, Evaluator, Remembering, UnknownArithmetic};
#[cfg(feature = "gpu")]
pub use fast::Fast;
pub use fixed::Grade;
#[cfg(feature = "gpu")]
pub use gpu::{evaluator, tuned_evaluator};
pub use lane::{Lane, Passage, Question, Sample};
pub use reference_loss::ReferenceLoss;
pub use retrieval::Retrieval;
pub use scalar::Scalar;
pub use similarity::Similarity;
pub use work::{Work, WorkLimits};

/// How an evaluation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<F = Score> {
    /// The model was measured.
    Score(F),
    /// The model is at fault: it earns nothing.
    Miner(MinerFault),
    /// The validator could not measure: it abstains, and says nothing of the model.
    Validator(ValidatorFault),
}

/// A fault of the model, the same for every honest validator.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MinerFault {
    /// The file is not a model that can be evaluated.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The tokenizer is not one that can be used.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The tokenizer cannot encode a text of the task.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The tokenizer cannot encode a text of the corpus.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// The canonical arithmetic does not take the model.
    #[error(transparent)]
    Canonical(CanonicalError),
    /// The weights are finite, but the computation with them is not.
    #[error("the loss of window {window} is not finite: the model's activations overflow. Train with smaller weights")]
    NonFiniteLoss {
        /// Index of the first such window.
        window: usize,
    },
    /// The weights are finite, but what the model makes of a sequence is not.
    #[error("the output of sequence {sequence} is not finite: activations overflow. Train with smaller weights")]
    NonFiniteOutput {
        /// Index of the first such sequence.
        sequence: usize,
    },
    /// The model cannot take windows as long as the subnet's.
    #[error("the model takes {positions} positions where the subnet asks for {needed}. Train with longer windows")]
    ContextTooShort {
        /// `max_position_embeddings`.
        positions: usize,
        /// Tokens of the longest sequence.
        needed: usize,
    },
    /// The model costs more than the subnet allows.
    #[error("the task takes the model {work}, more than {limit}. Train a smaller model, or with longer tokens",
        limit = Work { tokens: limits.tokens, operations: limits.operations })]
    TooMuchWork {
        /// What it would cost.
        work: Work,
        /// What is allowed.
        limits: WorkLimits,
    },
    /// The tokenizer makes nothing of a text.
    #[error("the tokenizer makes no token of text {text}. Train it on texts like the task's")]
    NoTokens {
        /// Index of the first such text.
        text: usize,
    },
    /// A token of the task is none of the model's.
    #[error("token {token} is none of the {vocabulary} that the model knows. Commit the model's own tokenizer")]
    UnknownToken {
        /// The token.
        token: u32,
        /// Tokens of the model.
        vocabulary: usize,
    },
    /// The model's output is of another kind than the task asks for.
    #[error("the task asks for {wanted}, which the model does not give")]
    WrongKind {
        /// What the task asks for.
        wanted: &'static str,
    },
    /// The same model was committed earlier.
    #[error("the model is a copy of {of}, which was committed earlier. Train a model of your own")]
    Copy {
        /// Digest of the earlier file.
        of: Digest,
    },
}

/// A fault of the validator's machine or data. Try again; until then, abstain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValidatorFault {
    /// The device failed.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The canonical lane cannot read the weights.
    #[error(transparent)]
    Canonical(CanonicalError),
    /// The scalar reference failed.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The text is not there.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The windows make no score.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// The task's data cannot be used.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// A text of the task is too long to be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A transcript was asked of an arithmetic that leaves none.
    #[error("only the canonical arithmetic leaves a transcript. Evaluate in integers")]
    NoTranscript,
    /// There is no transcript of so many windows.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// An engine gave other answers than it was asked for.
    #[error("the engine's answers do not fit the questions. This is a bug of the evaluator; report it")]
    Answers,
}

/// Why a task came to no figure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The model's.
    #[error(transparent)]
    Miner(#[from] MinerFault),
    /// The validator's.
    #[error(transparent)]
    Validator(#[from] ValidatorFault),
}

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooLong { .. } => Self::Validator(error.into()),
            error => Self::Miner(error.into()),
        }
    }
}

impl From<CorpusError> for Fault {
    /// Windows are sampled with the model's tokenizer: what that cannot encode is the model's fault, and nothing else is.
    fn from(error: CorpusError) -> Self {
        match error {
            CorpusError::Tokens { source, .. } => Self::Miner(source.into()),
            error => Self::Validator(error.into()),
        }
    }
}

impl<F> Outcome<F> {
    /// The same with another figure.
    pub fn map<G>(self, change: impl FnOnce(F) -> G) -> Outcome<G> {
        match self {
            Self::Score(figure) => Outcome::Score(change(figure)),
            Self::Miner(fault) => Outcome::Miner(fault),
            Self::Validator(fault) => Outcome::Validator(fault),
        }
    }
}

impl<F> From<Result<F, Fault>> for Outcome<F> {
    fn from(result: Result<F, Fault>) -> Self {
        match result {
            Ok(figure) => Self::Score(figure),
            Err(Fault::Miner(fault)) => Self::Miner(fault),
            Err(Fault::Validator(fault)) => Self::Validator(fault),
        }
    }
}

/// A model's identity and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// blake2b-256 of the file.
    pub file: Digest,
    /// Digest of the weights alone, where they could be read; see [`crate::model::Model::tensor_digest`].
    pub tensors: Option<Digest>,
    /// How the evaluation ended.
    pub outcome: Outcome,
}

/// What a model can be asked to do.
pub trait Task {
    /// What the model is asked.
    type Question: Question;
    /// What comes out.
    type Figure;

    /// All that the model has to read, in order. A tokenizer's failure on the task's texts is the miner's fault.
    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Self::Question>, Fault>;

    /// The figure that answers to `questions` make.
    fn score(
        &self,
        questions: &[Self::Question],
        answers: &[<Self::Question as Question>::Answer],
    ) -> Result<Self::Figure, Fault>;
}

/// Plans, checks what the plan costs, asks and scores.
pub fn run<T: Task, L: Lane + ?Sized>(
    task: &T,
    lane: &L,
    architecture: &Architecture,
    tokenizer: &Tokenizer,
    limits: &WorkLimits,
) -> Outcome<T::Figure> {
    let attempt = || {
        let questions = task.plan(architecture, tokenizer)?;
        check(architecture, &questions, limits)?;
        let answers = T::Question::ask(lane, &questions)?;
        if answers.len() != questions.len() {
            return Err(Fault::Validator(ValidatorFault::Answers));
        }
        task.score(&questions, &answers)
    };
    attempt().into()
}

/// Fails where a plan does not fit the model or the limits.
///
/// # Errors
/// What the model cannot take: an empty sequence, one that is too long, a token that it does not know, too much work.
pub fn check<Q: Question>(architecture: &Architecture, questions: &[Q], limits: &WorkLimits) -> Result<(), MinerFault> {
    if let Some(text) = questions.iter().position(|question| question.length() == 0) {
        return Err(MinerFault::NoTokens { text });
    }
    if let Architecture::Transformer(Transformer { positions, vocabulary, .. }) = *architecture {
        let needed = questions.iter().map(Question::length).max().unwrap_or(0);
        if needed > positions {
            return Err(MinerFault::ContextTooShort { positions, needed });
        }
        let token = questions.iter().flat_map(Question::tokens).copied().max().unwrap_or(0);
        if token as usize >= vocabulary {
            return Err(MinerFault::UnknownToken { token, vocabulary });
        }
    }
    let work = Work::of(architecture, questions.iter().map(Question::length));
    if work.fits(limits) { Ok(()) } else { Err(MinerFault::TooMuchWork { work, limits: *limits }) }
}
