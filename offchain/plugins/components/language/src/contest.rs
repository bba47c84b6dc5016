//! Who wins.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use inktensor_evaluator::{Answer, Contribution, Output, Verdict, entrants};
use inktensor_score::{CopyRule, Score, ScoreError, WeightRule, champion, weights_behind};

/// Answers that are not to what was asked: a defect of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContestError {
    /// There are not as many as questions, or one is no likelihood.
    Answers,
    /// They cannot be compared.
    Scores(ScoreError),
}

impl fmt::Display for ContestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers => f.write_str("the answers are not those to the questions"),
            Self::Scores(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ContestError {}

impl From<ScoreError> for ContestError {
    fn from(error: ScoreError) -> Self {
        Self::Scores(error)
    }
}

/// The verdicts. `answers` are those of the entrants in their order.
pub fn judge(
    contributions: &[Contribution],
    answers: &[Answer],
    rules: &WeightRule,
) -> Result<Vec<Verdict>, ContestError> {
    let mut answers = answers.iter();
    let mut scored = Vec::new();
    for entrant in entrants(contributions, Output::Language) {
        scored.push(match entrant {
            Err(fault) => Err(fault),
            Ok(uid) => match answers.next() {
                Some(Answer::Likelihoods(likelihoods)) => {
                    let windows: Vec<_> = likelihoods.iter().map(|one| (one.nats, one.bytes)).collect();
                    Ok((uid, Score::from_canonical(&windows)?))
                }
                Some(Answer::Fault(fault)) => Err(fault.clone()),
                _ => return Err(ContestError::Answers),
            },
        });
    }
    if answers.next().is_some() {
        return Err(ContestError::Answers);
    }
    mark_copies(&mut scored, &CopyRule { margin: rules.margin, ..CopyRule::default() })?;
    let scores: Vec<Option<&Score>> = scored.iter().map(|one| one.as_ref().ok().map(|(_, score)| score)).collect();
    let shares = weights_behind(&scores, champion(&scores, &rules.margin)?, rules.half_life);
    let verdict = |(one, share): (&Result<_, String>, u16)| match one {
        Ok(_) => Verdict::Merit(share.into()),
        Err(fault) => Verdict::Fault(fault.to_string()),
    };
    Ok(scored.iter().zip(shares).map(verdict).collect())
}

/// Turns into faults what computes nearly the same as an earlier model and is no better.
fn mark_copies(scored: &mut [Result<(u16, Score), String>], rule: &CopyRule) -> Result<(), ScoreError> {
    for later in 1..scored.len() {
        let (earlier, rest) = scored.split_at_mut(later);
        let Ok((_, score)) = &rest[0] else { continue };
        let mut original = None;
        for (uid, other) in earlier.iter().filter_map(|one| one.as_ref().ok()) {
            if rule.copies(score, other)? {
                original = Some(*uid);
                break;
            }
        }
        if let Some(uid) = original {
            rest[0] = Err(format!("computes nearly the same as uid {uid}"));
        }
    }
    Ok(())
}
