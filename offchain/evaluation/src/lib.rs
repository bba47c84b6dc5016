//! Evaluation of models for Inktensor.
//!
//! A validator reads a miner's model file as hostile input ([`model`]), runs it on windows of a held-out text
//! ([`corpus`]) with own compute shaders on wgpu ([`Engine`]), and ranks models by their bits per byte ([`score`]).
//! [`task::evaluate`] does the first two in one call and ends in one of three ways: a score, the miner's fault, or the
//! validator's own fault, which is an abstention and never a score of zero. Other [tasks](task) ask a model for choices,
//! embeddings or classes, on any [`task::Lane`]; [`tokenizer`] reads a miner's `tokenizer.json`; [`cache`] spares what was
//! computed before.
//!
//! Kernels compute in f32 and differ between devices in the last bits; losses become integers at [`score::Score`], and
//! everything behind that is exact. [`mod@reference`] is the same computation in scalar f64, the yardstick of the kernels.
//!
//! ```no_run
//! use inktensor_evaluation::corpus::Corpus;
//! use inktensor_evaluation::model::Limits;
//! use inktensor_evaluation::{AdapterChoice, Engine, task};
//!
//! let engine = Engine::new(AdapterChoice::Fastest)?;
//! println!("evaluating on {}", engine.adapter());
//! let corpus = Corpus::open("offchain/evaluation/data/heldout.txt".as_ref())?;
//! let windows = corpus.windows([7; 32], 20, 128)?;
//! let file = std::fs::read("offchain/evaluation/models/strong.safetensors")?;
//! let evaluation = task::evaluate(&engine, &file, &Limits::default(), &windows);
//! println!("{}: {:?}", evaluation.file, evaluation.outcome);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cache;
pub mod corpus;
mod digest;
mod engine;
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
pub use engine::{AdapterChoice, AdapterDescription, Engine, EngineError, GpuModel, Options, Style, adapters};
pub use window::{Window, WindowResult, WindowTooShort};
