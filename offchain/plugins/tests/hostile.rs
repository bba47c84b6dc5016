//! Components that want to harm. Each ends in a fault with a name, the same every time.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::image::plan;
use common::{IMAGE, Made, assets, component, data, host, limits, refusal, round};
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_plugins::{Call, EvaluatorFault, Host, Limits, RoundFault};

/// What comes of the plan of an evaluator, twice.
fn planned(made: &Made) -> EvaluatorFault {
    let plugin = made.load();
    let assets = assets([("plan", data(plan(&[], b"")))]);
    let [first, second] = [(); 2].map(|()| plugin.evaluate(&round(vec![data("text")]), &assets, &Cpu::default()));
    assert_eq!(first, second);
    match first {
        Err(RoundFault::Evaluator(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

fn with_plan(plan: &'static str) -> Made {
    Made { plan, ..Made::default() }
}

#[test]
fn endless_loops_end_without_fuel() {
    let endless = "(loop $ever (br $ever)) (unreachable)";
    assert_eq!(planned(&with_plan(endless)), EvaluatorFault::OutOfFuel { call: Call::Plan, fuel: 50_000_000 });
    let fault = Made { describe: endless, ..Made::default() }.load().describe("").unwrap_err();
    assert_eq!(fault, EvaluatorFault::OutOfFuel { call: Call::Describe, fuel: 1_000_000 });
}

/// A start function runs when an instance is made, which is part of the call.
#[test]
fn endless_starts_end_without_fuel() {
    let more = "(func $begin (loop $ever (br $ever))) (start $begin)";
    let fault = Made { more, ..Made::default() }.load().describe("").unwrap_err();
    assert_eq!(fault, EvaluatorFault::OutOfFuel { call: Call::Describe, fuel: 1_000_000 });
}

#[test]
fn bulk_operations_cost_what_they_move() {
    let fill = "(loop $ever (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x1000000)) (br $ever)) (unreachable)";
    assert_eq!(planned(&with_plan(fill)), EvaluatorFault::OutOfFuel { call: Call::Plan, fuel: 50_000_000 });
}

#[test]
fn reading_for_ever_ends_without_fuel() {
    let read = "(loop $ever
        (call $read (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 1) (i32.const 8)) (br $ever))
        (unreachable)";
    assert_eq!(planned(&with_plan(read)), EvaluatorFault::OutOfFuel { call: Call::Plan, fuel: 50_000_000 });
}

#[test]
fn recursion_ends_with_the_stack() {
    let more = "(func $deep (param i64) (result i64)
        (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))";
    let made = Made { plan: "(drop (call $deep (i64.const 0))) (unreachable)", more, ..Made::default() };
    assert_eq!(planned(&made), EvaluatorFault::OutOfStack { call: Call::Plan });
}

#[test]
fn memory_is_bounded() {
    let grow = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) (unreachable)";
    assert_eq!(planned(&with_plan(grow)), EvaluatorFault::OutOfMemory { call: Call::Plan, limit: 256 << 20 });

    let huge = Made { memory: r#"(memory (export "memory") 65536)"#, ..Made::default() };
    let what = "bytes of memory from the start";
    assert_eq!(refusal(&huge.component()), EvaluatorFault::TooMuch { what, count: 1 << 32, limit: 256 << 20 });

    // Some modest memories that are too much together.
    let many = "(component (core module $m (memory 2048))
        (core instance (instantiate $m)) (core instance (instantiate $m)) (core instance (instantiate $m)))";
    assert!(matches!(refusal(&wat::parse_str(many).unwrap()), EvaluatorFault::World { .. }), "it exports nothing");

    let table = Made { more: "(table 100000000 funcref)", ..Made::default() };
    assert!(matches!(refusal(&table.component()), EvaluatorFault::TooMuch { count: 100_000_000, .. }));
}

#[test]
fn nothing_is_smuggled_in() {
    let import = |text: &str| refusal(&wat::parse_str(format!("(component {text})")).unwrap());
    let foreign = |name: &str| EvaluatorFault::Import { name: name.to_owned() };
    let clock = r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func))))"#;
    assert_eq!(import(clock), foreign("wasi:clocks/wall-clock@0.2.0"));
    assert_eq!(import(r#"(import "host" (func))"#), foreign("host"));
    assert_eq!(
        import(r#"(import "inktensor:evaluator/clock@1.0.0" (instance))"#),
        foreign("inktensor:evaluator/clock@1.0.0")
    );
    let later = r#"(import "inktensor:evaluator/materials@1.7.0" (instance))"#;
    assert!(matches!(import(later), EvaluatorFault::Version { offered: "1.0.0", .. }));
    // The right name with another function, or another type.
    for function in [r#"(export "write" (func))"#, r#"(export "log" (func (param "line" u32)))"#] {
        let found = import(&format!(r#"(import "inktensor:evaluator/journal@1.0.0" (instance {function}))"#));
        assert!(matches!(found, EvaluatorFault::World { .. }), "{found:?}");
    }
    assert_eq!(import("(component)"), EvaluatorFault::Nested);
    assert!(matches!(import(""), EvaluatorFault::World { .. }), "no exports");
}

#[test]
fn huge_results_are_not_taken_over() {
    let result = |words: [u32; 5]| {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let assets = assets([("plan", data(bytes))]);
        let made = Made { memory: r#"(memory (export "memory") 1024)"#, ..Made::default() };
        match made.load().evaluate(&round(Vec::new()), &assets, &Cpu::default()) {
            Err(RoundFault::Evaluator(fault)) => fault,
            other => panic!("{other:?}"),
        }
    };
    let unreadable = |words| match result(words) {
        EvaluatorFault::Unreadable { call: Call::Plan, reason } => reason,
        fault => panic!("{fault:?}"),
    };
    // Questions beyond the end of memory, and as many as there could be.
    assert!(unreadable([0, 0x10_0000, u32::MAX, 0, 0]).contains("out of bounds"));
    assert!(unreadable([0, 0x10_0000, 100_000_000, 0, 0]).contains("out of bounds"));
    // Almost all of memory as questions.
    let all = unreadable([0, 0x20_0000, 1_500_000, 0, 0]);
    assert!(all.contains("too much data"), "{all}");
    // A memo of 1 GiB, and one of 16 MiB, which is there.
    assert!(unreadable([0, 0, 0, 0, 1 << 30]).contains("out of bounds"));
    let big = |what, count, limit| EvaluatorFault::BigPlan { what, count, limit };
    assert_eq!(result([0, 0, 0, 0, 16 << 20]), big("bytes of memo", 16 << 20, 1 << 20));
    assert_eq!(result([0, 0x20_0000, 5000, 0, 0]), big("questions", 5000, 4096));
    // Neither a plan nor a refusal; a refusal in words that are not UTF-8.
    assert!(unreadable([7, 0, 0, 0, 0]).contains("discriminant"));
    assert!(unreadable([1, 0x10_000c, 2, 0xffff, 0]).contains("utf-8"));
}

#[test]
fn the_host_is_used_as_written() {
    let misuse = |plan: &'static str| match planned(&with_plan(plan)) {
        EvaluatorFault::Misuse { call: Call::Plan, reason } => reason,
        fault => panic!("{fault:?}"),
    };
    let read = "(call $read (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 0x100001) (i32.const 8))
        (unreachable)";
    assert_eq!(misuse(read), "reads 1048577 bytes at once, the limit is 1048576");
    let size = "(drop (call $size (i32.const 0) (i32.const 9) (i32.const 0))) (unreachable)";
    assert_eq!(misuse(size), "names contribution 9 of 1");
    let early = Made {
        describe: "(drop (call $size (i32.const 0) (i32.const 0) (i32.const 0))) (unreachable)",
        ..Made::default()
    };
    assert!(matches!(early.load().describe(""), Err(EvaluatorFault::Misuse { call: Call::Describe, .. })));
    // Words that are not UTF-8.
    let more = r#"(data (i32.const 0x600) "\ff\fe")"#;
    let made = Made { plan: "(call $log (i32.const 0x600) (i32.const 2)) (unreachable)", more, ..Made::default() };
    assert!(matches!(planned(&made), EvaluatorFault::Unreadable { .. }));
}

#[test]
fn a_trap_tells_the_last_words() {
    let made = with_plan("(call $log (i32.const 0x120) (i32.const 7)) (unreachable)");
    let reason = "wasm trap: wasm `unreachable` instruction executed, after it said \"made up\"".to_owned();
    assert_eq!(planned(&made), EvaluatorFault::Trap { call: Call::Plan, reason });
}

/// What would take a compiler long, or much memory, is not compiled.
#[test]
fn compile_bombs_are_not_lit() {
    let refused =
        |more: String, what: &str| match refusal(&component(&Made { more: more.leak(), ..Made::default() }.module())) {
            EvaluatorFault::TooMuch { what: found, .. } => assert_eq!(found, what),
            fault => panic!("{fault:?}"),
        };
    refused("(func)".repeat(17_000), "functions");
    refused(format!("(func {})", "(drop (i32.const 7))".repeat(50_000)), "bytes of code in one function");
    refused(format!("(func (local {}))", "i32 ".repeat(3000)), "locals in one function");
    refused(format!("(func {} {})", "(loop ".repeat(100), ")".repeat(100)), "loops in one another");
    refused(format!("(func (param {}))", "i32 ".repeat(100)), "parameters of one function");
    let branches = "(br_if 0 (i32.const 0))".repeat(2000);
    refused(format!("(func (local {}) {branches})", "i32 ".repeat(200)), "variables times branches in one function");
    refused(format!("(func {})", "(br_if 0 (i32.const 0))".repeat(2049)), "variables times branches in one function");
    refused(format!("(func {})", "(drop (i32.const 7))".repeat(15_000)).repeat(30), "bytes of code");
    refused("(global i32 (i32.const 0))".repeat(17_000), "declarations");
    let modules = format!("(component {})", "(core module)".repeat(9));
    assert!(matches!(refusal(&wat::parse_str(modules).unwrap()), EvaluatorFault::TooMuch { what: "core modules", .. }));
    let instances = format!("(component (core module $m) {})", "(core instance (instantiate $m))".repeat(9));
    assert!(matches!(
        refusal(&wat::parse_str(instances).unwrap()),
        EvaluatorFault::TooMuch { what: "instances of core modules", .. }
    ));
    // Two bytes of code that give a thousand values.
    let values = format!("(func (result {}) unreachable)", "i32 ".repeat(1000));
    let fault = refusal(&component(&Made { more: values.leak(), ..Made::default() }.module()));
    assert!(matches!(fault, EvaluatorFault::Invalid { .. }), "{fault:?}");
    let oversized = vec![0; (4 << 20) + 1];
    assert_eq!(refusal(&oversized), EvaluatorFault::Oversized { bytes: (4 << 20) + 1, limit: 4 << 20 });
}

/// A deadline that is over at once: the component is fine, and the next host compiles it.
#[test]
fn compiling_has_a_deadline() {
    let component = Made::default().component();
    let hasty = Host::new(Limits { compilation: std::time::Duration::ZERO, ..limits() }).unwrap();
    assert_eq!(hasty.load(&component).unwrap_err(), EvaluatorFault::CompileTime { seconds: 0 });
    host().load(&component).unwrap();
}

#[test]
fn other_files_are_not_components() {
    assert_eq!(refusal(b""), EvaluatorFault::NotComponent);
    assert_eq!(refusal(b"\x7fELF"), EvaluatorFault::NotComponent);
    let module = wat::parse_str(Made::default().module()).unwrap();
    assert_eq!(refusal(&module), EvaluatorFault::NotComponent);
}

/// Every beginning of a component, and every byte of its front changed, is refused or loaded, and nothing else happens.
#[test]
fn broken_components_are_refused() {
    let host = host();
    let component = Made { score: IMAGE, ..Made::default() }.component();
    let step = component.len() / 60;
    for end in (0..component.len()).step_by(step) {
        let fault = host.load(&component[..end]).unwrap_err();
        assert!(
            matches!(
                fault,
                EvaluatorFault::NotComponent | EvaluatorFault::Invalid { .. } | EvaluatorFault::World { .. }
            ),
            "{fault:?}"
        );
    }
    for at in (0..component.len()).step_by(step) {
        let mut broken = component.clone();
        broken[at] ^= 0x55;
        if let Ok(plugin) = host.load(&broken) {
            let _ = plugin.describe("");
        }
    }
}
