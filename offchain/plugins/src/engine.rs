//! The engine: what of WebAssembly there is, and what it costs.

use wasmtime::{Config, Engine, Inlining, OperatorCost, VariableOperatorCost, WasmFeatures};

use crate::fault::HostError;
use crate::limits::Limits;

/// What a core module may use: the first version of WebAssembly and what compilers take for granted today.
///
/// Left out are threads, shared memory and relaxed SIMD, whose results differ; SIMD, which evaluators do not need, and
/// several values from a block or a call, by which two bytes of code become a thousand values to compile; and what is
/// young: garbage collection, exceptions, tail calls, memories of 64 bits or in number. Of components, all that is
/// asynchronous.
fn features() -> WasmFeatures {
    WasmFeatures::FLOATS
        | WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
}

/// Fuel of instructions.
///
/// Each costs 1, structure (`block`, `end`, `nop` ...) included, and so does the entry of a function. Those that work on
/// as much as they are told cost 1 more for each byte or element, and `memory.grow` 255 for each page. The table says so
/// itself rather than by the engine's default, for fuel is the same for all validators only as long as nobody changes it.
fn fuel() -> OperatorCost {
    OperatorCost {
        Nop: 1,
        Drop: 1,
        Block: 1,
        Loop: 1,
        Unreachable: 1,
        Return: 1,
        Else: 1,
        End: 1,
        variable: VariableOperatorCost {
            memory_copy_per_byte: 1,
            memory_fill_per_byte: 1,
            memory_init_per_byte: 1,
            memory_grow_per_page: 255,
            table_copy_per_element: 1,
            table_fill_per_element: 1,
            table_init_per_element: 1,
            table_grow_per_element: 1,
            ..VariableOperatorCost::new()
        },
        // One for each other instruction, which `tests/determinism.rs` holds the engine to.
        ..OperatorCost::new()
    }
}

pub(crate) fn engine(limits: &Limits) -> Result<Engine, HostError> {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(features(), true)
        .cranelift_nan_canonicalization(true)
        .consume_fuel(true)
        .operator_cost(fuel())
        .max_wasm_stack(limits.stack)
        // Nothing reads them, and they cost time and memory.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        // A small function that is called in many places would be compiled in each.
        .compiler_inlining(Inlining::No);
    Engine::new(&config).map_err(|error| HostError::Engine { reason: format!("{error:#}") })
}
