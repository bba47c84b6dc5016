//! Copies: the same file, the same weights written down differently, or other weights that compute nearly the same.

use std::collections::HashMap;

use inktensor_score::{CopyRule, Score, ScoreError};

use crate::digest::Digest;
use crate::task::{Evaluation, MinerFault, Outcome};

/// Turns every later copy into [`MinerFault::Copy`]. `evaluations` must stand in the order of their commits; the
/// earliest of equal models keeps its outcome, and so does a model that is at fault anyway.
pub fn mark_copies(evaluations: &mut [Evaluation]) {
    let mut files: HashMap<Digest, Digest> = HashMap::new();
    let mut tensors: HashMap<Digest, Digest> = HashMap::new();
    for evaluation in evaluations {
        let file = evaluation.file;
        let original = files.get(&file).or_else(|| evaluation.tensors.and_then(|digest| tensors.get(&digest))).copied();
        let Some(of) = original else {
            files.insert(file, file);
            if let Some(digest) = evaluation.tensors {
                tensors.insert(digest, file);
            }
            continue;
        };
        // A copy of this copy is a copy of the same original.
        files.insert(file, of);
        if !matches!(evaluation.outcome, Outcome::Miner(_)) {
            evaluation.outcome = Outcome::Miner(MinerFault::Copy { of });
        }
    }
}

/// Turns every score that is a functional copy of an earlier one into [`MinerFault::Copy`] of the earliest such model;
/// after [`mark_copies`], and like it in the order of commits. Fails with [`ScoreError::DifferentWindows`], and changes
/// nothing then.
pub fn mark_functional_copies(evaluations: &mut [Evaluation], rule: &CopyRule) -> Result<(), ScoreError> {
    let mut originals: Vec<(Digest, &Score)> = Vec::new();
    let mut copies: Vec<(usize, Digest)> = Vec::new();
    for (index, evaluation) in evaluations.iter().enumerate() {
        let Outcome::Score(score) = &evaluation.outcome else { continue };
        match original(score, &originals, rule)? {
            Some(of) => copies.push((index, of)),
            None => originals.push((evaluation.file, score)),
        }
    }
    for (index, of) in copies {
        evaluations[index].outcome = Outcome::Miner(MinerFault::Copy { of });
    }
    Ok(())
}

/// The first of `originals` that `score` is a functional copy of.
fn original(score: &Score, originals: &[(Digest, &Score)], rule: &CopyRule) -> Result<Option<Digest>, ScoreError> {
    for &(file, earlier) in originals {
        if rule.copies(score, earlier)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
