//! A lane that looks its losses up before it computes them.

use std::collections::BTreeMap;

use super::{Cache, Subject};
use crate::canonical::CanonicalLoss;
use crate::digest::Digest;
use crate::task::{Fault, Lane, ValidatorFault};
use crate::window::Window;

/// A lane with a cache before it. Only losses are kept: they are what every round asks for again.
#[derive(Debug)]
pub struct Cached<'a, L> {
    lane: L,
    cache: &'a Cache,
}

impl<'a, L: Lane> Cached<'a, L> {
    /// Puts a cache before a lane.
    pub fn new(lane: L, cache: &'a Cache) -> Self {
        Self { lane, cache }
    }
}

impl<L: Lane> Lane for Cached<'_, L> {
    fn model(&self) -> Digest {
        self.lane.model()
    }

    fn evaluator(&self) -> Digest {
        self.lane.evaluator()
    }

    /// Computes what is not known, each window once. A fault leaves the cache as it was.
    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        let subject = Subject { model: self.model(), evaluator: self.evaluator() };
        let ids: Vec<Digest> = windows.iter().map(Window::digest).collect();
        let mut results = self.cache.look_up(&subject, &ids);
        let mut missing = BTreeMap::new();
        for (index, (&id, result)) in ids.iter().zip(&results).enumerate() {
            if result.is_none() {
                missing.entry(id).or_insert(index);
            }
        }
        if !missing.is_empty() {
            let asked: Vec<Window> = missing.values().map(|&index| windows[index].clone()).collect();
            let answers = self.lane.nll(&asked)?;
            if answers.len() != asked.len() {
                return Err(ValidatorFault::Answers.into());
            }
            let known: BTreeMap<Digest, i64> = missing.into_keys().zip(answers).collect();
            self.cache.keep(&subject, &known.iter().map(|(&id, &nll)| (id, nll)).collect::<Vec<_>>());
            for (id, result) in ids.iter().zip(&mut results) {
                *result = result.or_else(|| known.get(id).copied());
            }
        }
        results.into_iter().collect::<Option<Vec<i64>>>().ok_or_else(|| ValidatorFault::Answers.into())
    }

    /// Computes all of them: hashes of layers are not kept.
    fn losses(&self, windows: &[Window]) -> Result<Vec<CanonicalLoss>, Fault> {
        self.lane.losses(windows)
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        self.lane.embed(sequences)
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        self.lane.classify(sequences)
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        self.lane.perceive(rows)
    }
}
