//! What was built, for people and for programs.

use crate::{
    bundle::Stamp,
    error::Error,
    toolchain::Toolchain,
    wasm::{CODE_BUDGET, CODE_LIMIT},
};
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
    /// Contracts that have no bundle now, and why.
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
        Self { folder: folder.to_path_buf(), compiler, rows: Vec::new(), failures: Vec::new() }
    }

    /// A table of code sizes in bytes, against the budget.
    pub fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.stamp.name.len()).max().unwrap_or(0).max("contract".len());
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
        let failures: Vec<_> =
            self.failures.iter().map(|(name, error)| json!({"name": name, "error": error.to_string()})).collect();
        let report = json!({
            "folder": self.folder,
            "compiler": self.compiler,
            "budget_bytes": CODE_BUDGET,
            "limit_bytes": CODE_LIMIT,
            "contracts": contracts,
            "failures": failures,
        });
        format!("{report}\n")
    }
}
