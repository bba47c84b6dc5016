use proptest::prelude::*;

use super::*;
use crate::kernels::{NormShape, RopeShape, angles};
use crate::reference::ops;

fn norm(bench: &Bench, x: &[f32], gain: &[f32], epsilon: f32) -> Vec<f32> {
    let features = gain.len();
    let rows = x.len() / features;
    let (all, width) = (pad_count(rows), bench.pad(features));
    let stream = bench.upload(&pad_rows(x, features, width, all));
    let gain = bench.upload(&pad_rows(gain, features, width, 1));
    let out = bench.zeros(all * width);
    let shape = NormShape { width: (width / 4) as u32, features: features as f32, epsilon };
    let step = bench.kernels.rows.norm(&bench.device, all, shape, [&stream, &gain, &out]);
    let rows_out = bench.run(step, &out, all * width);
    rows_out.chunks_exact(width).take(rows).flat_map(|row| row[..features].to_vec()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn embeds_tokens(width in 1usize..300, tokens in proptest::collection::vec(0u32..256, 1..100), seed: u64) {
        let table = random(256 * width, seed);
        let expected: Vec<f64> = tokens
            .iter()
            .flat_map(|&token| widen(&table[token as usize * width..(token as usize + 1) * width]))
            .collect();
        for bench in benches() {
            let padded = bench.pad(width);
            let table = bench.upload(&pad_rows(&table, width, padded, 256));
            let ids = bench.device.upload("tokens", &tokens).unwrap();
            let out = bench.zeros(tokens.len() * padded);
            let step = bench.kernels.rows.embed(&bench.device, tokens.len(), padded, [&table, &ids, &out]);
            let found = crop_rows(&bench.run(step, &out, tokens.len() * padded), padded, width, tokens.len());
            prop_assert_eq!(error(&found, &expected), 0.0);
        }
    }

    #[test]
    fn normalises_rows(rows in 1usize..150, features in 1usize..400, scale in -6i32..6, seed: u64) {
        let x: Vec<f32> = random(rows * features, seed).iter().map(|x| x * 10f32.powi(scale)).collect();
        let gain = random(features, !seed);
        let expected = ops::rmsnorm(&widen(&x), &widen(&gain), f64::from(1e-6f32));
        for bench in benches() {
            let error = error(&norm(bench, &x, &gain, 1e-6), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    #[test]
    fn rotates_heads(windows in 1usize..4, window in 1usize..70, heads in 1usize..6, half in 1usize..20, seed: u64) {
        let head = 2 * half;
        let pitch = head.next_multiple_of(4);
        let x = random(windows * window * heads * head, seed);
        let mut expected = widen(&x);
        for one in expected.chunks_exact_mut(window * heads * head) {
            ops::rope(one, heads, head, 10_000.0);
        }
        for bench in benches() {
            let rows = windows * window;
            // A value head follows, which must stay as it is.
            let stride = bench.pad((heads + 1) * pitch);
            let mut data = vec![0.5; rows * stride];
            for (row, source) in data.chunks_exact_mut(stride).zip(x.chunks_exact(heads * head)) {
                for (place, part) in row.chunks_exact_mut(pitch).zip(source.chunks_exact(head)) {
                    place[..head].copy_from_slice(part);
                }
            }
            let qkv = bench.upload(&data);
            let turns = bench.device.upload("angles", &angles(window, head, 10_000.0)).unwrap();
            let [w, h, p, f, s] = [window, heads, pitch, half, stride].map(|n| n as u32);
            let shape = RopeShape { window: w, heads: h, pitch: p, half: f, stride: s };
            let step = bench.kernels.rows.rope(&bench.device, rows, shape, &turns, &qkv);
            let rotated = bench.run(step, &qkv, rows * stride);
            let mut found = Vec::new();
            for row in rotated.chunks_exact(stride) {
                prop_assert!(row[heads * pitch..].iter().all(|&x| x == 0.5), "values changed");
                found.extend(row.chunks_exact(pitch).take(heads).flat_map(|place| place[..head].to_vec()));
            }
            let error = error(&found, &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}

/// Squares overflow here though the values do not; a silent 1/sqrt(inf) would make the row zero.
#[test]
fn norm_shows_overflow() {
    for bench in benches() {
        let mut x = random(3 * 10, 1);
        x[14] = 1e30;
        let found = norm(bench, &x, &[1.0; 10], 1e-6);
        let nan: Vec<bool> = found.chunks_exact(10).map(|row| row.iter().all(|x| x.is_nan())).collect();
        assert_eq!(nan, [false, true, false], "{:?}", bench.style);
        assert!(found[..10].iter().chain(&found[20..]).all(|x| x.is_finite()));
    }
}
