//! How a subnet's validators evaluate.

use ink::{prelude::string::String, primitives::Hash};

/// How a subnet's validators evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum EvaluatorKind {
    /// The evaluator built into the agent: bits per byte of language models.
    LanguageModel,
    /// A sandboxed WebAssembly component, named by its code hash.
    Component,
}

/// The evaluator that a subnet's validators run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Evaluator {
    /// What it is.
    pub kind: EvaluatorKind,
    /// Hash of the component; of the evaluation data for a built-in one.
    pub code_hash: Hash,
    /// Where to get it.
    pub uri: String,
    /// What it is told beside the contributions, in its own format: at most [`crate::limits::MAX_PARAMETERS`] bytes.
    pub parameters: String,
}

/// The evaluator of a subnet, and the one that follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct EvaluatorTerms {
    /// The one to run now.
    pub current: Evaluator,
    /// The one that follows, if another is announced.
    pub next: Option<Evaluator>,
    /// Chain time in ms at which the epoch is due in which `next` was announced: it takes over with the first epoch that
    /// begins then or later. 0 if it was announced before the subnet was started.
    pub activates_ms: u64,
}
