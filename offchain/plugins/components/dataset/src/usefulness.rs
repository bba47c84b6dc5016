//! What a learner could learn of a text.

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use inktensor_evaluator::{Likelihood, Verdict};

use crate::memo::Memo;
use crate::settings::Settings;

/// `2^32 · ln 2 / 1000` to the nearest integer: a thousandth of a bit, in nats Q32.
const MILLIBIT: i128 = 2_977_044;

/// Answers that are not to what was asked: a defect of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsefulnessError;

impl fmt::Display for UsefulnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answers are not those to the questions")
    }
}

impl core::error::Error for UsefulnessError {}

/// The verdicts. `learner` and `reference` are what both models say of the windows of all contributions that the memo has
/// bytes of, one after the other.
///
/// Merit is `use · novel bytes` in thousandths of a bit, the use being `min(learner, noise) - reference` of the mean losses
/// over all windows, at least zero: not the mean of what is above zero, which would reward noise.
pub fn verdicts(
    memo: &Memo,
    learner: &[Likelihood],
    reference: &[Likelihood],
    settings: &Settings,
) -> Result<Vec<Verdict>, UsefulnessError> {
    let count = settings.windows as usize;
    let (mut learner, mut reference) = (learner.chunks_exact(count), reference.chunks_exact(count));
    let mut verdicts = Vec::new();
    for one in &memo.0 {
        verdicts.push(match one {
            Err(spam) => Verdict::Fault(spam.clone()),
            Ok(novel) => {
                let (Some(learner), Some(reference)) = (learner.next(), reference.next()) else {
                    return Err(UsefulnessError);
                };
                let [learner, reference] = [loss(learner)?, loss(reference)?];
                let noise = i128::from(settings.noise);
                if reference >= noise {
                    let [lost, most] = [reference, noise].map(|loss| format!("{}.{:03}", loss / 1000, loss % 1000));
                    Verdict::Fault(format!("noise: the reference loses {lost} bits a byte, from {most} on it is noise"))
                } else {
                    let useful = (learner.min(noise) - reference).max(0) * i128::from(*novel);
                    Verdict::Merit(u64::try_from(useful).unwrap_or(u64::MAX))
                }
            }
        });
    }
    let left = [learner, reference].iter().any(|rest| rest.len() > 0 || !rest.remainder().is_empty());
    if left { Err(UsefulnessError) } else { Ok(verdicts) }
}

/// The mean loss of windows in thousandths of a bit a byte, rounded down.
fn loss(windows: &[Likelihood]) -> Result<i128, UsefulnessError> {
    let nats: i128 = windows.iter().map(|window| i128::from(window.nats)).sum();
    let bytes: i128 = windows.iter().map(|window| i128::from(window.bytes)).sum();
    nats.checked_div(bytes * MILLIBIT).ok_or(UsefulnessError)
}
