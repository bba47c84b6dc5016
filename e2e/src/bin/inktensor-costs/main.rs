//! Measures what the suite costs: every message that changes something, the views that clients read, and code sizes; beside
//! them the published `psp22` contract. Fails where something is over its budget, or where a message was not measured.
//!
//! Every figure is of a real execution of the contracts' bundles, in a chain in memory or on a node, as `INKTENSOR_RUNTIME`
//! says. They are the same in every run.
#![allow(clippy::unwrap_used, clippy::expect_used)] // what fails here ends the run: it would measure nothing

mod budgets;
mod compare;
mod meter;
mod report;
mod scenes;

use compare::Comparison;
use inktensor_e2e::chain::code;
use meter::Row;
use report::Report;
use std::{process::ExitCode, thread};

/// The suite's contracts.
const SUITE: [&str; 6] = ["token", "registry", "staking", "emission", "incentive", "governance"];
/// Messages that refuse every caller: a proposal names them, and `execute` does them in place. It is measured with each.
const IN_PLACE: [&str; 4] =
    ["governance::pay", "governance::set_terms", "governance::set_guardian", "governance::set_code"];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => cost(Report::table),
        ["--json"] => cost(Report::json),
        ["--compare", chain, header] => compare(chain, header),
        _ => {
            eprintln!("usage: inktensor-costs [--json | --compare CHAIN HEADER]");
            ExitCode::from(2)
        }
    }
}

/// Measures on the runtime that the environment names.
fn cost(print: fn(&Report) -> String) -> ExitCode {
    let rows = measure();
    let codes = SUITE.iter().map(|name| (*name, code(name).len())).chain([("psp22", code("psp22_peer").len())]);
    let report = Report { rows, codes: codes.collect() };
    print!("{}", print(&report));
    let missing = unmeasured(&report.rows);
    verdict([("over budget", report.over()), ("not measured", missing)])
}

/// Measures in process and on a node.
fn compare(chain: &str, header: &str) -> ExitCode {
    let comparison = Comparison::measure(chain);
    print!("{}", comparison.markdown(header));
    verdict([("not explained", comparison.open())])
}

/// Says what is wrong, if anything is.
fn verdict<const N: usize>(complaints: [(&str, Vec<String>); N]) -> ExitCode {
    for (what, lines) in &complaints {
        for line in lines {
            eprintln!("{what}: {line}");
        }
    }
    if complaints.iter().all(|(_, lines)| lines.is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All scenes, each on a chain of its own, side by side.
fn measure() -> Vec<Row> {
    thread::scope(|scope| {
        let scenes: Vec<_> = scenes::ALL.iter().map(|scene| scope.spawn(*scene)).collect();
        scenes.into_iter().flat_map(|scene| scene.join().expect("every scene plays")).collect()
    })
}

/// Messages of the suite that change something and are in no row.
fn unmeasured(rows: &[Row]) -> Vec<String> {
    let measured = |name: &String| rows.iter().any(|row| row.name == *name) || IN_PLACE.contains(&name.as_str());
    SUITE.iter().flat_map(|contract| meter::changing(contract)).filter(|name| !measured(name)).collect()
}
