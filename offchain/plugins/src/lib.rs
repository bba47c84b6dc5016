//! Evaluators of subnets: WebAssembly components, run the same way by every validator.
//!
//! What an evaluator sees and answers is written in `wit/evaluator.wit`; this crate is the validator's side of it. It
//! knows nothing of the chain: a [`Round`] says what is to be judged, and a [`Report`] what came of it.
//!
//! A component is hostile input. It is looked at before it is compiled, compiled on a thread of its own, and called in
//! an instance that has memory, stack and fuel by [`Limits`] and nothing else: no clock, no files, no network, no
//! floats whose bits differ between processors. What it asks of models is checked before a model is loaded. Whatever is
//! wrong has a name in [`EvaluatorFault`], and ends in the validator's abstention.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//!
//! use inktensor_evaluation::canonical::cpu::Cpu;
//! use inktensor_plugins::{Host, Limits, Round};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let plugin = Host::new(Limits::default())?.load(&std::fs::read("evaluator.wasm")?)?;
//! println!("{} needs {:?}", plugin.digest(), plugin.describe("windows=16")?.assets);
//! let parameters = "windows=16".to_owned();
//! let round = Round { netuid: 1, epoch: 7, seed: [3; 32], parameters, contributions: Vec::new() };
//! println!("{:?}", plugin.evaluate(&round, &BTreeMap::new(), &Cpu::default())?);
//! # Ok(())
//! # }
//! ```

mod answers;
mod bindings;
mod call;
mod check;
mod compiler;
mod engine;
mod fault;
mod host;
mod limits;
mod materials;
mod plugin;
mod questions;
mod round;
mod sources;
mod wire;

pub use fault::{Call, EvaluatorFault, HostError, RoundFault};
pub use host::Host;
pub use limits::Limits;
pub use plugin::Plugin;
pub use round::{Asset, AssetKind, Content, Contribution, Description, Report, Round, Verdict};
