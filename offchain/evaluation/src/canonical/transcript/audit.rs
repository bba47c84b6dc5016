//! An audit: whether a transcript says of a model what everybody finds who computes it.

use thiserror::Error;

use super::{Transcript, TranscriptError, evaluator};
use crate::canonical::cpu::Cpu;
use crate::canonical::{CanonicalError, CanonicalModel};
use crate::digest::Digest;

/// Where a transcript and its audit part.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Discrepancy {
    /// The transcript is of another model.
    #[error(
        "the transcript is of the model with tensors {stated}, this one's are {found}. Fetch the model that it names"
    )]
    Model {
        /// What the transcript says.
        stated: Digest,
        /// The model's digest of tensors.
        found: Digest,
    },
    /// The transcript was made by another version of the arithmetic, or for another task.
    #[error("the transcript is by the evaluator {stated}, this one is {found}. Audit it with the version that made it")]
    Evaluator {
        /// What the transcript says.
        stated: Digest,
        /// This evaluator.
        found: Digest,
    },
    /// The root is not the one over the windows: the file was changed after it was made.
    #[error("the transcript states the root {stated}, its windows have {found}. Fetch it again from whoever made it")]
    Root {
        /// What the transcript says.
        stated: Digest,
        /// What is over its windows.
        found: Digest,
    },
    /// There is no such window.
    #[error("there is no window {window}: the transcript has {windows}, counted from 0")]
    NoWindow {
        /// What was asked for.
        window: usize,
        /// How many there are.
        windows: usize,
    },
    /// The number of layers is not the model's.
    #[error(
        "window {window} has hashes of {stated} layers where the model gives {found}. Whoever made it ran another model"
    )]
    Layers {
        /// The window.
        window: usize,
        /// What the transcript has.
        stated: usize,
        /// What the model gives: one more than it has layers, for the embedding's.
        found: usize,
    },
    /// The stream differs.
    #[error(
        "window {window} differs after layer {layer}, the embedding being 0. All before is agreed: recompute this layer"
    )]
    Layer {
        /// The window.
        window: usize,
        /// The first layer after which it does; 0 is the embedding.
        layer: usize,
    },
    /// The layers are agreed, the loss is not.
    #[error("window {window} has the loss {stated} where the model gives {found}, in 2^-32 nats. Recompute the head")]
    Loss {
        /// The window.
        window: usize,
        /// What the transcript says.
        stated: i64,
        /// What the model gives.
        found: i64,
    },
    /// The model gives no loss of the window, whatever the transcript says.
    #[error("window {window} cannot be computed: {source}")]
    Refused {
        /// The window.
        window: usize,
        /// Why not.
        source: CanonicalError,
    },
    /// There is no root over the windows.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
}

/// A transcript of the right model, by this evaluator, whose root is over its windows.
#[derive(Debug)]
pub struct Audit<'a> {
    transcript: &'a Transcript,
    model: &'a CanonicalModel,
    cpu: Cpu,
}

impl Transcript {
    /// Begins an audit: fails unless the transcript is of this model, by this evaluator, and has the root that it states.
    pub fn audit<'a>(&'a self, model: &'a CanonicalModel, cpu: Cpu) -> Result<Audit<'a>, Discrepancy> {
        let (stated, found) = (self.model(), model.tensor_digest());
        if stated != found {
            return Err(Discrepancy::Model { stated, found });
        }
        let (stated, found) = (self.evaluator(), evaluator(&[]));
        if stated != found {
            return Err(Discrepancy::Evaluator { stated, found });
        }
        let (stated, found) = (self.root(), self.computed_root()?);
        if stated != found {
            return Err(Discrepancy::Root { stated, found });
        }
        Ok(Audit { transcript: self, model, cpu })
    }
}

impl Audit<'_> {
    /// Computes window `index`, counted from 0, and fails where the transcript says anything else of it. Blocks until
    /// that is done.
    pub fn window(&self, index: usize) -> Result<(), Discrepancy> {
        let entries = self.transcript.entries();
        let none = Discrepancy::NoWindow { window: index, windows: entries.len() };
        let entry = entries.get(index).ok_or(none.clone())?;
        let refused = |source| Discrepancy::Refused { window: index, source };
        let losses = self.cpu.nll(self.model, std::slice::from_ref(&entry.window)).map_err(refused)?;
        let (stated, found) = (&entry.loss, losses.first().ok_or(none)?);
        if stated.layers.len() != found.layers.len() {
            let (stated, found) = (stated.layers.len(), found.layers.len());
            return Err(Discrepancy::Layers { window: index, stated, found });
        }
        if let Some(layer) = stated.layers.iter().zip(&found.layers).position(|(stated, found)| stated != found) {
            return Err(Discrepancy::Layer { window: index, layer });
        }
        if stated.nll != found.nll {
            return Err(Discrepancy::Loss { window: index, stated: stated.nll, found: found.nll });
        }
        Ok(())
    }
}
