//! What can be wrong with an evaluator, and with an evaluation.

use std::fmt;

use inktensor_evaluation::task::ValidatorFault;
use thiserror::Error;

/// A call of an evaluator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// What are you?
    Describe,
    /// What is to be asked?
    Plan,
    /// What is it worth?
    Score,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Describe => "describe",
            Self::Plan => "plan",
            Self::Score => "score",
        })
    }
}

/// The host cannot work on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HostError {
    /// The machine cannot run what is compiled.
    #[error("evaluators cannot run on this machine: {reason}. Use a 64-bit system that the engine supports")]
    Engine {
        /// The engine's words.
        reason: String,
    },
    /// No thread for compiling.
    #[error("no thread to compile evaluators on: {reason}. Raise the limit of threads")]
    Thread {
        /// The system's words.
        reason: String,
    },
}

/// Why an evaluator came to nothing. Whatever it is, the validator abstains and no miner loses by it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvaluatorFault {
    /// The file is larger than any component.
    #[error("the component has {bytes} bytes, the limit is {limit}. Build it for size, without debug information")]
    Oversized {
        /// Bytes of the file.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The file is something else, perhaps a core module.
    #[error("the file is no WebAssembly component. Build it with `inktensor evaluator build`")]
    NotComponent,
    /// The file is no valid component, or uses what is not deterministic.
    #[error("the component is not valid: {reason}. Build it again, for wasm32v1-none and without floats' extensions")]
    Invalid {
        /// The parser's words.
        reason: String,
    },
    /// The component has more of something than is compiled.
    #[error("the component has {count} {what}, the limit is {limit}. Make it smaller, or build it with optimisation")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// The component holds a component of its own.
    #[error("the component is made of several components. Build it as one")]
    Nested,
    /// The component wants something that evaluators are not given.
    #[error(
        "the component imports `{name}`, and evaluators get only their own interfaces. Build it without std and WASI"
    )]
    Import {
        /// The import.
        name: String,
    },
    /// The component was made for a later version of the interface.
    #[error("the component imports `{name}`, and this host offers version {offered}. Update the validator")]
    Version {
        /// The import.
        name: String,
        /// The version that is there.
        offered: &'static str,
    },
    /// The component is not in the world of evaluators.
    #[error("the component does not have the world `evaluator`: {reason}. Build it with wit/evaluator.wit")]
    World {
        /// What does not fit.
        reason: String,
    },
    /// Compiling took too long.
    #[error("the component was not compiled within {seconds} s. Try again on a faster machine, or make it smaller")]
    CompileTime {
        /// Seconds that were given.
        seconds: u64,
    },
    /// The machine has no memory for the component, or another reason of its own.
    #[error("this machine cannot run the component: {reason}. Free memory and try again")]
    Machine {
        /// The engine's words.
        reason: String,
    },
    /// A call used up its fuel.
    #[error("`{call}` used up its {fuel} of fuel. Look for an endless loop, or do less")]
    OutOfFuel {
        /// The call.
        call: Call,
        /// Fuel that it had.
        fuel: u64,
    },
    /// A call used up the stack.
    #[error("`{call}` used up the stack. Look for a recursion without an end, or use a loop")]
    OutOfStack {
        /// The call.
        call: Call,
    },
    /// A call stopped after it was refused memory.
    #[error("`{call}` wanted more than {limit} bytes of memory. Read and keep less at a time")]
    OutOfMemory {
        /// The call.
        call: Call,
        /// Bytes that it could have.
        limit: usize,
    },
    /// A call trapped.
    #[error("`{call}` trapped: {reason}. Try the evaluator locally on the same input")]
    Trap {
        /// The call.
        call: Call,
        /// What the engine and the evaluator said last.
        reason: String,
    },
    /// A call used the host wrongly.
    #[error("`{call}` {reason}. Read the interface's description")]
    Misuse {
        /// The call.
        call: Call,
        /// What it did.
        reason: String,
    },
    /// What a call gave cannot be read, or is too much.
    #[error("what `{call}` gives cannot be read: {reason}. Return less, and build with unchanged bindings")]
    Unreadable {
        /// The call.
        call: Call,
        /// The engine's words.
        reason: String,
    },
    /// The evaluator refused.
    #[error("`{call}` refuses: {reason}")]
    Refused {
        /// The call.
        call: Call,
        /// The evaluator's words.
        reason: String,
    },
    /// The evaluator describes itself wrongly.
    #[error("the evaluator's description {reason}")]
    BadDescription {
        /// What is wrong.
        reason: String,
    },
    /// The memo or the number of questions is too large.
    #[error("the plan has {count} {what}, the limit is {limit}. Ask for less")]
    BigPlan {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A question cannot be asked.
    #[error("question {question} of the plan {reason}")]
    BadPlan {
        /// Its index.
        question: usize,
        /// What is wrong.
        reason: String,
    },
    /// An asset cannot answer what it is asked.
    #[error("the asset `{name}` cannot answer: {reason}. Ask it for less, or publish another")]
    Asset {
        /// The asset.
        name: String,
        /// Why.
        reason: String,
    },
    /// Not one verdict for each contribution.
    #[error("`score` gives {found} verdicts for {expected} contributions. Give one for each, in their order")]
    BadVerdicts {
        /// Contributions.
        expected: usize,
        /// Verdicts.
        found: usize,
    },
}

/// Why an evaluation came to nothing. The validator abstains.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RoundFault {
    /// The evaluator's fault, the same for every validator.
    #[error(transparent)]
    Evaluator(#[from] EvaluatorFault),
    /// This validator's own.
    #[error(transparent)]
    Validator(#[from] ValidatorFault),
}
