//! Evaluation of models for Inktensor.
//!
//! A validator reads a miner's model file as hostile input ([`model`]), asks it about windows of a held-out text
//! ([`corpus`]), and ranks models by their bits per byte ([`score`]).
//! [`task::evaluate`] does the first two in one call and ends in one of three ways: a score, the miner's fault, or the
//! validator's own fault, which is an abstention and never a score of zero. Other [tasks](task) ask a model for choices,
//! embeddings or classes, on any [`task::Lane`]; [`tokenizer`] reads a miner's `tokenizer.json`; [`cache`] spares what was
//! computed before.
//!
//! There are two arithmetics. Kernels in f32 (`Engine`) are fast and differ between devices in the last bits; integers
//! ([`canonical`]) give the same bits everywhere, so that validators agree and anybody can check them. [`mod@reference`]
//! is the computation in scalar f64, the yardstick of both. Scores are integers in any case. All that runs on a GPU is
//! behind the feature `gpu`, a default: without it, the CPU evaluates in integers, with the same results.
//!
#![cfg_attr(feature = "gpu", doc = "```no_run")]
#![cfg_attr(not(feature = "gpu"), doc = "```ignore")]
//! use inktensor_evaluation::corpus::Corpus;
//! use inktensor_evaluation::model::Limits;
//! use inktensor_evaluation::task::{self, Arithmetic};
//! use inktensor_evaluation::AdapterChoice;
//!
//! let evaluator = task::evaluator(Arithmetic::Canonical, AdapterChoice::Fastest)?;
//! println!("evaluating on {}", evaluator.describe());
//! let corpus = Corpus::open("offchain/evaluation/data/heldout.txt".as_ref())?;
//! let spans = corpus.spans([7; 32], 20, 128)?;
//! let file = std::fs::read("offchain/evaluation/models/strong.safetensors")?;
//! let evaluation = task::evaluate(evaluator.as_ref(), &file, &Limits::default(), &spans);
//! println!("{}: {:?}", evaluation.file, evaluation.outcome);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cache;
pub mod canonical;
pub mod corpus;
mod digest;
#[cfg(feature = "gpu")]
mod engine;
#[cfg(feature = "gpu")]
mod kernels;
mod merkle;
pub mod model;
mod random;
pub mod reference;
pub mod score;
pub mod task;
pub mod tokenizer;
mod window;

pub use digest::{Digest, DigestError};
#[cfg(feature = "gpu")]
pub use engine::{
    AdapterChoice, AdapterDescription, Engine, EngineError, GpuModel, Options, Precision, Style, Tile, UnknownTile,
    adapters,
};
pub use window::{Window, WindowResult, WindowTooShort};
