//! Every rule of a contracts chain has a module that breaks just that rule.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use super::*;
use wasm_encoder::{
    CodeSection, CustomSection, EntityType, Function, FunctionSection, ImportSection, Instruction, MemoryType,
    TypeSection, ValType,
};

/// What a test module holds; the default is the least that a chain takes.
struct Sketch {
    import: (&'static str, &'static str),
    memory: Option<(u64, Option<u64>)>,
    exports: Vec<(&'static str, ExportKind)>,
    body: Vec<Instruction<'static>>,
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            import: ("seal0", "value_transferred"),
            memory: Some((2, Some(16))),
            exports: vec![("call", ExportKind::Func), ("deploy", ExportKind::Func)],
            body: vec![],
        }
    }
}

impl Sketch {
    fn encode(&self) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32], []);
        let mut imports = ImportSection::new();
        imports.import(self.import.0, self.import.1, EntityType::Function(1));
        if let Some((minimum, maximum)) = self.memory {
            let memory = MemoryType { minimum, maximum, memory64: false, shared: false, page_size_log2: None };
            imports.import("env", "memory", memory);
        }
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        for (name, kind) in &self.exports {
            // function 0 is imported; memory 0 is the only one
            exports.export(name, *kind, if *kind == ExportKind::Func { 1 } else { 0 });
        }
        let mut body = Function::new([]);
        self.body.iter().for_each(|instruction| {
            body.instruction(instruction);
        });
        body.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&body);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports).section(&code);
        module.section(&CustomSection { name: "producers".into(), data: b"somebody".into() });
        module.finish()
    }
}

#[test]
fn the_least_contract_passes() {
    check(&Sketch::default().encode()).unwrap();
}

#[test]
fn strip_leaves_entry_points_and_no_custom_section() {
    let exports = vec![
        ("call", ExportKind::Func),
        ("memcpy", ExportKind::Func),
        ("deploy", ExportKind::Func),
        ("memory", ExportKind::Memory),
    ];
    let stripped = strip(&Sketch { exports, ..Sketch::default() }.encode()).unwrap();
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&stripped) {
        match payload.unwrap() {
            Payload::ExportSection(section) => names.extend(section.into_iter().map(|e| e.unwrap().name.to_string())),
            Payload::CustomSection(section) => panic!("kept {}", section.name()),
            _ => {}
        }
    }
    assert_eq!(names, ["call", "deploy"]);
    check(&stripped).unwrap();
}

#[test]
fn foreign_imports_are_refused() {
    for import in [("env", "value_transferred"), ("wasi_snapshot_preview1", "fd_write"), ("seal3", "call")] {
        let error = check(&Sketch { import, ..Sketch::default() }.encode()).unwrap_err();
        assert!(matches!(&error, Error::ForbiddenImport { module, .. } if module == import.0), "{error}");
    }
}

#[test]
fn memory_is_imported_and_small() {
    for memory in [None, Some((2, Some(17))), Some((17, None))] {
        let error = check(&Sketch { memory, ..Sketch::default() }.encode()).unwrap_err();
        assert!(matches!(error, Error::Memory { limit: 16, .. }), "{error}");
    }
    check(&Sketch { memory: Some((2, None)), ..Sketch::default() }.encode()).unwrap();
}

#[test]
fn both_entry_points_are_needed() {
    for (present, missing) in [("call", "deploy"), ("deploy", "call")] {
        let exports = vec![(present, ExportKind::Func)];
        let error = check(&Sketch { exports, ..Sketch::default() }.encode()).unwrap_err();
        assert!(matches!(error, Error::MissingExport(name) if name == missing), "{error}");
    }
}

#[test]
fn floats_and_bulk_memory_are_refused() {
    let float = vec![Instruction::F32Const(1.0), Instruction::Drop];
    let zeros = [Instruction::I32Const(0), Instruction::I32Const(0), Instruction::I32Const(0)];
    let bulk = zeros.into_iter().chain([Instruction::MemoryFill(0)]).collect();
    for body in [float, bulk] {
        let error = check(&Sketch { body, ..Sketch::default() }.encode()).unwrap_err();
        assert!(matches!(error, Error::ForbiddenInstruction(_)), "{error}");
    }
    let sign_extension = vec![Instruction::I32Const(1), Instruction::I32Extend8S, Instruction::Drop];
    check(&Sketch { body: sign_extension, ..Sketch::default() }.encode()).unwrap();
}

#[test]
fn code_above_the_limit_is_refused() {
    let body = vec![Instruction::Nop; CODE_LIMIT];
    let error = check(&Sketch { body, ..Sketch::default() }.encode()).unwrap_err();
    assert!(matches!(error, Error::TooLarge { size, limit: CODE_LIMIT } if size > CODE_LIMIT), "{error}");
}

#[test]
fn garbage_is_an_error() {
    assert!(strip(b"\0asm\x01\0\0\0\xff").is_err());
    assert!(check(b"no wasm at all").is_err());
}

#[test]
fn binaryen_keeps_the_contract_valid() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.wasm"), folder.path().join("out.wasm"));
    // Binaryen drops a memory that nobody uses
    let place = wasm_encoder::MemArg { offset: 0, align: 2, memory_index: 0 };
    let body = vec![Instruction::I32Const(0), Instruction::I32Load(place), Instruction::Call(0)];
    std::fs::write(&input, strip(&Sketch { body, ..Sketch::default() }.encode()).unwrap()).unwrap();
    optimise(&input, &output).unwrap();
    check(&std::fs::read(&output).unwrap()).unwrap();
}
