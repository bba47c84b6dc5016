//! Every kernel, in both styles and in every tile, against the scalar f64 reference over odd shapes. They need a compute adapter and fail
//! without one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::sync::OnceLock;

use proptest::prelude::*;
use wgpu::Buffer;

use super::{Kernels, Matrix, Operand, Precision, ROWS, Step, Style, Tile};
use crate::engine::{AdapterChoice, Device};

mod activation;
mod attention;
mod gather;
mod heads;
mod loss;
mod norm;
mod pool;
mod product;

/// A device with the kernels of one style.
struct Bench {
    device: Device,
    kernels: Kernels,
    /// The same with products in f16.
    half: Kernels,
    style: Style,
    tile: Tile,
}

/// Both styles; lavapipe runs the GPU style too, only slowly.
fn benches() -> [&'static Bench; 2] {
    [Style::Register, Style::Shared].map(|style| {
        let mut all = tiles().iter();
        all.find(|bench| bench.tile == Tile::of(style)).expect("the tile of a style is among all")
    })
}

/// Every tile that a product may have.
fn tiles() -> &'static [Bench] {
    static BENCHES: OnceLock<Vec<Bench>> = OnceLock::new();
    BENCHES.get_or_init(|| {
        let open = |&tile: &Tile| {
            let (device, _) = Device::open_half(&AdapterChoice::Fastest).expect("tests need an adapter with f16");
            assert!(tile.fits(&device.raw().limits()), "{tile} does not fit the adapter");
            let [kernels, half] = [Precision::F32, Precision::F16]
                .map(|products| Kernels::new(device.clone(), tile).multiplying(products));
            Bench { kernels, half, device, style: tile.style(), tile }
        };
        [Style::Register, Style::Shared].into_iter().flat_map(Tile::all).map(open).collect()
    })
}

impl Bench {
    /// Kernels with products in a precision.
    fn multiplying(&self, products: Precision) -> &Kernels {
        match products {
            Precision::F32 => &self.kernels,
            Precision::F16 => &self.half,
        }
    }

    fn pad(&self, width: usize) -> usize {
        width.next_multiple_of(self.tile.columns())
    }

    fn pad_count(&self, rows: usize) -> usize {
        rows.next_multiple_of(self.tile.padding())
    }

    fn upload<T: bytemuck::NoUninit>(&self, data: &[T]) -> Buffer {
        self.device.upload("test input", data).expect("fits")
    }

    fn zeros(&self, count: usize) -> Buffer {
        self.device.storage("test output", (count * size_of::<f32>()) as u64).expect("fits")
    }

    /// Rows of `columns` floats, in shards of at most `bytes`.
    fn matrix(&self, data: &[f32], columns: usize, bytes: u64) -> Matrix {
        self.stored(Precision::F32, data, columns, bytes)
    }

    /// As [`Self::matrix`], stored in a precision.
    fn stored(&self, precision: Precision, data: &[f32], columns: usize, bytes: u64) -> Matrix {
        let mut device = self.device.clone();
        device.limit_binding(bytes);
        let shape = [data.len() / columns, columns];
        let kernels = Kernels::new(device.clone(), self.tile);
        let matrix = Matrix::zeros(&kernels, precision, "test weight", shape).expect("fits");
        matrix.fill(&device, |r, row| {
            if let Some(source) = data.chunks_exact(columns).nth(r) {
                row[..columns].copy_from_slice(source);
            }
        });
        matrix
    }

    /// A bias, zeros behind it up to the rows of its weight.
    fn bias(&self, bias: &[f32], weight: &Matrix) -> Buffer {
        self.upload(&pad_rows(bias, bias.len(), weight.rows(), 1))
    }

    fn run(&self, steps: impl IntoIterator<Item = Step>, result: &Buffer, count: usize) -> Vec<f32> {
        let steps: Vec<Step> = steps.into_iter().collect();
        self.device.run(&steps, result, count).expect("the device works")
    }
}

/// Bytes of a shard: no limit for these tests, and so few that most of their matrices are cut.
fn shards() -> impl Strategy<Value = u64> {
    prop_oneof![Just(u64::MAX), Just(256 << 10)]
}

/// Rows of `from` floats as rows of `to` floats, zeros behind, and zero rows up to `rows`.
fn pad_rows(data: &[f32], from: usize, to: usize, rows: usize) -> Vec<f32> {
    let mut padded = vec![0.0; rows * to];
    for (row, target) in data.chunks_exact(from).zip(padded.chunks_exact_mut(to)) {
        target[..from].copy_from_slice(row);
    }
    padded
}

/// The first `to` floats of each of the first `rows` rows; checks that padding columns are zero, as kernels rely on it.
fn crop_rows(data: &[f32], from: usize, to: usize, rows: usize) -> Vec<f32> {
    let rows = data.chunks_exact(from).take(rows);
    rows.flat_map(|row| {
        assert!(row[to..].iter().all(|&x| x == 0.0), "padding must stay zero");
        row[..to].to_vec()
    })
    .collect()
}

/// Uniform in -1..1, from a linear congruential generator.
fn random(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed ^ 0x5851_f42d_4c95_7f2d;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn precision() -> impl Strategy<Value = Precision> {
    prop_oneof![Just(Precision::F32), Just(Precision::F16)]
}

/// Numbers as they are when stored.
fn rounded(precision: Precision, data: Vec<f32>) -> Vec<f32> {
    match precision {
        Precision::F32 => data,
        Precision::F16 => data.into_iter().map(|x| half::f16::from_f32(x).to_f32()).collect(),
    }
}

fn widen(data: &[f32]) -> Vec<f64> {
    data.iter().copied().map(f64::from).collect()
}

/// Largest error, relative to the largest magnitude of the expected values.
fn error(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(f64::MIN_POSITIVE, |scale, x| scale.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(found, expected)| (f64::from(*found) - expected).abs());
    // `max` would drop a NaN.
    differences.fold(0.0, |worst: f64, d| if d.is_nan() { f64::INFINITY } else { worst.max(d) }) / scale
}

/// What a kernel in f32 may be off by.
const TOLERANCE: f64 = 1e-5;

/// What a product in f16 may be off by.
const HALF_TOLERANCE: f64 = 4e-3;

/// What a product may be off by: weights that are not in f16 are multiplied in f32.
fn tolerance(stored: Precision, products: Precision) -> f64 {
    if [stored, products] == [Precision::F16; 2] { HALF_TOLERANCE } else { TOLERANCE }
}
