//! What was measured, as tables in Markdown or as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use serde::Serialize;

use inktensor_evaluation::AdapterDescription;

use crate::engine::{BURN, Engine};
use crate::measure::Plan;
use crate::row::Row;
use crate::statistics::Summary;
use crate::targets;

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
    /// Seconds that all of it took.
    pub took_s: f64,
    /// How often a workload was begun again because a peer gave up, for those that were.
    pub restarts: BTreeMap<String, usize>,
    /// Names of the engines, and what they are.
    pub engines: Vec<[&'static str; 2]>,
    /// Copies in the device's memory.
    pub copies: Option<Copies>,
    /// Products and attention.
    pub kernels: Vec<Row>,
    /// Models.
    pub models: Vec<Row>,
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
    pub fn new(
        adapter: &AdapterDescription,
        engines: &[Box<dyn Engine>],
        processor: String,
        date: String,
        plan: Plan,
    ) -> Self {
        Self {
            adapter: format!("{} ({}, {})", adapter.name, adapter.backend, adapter.device_type),
            driver: adapter.driver.clone(),
            software: adapter.software,
            processor,
            date,
            repeats: [plan.warm_ups, plan.repeats],
            took_s: 0.0,
            restarts: BTreeMap::new(),
            engines: engines.iter().map(|engine| [engine.name(), engine.about()]).collect(),
            copies: None,
            kernels: Vec::new(),
            models: Vec::new(),
        }
    }

    /// A page in Markdown.
    pub fn markdown(&self) -> String {
        let [warm_ups, repeats] = self.repeats;
        let mut page = format!(
            "- Date: {}; the command took {}.\n- Adapter: {}, driver {}.\n- Processor: {}.\n- Figures: median (lower to \
             upper quartile) of {repeats} answers of each engine, turn by turn in one process, after {warm_ups} to warm \
             up. Ratios are taken within a turn.\n",
            self.date,
            duration(self.took_s),
            self.adapter,
            self.driver,
            self.processor
        );
        if let Some(copies) = self.copies {
            let [lower, upper] = copies.quartiles.map(figure);
            // Writing to a string does not fail.
            let _ = writeln!(
                page,
                "- Copies in the device's memory: {} ({lower} to {upper}) GB/s.",
                figure(copies.gb_per_s)
            );
        }
        let against: BTreeSet<&str> = self.models.iter().chain(&self.kernels).map(|row| row.against.as_str()).collect();
        let _ = writeln!(
            page,
            "- Off by: the largest difference of an answer from that of {}, in nats for each token, in features of a \
             vector of length one, or as a share of the largest logit; and what is allowed.",
            against.into_iter().collect::<Vec<&str>>().join(" or ")
        );
        for (workload, times) in &self.restarts {
            let _ = writeln!(page, "- Begun again because `{BURN}` gave up, {times} x: {workload}.");
        }
        if self.software {
            page += "\nThis adapter is a software one: Vulkan's shaders run on the processor above, as with Mesa's \
                     lavapipe (llvmpipe), on the same cores as the engines of the CPU. The figures show that answers \
                     are right and how engines compare on it; they say nothing of a GPU.\n";
        }
        page += "\nEngines:\n\n";
        for [name, about] in &self.engines {
            let _ = writeln!(page, "- `{name}`: {about}");
        }
        if !self.models.is_empty() {
            let _ = write!(page, "\n## Targets\n\nOn one and the same adapter:\n\n{}", targets::lines(&self.models));
        }
        page += &table("Models", "model", &self.models, self.copies);
        page += &table("Kernels", "kernel", &self.kernels, self.copies);
        page
    }
}

/// Rows as a table: behind the bytes of each, which share they are of those of copies.
fn table(title: &str, what: &str, rows: &[Row], copies: Option<Copies>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = format!(
        "\n## {title}\n\n| {what} | engine | lane | tokens/s | GFLOP/s | GB/s | times as fast as | first answer | \
         off by | peak memory |\n|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let [lower, upper] = row.quartiles.map(figure);
        let ratio = |(of, ratio): (&String, &Summary)| {
            let [lower, median, upper] = [ratio.lower, ratio.median, ratio.upper].map(figure);
            format!("`{of}`: {median} ({lower} to {upper})")
        };
        let ratios = row.ratios.iter().map(ratio).collect::<Vec<String>>().join("; ");
        let share = |copies: Copies| format!(" ({} %)", figure(100.0 * row.gb_per_s / copies.gb_per_s));
        let share = copies.map(share).unwrap_or_default();
        let peak = row.peak_bytes.map(|bytes| format!("{} MiB", bytes >> 20)).unwrap_or_default();
        let _ = writeln!(
            table,
            "| {} | `{}` | {} | {} ({lower} to {upper}) | {} | {}{share} | {ratios} | {:.2} s | {:.0e} of {:.0e} | {peak} \
             |",
            row.workload,
            row.engine,
            row.lane,
            figure(row.tokens_per_s),
            figure(row.gflop_per_s),
            figure(row.gb_per_s),
            row.first_s,
            row.difference,
            row.tolerance,
        );
    }
    table
}

/// Three digits that count.
pub fn figure(value: f64) -> String {
    let digits = if value > 0.0 { 2 - value.log10().floor() as i32 } else { 0 };
    format!("{value:.*}", digits.max(0) as usize)
}

fn duration(seconds: f64) -> String {
    let whole = Duration::from_secs_f64(seconds).as_secs();
    format!("{} min {} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_that_count() {
        let figures = [1234.5, 123.4, 12.34, 1.234, 0.01234, 0.0].map(figure);
        assert_eq!(figures, ["1234", "123", "12.3", "1.23", "0.0123", "0"]);
    }

    #[test]
    fn what_took_longer_than_a_minute_says_so() {
        assert_eq!([7.9, 60.0, 754.0].map(duration), ["0 min 7 s", "1 min 0 s", "12 min 34 s"]);
    }
}
