//! Products like those of models, timed in each tile.

use std::time::Instant;

use wgpu::Buffer;

use super::device::Device;
use super::error::EngineError;
use super::operand::{GpuLinear, vector};
use super::options::Options;
use crate::kernels::{Epilogue, Kernels, LossBuffers, Precision, Step, Tile, parts};
use crate::model::Linear;

/// Products that are timed: into a wide row, out of one, and a head with its loss.
pub(super) const TRIALS: usize = 3;

/// Times that each is timed; the least counts.
const ROUNDS: usize = 4;

/// Sizes of the trials: rows, features of a narrow and of a wide row, tokens of the head, and dispatches in one
/// submission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    rows: usize,
    narrow: usize,
    wide: usize,
    vocabulary: usize,
    dispatches: usize,
}

impl Size {
    /// A GPU needs work for all its cores, and as much as hides what a submission takes.
    const GPU: Self = Self { rows: 1024, narrow: 768, wide: 3072, vocabulary: 16_384, dispatches: 4 };
    /// Enough for the cores of a processor.
    const SOFTWARE: Self = Self { rows: 128, narrow: 256, wide: 768, vocabulary: 2048, dispatches: 1 };

    fn of(software: bool) -> Self {
        if software { Self::SOFTWARE } else { Self::GPU }
    }
}

/// Trials in one tile, on the device.
struct Bench {
    device: Device,
    trials: [Vec<Step>; TRIALS],
}

/// Seconds of each trial in each tile, in turns, so that all of them meet the same conditions.
pub(super) fn measure(
    device: &Device,
    software: bool,
    tiles: &[Tile],
    options: Options,
) -> Result<Vec<(Tile, [f64; TRIALS])>, EngineError> {
    measure_at(device, Size::of(software), tiles, options)
}

fn measure_at(
    device: &Device,
    size: Size,
    tiles: &[Tile],
    options: Options,
) -> Result<Vec<(Tile, [f64; TRIALS])>, EngineError> {
    let bench = |&tile| Bench::new(&kernels(device, tile, options), size, options.stored());
    let benches = tiles.iter().map(bench).collect::<Result<Vec<_>, _>>()?;
    let mut seconds = vec![[f64::INFINITY; TRIALS]; tiles.len()];
    // The first turn only warms up.
    for round in 0..=ROUNDS {
        for (bench, seconds) in benches.iter().zip(&mut seconds) {
            for (trial, least) in bench.trials.iter().zip(seconds) {
                let taken = bench.time(trial)?;
                if round > 0 {
                    *least = least.min(taken);
                }
            }
        }
    }
    Ok(tiles.iter().copied().zip(seconds).collect())
}

/// Kernels as an engine with these options has them.
pub(super) fn kernels(device: &Device, tile: Tile, options: Options) -> Kernels {
    Kernels::new(device.clone(), tile).multiplying(options.products)
}

/// The tile with the least sum of times, each relative to the best in its trial; the first of equals.
pub(super) fn fastest(measured: &[(Tile, [f64; TRIALS])]) -> Option<Tile> {
    let best = |trial: usize| measured.iter().map(|(_, seconds)| seconds[trial]).fold(f64::INFINITY, f64::min);
    let cost = |seconds: &[f64; TRIALS]| -> f64 { (0..TRIALS).map(|trial| seconds[trial] / best(trial)).sum() };
    measured.iter().min_by(|(_, a), (_, b)| cost(a).total_cmp(&cost(b))).map(|(tile, _)| *tile)
}

impl Bench {
    fn new(kernels: &Kernels, size: Size, precision: Precision) -> Result<Self, EngineError> {
        let device = kernels.device().clone();
        let Size { rows, narrow, wide, vocabulary, dispatches } = size;
        let linear = |outputs: usize, inputs: usize| {
            let weight = (0..outputs * inputs).map(|n| (n % 17) as f32 / 17.0 - 0.5).collect();
            GpuLinear::plain(kernels, precision, "a trial", &Linear { weight, bias: None, inputs })
        };
        let (up, down, head) = (linear(wide, narrow)?, linear(narrow, wide)?, linear(vocabulary, narrow)?);
        let rows = rows.next_multiple_of(kernels.tile().padding());
        let floats = |count: usize| vector(&device, "a trial", rows * count);
        let row = |linear: &GpuLinear| linear.outputs();
        let (narrow, wide) = (floats(row(&down))?, floats(row(&up))?);
        device.write(&narrow, &vec![0.25f32; rows * row(&down)]);
        let (targets, parts) = (floats(1)?, floats(4 * parts(head.operand().weight, kernels.tile()))?);
        let losses = floats(1)?;
        let product = |linear: &GpuLinear, buffers: [&Buffer; 2]| -> Vec<Step> {
            let steps = |_| kernels.product(Epilogue::Store, rows, linear.operand(), buffers);
            (0..dispatches).flat_map(steps).collect()
        };
        let buffers = LossBuffers { states: &narrow, targets: &targets, parts: &parts, losses: &losses };
        let loss = (0..dispatches).flat_map(|_| kernels.loss(rows, vocabulary, head.operand(), buffers));
        // The product out of the wide row must not change what the others read.
        let scratch = floats(row(&down))?;
        let trials = [product(&up, [&narrow, &wide]), product(&down, [&wide, &scratch]), loss.collect()];
        device.check()?;
        Ok(Self { device, trials })
    }

    /// Seconds from submission to the end.
    fn time(&self, steps: &[Step]) -> Result<f64, EngineError> {
        let start = Instant::now();
        let submission = self.device.submit(steps)?;
        self.device.wait(submission)?;
        Ok(start.elapsed().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking

    use super::*;
    use crate::engine::AdapterChoice;
    use crate::kernels::Style;

    #[test]
    fn the_fastest_is_fast_in_all_trials() {
        let [a, b, c] = [0, 1, 2].map(|index| Tile::all(Style::Register)[index]);
        assert_eq!(fastest(&[(a, [1.0, 2.0, 9.0]), (b, [1.5, 2.0, 4.0]), (c, [9.0, 1.0, 4.0])]), Some(b));
        assert_eq!(fastest(&[(a, [1.0; 3]), (b, [1.0; 3])]), Some(a));
        assert_eq!(fastest(&[]), None);
    }

    #[test]
    fn every_tile_is_measured() {
        let (device, _) = Device::open(&AdapterChoice::Fastest).unwrap();
        let size = Size { rows: 64, narrow: 64, wide: 128, vocabulary: 256, dispatches: 2 };
        for style in [Style::Register, Style::Shared] {
            let measured = measure_at(&device, size, Tile::all(style), Options::default()).unwrap();
            assert!(measured.iter().all(|(_, seconds)| seconds.iter().all(|x| x.is_finite() && *x > 0.0)));
            assert_eq!(measured.len(), Tile::all(style).len());
        }
    }
}
