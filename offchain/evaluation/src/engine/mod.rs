//! The engine: a device, its kernels, and models evaluated on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::kernels::Kernels;
use crate::model::{Architecture, Model, Output, Transformer};
use crate::window::{Window, WindowResult};

mod adapter;
mod device;
mod error;
mod forward;
mod layer;
mod layout;
mod open;
mod operand;
mod options;
mod output;
mod perceptron;
mod places;
mod ragged;
mod transformer;
mod trial;
mod tuning;
mod wait;
mod wide;

pub use adapter::{AdapterChoice, AdapterDescription, adapters};
pub(crate) use device::Device;
pub use error::EngineError;
pub use options::Options;
pub(crate) use places::PlaceTable;

pub use crate::kernels::{Precision, Style, Tile, UnknownTile};

use perceptron::GpuPerceptron;
use ragged::Sequence;
use transformer::{GpuLayers, GpuTransformer};

/// An open device with its kernels, each compiled when a model first needs it. `Send + Sync`; calls block until the
/// device is done (call it from a thread that may block) and take turns, so that an error always belongs to the call
/// that caused it.
#[derive(Debug)]
pub struct Engine {
    adapter: AdapterDescription,
    kernels: Kernels,
    /// The same with products in f32, where `kernels` has them in f16.
    wide: Option<Kernels>,
    precision: Precision,
    /// Bytes that the layers of a model may take.
    memory: u64,
    /// Tokens that a sequence may have on this adapter.
    longest: usize,
    turn: Mutex<()>,
}

/// A model in the memory of the engine's device, whole or all but its layers.
#[derive(Debug)]
pub struct GpuModel {
    architecture: Architecture,
    weights: GpuWeights,
}

#[derive(Debug)]
enum GpuWeights {
    Transformer(Box<GpuTransformer>),
    Perceptron(GpuPerceptron),
}

impl GpuModel {
    /// What the model computes.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Whether its layers are uploaded anew for each evaluation, as the device does not hold them together.
    pub fn streamed(&self) -> bool {
        match &self.weights {
            GpuWeights::Transformer(transformer) => matches!(transformer.layers, GpuLayers::Streamed(_)),
            GpuWeights::Perceptron(_) => false,
        }
    }
}

impl Engine {
    /// What the engine runs on.
    pub fn adapter(&self) -> &AdapterDescription {
        &self.adapter
    }

    /// How its kernels are written, on which the last bits of results depend.
    pub fn style(&self) -> Style {
        self.kernels.style()
    }

    /// The tile of its matrix products, on which the last bits of results may depend.
    pub fn tile(&self) -> Tile {
        self.kernels.tile()
    }

    /// What it stores the matrices of models in.
    pub fn weights(&self) -> Precision {
        self.precision
    }

    /// What its matrix products multiply in, where neither weights nor activations are beyond it.
    pub fn products(&self) -> Precision {
        self.kernels.products()
    }

    /// Copies a model to the device, part by part. Layers that the device cannot hold together are streamed, as those
    /// beyond [`Options::memory`] are.
    ///
    /// Fails with [`EngineError::Weights`] where a part cannot be read, with [`EngineError::Misshapen`] where it does not
    /// fit the architecture, and as the device fails.
    pub fn load(&self, model: &Model) -> Result<GpuModel, EngineError> {
        let _turn = self.turn();
        let kernels = &self.kernels;
        let weights = match model.architecture() {
            Architecture::Transformer(config) => GpuWeights::Transformer(Box::new(GpuTransformer::load(
                kernels,
                model,
                config,
                self.precision,
                self.memory,
            )?)),
            Architecture::Perceptron(config) => {
                GpuWeights::Perceptron(GpuPerceptron::load(kernels, self.precision, config, model.weights())?)
            }
        };
        Ok(GpuModel { architecture: model.architecture().clone(), weights })
    }

    /// Negative log-likelihood of the predicted tokens of each window under a language model, in the order given.
    /// A result that is not finite means that the computation overflowed.
    ///
    /// Fails with [`EngineError::WrongOutput`], [`EngineError::TooLong`] or [`EngineError::UnknownToken`] where model
    /// and windows do not fit, as the device fails, and, where layers are not kept, as [`Self::load`] does.
    pub fn nll(&self, model: &GpuModel, windows: &[Window]) -> Result<Vec<WindowResult>, EngineError> {
        let transformer = model.asked("likelihoods of tokens", |output| matches!(output, Output::Language { .. }))?;
        let mut sequences = Vec::with_capacity(windows.len());
        for window in windows {
            let tokens = window.inputs();
            self.check(&transformer.config, tokens.len(), window.tokens())?;
            sequences.push(Sequence { tokens, states: window.first() - 1..tokens.len(), targets: window.targets() });
        }
        let losses = self.run(transformer, &sequences)?;
        let result = |(losses, window): (Vec<f32>, &Window)| WindowResult {
            nll_nats: losses.into_iter().map(f64::from).sum(),
            bytes: window.bytes(),
        };
        Ok(losses.into_iter().zip(windows).map(result).collect())
    }

    /// The embedding of each sequence of tokens under an encoder: the mean of its final states, scaled to length one.
    /// Numbers that are not finite mean that the computation overflowed.
    ///
    /// Fails with [`EngineError::WrongOutput`], [`EngineError::Empty`], [`EngineError::TooLong`] or
    /// [`EngineError::UnknownToken`] where model and sequences do not fit, and else as [`Self::nll`] does.
    pub fn embed(&self, model: &GpuModel, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let transformer = model.asked("embeddings", |output| output == Output::Embedding)?;
        let sequences = self.sequences(transformer, sequences, 0)?;
        let means = self.run(transformer, &sequences)?;
        Ok(means.into_iter().map(to_length_one).collect())
    }

    /// The logits of classes of each sequence of tokens under a classifier of text. Numbers that are not finite mean
    /// that the computation overflowed.
    ///
    /// Fails as [`Self::embed`] does.
    pub fn classify(&self, model: &GpuModel, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, EngineError> {
        let transformer = model.asked("classes of texts", |output| matches!(output, Output::Classes { .. }))?;
        let sequences = self.sequences(transformer, sequences, 1)?;
        self.run(transformer, &sequences)
    }

    /// The logits of classes of each vector of features under a perceptron; `features` holds the vectors one behind the
    /// other. Numbers that are not finite mean that the computation overflowed.
    ///
    /// Fails with [`EngineError::WrongOutput`] or [`EngineError::Ragged`] where model and features do not fit, and as
    /// the device fails.
    pub fn perceive(&self, model: &GpuModel, features: &[f32]) -> Result<Vec<Vec<f32>>, EngineError> {
        let GpuWeights::Perceptron(perceptron) = &model.weights else {
            return Err(EngineError::WrongOutput { asked: "classes of vectors", gives: model.gives() });
        };
        let width = perceptron.features();
        if !features.len().is_multiple_of(width) {
            return Err(EngineError::Ragged { features: features.len(), width });
        }
        let vectors: Vec<&[f32]> = features.chunks_exact(width).collect();
        self.answers(&vectors, |kernels, vectors| perceptron.run(kernels, vectors))
    }

    /// Sequences of which the first `states` final states count.
    fn sequences<'a>(
        &self,
        model: &GpuTransformer,
        sequences: &'a [Vec<u32>],
        states: usize,
    ) -> Result<Vec<Sequence<'a>>, EngineError> {
        let sequence = |tokens: &'a Vec<u32>| {
            self.check(&model.config, tokens.len(), tokens)?;
            Ok(Sequence { tokens, states: 0..states, targets: &[] })
        };
        sequences.iter().map(sequence).collect()
    }

    /// Whether a model can read as many tokens as `length`, and knows all of `tokens`.
    fn check(&self, config: &Transformer, length: usize, tokens: &[u32]) -> Result<(), EngineError> {
        if length == 0 {
            return Err(EngineError::Empty);
        }
        let limit = config.positions.min(self.longest);
        if length > limit {
            return Err(EngineError::TooLong { tokens: length, limit });
        }
        let vocabulary = config.vocabulary;
        match tokens.iter().find(|&&token| token as usize >= vocabulary) {
            Some(&token) => Err(EngineError::UnknownToken { token, vocabulary }),
            None => Ok(()),
        }
    }

    fn run(&self, model: &GpuTransformer, sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        self.answers(sequences, |kernels, sequences| forward::run(kernels, model, sequences))
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GpuModel {
    /// The transformer, if its output is of the kind asked for.
    fn asked(&self, asked: &'static str, fits: impl Fn(Output) -> bool) -> Result<&GpuTransformer, EngineError> {
        match &self.weights {
            GpuWeights::Transformer(transformer) if fits(transformer.config.output) => Ok(transformer),
            _ => Err(EngineError::WrongOutput { asked, gives: self.gives() }),
        }
    }

    fn gives(&self) -> &'static str {
        match &self.architecture {
            Architecture::Perceptron(_) => "classes of vectors",
            Architecture::Transformer(transformer) => match transformer.output {
                Output::Language { .. } => "likelihoods of tokens",
                Output::Embedding => "embeddings",
                Output::Classes { .. } => "classes of texts",
            },
        }
    }
}

fn to_length_one(vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
    vector.into_iter().map(|x| (f64::from(x) / length) as f32).collect()
}
