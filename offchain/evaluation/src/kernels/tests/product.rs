use proptest::prelude::*;

use super::*;
use crate::kernels::{Epilogue, HeadBuffers};
use crate::model::Activation;
use crate::reference::ops;

/// `epilogue(a · wᵀ)` on the device; for the residual, the output starts as `start`.
fn matmul(
    bench: &Bench,
    epilogue: Epilogue,
    a: &[f32],
    w: &[f32],
    start: &[f32],
    [rows, inner, outer]: [usize; 3],
) -> Vec<f32> {
    let (all, depth, width) = (pad_count(rows), bench.pad(inner), bench.pad(outer));
    let a = bench.upload(&pad_rows(a, inner, depth, all));
    let w = bench.upload(&pad_rows(w, inner, depth, width));
    let out = bench.upload(&pad_rows(start, outer, width, all));
    let step = bench.kernels.products.matmul(&bench.device, epilogue, [all, depth, width], [&a, &w, &out]);
    crop_rows(&bench.run(step, &out, all * width), width, outer, rows)
}

fn shape() -> impl Strategy<Value = [usize; 3]> {
    (1usize..150, prop_oneof![4 => 1usize..200, 1 => 3000usize..=4096], 1usize..140).prop_map(Into::into)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn stores_a_product(shape in shape(), seed: u64) {
        let [rows, inner, outer] = shape;
        let (a, w) = (random(rows * inner, seed), random(outer * inner, !seed));
        let expected = ops::matmul(&widen(&a), &widen(&w), inner);
        for bench in benches() {
            let found = matmul(bench, Epilogue::Store, &a, &w, &vec![7.0; rows * outer], shape);
            let error = error(&found, &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    #[test]
    fn adds_a_product_to_the_stream(shape in shape(), seed: u64) {
        let [rows, inner, outer] = shape;
        let (a, w) = (random(rows * inner, seed), random(outer * inner, !seed));
        let start = random(rows * outer, seed / 2);
        let product = ops::matmul(&widen(&a), &widen(&w), inner);
        let expected: Vec<f64> = product.iter().zip(widen(&start)).map(|(x, start)| x + start).collect();
        for bench in benches() {
            let error = error(&matmul(bench, Epilogue::Add, &a, &w, &start, shape), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    #[test]
    fn gates_a_product(shape in shape(), seed: u64) {
        let [rows, inner, outer] = shape;
        let (a, gate, up) = (random(rows * inner, seed), random(outer * inner, !seed), random(outer * inner, seed / 3));
        let [wide_gate, wide_up] = [&gate, &up].map(|w| ops::matmul(&widen(&a), &widen(w), inner));
        let expected = ops::product(&ops::activated(Activation::Silu, &wide_gate), &wide_up);
        for bench in benches() {
            let (all, depth, width) = (pad_count(rows), bench.pad(inner), bench.pad(outer));
            let run = bench.style.interleave();
            // Gate and up rows in runs, as the kernel wants them.
            let [gate, up] = [&gate, &up].map(|w| pad_rows(w, inner, depth, width));
            let runs = gate.chunks_exact(run * depth).zip(up.chunks_exact(run * depth));
            let w: Vec<f32> = runs.flat_map(|(gate, up)| [gate, up].concat()).collect();
            let (a, w) = (bench.upload(&pad_rows(&a, inner, depth, all)), bench.upload(&w));
            let out = bench.zeros(all * width);
            let shape = [all, depth, 2 * width];
            let step = bench.kernels.products.matmul(&bench.device, Epilogue::SwiGlu, shape, [&a, &w, &out]);
            let found = crop_rows(&bench.run(step, &out, all * width), width, outer, rows);
            let error = error(&found, &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    #[test]
    fn head_gives_the_cross_entropy(rows in 1usize..150, inner in 1usize..200, sharpness in 0.1f32..20.0, seed: u64) {
        let hidden: Vec<f32> = random(rows * inner, seed).iter().map(|x| x * sharpness).collect();
        let weight = random(256 * inner, !seed);
        let targets: Vec<u8> = random(rows, seed / 5).iter().map(|x| (x * 127.9 + 128.0) as u8).collect();
        let expected = ops::losses(&ops::matmul(&widen(&hidden), &widen(&weight), inner), 256, &wide(&targets));
        for bench in benches() {
            let error = error(&head(bench, &hidden, &weight, &targets, inner), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}

fn wide(targets: &[u8]) -> Vec<u32> {
    targets.iter().copied().map(u32::from).collect()
}

fn head(bench: &Bench, hidden: &[f32], weight: &[f32], targets: &[u8], inner: usize) -> Vec<f32> {
    let (all, depth) = (pad_count(targets.len()), bench.pad(inner));
    let mut wide: Vec<u32> = targets.iter().copied().map(u32::from).collect();
    wide.resize(all, 0);
    let hidden = bench.upload(&pad_rows(hidden, inner, depth, all));
    let weight = bench.upload(&pad_rows(weight, inner, depth, 256));
    let targets_buffer = bench.device.upload("targets", &wide).unwrap();
    let out = bench.zeros(all);
    let buffers = HeadBuffers { hidden: &hidden, weight: &weight, targets: &targets_buffer, out: &out };
    let step = bench.kernels.products.head(&bench.device, [all, depth, 256], buffers);
    bench.run(step, &out, targets.len())
}

/// A logit that overflows must show as NaN in its own row and in no other, whether or not it is the target's.
#[test]
fn head_shows_overflow() {
    let inner = 8;
    let mut weight = random(256 * inner, 5);
    weight[200 * inner] = 3e38;
    for bench in benches() {
        for target in [200, 3] {
            let mut hidden = random(3 * inner, 6);
            hidden[inner] = 4.0;
            for row in [0, 2] {
                hidden[row * inner] = 0.0;
            }
            let losses = head(bench, &hidden, &weight, &[target; 3], inner);
            assert_eq!(
                losses.iter().map(|x| x.is_nan()).collect::<Vec<_>>(),
                [false, true, false],
                "{:?}",
                bench.style
            );
        }
    }
}
