//! What an evaluator of a subnet is written with.
//!
//! An evaluator is a crate that implements [`Evaluator`] and exports it. It runs in a sandbox that has no operating system,
//! so it is `no_std`: `core`, `alloc` and this crate are all there is. `offchain/plugins/README.md` shows how one is made,
//! and `wit/evaluator.wit` beside it says what each type means.
//!
//! ```
//! // At the head of the crate: #![no_std]
//! extern crate alloc;
//!
//! use alloc::{string::String, vec::Vec};
//! use inktensor_evaluator::{Answer, Description, Evaluator, Parameters, Plan, Round, Verdict};
//!
//! struct Smallest;
//!
//! impl Evaluator for Smallest {
//!     fn describe(parameters: String) -> Result<Description, String> {
//!         Parameters::parse(&parameters)?.finish()?;
//!         let summary = "Small contributions are worth more.".into();
//!         Ok(Description { name: "smallest".into(), summary, assets: Vec::new() })
//!     }
//!
//!     fn plan(_: Round) -> Result<Plan, String> {
//!         Ok(Plan { questions: Vec::new(), memo: Vec::new() })
//!     }
//!
//!     fn score(round: Round, _: Vec<u8>, _: Vec<Answer>) -> Result<Vec<Verdict>, String> {
//!         Ok(round.contributions.iter().map(|one| Verdict::Merit(u64::MAX / 65_536 / one.size.max(1))).collect())
//!     }
//! }
//!
//! #[cfg(target_family = "wasm")]
//! inktensor_evaluator::export!(Smallest);
//! # fn main() {}
//! ```
#![no_std]

extern crate alloc;

mod chance;
mod entrants;
pub mod materials;
mod parameters;
#[cfg(target_family = "wasm")]
mod runtime;

/// The world of `wit/evaluator.wit` in Rust, as generated.
#[allow(unsafe_code, reason = "generated: values cross the boundary of the sandbox as raw memory")]
#[allow(missing_docs, clippy::all, reason = "generated: the documentation is that of wit/evaluator.wit")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "evaluator",
        pub_export_macro: true,
        default_bindings_module: "inktensor_evaluator::bindings",
        additional_derives: [PartialEq, Eq],
    });
}

/// What an evaluator does. A method that fails says why, in a sentence for the validators' operators.
pub use bindings::Guest as Evaluator;
/// Makes the crate's evaluator known to the host: `export!(Type)`. Behind `#[cfg(target_family = "wasm")]`, so that the
/// rest of the crate can be tested natively.
pub use bindings::export;
pub use bindings::inktensor::evaluator::types::{
    Answer, Asset, AssetKind, Content, Contribution, Description, Likelihood, ModelFacts, Output, Plan, Question,
    Round, Sample, Source, Span, Task, Verdict, Windows,
};
pub use chance::Chance;
pub use entrants::entrants;
pub use parameters::{Parameters, ParametersError};

/// Keeps a line for the validators' operators. Does nothing outside of a sandbox, as in a native test.
pub fn log(line: &str) {
    #[cfg(target_family = "wasm")]
    bindings::inktensor::evaluator::journal::log(line);
    #[cfg(not(target_family = "wasm"))]
    let _ = line;
}
