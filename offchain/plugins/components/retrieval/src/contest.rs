//! Who finds best.

use alloc::vec::Vec;
use core::fmt;

use inktensor_evaluator::{Answer, Contribution, Output, Verdict, entrants};
use inktensor_score::{Loss, WeightRule, cosine, ndcg, weights_of_losses};

use crate::set::Set;

/// One, in Q32.
const ONE: u64 = 1 << 32;

/// Answers that are not to what was asked: a defect of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContestError;

impl fmt::Display for ContestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answers are not those to the questions")
    }
}

impl core::error::Error for ContestError {}

/// The verdicts. `answers` are those of the entrants in their order.
pub fn judge(
    set: &Set,
    contributions: &[Contribution],
    answers: &[Answer],
    rule: &WeightRule,
) -> Result<Vec<Verdict>, ContestError> {
    let mut answers = answers.iter();
    let mut losses = Vec::new();
    for entrant in entrants(contributions, Output::Embedding) {
        losses.push(match entrant {
            Err(fault) => Err(fault),
            Ok(_) => match answers.next() {
                Some(Answer::Embeddings(vectors)) => Ok(loss(set, vectors).ok_or(ContestError)?),
                Some(Answer::Fault(fault)) => Err(fault.clone()),
                _ => return Err(ContestError),
            },
        });
    }
    if answers.next().is_some() {
        return Err(ContestError);
    }
    let known: Vec<Option<Loss>> = losses.iter().map(|loss| loss.as_ref().ok().copied()).collect();
    let verdict = |(loss, share): (Result<_, _>, u16)| match loss {
        Ok(_) => Verdict::Merit(share.into()),
        Err(fault) => Verdict::Fault(fault),
    };
    Ok(losses.into_iter().zip(weights_of_losses(&known, rule)).map(verdict).collect())
}

/// What nDCG@10, the mean over all queries, lacks of 1. None where there is not one vector for each text.
fn loss(set: &Set, vectors: &[Vec<i32>]) -> Option<Loss> {
    let (passages, queries) = vectors.split_at_checked(set.passages())?;
    let gains = set.gains();
    if gains.len() != queries.len() {
        return None;
    }
    let count = queries.len() as u64;
    let found = |gains: Vec<u8>, query: &[i32]| {
        ndcg(passages.iter().zip(gains).map(|(passage, gain)| (cosine(passage, query), gain)).collect())
    };
    // At most 2^16 of at most 2^32.
    let sum: u64 = gains.zip(queries).map(|(gains, query)| found(gains, query)).sum();
    Some(Loss(ONE - sum / count))
}
