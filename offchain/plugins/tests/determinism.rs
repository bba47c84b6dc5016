//! What an evaluator could tell processors, machines or versions apart by.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::image::plan;
use common::{IMAGE, Made, assets, data, refusal, round};
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_plugins::{EvaluatorFault, Report, Verdict};

/// The merit that these instructions, which leave an i64, give the only contribution.
fn merit(instructions: &str, more: &'static str) -> u64 {
    match report(instructions, more).verdicts[..] {
        [Verdict::Merit(merit)] => merit,
        ref verdicts => panic!("{verdicts:?}"),
    }
}

fn report(instructions: &str, more: &'static str) -> Report {
    let score = format!(
        "(i64.store (i32.const 0x508) {instructions})
        (i32.store (i32.const 0x404) (i32.const 0x500)) (i32.store (i32.const 0x408) (i32.const 1)) (i32.const 0x400)"
    );
    let made = Made { score: score.leak(), more, ..Made::default() };
    let assets = assets([("plan", data(plan(&[], b"")))]);
    made.load().evaluate(&round(vec![data("")]), &assets, &Cpu::default()).unwrap()
}

/// The sign and payload of a computed NaN differ between processors; here they are the canonical ones.
#[test]
fn computed_nans_have_the_same_bits() {
    const CANONICAL: u64 = 0x7ff8 << 48;
    let computed =
        |float: &str| merit(&format!("(i64.reinterpret_f64 {float})"), "(global $zero (mut f64) (f64.const 0))");
    let zero = "(global.get $zero)";
    for float in [
        format!("(f64.div {zero} {zero})"),
        format!("(f64.sqrt (f64.sub {zero} (f64.const 1)))"),
        format!("(f64.add (f64.const nan:0x123) {zero})"),
        format!("(f64.mul (f64.const -nan:0x4000000000000) {zero})"),
        format!("(f64.sub (f64.const inf) (f64.add (f64.const inf) {zero}))"),
        format!("(f64.min (f64.const -nan:0x1) {zero})"),
        "(f64.promote_f32 (f32.div (f32.const 0) (f32.const 0)))".to_owned(),
    ] {
        assert_eq!(computed(&float), CANONICAL, "{float}");
    }
}

#[test]
fn memory_grows_to_the_limit_and_no_further() {
    let grow = "(local $pages i64) (loop $more (local.set $pages (i64.extend_i32_u (memory.size)))
        (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))";
    let score = format!("(func $grown (result i64) {grow} (local.get $pages))");
    assert_eq!(merit("(call $grown)", score.leak()), 4096);
}

#[test]
fn memory_beyond_all_addresses_is_refused_like_any_other() {
    assert_eq!(merit("(i64.extend_i32_s (memory.grow (i32.const 65535)))", ""), u64::MAX);
}

/// A memory's own maximum is the evaluator's affair: growing beyond it fails, and the call goes on.
#[test]
fn a_memory_may_have_a_maximum_of_its_own() {
    let score = "(i32.store (i32.const 0x404) (i32.const 0x500)) (i32.store (i32.const 0x408) (i32.const 1))
        (i64.store (i32.const 0x508) (i64.extend_i32_s (memory.grow (i32.const 1)))) (i32.const 0x400)";
    let made = Made { score, memory: r#"(memory (export "memory") 512 512)"#, ..Made::default() };
    let assets = assets([("plan", data(plan(&[], b"")))]);
    let report = made.load().evaluate(&round(vec![data("")]), &assets, &Cpu::default()).unwrap();
    assert_eq!(report.verdicts, [Verdict::Merit(u64::MAX)]);
}

/// The fuel of instructions is part of the interface: an engine that counts otherwise is another version of it.
#[test]
fn fuel_is_counted_as_it_is_written() {
    let base = report("(i64.const 0)", "").fuel;
    let costs = |instructions: &str| report(instructions, "(table $t 8 funcref)").fuel - base;
    assert_eq!(costs("(i64.add (i64.const 0) (i64.const 0))"), 2);
    assert_eq!(costs("(i64.div_u (i64.const 0) (i64.const 1))"), 2);
    assert_eq!(costs("(i64.const 0) nop"), 1);
    assert_eq!(costs("(i64.const 0) (drop (i64.const 0))"), 2);
    assert_eq!(costs("(block (result i64) (i64.const 0))"), 2);
    assert_eq!(costs("(loop (result i64) (i64.const 0))"), 2);
    assert_eq!(costs("(i64.load (i32.const 0))"), 1);
    assert_eq!(costs("(i64.trunc_sat_f64_s (f64.sqrt (f64.const 0)))"), 2);
    assert_eq!(costs("(i64.const 0) (memory.fill (i32.const 0) (i32.const 0) (i32.const 1000))"), 4 + 1000);
    assert_eq!(costs("(i64.const 0) (memory.copy (i32.const 0) (i32.const 9) (i32.const 1000))"), 4 + 1000);
    assert_eq!(costs("(i64.const 0) (table.fill $t (i32.const 0) (ref.null func) (i32.const 8))"), 4 + 8);
    assert_eq!(costs("(i64.const 0) (drop (memory.grow (i32.const 2)))"), 3 + 2 * 255);
    // Calls of the host: through a function of `wit-component`'s, with its entry, its parameters and three instructions.
    assert_eq!(costs("(call $size (i32.const 0) (i32.const 0) (i32.const 0))"), 3 + (1 + 3 + 3) + 1000);
    assert_eq!(costs("(i64.const 0) (call $log (i32.const 0) (i32.const 100))"), 3 + (1 + 2 + 3) + 1000 + 100);
}

#[test]
fn what_differs_between_machines_is_not_valid() {
    let refused = |more: &'static str, memory: &'static str| {
        let fault = refusal(&common::component(&Made { more, memory, ..Made::default() }.module()));
        assert!(matches!(fault, EvaluatorFault::Invalid { .. }), "{more} {memory}: {fault:?}");
    };
    let memory = Made::default().memory;
    // Atomics, vectors, relaxed vectors, tail calls, exceptions, references that are collected, a second memory.
    refused("(func (drop (i32.atomic.load (i32.const 0))))", memory);
    refused("(func (drop (i32x4.splat (i32.const 0))))", memory);
    refused("(func (param v128) (drop (i32x4.relaxed_trunc_f32x4_s (local.get 0))))", memory);
    refused("(func $f (return_call $f))", memory);
    refused("(tag)", memory);
    refused("(type (struct))", memory);
    refused("(memory 1)", memory);
    let shared = r#"(component (core module (memory 1 1 shared)))"#;
    assert!(matches!(refusal(&wat::parse_str(shared).unwrap()), EvaluatorFault::Invalid { .. }));
    let wide = r#"(component (core module (memory i64 1)))"#;
    assert!(matches!(refusal(&wat::parse_str(wide).unwrap()), EvaluatorFault::Invalid { .. }));
}

/// Two evaluations of the same round give the same report, fuel included.
#[test]
fn evaluations_repeat() {
    let made = Made { score: IMAGE, ..Made::default() };
    let assets = assets([("plan", data(plan(&[], b"memo"))), ("score", data(common::image::verdicts(&[Ok(3)])))]);
    let [first, second] =
        [(); 2].map(|()| made.load().evaluate(&round(vec![data("")]), &assets, &Cpu::default()).unwrap());
    assert_eq!(first, second);
}
