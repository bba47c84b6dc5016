//! Engines against each other, turn by turn in one process, so that what disturbs the machine disturbs all.

use std::time::Instant;

use crate::engine::{Engine, Lane};
use crate::error::BenchError;
use crate::gate::Expected;
use crate::statistics::Summary;
use crate::workload::Workload;

/// How often each engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Times that do not count, the one at the gate among them.
    pub warm_ups: usize,
    /// Times that count.
    pub repeats: usize,
}

/// An engine on a workload.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Its name.
    pub engine: &'static str,
    /// What it promises.
    pub lane: Lane,
    /// Whether others wrote it.
    pub peer: bool,
    /// Seconds of the first answer, in which kernels are compiled and chosen.
    pub first: f64,
    /// Seconds of the answers that count, turn by turn: those of all engines belong together.
    pub turns: Vec<f64>,
    /// Median and quartiles of `turns`.
    pub seconds: Summary,
    /// Largest difference from what was expected.
    pub difference: f64,
    /// Who expected it.
    pub against: &'static str,
}

/// Holds every engine's answers against what is expected, then times all. Fails at the first wrong answer.
pub fn measure(engines: &[Box<dyn Engine>], workload: &Workload, plan: Plan) -> Result<Vec<Measured>, BenchError> {
    let mut expected = Expected::of_reference(workload)?;
    let mut ready = Vec::new();
    for engine in engines {
        let Some(model) = engine.load(workload)? else { continue };
        let started = Instant::now();
        let answers = model.answer(&workload.questions)?;
        let first = started.elapsed().as_secs_f64();
        let (difference, against) = match &expected {
            Some(expected) => (expected.check((engine.name(), engine.lane()), workload, &answers)?, expected.by),
            None => (0.0, expected.insert(Expected::of_engine(answers)).by),
        };
        ready.push((engine, model, first, difference, against, Vec::with_capacity(plan.repeats)));
    }
    for round in 1..plan.warm_ups + plan.repeats {
        for (_, model, .., seconds) in &mut ready {
            let started = Instant::now();
            model.answer(&workload.questions)?;
            if round >= plan.warm_ups {
                seconds.push(started.elapsed().as_secs_f64());
            }
        }
    }
    let mut measured = Vec::with_capacity(ready.len());
    for (engine, _, first, difference, against, turns) in ready {
        let seconds = Summary::of(&turns).ok_or(BenchError::NoRepeats)?;
        let (engine, lane, peer) = (engine.name(), engine.lane(), engine.is_peer());
        measured.push(Measured { engine, lane, peer, first, turns, seconds, difference, against });
    }
    Ok(measured)
}
