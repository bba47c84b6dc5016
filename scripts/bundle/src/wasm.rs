//! From the compiler's WebAssembly to code that a contracts chain takes.

use crate::error::Error;
use std::path::Path;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasm_opt::{Feature, OptimizationOptions, Pass};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef, Validator, WasmFeatures};

/// Entry points of a contract; chains allow no other export.
const ENTRY_POINTS: [&str; 2] = ["call", "deploy"];
/// Modules of the functions that chains offer to contracts.
const HOST_MODULES: [&str; 3] = ["seal0", "seal1", "seal2"];
/// Memory that chains grant, in pages of 64 KiB.
const MEMORY_PAGES: u64 = 16;
/// Largest code that contracts chains in general take, in bytes.
pub const CODE_LIMIT: usize = 123 * 1024;
/// Size that a contract of this project keeps to, in bytes: loading code costs on every call.
pub const CODE_BUDGET: usize = 60 * 1024;
/// Largest function that is put in the place of its only call, in Binaryen's measure. A chain translates a function when a
/// call first uses it and charges by its size, so messages are not all to be part of the function `call`.
const INLINED: u32 = 40;

/// Drops every custom section and every export but the entry points.
///
/// # Errors
/// [`Error::Malformed`] where `code` is not WebAssembly.
pub fn strip(code: &[u8]) -> Result<Vec<u8>, Error> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(code) {
        match payload? {
            Payload::CustomSection(_) => {}
            Payload::ExportSection(exports) => {
                let mut kept = ExportSection::new();
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func && ENTRY_POINTS.contains(&export.name) {
                        kept.export(export.name, ExportKind::Func, export.index);
                    }
                }
                module.section(&kept);
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection { id, data: &code[range] });
                }
            }
        }
    }
    Ok(module.finish())
}

/// Shrinks the code in `input` to `output` with Binaryen: the instructions of 2017 and sign extension, which
/// contracts chains run.
///
/// Two rounds, each of which takes the control flow apart, builds it anew from its graph, and then shrinks. The first
/// does not inline: functions become as small, and as alike, as they can before the second decides which to inline.
///
/// # Errors
/// [`Error::Optimise`] where Binaryen refuses the code.
pub fn optimise(input: &Path, output: &Path) -> Result<(), Error> {
    let rebuilt = output.with_extension("rebuilt.wasm");
    let mut from = input;
    for inline in [false, true] {
        options().add_default_passes(false).add_pass(Pass::Flatten).add_pass(Pass::Rereloop).run(from, &rebuilt)?;
        let mut shrink = options();
        if inline {
            shrink.one_caller_inline_max_size(INLINED);
        } else {
            shrink.always_inline_max_size(0).one_caller_inline_max_size(0).flexible_inline_max_size(0);
        }
        shrink.run(&rebuilt, output)?;
        from = output;
    }
    Ok(())
}

/// What every run of Binaryen is told.
fn options() -> OptimizationOptions {
    let mut options = OptimizationOptions::new_optimize_for_size_aggressively();
    options
        .mvp_features_only()
        .enable_feature(Feature::SignExt)
        .zero_filled_memory(true) // the memory is imported, but every call gets a fresh one
        .debug_info(false);
    options
}

/// Checks the rules by which a contracts chain rejects code with no more than `CodeRejected`.
///
/// # Errors
/// One named error for each rule: instructions, imports, memory, entry points, size.
pub fn check(code: &[u8]) -> Result<(), Error> {
    Validator::new_with_features(WasmFeatures::SIGN_EXTENSION | WasmFeatures::GC_TYPES)
        .validate_all(code)
        .map_err(Error::ForbiddenInstruction)?;
    let mut memory = None;
    let mut entry_points = Vec::new();
    for payload in Parser::new(0).parse_all(code) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(_) if HOST_MODULES.contains(&import.module) => {}
                        TypeRef::Memory(ty) if (import.module, import.name) == ("env", "memory") => memory = Some(ty),
                        _ => {
                            let (module, name) = (import.module.to_string(), import.name.to_string());
                            return Err(Error::ForbiddenImport { module, name });
                        }
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    entry_points.push(export?.name);
                }
            }
            _ => {}
        }
    }
    let found = match memory {
        None => Some("none is imported".to_string()),
        Some(memory) => match memory.maximum.unwrap_or(MEMORY_PAGES).max(memory.initial) {
            pages if pages > MEMORY_PAGES => Some(format!("{pages} pages are asked for")),
            _ => None,
        },
    };
    if let Some(found) = found {
        return Err(Error::Memory { limit: MEMORY_PAGES, found });
    }
    if let Some(missing) = ENTRY_POINTS.into_iter().find(|name| !entry_points.contains(name)) {
        return Err(Error::MissingExport(missing));
    }
    if code.len() > CODE_LIMIT {
        return Err(Error::TooLarge { size: code.len(), limit: CODE_LIMIT });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
