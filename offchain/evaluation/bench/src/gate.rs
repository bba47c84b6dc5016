//! The gate before the clock: an engine whose answers are wrong is not measured.

use inktensor_evaluation::reference;

use crate::engine::Lane;
use crate::error::BenchError;
use crate::workload::{Answers, Questions, Workload};

/// Operations that the reference, which is scalar, may spend on one question.
const AFFORDABLE: u64 = 64_000_000_000;

/// What answers are held against.
#[derive(Debug)]
pub struct Expected {
    /// Who gave them: the reference where it can afford the first question, else the first engine.
    pub by: &'static str,
    /// For the first questions.
    answers: Answers,
}

impl Expected {
    /// The reference's answer to the first question, if that takes no more than minutes.
    pub fn of_reference(workload: &Workload) -> Result<Option<Self>, BenchError> {
        if workload.operations / workload.questions.count().max(1) as u64 > AFFORDABLE {
            return Ok(None);
        }
        let model = &workload.model;
        let first = match &workload.questions {
            Questions::Losses(windows) => {
                windows.first().map(|window| Ok(vec![reference::nll(model, window)?.nll_nats]))
            }
            Questions::Embeddings(texts) => texts.first().map(|text| reference::embed(model, text)),
            Questions::Classes(features, width) => {
                features.chunks_exact(*width).next().map(|vector| reference::perceive(model, vector))
            }
        };
        let answers = first.into_iter().collect::<Result<_, _>>()?;
        Ok(Some(Self { by: "the f64 reference", answers }))
    }

    /// All answers of an engine.
    pub fn of_engine(answers: Answers) -> Self {
        Self { by: "the first engine", answers }
    }

    /// The largest difference of an engine's answers; fails where it is beyond the engine's promise.
    pub fn check(&self, engine: (&str, Lane), workload: &Workload, found: &Answers) -> Result<f64, BenchError> {
        let difference = if found.len() == workload.questions.count() {
            difference(&workload.questions, &self.answers, found)
        } else {
            f64::INFINITY
        };
        let tolerance = tolerance(&workload.questions, engine.1);
        // A difference that is no number is not below anything.
        if difference <= tolerance {
            return Ok(difference);
        }
        let (engine, workload) = (engine.0.to_owned(), workload.name.clone());
        Err(BenchError::Wrong { engine, workload, against: self.by, found: difference, tolerance })
    }
}

/// Largest difference that an engine's promise allows: nats for each token, features of a vector of length one, or
/// logits as a share of the largest.
pub fn tolerance(questions: &Questions, lane: Lane) -> f64 {
    match (questions, lane) {
        (Questions::Losses(_) | Questions::Embeddings(_), Lane::Fast) => 1e-5,
        (Questions::Classes(..), Lane::Fast) => 1e-4,
        (Questions::Losses(_) | Questions::Embeddings(_), Lane::Canonical) => 1e-3,
        (Questions::Classes(..), Lane::Canonical) => 1e-2,
    }
}

/// The largest difference over the questions that both have answered; not a number as soon as an answer is none.
fn difference(questions: &Questions, expected: &Answers, found: &Answers) -> f64 {
    let largest = expected.iter().flatten().fold(0f64, |largest, x| largest.max(x.abs()));
    let unit = match questions {
        Questions::Losses(windows) => windows.first().map_or(1, |window| window.predictions()) as f64,
        Questions::Embeddings(_) => 1.0,
        Questions::Classes(..) => largest,
    };
    let mut worst = 0f64;
    for (expected, found) in expected.iter().zip(found) {
        if expected.len() != found.len() {
            return f64::INFINITY;
        }
        for (x, y) in expected.iter().zip(found) {
            let difference = (x - y).abs() / unit;
            if difference.is_nan() {
                return difference;
            }
            worst = worst.max(difference);
        }
    }
    worst
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use inktensor_evaluation::Window;

    use super::*;

    fn losses() -> Questions {
        Questions::Losses(vec![Window::new(vec![1, 2, 3, 4, 5], 1, 4).unwrap(); 2])
    }

    #[test]
    fn losses_differ_for_each_token() {
        let expected = vec![vec![4.0], vec![8.0]];
        assert_eq!(difference(&losses(), &expected, &vec![vec![4.0], vec![10.0]]), 0.5);
    }

    #[test]
    fn the_difference_from_an_answer_that_is_no_number_is_none() {
        let found = difference(&losses(), &vec![vec![4.0], vec![8.0]], &vec![vec![f64::NAN], vec![8.0]]);
        assert!(found.is_nan());
    }

    #[test]
    fn answers_of_another_width_pass_no_gate() {
        let questions = Questions::Classes(vec![0.0; 4], 2);
        assert_eq!(difference(&questions, &vec![vec![1.0, 2.0]], &vec![vec![1.0]]), f64::INFINITY);
    }

    #[test]
    fn logits_differ_as_a_share_of_the_largest() {
        let questions = Questions::Classes(vec![0.0; 4], 2);
        assert_eq!(difference(&questions, &vec![vec![-8.0, 2.0]], &vec![vec![-8.0, 4.0]]), 0.25);
    }

    #[test]
    fn the_reference_passes_and_what_is_off_or_missing_does_not() {
        let workload = Workload::products([2, 3], 1, 4);
        let Questions::Classes(features, width) = &workload.questions else { panic!("products give classes") };
        let answer = |vector| reference::perceive(&workload.model, vector).unwrap();
        let right: Answers = features.chunks_exact(*width).map(answer).collect();
        let expected = Expected::of_reference(&workload).unwrap().unwrap();
        let check = |answers: &Answers| expected.check(("it", Lane::Fast), &workload, answers);
        assert_eq!(check(&right).unwrap(), 0.0);

        let mut off = right.clone();
        off[0][0] += 1e-3 * right[0].iter().fold(0f64, |largest, x| largest.max(x.abs()));
        assert!(matches!(check(&off), Err(BenchError::Wrong { .. })));
        off[0][0] = f64::NAN;
        assert!(matches!(check(&off), Err(BenchError::Wrong { .. })));
        let missing = right[..3].to_vec();
        assert!(matches!(check(&missing), Err(BenchError::Wrong { .. })));
    }
}
