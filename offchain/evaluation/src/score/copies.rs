//! Exact copies: the same file, or the same weights written down differently.

use std::collections::HashMap;

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
