//! Reads cases {id, inputs, outputs}, one JSON object a line, from standard input, runs the epoch on each, and prints how
//! many agree. Fails if any does not, or if there is none.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Agreement, Case};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut exact, mut close, mut wrong) = (0_u32, 0_u32, 0_u32);
    for line in std::io::stdin().lines() {
        let line: serde_json::Value = serde_json::from_str(&line.expect("input is text")).expect("a line is JSON");
        let case = Case::read(&line["inputs"]);
        match common::compare(&case, &case.run(), &line["outputs"]) {
            Ok(Agreement::Exact) => exact += 1,
            Ok(Agreement::Close) => close += 1,
            Err(difference) => {
                wrong += 1;
                eprintln!("{}: {difference}", line["id"]);
            }
        }
    }
    let cases = exact + close + wrong;
    println!("{cases} cases: {exact} equal to the bit, {close} under liquid alpha within 1e-4, {wrong} wrong");
    if wrong == 0 && cases > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
