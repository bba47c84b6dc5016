//! One call of an evaluator, in an instance of its own.

use std::sync::Arc;

use wasmtime::{Engine, ResourceLimiter, Store, Trap};

use crate::bindings::{Evaluator, EvaluatorPre, Source};
use crate::fault::{Call, EvaluatorFault};
use crate::limits::{Limits, cut};
use crate::materials::Misuse;
use crate::sources::Sources;

/// What the host knows during a call.
#[derive(Debug)]
pub(crate) struct State {
    pub limits: Limits,
    pub journal: Journal,
    /// None in `describe`.
    sources: Option<Arc<Sources>>,
    memory: Memory,
}

impl State {
    /// The bytes of a source, where the call may look at it.
    pub(crate) fn read(&self, source: &Source) -> Result<&[u8], Misuse> {
        let sources = self.sources.as_ref().ok_or_else(|| Misuse("may not look at materials".to_owned()))?;
        sources.data(source).map(AsRef::as_ref).map_err(Misuse)
    }
}

/// Lines for the operator.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub lines: Vec<String>,
    /// The last line, kept or not: what an evaluator says before it traps.
    last: Option<String>,
    most: usize,
    length: usize,
}

impl Journal {
    pub(crate) fn log(&mut self, line: &str) {
        let line = cut(line, self.length);
        if self.lines.len() < self.most {
            self.lines.push(line.clone());
        }
        self.last = Some(line);
    }
}

/// The engine's words where a memory would grow beyond what 32 bits address, which is refused before anybody is asked.
const BEYOND_ADDRESSES: &str = "memory growth exceeds memory type's limits";

/// What memories and tables have and may have. Growing is refused by these numbers alone, the same everywhere.
#[derive(Debug)]
struct Memory {
    bytes: usize,
    elements: usize,
    most_bytes: usize,
    most_elements: usize,
    /// Whether something was refused.
    refused: bool,
    /// Why the machine could not give what was allowed.
    failed: Option<String>,
}

impl Memory {
    /// Ends the call, for what is allowed must be had: an evaluator that saw the refusal would go on another way than
    /// those of other validators.
    fn failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.failed = Some(error.to_string());
        Err(error)
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_add(desired.saturating_sub(current));
        if bytes > self.most_bytes || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // The engine has no other sign of it. `tests/determinism.rs` would notice other words.
        if error.to_string() == BEYOND_ADDRESSES {
            return Ok(());
        }
        self.failed(error)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.elements.saturating_add(desired.saturating_sub(current));
        if elements > self.most_elements || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = true;
            return Ok(false);
        }
        self.elements = elements;
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        self.failed(error)
    }
}

/// What came of a call.
pub(crate) struct Called<R> {
    pub value: R,
    pub fuel: u64,
    pub log: Vec<String>,
}

/// Calls an evaluator: `ask` makes the call on the instance.
pub(crate) fn call<R>(
    evaluator: &EvaluatorPre<State>,
    limits: &Limits,
    call: Call,
    sources: Option<Arc<Sources>>,
    ask: impl FnOnce(&Evaluator, &mut Store<State>) -> wasmtime::Result<Result<R, String>>,
) -> Result<Called<R>, EvaluatorFault> {
    let mut store = store(evaluator.engine(), limits, sources);
    let fuel = limits.fuel(call);
    let machine = |error: wasmtime::Error| EvaluatorFault::Machine { reason: format!("{error:#}") };
    store.set_fuel(fuel).map_err(machine)?;
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(limits.results);
    let outcome = match evaluator.instantiate(&mut store) {
        Ok(instance) => ask(&instance, &mut store).map_err(|error| (error, false)),
        Err(error) => Err((error, true)),
    };
    match outcome {
        Ok(Ok(value)) => {
            let left = store.get_fuel().map_err(machine)?;
            Ok(Called { value, fuel: fuel - left, log: store.into_data().journal.lines })
        }
        Ok(Err(reason)) => Err(EvaluatorFault::Refused { call, reason: cut(&reason, limits.sentence) }),
        Err((error, starting)) => Err(fault(call, &error, starting, store.data())),
    }
}

fn store(engine: &Engine, limits: &Limits, sources: Option<Arc<Sources>>) -> Store<State> {
    let journal = Journal { most: limits.log_lines, length: limits.log_line, ..Journal::default() };
    let memory = Memory {
        bytes: 0,
        elements: 0,
        most_bytes: limits.memory,
        most_elements: limits.table,
        refused: false,
        failed: None,
    };
    Store::new(engine, State { limits: *limits, journal, sources, memory })
}

/// Names what ended a call.
fn fault(call: Call, error: &wasmtime::Error, starting: bool, state: &State) -> EvaluatorFault {
    let State { limits, journal, memory, .. } = state;
    if let Some(reason) = &memory.failed {
        return EvaluatorFault::Machine { reason: reason.clone() };
    }
    if let Some(Misuse(reason)) = error.downcast_ref() {
        return EvaluatorFault::Misuse { call, reason: cut(reason, limits.sentence) };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => EvaluatorFault::OutOfFuel { call, fuel: limits.fuel(call) },
        Some(Trap::StackOverflow) => EvaluatorFault::OutOfStack { call },
        // Allocators trap when they are refused.
        Some(Trap::UnreachableCodeReached) | None if memory.refused => {
            EvaluatorFault::OutOfMemory { call, limit: limits.memory }
        }
        Some(trap) => {
            let said = journal.last.as_ref().map_or(String::new(), |line| format!(", after it said {line:?}"));
            EvaluatorFault::Trap { call, reason: format!("{trap}{said}") }
        }
        None if starting => EvaluatorFault::Machine { reason: format!("{error:#}") },
        None => EvaluatorFault::Unreadable { call, reason: cut(&error.root_cause().to_string(), limits.sentence) },
    }
}
