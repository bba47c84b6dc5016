//! What was measured, for people and for programs.

use crate::{budgets, meter::Row};
use serde_json::json;
use std::fmt::Write;

/// Measurements of messages and of code.
pub struct Report {
    /// Messages.
    pub rows: Vec<Row>,
    /// Contracts and the bytes of their code.
    pub codes: Vec<(&'static str, usize)>,
}

impl Report {
    /// Everything that costs more than it may: one line each.
    pub fn over(&self) -> Vec<String> {
        let over = |row: &Row| budgets::of(row, &self.rows).is_some_and(|budget| row.ref_time > budget);
        let messages = self.rows.iter().filter(|row| over(row)).map(|row| {
            let budget = budgets::of(row, &self.rows).unwrap_or_default();
            format!("{} ({}): {} of {budget} ref_time", row.name, row.n, row.ref_time)
        });
        let codes = self.codes.iter().filter(|(name, bytes)| suite(name) && *bytes > budgets::CODE);
        messages.chain(codes.map(|(name, bytes)| format!("{name}: {bytes} of {} bytes", budgets::CODE))).collect()
    }

    /// Tables.
    pub fn table(&self) -> String {
        let name = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let n = self.rows.iter().map(|row| row.n.len()).max().unwrap_or(0);
        let mut text = format!(
            "{:name$}  {:n$}  {:>9}  {:>10}  {:>14}  {:>12}  {:>9}\n",
            "message", "n", "ref_time", "proof", "deposit", "fee", "of budget"
        );
        for row in &self.rows {
            let share = budgets::of(row, &self.rows).map_or_else(
                || "-".to_string(),
                |budget| format!("{:.1} %", 100.0 * row.ref_time as f64 / budget as f64),
            );
            // writing to a String cannot fail
            let _ = writeln!(
                text,
                "{:name$}  {:n$}  {:>7.3} G  {:>8} B  {:>14}  {:>12}  {share:>9}",
                row.name,
                row.n,
                row.ref_time as f64 / 1e9,
                row.proof_size,
                row.deposit,
                row.fee.map_or_else(|| "-".to_string(), |fee| fee.to_string())
            );
        }
        text.push_str(
            "ref_time in 10^9 ps of the reference machine, as the call consumed it: the extrinsic's own base is not in it.\n\
             deposit in the chain's smallest unit: paid for storage, or given back where it is negative; fee of a transaction\n\
             with the message alone, where the chain has fees.\n",
        );
        let runtime = std::env::var("INKTENSOR_RUNTIME").unwrap_or_else(|_| "drink's, of 2023".to_string());
        let _ = writeln!(text, "prices and limits: {runtime}\n");
        let _ = writeln!(text, "{:name$}  {:>12}  {:>9}", "contract", "code", "of budget");
        for (contract, bytes) in &self.codes {
            let share = if suite(contract) {
                format!("{:.1} %", 100.0 * *bytes as f64 / budgets::CODE as f64)
            } else {
                "-".to_string()
            };
            let _ = writeln!(text, "{contract:name$}  {bytes:>10} B  {share:>9}");
        }
        text
    }

    /// The same as a JSON object: bytes, and ref_time in ps.
    pub fn json(&self) -> String {
        let messages: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.name,
                    "n": row.n,
                    "ref_time": row.ref_time,
                    "proof_size": row.proof_size,
                    "deposit": row.deposit as i64,
                    "fee": row.fee.map(|fee| fee as u64),
                    "budget": budgets::of(row, &self.rows),
                })
            })
            .collect();
        let code: Vec<_> =
            self.codes.iter().map(|(contract, bytes)| json!({ "contract": contract, "bytes": bytes })).collect();
        format!("{}\n", json!({ "messages": messages, "code": code }))
    }
}

/// Whether a contract is of the suite, and not the published token.
fn suite(contract: &str) -> bool {
    contract != "psp22"
}
