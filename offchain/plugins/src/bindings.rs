//! The interface of `wit/evaluator.wit` in Rust.

/// What names of the package's interfaces begin with.
pub(crate) const PACKAGE: &str = "inktensor:evaluator/";
/// The interfaces that evaluators import.
pub(crate) const INTERFACES: [&str; 3] = ["types", "materials", "journal"];
/// The version of the interface.
pub(crate) const VERSION: &str = "1.0.0";

/// The full name of an interface.
pub(crate) fn interface(name: &str) -> String {
    format!("{PACKAGE}{name}@{VERSION}")
}

// The generator emits `unsafe` for the layout of types, and traits for imports, which `materials.rs` does without.
#[allow(unsafe_code, dead_code, missing_docs, clippy::all)]
mod generated {
    wasmtime::component::bindgen!({ world: "evaluator", path: "wit", additional_derives: [PartialEq, Eq] });
}

pub(crate) use generated::inktensor::evaluator::types::{
    Answer, Asset, AssetKind, Content, Contribution, Description, Likelihood, ModelFacts, Output, Plan, Round, Source,
    Span, Task, Verdict, Windows,
};
pub(crate) use generated::{Evaluator, EvaluatorPre};
