//! The canonical lane on threads and SIMD: what a validator without a GPU evaluates with, and what audits a leaf.

use std::num::NonZeroUsize;
use std::thread;

use super::forward::{self, Lane};
use super::quantise::QuantisedMatrix;
use super::row::{Row, Row16};
use super::{CanonicalError, CanonicalLoss, CanonicalModel};
use crate::window::Window;

mod product;

/// A number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    threads: NonZeroUsize,
}

impl Default for Cpu {
    /// As many threads as the system advises, or one if it does not.
    fn default() -> Self {
        Self { threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN) }
    }
}

impl Cpu {
    /// A lane of `threads` threads.
    pub fn new(threads: NonZeroUsize) -> Self {
        Self { threads }
    }

    /// How many threads.
    pub fn threads(&self) -> NonZeroUsize {
        self.threads
    }

    /// The losses of windows under a language model. Each layer's weights are asked for once.
    pub fn nll(&self, model: &CanonicalModel, windows: &[Window]) -> Result<Vec<CanonicalLoss>, CanonicalError> {
        forward::losses(self, model, windows)
    }

    /// The embeddings of texts: vectors of length one, their features with 30 fractional bits.
    pub fn embed(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, CanonicalError> {
        forward::embeddings(self, model, texts)
    }

    /// The logits of texts' classes, with 16 fractional bits.
    pub fn classify(&self, model: &CanonicalModel, texts: &[&[u32]]) -> Result<Vec<Vec<i32>>, CanonicalError> {
        forward::classes(self, model, texts)
    }

    /// The logits of feature vectors' classes, with 16 fractional bits.
    pub fn perceive(&self, model: &CanonicalModel, vectors: &[&[f32]]) -> Result<Vec<Vec<i32>>, CanonicalError> {
        forward::perceive(self, model, vectors)
    }
}

impl Lane for Cpu {
    fn spread<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
        let run = items.len().div_ceil(self.threads.get());
        if run == items.len() {
            return work(items);
        }
        let work = &work;
        thread::scope(|scope| {
            let threads: Vec<_> = items.chunks(run).map(|items| scope.spawn(move || work(items))).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, Vec<R>>| match thread.join() {
                Ok(results) => results,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().flat_map(join).collect()
        })
    }

    fn sums(&self, rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Row> {
        self.spread(rows, |rows| product::products(rows, matrix))
    }
}
