//! Asks models what a checked plan asks of them.
//!
//! Each model is loaded once and asked everything at once. What a contribution's model cannot take is its answer, the
//! same at every validator; of an asset's it is the evaluator's fault, which chose it.

use std::collections::HashMap;
use std::fmt::Display;

use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Architecture, Model, Output};
use inktensor_evaluation::task::{
    self, Evaluator, Fault, Lane, MinerFault, Passage, Question, Sample, ValidatorFault, Work, WorkLimits,
};
use inktensor_evaluation::tokenizer::{Reading, Tokenizer};

use crate::bindings::{Answer, Likelihood, Plan, Source, Span, Task, Windows};
use crate::fault::{EvaluatorFault, RoundFault};
use crate::limits::{Limits, cut};
use crate::questions::Group;
use crate::sources::Sources;

/// Why a question to a model has no answer.
enum Failure {
    /// The model's fault.
    Model(String),
    Validator(ValidatorFault),
    /// Cannot be, for the plan was checked.
    Evaluator(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Miner(fault) => Self::Model(fault.to_string()),
            Fault::Validator(fault) => Self::Validator(fault),
        }
    }
}

impl From<MinerFault> for Failure {
    fn from(fault: MinerFault) -> Self {
        Self::Model(fault.to_string())
    }
}

/// A question in a model's own terms.
enum Prepared {
    Windows(Vec<Reading>),
    Passages(Vec<Passage>),
    Samples(Vec<Sample>),
}

/// Asks all questions of a plan. Blocks until the models have answered.
pub(crate) fn answer(
    plan: &Plan,
    groups: &[Group],
    sources: &Sources,
    seed: [u8; 32],
    evaluator: &dyn Evaluator,
    limits: &Limits,
) -> Result<(Vec<Answer>, Work), RoundFault> {
    let mut texts = Texts { sources, seed, corpora: HashMap::new() };
    let mut answers: Vec<Option<Answer>> = plan.questions.iter().map(|_| None).collect();
    let (mut total, mut asset_work) = (Work::default(), limits.asset_work);
    for Group { model: source, questions } in groups {
        let bad = |reason| EvaluatorFault::BadPlan { question: questions[0], reason };
        let asset = match source {
            Source::Asset(name) => Some(name),
            Source::Contribution(_) => None,
        };
        let work = if asset.is_some() { asset_work } else { limits.contribution_work };
        let model = sources.model(source).map_err(bad)?;
        let mut asked = Asked { model, work, width: limits.width, used: Work::default() };
        let tasks: Vec<&Task> = questions.iter().map(|&question| &plan.questions[question].task).collect();
        for (&question, answer) in questions.iter().zip(asked.answer(&tasks, &mut texts, evaluator)) {
            answers[question] = Some(match (answer, asset) {
                (Ok(answer), _) => answer,
                (Err(Failure::Validator(fault)), _) => return Err(fault.into()),
                (Err(Failure::Evaluator(reason)), _) => return Err(EvaluatorFault::BadPlan { question, reason }.into()),
                (Err(Failure::Model(reason)), Some(name)) => {
                    return Err(EvaluatorFault::Asset { name: name.clone(), reason }.into());
                }
                (Err(Failure::Model(reason)), None) => Answer::Fault(cut(&reason, limits.sentence)),
            });
        }
        if asset.is_some() {
            asset_work = asked.left();
        }
        total = sum(total, asked.used);
    }
    let answers: Option<Vec<Answer>> = answers.into_iter().collect();
    Ok((answers.ok_or(ValidatorFault::Answers)?, total))
}

/// Texts that windows are taken from.
struct Texts<'a> {
    sources: &'a Sources,
    seed: [u8; 32],
    /// By the asset's name.
    corpora: HashMap<&'a str, Corpus>,
}

impl<'a> Texts<'a> {
    /// Windows as a model with this tokenizer reads them.
    fn read(&mut self, windows: &'a Windows, tokenizer: &Tokenizer) -> Result<Vec<Reading>, Failure> {
        let wrong = |error: &dyn Display| Failure::Evaluator(format!("cannot be sampled: {error}"));
        let spans: Vec<&[u8]> = match windows {
            Windows::Sampled(sample) => {
                if !self.corpora.contains_key(sample.asset.as_str()) {
                    let bytes = self.sources.data(&Source::Asset(sample.asset.clone())).map_err(Failure::Evaluator)?;
                    self.corpora.insert(&sample.asset, Corpus::new(bytes.clone()));
                }
                let corpus = &self.corpora[sample.asset.as_str()];
                let spans = corpus.spans(self.seed, sample.count as usize, sample.length as usize);
                spans.map_err(|error| wrong(&error))?
            }
            Windows::Spans(spans) => {
                let bytes = |span: &Span| {
                    let bytes = self.sources.data(&span.source).map_err(Failure::Evaluator)?;
                    let start = usize::try_from(span.offset).unwrap_or(usize::MAX);
                    Ok(bytes.get(start..start.saturating_add(span.length as usize)).unwrap_or_default())
                };
                spans.iter().map(bytes).collect::<Result<_, Failure>>()?
            }
        };
        spans.into_iter().map(|bytes| tokenizer.read(bytes).map_err(|error| wrong(&error))).collect()
    }
}

/// A model, and what it may still take.
struct Asked<'a> {
    model: &'a Model,
    work: WorkLimits,
    /// Numbers that its vectors may have.
    width: usize,
    used: Work,
}

impl Asked<'_> {
    /// An answer for each task, in their order.
    fn answer<'t>(
        &mut self,
        tasks: &[&'t Task],
        texts: &mut Texts<'t>,
        evaluator: &dyn Evaluator,
    ) -> Vec<Result<Answer, Failure>> {
        let tokenizer = Tokenizer::of(self.model);
        let prepared = tasks.iter().map(|task| match &tokenizer {
            Ok(tokenizer) => self.prepare(task, tokenizer, texts),
            Err(error) => Err(Failure::Model(error.to_string())),
        });
        let prepared: Vec<Result<Prepared, Failure>> = prepared.collect();
        match self.ask(&prepared, evaluator) {
            Ok(answers) => {
                let mut answers = answers.into_iter();
                let next = |prepared: Result<Prepared, Failure>| {
                    prepared.and_then(|_| answers.next().ok_or(Failure::Validator(ValidatorFault::Answers)))
                };
                prepared.into_iter().map(next).collect()
            }
            Err(fault) => {
                prepared.into_iter().map(|prepared| prepared.and_then(|_| Err(fault.clone().into()))).collect()
            }
        }
    }

    /// A question in the model's terms, within what the model can take and may take.
    fn prepare<'t>(
        &mut self,
        task: &'t Task,
        tokenizer: &Tokenizer,
        texts: &mut Texts<'t>,
    ) -> Result<Prepared, Failure> {
        let architecture = self.model.architecture();
        let wrong = |wanted| Failure::from(MinerFault::WrongKind { wanted });
        match (task, architecture) {
            (Task::Likelihood(windows), Architecture::Transformer(shape))
                if matches!(shape.output, Output::Language { .. }) =>
            {
                let readings = texts.read(windows, tokenizer)?;
                self.admit(readings.iter().filter_map(Reading::window).cloned().collect())?;
                Ok(Prepared::Windows(readings))
            }
            (Task::Embeddings(texts), Architecture::Transformer(shape)) if shape.output == Output::Embedding => {
                let (hidden, width) = (shape.hidden, self.width);
                if hidden > width {
                    let reason = format!(
                        "the model's vectors have {hidden} numbers, the limit is {width}. Train a narrower one"
                    );
                    return Err(Failure::Model(reason));
                }
                let passage = |text: &String| tokenizer.sequence(text, shape.positions).map(Passage);
                let passages = texts.iter().map(passage).collect::<Result<_, _>>().map_err(Fault::from)?;
                self.admit(passages).map(Prepared::Passages)
            }
            (Task::TextClasses(texts), Architecture::Transformer(shape))
                if matches!(shape.output, Output::Classes { .. }) =>
            {
                let sample = |text: &String| tokenizer.sequence(text, shape.positions).map(Sample::Text);
                let samples = texts.iter().map(sample).collect::<Result<_, _>>().map_err(Fault::from)?;
                self.admit(samples).map(Prepared::Samples)
            }
            (Task::RowClasses(rows), Architecture::Perceptron(shape)) => {
                if rows.iter().any(|row| shape.widths.first() != Some(&row.len())) {
                    return Err(wrong("classes of rows with another number of features"));
                }
                // Exact: a double holds any i32, and the division by a power of two is rounded once.
                let feature = |&feature: &i32| (f64::from(feature) / 65_536.0) as f32;
                self.admit(rows.iter().map(|row| Sample::Features(row.iter().map(feature).collect())).collect())
                    .map(Prepared::Samples)
            }
            (Task::Likelihood(_), _) => Err(wrong("the likelihood of text")),
            (Task::Embeddings(_), _) => Err(wrong("embeddings")),
            (Task::TextClasses(_), _) => Err(wrong("classes of texts")),
            (Task::RowClasses(_), _) => Err(wrong("classes of rows")),
        }
    }

    /// What the model may still take. It was never given more than it had.
    fn left(&self) -> WorkLimits {
        WorkLimits {
            tokens: self.work.tokens - self.used.tokens,
            operations: self.work.operations - self.used.operations,
        }
    }

    fn admit<Q: Question>(&mut self, items: Vec<Q>) -> Result<Vec<Q>, Failure> {
        let architecture = self.model.architecture();
        task::check(architecture, &items, &self.left())?;
        self.used = sum(self.used, Work::of(architecture, items.iter().map(Question::length)));
        Ok(items)
    }

    /// An answer for each prepared question, in their order.
    fn ask(&self, prepared: &[Result<Prepared, Failure>], evaluator: &dyn Evaluator) -> Result<Vec<Answer>, Fault> {
        let (mut windows, mut passages, mut samples) = (Vec::new(), Vec::new(), Vec::new());
        for question in prepared.iter().flatten() {
            match question {
                Prepared::Windows(items) => windows.extend(items.iter().filter_map(Reading::window).cloned()),
                Prepared::Passages(items) => passages.extend_from_slice(items),
                Prepared::Samples(items) => samples.extend_from_slice(items),
            }
        }
        let each = |answers: &mut Answers| {
            let answers: Option<Vec<Answer>> = prepared.iter().flatten().map(|one| one.answer(answers)).collect();
            answers.ok_or(ValidatorFault::Answers.into())
        };
        if windows.is_empty() && passages.is_empty() && samples.is_empty() {
            return each(&mut Answers::default());
        }
        let lane = evaluator.load(self.model)?;
        let lane = lane.as_ref();
        let mut answers = Answers {
            losses: put(lane, &windows)?.into_iter(),
            vectors: put(lane, &passages)?.into_iter(),
            classes: put(lane, &samples)?.into_iter(),
        };
        each(&mut answers)
    }
}

/// Asks all at once: an answer for each, none if there are none.
fn put<Q: Question>(lane: &dyn Lane, items: &[Q]) -> Result<Vec<Q::Answer>, Fault> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let answers = Q::ask(lane, items)?;
    if answers.len() == items.len() { Ok(answers) } else { Err(ValidatorFault::Answers.into()) }
}

/// What a model has answered, and is not yet given to questions.
#[derive(Default)]
struct Answers {
    losses: std::vec::IntoIter<i64>,
    vectors: std::vec::IntoIter<Vec<i32>>,
    classes: std::vec::IntoIter<usize>,
}

impl Prepared {
    /// The question's own answers, which are next; none if there are too few.
    fn answer(&self, answers: &mut Answers) -> Option<Answer> {
        Some(match self {
            Self::Windows(readings) => {
                let likelihood = |reading: &Reading| {
                    let nats = reading.nats(&mut answers.losses)?;
                    Some(Likelihood { nats, bytes: reading.bytes() })
                };
                Answer::Likelihoods(readings.iter().map(likelihood).collect::<Option<_>>()?)
            }
            Self::Passages(passages) => Answer::Embeddings(answers.vectors.by_ref().take(passages.len()).collect()),
            Self::Samples(samples) => {
                // Classes are counted by a model's configuration, within 32 bits.
                let class = |class: usize| u32::try_from(class).unwrap_or(u32::MAX);
                Answer::Classes(answers.classes.by_ref().take(samples.len()).map(class).collect())
            }
        })
    }
}

fn sum(a: Work, b: Work) -> Work {
    Work { tokens: a.tokens.saturating_add(b.tokens), operations: a.operations.saturating_add(b.operations) }
}
