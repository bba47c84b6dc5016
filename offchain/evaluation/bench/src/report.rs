//! What was measured, as tables in Markdown or as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use inktensor_evaluation::AdapterDescription;

use crate::engine::Lane;
use crate::measure::{Measured, Plan};
use crate::statistics::Summary;
use crate::workload::Workload;

/// All figures of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The device, its interface and kind.
    pub adapter: String,
    /// Its driver.
    pub driver: String,
    /// Whether the device is the CPU in disguise.
    pub software: bool,
    /// What runs on the CPU runs on this.
    pub processor: String,
    /// When.
    pub date: String,
    /// Answers before the ones that count, and those.
    pub repeats: [usize; 2],
    /// Copies in the device's memory.
    pub copies: Option<Copies>,
    /// Products.
    pub kernels: Vec<Row>,
    /// Models.
    pub models: Vec<Row>,
}

/// An engine on a workload.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What it was asked.
    #[serde(rename = "model")]
    pub workload: String,
    /// `fast` or `canonical`.
    pub lane: &'static str,
    /// Its name.
    pub engine: &'static str,
    /// Tokens (of products: vectors) in a second, median and quartiles.
    pub tokens_per_s: f64,
    /// See `tokens_per_s`.
    pub quartiles: [f64; 2],
    /// Floating-point operations in a second that a plain computation of the same would take, in billions.
    pub gflop_per_s: f64,
    /// Seconds of the first answer.
    pub first_s: f64,
    /// The speed as a share of others': the fast lane's of each peer, the canonical lane's of the fast one.
    pub shares: BTreeMap<&'static str, f64>,
    /// Largest difference from what was expected.
    pub difference: f64,
    /// Who expected it.
    pub against: &'static str,
    /// Most bytes in the host's memory, in a process of its own.
    pub peak_bytes: Option<u64>,
}

/// The rows of a workload; `peaks` belong to the engines in the same order, if they were measured.
pub fn rows(workload: &Workload, measured: &[Measured], peaks: &[u64]) -> Vec<Row> {
    let row = |(index, engine): (usize, &Measured)| {
        let rate = engine.seconds.rate(workload.questions.read() as f64);
        let share = |rival: &Measured| (rival.engine, rival.seconds.median / engine.seconds.median);
        Row {
            workload: workload.name.clone(),
            lane: engine.lane.name(),
            engine: engine.engine,
            tokens_per_s: rate.median,
            quartiles: [rate.lower, rate.upper],
            gflop_per_s: workload.operations as f64 / engine.seconds.median / 1e9,
            first_s: engine.first,
            shares: measured.iter().filter(|other| rivals(engine, other)).map(share).collect(),
            difference: engine.difference,
            against: engine.against,
            peak_bytes: peaks.get(index).copied(),
        }
    };
    measured.iter().enumerate().map(row).collect()
}

/// Whether an engine of ours is to be compared with another.
fn rivals(engine: &Measured, other: &Measured) -> bool {
    match engine.lane {
        _ if engine.peer => false,
        Lane::Fast => other.peer,
        Lane::Canonical => other.lane == Lane::Fast && !other.peer,
    }
}

/// The row of the device's copies.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Copies {
    /// Read and written, in billions of bytes a second.
    pub gb_per_s: f64,
    /// See `gb_per_s`.
    pub quartiles: [f64; 2],
}

impl From<Summary> for Copies {
    fn from(bytes: Summary) -> Self {
        Self { gb_per_s: bytes.median / 1e9, quartiles: [bytes.lower / 1e9, bytes.upper / 1e9] }
    }
}

impl Report {
    /// A report of nothing yet.
    pub fn new(adapter: &AdapterDescription, processor: String, date: String, plan: Plan) -> Self {
        Self {
            adapter: format!("{} ({}, {})", adapter.name, adapter.backend, adapter.device_type),
            driver: adapter.driver.clone(),
            software: adapter.software,
            processor,
            date,
            repeats: [plan.warm_ups, plan.repeats],
            copies: None,
            kernels: Vec::new(),
            models: Vec::new(),
        }
    }

    /// A page in Markdown.
    pub fn markdown(&self) -> String {
        let [warm_ups, repeats] = self.repeats;
        let mut page = format!(
            "{}, driver {}; on the CPU: {}. {}.\n\nMedian (and quartiles) of {repeats} interleaved answers after \
             {warm_ups} to warm up, in one process.\n",
            self.adapter, self.driver, self.processor, self.date
        );
        if self.software {
            page += "The adapter is a software one: it shows that results are right, and how engines on it compare; it \
                     says nothing of a GPU.\n";
        }
        if let Some(copies) = self.copies {
            let [lower, upper] = copies.quartiles;
            // Writing to a string does not fail.
            let _ = write!(
                page,
                "\nCopies in the device's memory: {:.1} GB/s ({lower:.1} to {upper:.1}).\n",
                copies.gb_per_s
            );
        }
        page += &table("products", "vectors", &self.kernels);
        page += &table("model", "tokens", &self.models);
        page
    }
}

fn table(what: &str, unit: &str, rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = format!(
        "\n| {what} | engine | lane | {unit}/s | GFLOP/s | compared | first answer | difference | peak memory |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let [lower, upper] = row.quartiles.map(figure);
        let compared: Vec<String> = row.shares.iter().map(|(of, share)| format!("{share:.2} x {of}")).collect();
        let compared = compared.join(", ");
        let peak = row.peak_bytes.map(|bytes| format!("{} MiB", bytes >> 20)).unwrap_or_default();
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} ({lower} to {upper}) | {} | {compared} | {:.2} s | {:.0e} | {peak} |",
            row.workload,
            row.engine,
            row.lane,
            figure(row.tokens_per_s),
            figure(row.gflop_per_s),
            row.first_s,
            row.difference,
        );
    }
    table
}

/// Three digits that count.
fn figure(value: f64) -> String {
    let digits = if value > 0.0 { 2 - value.log10().floor() as i32 } else { 0 };
    format!("{value:.*}", digits.max(0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(engine: &'static str, lane: Lane, peer: bool, seconds: f64) -> Measured {
        let seconds = Summary { lower: seconds, median: seconds, upper: seconds };
        Measured { engine, lane, peer, first: 0.0, seconds, difference: 0.0, against: "the f64 reference" }
    }

    #[test]
    fn the_fast_lane_is_compared_with_its_peers_and_the_canonical_lane_with_the_fast_one() {
        let workload = Workload::products([2, 3], 1, 4);
        let all = [
            measured("ours", Lane::Fast, false, 2.0),
            measured("exact", Lane::Canonical, false, 4.0),
            measured("slow", Lane::Fast, true, 10.0),
            measured("quick", Lane::Fast, true, 1.0),
        ];
        let shares: Vec<_> = rows(&workload, &all, &[]).into_iter().map(|row| row.shares).collect();
        let none = BTreeMap::new();
        assert_eq!(shares, [[("quick", 0.5), ("slow", 5.0)].into(), [("ours", 0.5)].into(), none.clone(), none]);
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        let figures = [1234.5, 123.4, 12.34, 1.234, 0.01234, 0.0].map(figure);
        assert_eq!(figures, ["1234", "123", "12.3", "1.23", "0.0123", "0"]);
    }
}
