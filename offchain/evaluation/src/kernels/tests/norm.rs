use super::*;
use crate::kernels::{NormBuffers, NormShape};
use crate::model::NormKind;
use crate::reference::ops;

fn norm(bench: &Bench, kind: NormKind, x: &[f32], gain: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let features = gain.len();
    let rows = x.len() / features;
    let (all, width) = (bench.pad_count(rows), bench.pad(features));
    let stream = bench.upload(&pad_rows(x, features, width, all));
    let [gain, bias] = [gain, bias].map(|weights| bench.upload(&pad_rows(weights, features, width, 1)));
    let out = bench.zeros(all * width);
    let shape = NormShape { features: features as u32, epsilon };
    let step = bench.kernels.norm(kind, all, shape, &NormBuffers { gain, bias }, [&stream, &out]);
    crop_rows(&bench.run([step], &out, all * width), width, features, rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn root_mean_square(rows in 1usize..150, features in 1usize..400, scale in -6i32..6, seed: u64) {
        let x: Vec<f32> = random(rows * features, seed).iter().map(|x| x * 10f32.powi(scale)).collect();
        let gain = random(features, !seed);
        let expected = ops::rmsnorm(&widen(&x), &widen(&gain), f64::from(1e-6f32));
        for bench in benches() {
            let error = error(&norm(bench, NormKind::Rms, &x, &gain, &vec![9.0; features], 1e-6), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    /// With a mean of the size of the spread, as streams have.
    #[test]
    fn mean_and_variance(rows in 1usize..150, features in 2usize..400, shift in -2f32..2.0, seed: u64) {
        let x: Vec<f32> = random(rows * features, seed).iter().map(|x| x + shift).collect();
        let (gain, bias) = (random(features, !seed), random(features, seed / 2));
        let normed = ops::layernorm(&widen(&x), &widen(&gain), f64::from(1e-5f32));
        let expected: Vec<f64> = normed.iter().zip(widen(&bias).iter().cycle()).map(|(x, bias)| x + bias).collect();
        for bench in benches() {
            let error = error(&norm(bench, NormKind::Layer, &x, &gain, &bias, 1e-5), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}

/// As wide as models may be.
#[test]
fn wide_rows() {
    let features = 32_768;
    let (x, gain) = (random(2 * features, 1), random(features, 2));
    for bench in benches() {
        for (kind, expected) in [
            (NormKind::Rms, ops::rmsnorm(&widen(&x), &widen(&gain), f64::from(1e-6f32))),
            (NormKind::Layer, ops::layernorm(&widen(&x), &widen(&gain), f64::from(1e-6f32))),
        ] {
            let error = error(&norm(bench, kind, &x, &gain, &vec![0.0; features], 1e-6), &expected);
            assert!(error < TOLERANCE, "{:?}, {kind:?}: {error:e}", bench.style);
        }
    }
}

/// Squares overflow here though the values do not; a silent 1/sqrt(inf) would make the row zero.
#[test]
fn shows_overflow() {
    for bench in benches() {
        for kind in [NormKind::Rms, NormKind::Layer] {
            let mut x = random(3 * 10, 1);
            x[14] = 1e30;
            let (all, width) = (bench.pad_count(3), bench.pad(10));
            let stream = bench.upload(&pad_rows(&x, 10, width, all));
            let [gain, bias] = [1.0, 0.0].map(|weight| bench.upload(&pad_rows(&[weight; 10], 10, width, 1)));
            let out = bench.zeros(all * width);
            let shape = NormShape { features: 10, epsilon: 1e-6 };
            let step = bench.kernels.norm(kind, all, shape, &NormBuffers { gain, bias }, [&stream, &out]);
            let found = bench.run([step], &out, 3 * width);
            let rows: Vec<&[f32]> = found.chunks_exact(width).map(|row| &row[..10]).collect();
            let nan: Vec<bool> = rows.iter().map(|row| row.iter().all(|x| x.is_nan())).collect();
            assert_eq!(nan, [false, true, false], "{:?}, {kind:?}", bench.style);
            assert!(rows[0].iter().chain(rows[2]).all(|x| x.is_finite()));
        }
    }
}
