//! What the project wants of its speed, and how far the figures are from it.

use crate::engine::BURN;
use crate::report::figure;
use crate::row::Row;

/// How many times as fast as another an engine is to be.
struct Target {
    what: &'static str,
    engine: &'static str,
    rival: &'static str,
    least: f64,
}

/// On one and the same adapter.
const TARGETS: [Target; 2] = [
    Target { what: "The fast lane", engine: "inktensor", rival: BURN, least: 1.0 },
    Target { what: "The canonical lane", engine: "inktensor-canonical", rival: "inktensor", least: 0.25 },
];

/// For each target a line of a list in Markdown.
pub fn lines(models: &[Row]) -> String {
    TARGETS.iter().map(|target| line(target, models)).collect()
}

fn line(target: &Target, models: &[Row]) -> String {
    let Target { what, engine, rival, least } = *target;
    let of = |row: &Row| {
        let ratio = row.ratios.get(rival).filter(|_| row.engine == engine)?;
        Some((ratio.median, format!("{}: {} x", row.workload, figure(ratio.median))))
    };
    let (met, missed): (Vec<_>, Vec<_>) = models.iter().filter_map(of).partition(|(ratio, _)| *ratio >= least);
    let names = |found: &[(f64, String)]| found.iter().map(|(_, text)| text.as_str()).collect::<Vec<&str>>().join("; ");
    let verdict = match (met.as_slice(), missed.as_slice()) {
        ([], []) => "not measured".to_owned(),
        (met, []) => format!("met on every model ({})", names(met)),
        ([], missed) => format!("missed on every model ({})", names(missed)),
        (met, missed) => format!(
            "met on {} of {} models ({}), missed on {} ({})",
            met.len(),
            met.len() + missed.len(),
            names(met),
            missed.len(),
            names(missed)
        ),
    };
    format!("- {what} at least {least} times as fast as `{rival}`: {verdict}.\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::statistics::Summary;

    fn row(engine: &'static str, workload: &str, rival: &'static str, median: f64) -> Row {
        Row {
            workload: workload.to_owned(),
            lane: "fast".to_owned(),
            engine: engine.to_owned(),
            tokens_per_s: 1.0,
            quartiles: [1.0, 1.0],
            gflop_per_s: 1.0,
            gb_per_s: 1.0,
            first_s: 1.0,
            ratios: BTreeMap::from([(rival.to_owned(), Summary { lower: median, median, upper: median })]),
            difference: 0.0,
            tolerance: 1.0,
            against: "the f64 reference".to_owned(),
            peak_bytes: None,
        }
    }

    #[test]
    fn a_target_is_met_or_missed_model_by_model() {
        let rows = [row("inktensor", "small", "burn-wgpu", 1.0), row("inktensor", "large", "burn-wgpu", 0.991)];
        assert_eq!(
            line(&TARGETS[0], &rows),
            "- The fast lane at least 1 times as fast as `burn-wgpu`: met on 1 of 2 models (small: 1.00 x), missed on 1 (large: 0.991 x).\n"
        );
        assert!(line(&TARGETS[0], &rows[..1]).contains("met on every model"));
        assert!(line(&TARGETS[0], &rows[1..]).contains("missed on every model"));
    }

    #[test]
    fn without_the_rival_a_target_is_not_measured() {
        let rows =
            [row("inktensor", "small", "candle-cpu", 9.0), row("inktensor-canonical-cpu", "small", "inktensor", 9.0)];
        assert!(TARGETS.iter().all(|target| line(target, &rows).ends_with("not measured.\n")));
    }
}
