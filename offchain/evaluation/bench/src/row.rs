//! A line of a report: an engine on a workload, and how it compares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::engine::Lane;
use crate::gate::tolerance;
use crate::measure::Measured;
use crate::statistics::Summary;
use crate::traffic;
use crate::workload::Workload;

/// An engine on a workload.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    /// What it was asked.
    #[serde(rename = "model")]
    pub workload: String,
    /// `fast` or `canonical`.
    pub lane: String,
    /// Its name.
    pub engine: String,
    /// Tokens (of products: rows) in a second, median and quartiles.
    pub tokens_per_s: f64,
    /// See `tokens_per_s`.
    pub quartiles: [f64; 2],
    /// Floating-point operations in a second that a plain computation of the same would take, in billions.
    pub gflop_per_s: f64,
    /// Bytes in a second that products and attention must move at the least, in billions: see [`traffic::bytes`].
    pub gb_per_s: f64,
    /// Seconds of the first answer.
    pub first_s: f64,
    /// How many times as fast as others, turn by turn: the fast lane as each peer, the canonical lane as the fast one.
    pub ratios: BTreeMap<String, Summary>,
    /// Largest difference from what was expected.
    pub difference: f64,
    /// The largest difference allowed.
    pub tolerance: f64,
    /// Who expected it.
    pub against: String,
    /// Bytes of memory that it took at its peak to load the model and answer once, in a process of its own.
    pub peak_bytes: Option<u64>,
}

/// The rows of a workload, without peaks of memory.
pub fn rows(workload: &Workload, measured: &[Measured]) -> Vec<Row> {
    let bytes = traffic::bytes(workload.model.architecture(), workload.questions.read());
    let row = |engine: &Measured| {
        let rate = engine.seconds.rate(workload.questions.read() as f64);
        let rivals = measured.iter().filter(|other| compares(engine, other));
        let ratio = |rival: &Measured| Some((rival.engine.to_owned(), Summary::ratio(&rival.turns, &engine.turns)?));
        Row {
            workload: workload.name.clone(),
            lane: engine.lane.name().to_owned(),
            engine: engine.engine.to_owned(),
            tokens_per_s: rate.median,
            quartiles: [rate.lower, rate.upper],
            gflop_per_s: workload.operations as f64 / engine.seconds.median / 1e9,
            gb_per_s: bytes as f64 / engine.seconds.median / 1e9,
            first_s: engine.first,
            ratios: rivals.filter_map(ratio).collect(),
            difference: engine.difference,
            tolerance: tolerance(&workload.questions, engine.lane),
            against: engine.against.to_owned(),
            peak_bytes: None,
        }
    };
    measured.iter().map(row).collect()
}

/// Whether an engine of ours is to be compared with another.
fn compares(engine: &Measured, other: &Measured) -> bool {
    match engine.lane {
        _ if engine.peer => false,
        Lane::Fast => other.peer,
        Lane::Canonical => other.lane == Lane::Fast && !other.peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(engine: &'static str, lane: Lane, peer: bool, seconds: f64) -> Measured {
        let (turns, first) = (vec![seconds], 0.0);
        let seconds = Summary { lower: seconds, median: seconds, upper: seconds };
        Measured { engine, lane, peer, first, turns, seconds, difference: 0.0, against: "the f64 reference" }
    }

    #[test]
    fn what_a_row_says_of_operations_and_bytes() {
        let workload = Workload::products([2, 3], 1, 4);
        let rows = rows(&workload, &[measured("ours", Lane::Fast, false, 2.0)]);
        // Two products of four rows, 2 x 3 and back: 96 operations, and twice 8 + 6 + 12 numbers.
        assert_eq!((rows[0].gflop_per_s, rows[0].gb_per_s), (48.0 / 1e9, 104.0 / 1e9));
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
        let medians = |row: Row| row.ratios.into_iter().map(|(of, ratio)| (of, ratio.median)).collect::<Vec<_>>();
        let ratios: Vec<_> = rows(&workload, &all).into_iter().map(medians).collect();
        assert_eq!(
            ratios,
            [vec![("quick".to_owned(), 0.5), ("slow".to_owned(), 5.0)], vec![("ours".to_owned(), 0.5)], vec![], vec![]]
        );
    }
}
