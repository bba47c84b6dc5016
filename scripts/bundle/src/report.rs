//! What was built, for people and for programs.

use crate::{
    bundle::Stamp,
    error::Error,
    evaluators::Evaluator,
    wasm::{CODE_BUDGET, CODE_LIMIT},
};
use inktensor_encode::Toolchain;
use serde_json::json;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

/// The outcome of one run.
pub struct Report {
    /// Folder of the bundles.
    folder: PathBuf,
    /// First line of what the compiler of the code says of itself.
    compiler: String,
    /// Every bundle that is up to date now.
    pub rows: Vec<Row>,
    /// Every component that is up to date now.
    pub evaluators: Vec<Evaluator>,
    /// Contracts and evaluators that are without bundle or component now, and why.
    pub failures: Vec<(String, Error)>,
}

/// One bundle.
pub struct Row {
    /// What the bundle is.
    pub stamp: Stamp,
    /// Whether this run made it.
    pub rebuilt: bool,
}

impl Report {
    /// A report without rows.
    pub fn new(folder: &Path, toolchain: &Toolchain) -> Self {
        let compiler = toolchain.identity.lines().next().unwrap_or_default().to_string();
        let (rows, evaluators, failures) = (Vec::new(), Vec::new(), Vec::new());
        Self { folder: folder.to_path_buf(), compiler, rows, evaluators, failures }
    }

    /// Tables of code sizes in bytes: contracts against the budget, then evaluators.
    pub fn table(&self) -> String {
        let contracts = self.rows.iter().map(|row| row.stamp.name.len());
        let evaluators = self.evaluators.iter().map(|evaluator| evaluator.name.len());
        let width = contracts.chain(evaluators).max().unwrap_or(0).max("evaluator".len());
        let mut text =
            format!("{:width$}  {:>8}  {:>8}  {:>9}           code hash\n", "contract", "raw", "code", "of budget");
        for Row { stamp, rebuilt } in &self.rows {
            let share = 100.0 * stamp.optimised as f64 / CODE_BUDGET as f64;
            let state = match (stamp.optimised > CODE_BUDGET, rebuilt) {
                (true, _) => "OVER",
                (_, true) => "built",
                (_, false) => "same",
            };
            // writing to a String cannot fail
            let _ = writeln!(
                text,
                "{:width$}  {:>8}  {:>8}  {share:>7.1} %  {state:<6}  {}",
                stamp.name, stamp.raw, stamp.optimised, stamp.hash
            );
        }
        let _ = writeln!(text, "bundles in {} by {}", self.folder.display(), self.compiler);
        if !self.evaluators.is_empty() {
            let _ = writeln!(text, "\n{:width$}  {:>8}  code hash", "evaluator", "bytes");
        }
        for Evaluator { name, size, hash } in &self.evaluators {
            let _ = writeln!(text, "{name:width$}  {size:>8}  {hash}");
        }
        text
    }

    /// The same as a JSON object: sizes and limits in bytes.
    pub fn json(&self) -> String {
        let contracts: Vec<_> = self
            .rows
            .iter()
            .map(|Row { stamp, rebuilt }| {
                json!({
                    "name": stamp.name,
                    "raw_bytes": stamp.raw,
                    "code_bytes": stamp.optimised,
                    "code_hash": stamp.hash,
                    "over_budget": stamp.optimised > CODE_BUDGET,
                    "rebuilt": rebuilt,
                })
            })
            .collect();
        let evaluators: Vec<_> = self
            .evaluators
            .iter()
            .map(|Evaluator { name, size, hash }| json!({ "name": name, "bytes": size, "hash": hash }))
            .collect();
        let failures: Vec<_> =
            self.failures.iter().map(|(name, error)| json!({"name": name, "error": error.to_string()})).collect();
        let report = json!({
            "folder": self.folder,
            "compiler": self.compiler,
            "budget_bytes": CODE_BUDGET,
            "limit_bytes": CODE_LIMIT,
            "contracts": contracts,
            "evaluators": evaluators,
            "failures": failures,
        });
        format!("{report}\n")
    }
}
