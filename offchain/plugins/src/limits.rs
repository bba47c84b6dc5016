//! What an evaluator may take. Every figure is here; the same for all validators, or they would not agree.

use std::time::Duration;

use inktensor_evaluation::task::WorkLimits;

use crate::fault::Call;

/// What an evaluator may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a component.
    pub component: usize,
    /// Functions of all its core modules, imported ones not counted.
    pub functions: u64,
    /// Bytes of the code of all functions.
    pub code: u64,
    /// Bytes of the code of one function.
    pub function: u64,
    /// Parameters of a function.
    pub parameters: u64,
    /// Locals of one function, parameters not counted.
    pub locals: u64,
    /// Loops of one function that hold one another.
    pub loops: u64,
    /// Product of a function's variables and its branches, with which a compiler's work and memory grow. Its variables
    /// are its locals and as many parameters as a function may have.
    pub crossings: u64,
    /// Everything else that a component and its modules declare: types, imports, exports, globals, segments, instances.
    pub declarations: u64,
    /// Core modules, and instances of them. One is the evaluator; `wit-component` adds two small ones.
    pub modules: u64,
    /// Time to compile a component, waiting for an earlier one included. The only limit that is not the same everywhere:
    /// a validator that is too slow abstains.
    pub compilation: Duration,

    /// Bytes of all memories together.
    pub memory: usize,
    /// Elements of all tables together.
    pub table: usize,
    /// Bytes of the stack of compiled code. How deep a recursion gets with them depends on the processor; one that gets
    /// too deep ends in a trap, and so in an abstention.
    pub stack: usize,
    /// Fuel of `describe`.
    pub describe_fuel: u64,
    /// Fuel of `plan`.
    pub plan_fuel: u64,
    /// Fuel of `score`.
    pub score_fuel: u64,
    /// Fuel that a call of the host costs.
    pub host_fuel: u64,
    /// Fuel that a byte costs that the host hands over in such a call.
    pub byte_fuel: u64,
    /// Bytes that one read gives at most.
    pub read: u32,
    /// Bytes that the validator takes over of what a call returns, as they lie in its own memory.
    pub results: usize,
    /// Bytes of a name.
    pub name: usize,
    /// Bytes of a sentence: a summary; a reason, which is cut where it is longer.
    pub sentence: usize,
    /// Lines that are kept of all calls of an evaluation.
    pub log_lines: usize,
    /// Bytes that are kept of a line.
    pub log_line: usize,

    /// Assets.
    pub assets: usize,
    /// Questions of a plan.
    pub questions: usize,
    /// Windows, texts and rows of all questions together.
    pub items: usize,
    /// Bytes of a window.
    pub window: u32,
    /// Bytes of a text.
    pub text: usize,
    /// Features of a row.
    pub row: usize,
    /// Bytes of all windows or texts of one question, and features of all its rows.
    pub question: u64,
    /// Bytes of a plan's memo.
    pub memo: usize,
    /// What all questions to a contribution may take. One that takes more answers with a fault.
    pub contribution_work: WorkLimits,
    /// What all questions to assets may take, together. More is the evaluator's fault.
    pub asset_work: WorkLimits,
    /// Texts that all models together embed: a vector for each. More is the evaluator's fault.
    pub vectors: usize,
    /// Numbers of a vector. A model that makes wider ones answers with a fault.
    pub width: usize,
}

impl Default for Limits {
    /// Room for an evaluation of 256 models on a text of 10 MB or more. Of code, some four times what the evaluators here
    /// have at most. `examples/compile_bombs.rs` compiles the dearest components within these bounds that were found: the
    /// slowest takes ten seconds on a core, the largest 111 MiB, where a function of 128 KiB that ignores them takes more of
    /// both.
    fn default() -> Self {
        Self {
            component: 4 << 20,
            functions: 1 << 14,
            code: 1 << 20,
            function: 1 << 16,
            parameters: 64,
            locals: 256,
            loops: 32,
            crossings: 1 << 17,
            declarations: 1 << 14,
            modules: 8,
            compilation: Duration::from_secs(60),

            memory: 256 << 20,
            table: 1 << 16,
            stack: 512 << 10,
            describe_fuel: 100_000_000,
            plan_fuel: 20_000_000_000,
            score_fuel: 50_000_000_000,
            host_fuel: 1000,
            byte_fuel: 1,
            read: 1 << 20,
            results: 64 << 20,
            name: 64,
            sentence: 512,
            log_lines: 64,
            log_line: 256,

            assets: 16,
            questions: 4096,
            items: 1 << 16,
            window: 4096,
            text: 1 << 16,
            row: 1 << 15,
            question: 1 << 22,
            memo: 1 << 20,
            contribution_work: WorkLimits::default(),
            asset_work: WorkLimits { tokens: 1 << 24, operations: 160_000_000_000_000_000 },
            // 128 MiB if all are as wide as they may be, half of an evaluator's memory.
            vectors: 1 << 15,
            width: 1024,
        }
    }
}

impl Limits {
    /// Fuel of a call.
    pub fn fuel(&self, call: Call) -> u64 {
        match call {
            Call::Describe => self.describe_fuel,
            Call::Plan => self.plan_fuel,
            Call::Score => self.score_fuel,
        }
    }
}

/// As much of a text as has at most `bytes` bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}
