//! Checks what an evaluator asks, before anything is computed.
//!
//! What is wrong here is the evaluator's fault, whatever the miners contributed: it knows what there is. What a model
//! then cannot take is for `answers.rs`.

use crate::bindings::{Plan, Source, Task, Windows};
use crate::fault::EvaluatorFault;
use crate::limits::Limits;
use crate::sources::Sources;

/// Questions to one model.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub model: Source,
    /// Their places in the plan, rising.
    pub questions: Vec<usize>,
}

/// Questions by model, models in the order in which they are asked first.
pub(crate) fn check(plan: &Plan, sources: &Sources, limits: &Limits) -> Result<Vec<Group>, EvaluatorFault> {
    let big = |what, count, limit| EvaluatorFault::BigPlan { what, count, limit };
    if plan.memo.len() > limits.memo {
        return Err(big("bytes of memo", plan.memo.len(), limits.memo));
    }
    if plan.questions.len() > limits.questions {
        return Err(big("questions", plan.questions.len(), limits.questions));
    }
    let items = plan.questions.iter().map(|question| items(&question.task)).fold(0, usize::saturating_add);
    if items > limits.items {
        return Err(big("windows, texts and rows", items, limits.items));
    }
    let vectors = plan.questions.iter().map(|question| vectors(&question.task)).fold(0, usize::saturating_add);
    if vectors > limits.vectors {
        return Err(big("texts to embed", vectors, limits.vectors));
    }
    let mut groups: Vec<Group> = Vec::new();
    for (index, question) in plan.questions.iter().enumerate() {
        let sound = sources.model(&question.model).and_then(|_| task(&question.task, sources, limits));
        sound.map_err(|reason| EvaluatorFault::BadPlan { question: index, reason })?;
        match groups.iter_mut().find(|group| group.model == question.model) {
            Some(group) => group.questions.push(index),
            None => groups.push(Group { model: question.model.clone(), questions: vec![index] }),
        }
    }
    Ok(groups)
}

fn items(task: &Task) -> usize {
    match task {
        Task::Likelihood(Windows::Sampled(sample)) => sample.count as usize,
        Task::Likelihood(Windows::Spans(spans)) => spans.len(),
        Task::Embeddings(texts) | Task::TextClasses(texts) => texts.len(),
        Task::RowClasses(rows) => rows.len(),
    }
}

fn vectors(task: &Task) -> usize {
    match task {
        Task::Embeddings(texts) => texts.len(),
        Task::Likelihood(_) | Task::TextClasses(_) | Task::RowClasses(_) => 0,
    }
}

/// Fails with what makes no sense about a task, in words that follow "question 7".
fn task(task: &Task, sources: &Sources, limits: &Limits) -> Result<(), String> {
    let size: u64 = match task {
        Task::Likelihood(Windows::Sampled(sample)) => {
            let text = sources.data(&Source::Asset(sample.asset.clone()))?;
            window(u64::from(sample.length) + 1, limits)?;
            let available = (text.len() as u64).saturating_sub(sample.length.into());
            if available < sample.count.into() {
                return Err(format!("samples {} windows where the text has {available}", sample.count));
            }
            u64::from(sample.count) * (u64::from(sample.length) + 1)
        }
        Task::Likelihood(Windows::Spans(spans)) => {
            for span in spans {
                window(span.length.into(), limits)?;
                let bytes = sources.data(&span.source)?.len() as u64;
                if span.offset.checked_add(span.length.into()).is_none_or(|end| end > bytes) {
                    let (offset, length) = (span.offset, span.length);
                    return Err(format!("reads {length} bytes from {offset} on where there are {bytes}"));
                }
            }
            spans.iter().map(|span| u64::from(span.length)).sum()
        }
        Task::Embeddings(texts) | Task::TextClasses(texts) => {
            each(texts.iter().map(String::len), "text", "bytes", limits.text)?
        }
        Task::RowClasses(rows) => each(rows.iter().map(Vec::len), "row", "features", limits.row)?,
    };
    let limit = limits.question;
    if size > limit { Err(format!("is of {size} bytes or features, the limit is {limit}. Split it")) } else { Ok(()) }
}

fn window(length: u64, limits: &Limits) -> Result<(), String> {
    if (2..=limits.window.into()).contains(&length) {
        return Ok(());
    }
    Err(format!("has a window of {length} bytes. Take 2 to {}", limits.window))
}

/// The sum of lengths of which each is at least 1 and at most `limit`.
fn each(lengths: impl Iterator<Item = usize> + Clone, what: &str, unit: &str, limit: usize) -> Result<u64, String> {
    if let Some(length) = lengths.clone().find(|length| !(1..=limit).contains(length)) {
        return Err(format!("has a {what} of {length} {unit}. Take 1 to {limit}"));
    }
    Ok(lengths.map(|length| length as u64).sum())
}
