use super::*;
use crate::kernels::{HeadShape, angles};
use crate::reference::ops;

/// Rows of heads of `head` floats as the device has them, with a value head of 0.5 behind each row.
fn padded(bench: &Bench, x: &[f32], heads: usize, head: usize, rows: usize) -> (Vec<f32>, usize) {
    let pitch = head.next_multiple_of(4);
    let stride = bench.pad((heads + 1) * pitch);
    let mut data = vec![0.0; rows * stride];
    for (row, source) in data.chunks_exact_mut(stride).zip(x.chunks_exact(heads * head)) {
        row.fill(0.5);
        for (place, part) in row.chunks_exact_mut(pitch).zip(source.chunks_exact(head)) {
            place.fill(0.0);
            place[..head].copy_from_slice(part);
        }
    }
    (data, stride)
}

/// The heads again; checks that what is behind them has not changed.
fn cropped(data: &[f32], stride: usize, heads: usize, head: usize, rows: usize) -> Vec<f32> {
    let pitch = head.next_multiple_of(4);
    let row = |row: &[f32]| {
        assert!(row[heads * pitch..].iter().all(|&x| x == 0.5), "values changed");
        crop_rows(&row[..heads * pitch], pitch, head, heads)
    };
    data.chunks_exact(stride).take(rows).flat_map(row).collect()
}

fn shape(heads: usize, keys: usize, head: usize, stride: usize) -> HeadShape {
    let [heads, keys, pitch, head, stride] = [heads, keys, head.next_multiple_of(4), head, stride].map(|n| n as u32);
    HeadShape { heads, keys, pitch, head, stride, epsilon: 1e-6 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Sequences of unequal length in one batch.
    #[test]
    fn rotates_heads(
        lengths in proptest::collection::vec(1usize..70, 1..4),
        heads in 1usize..4,
        keys in 1usize..3,
        half in prop_oneof![9 => 1usize..20, 1 => Just(128usize)],
        seed: u64,
    ) {
        let (head, all) = (2 * half, heads + keys);
        let rows: usize = lengths.iter().sum();
        let x = random(rows * all * head, seed);
        let mut expected = widen(&x);
        let mut rest = &mut expected[..];
        for length in &lengths {
            let (sequence, behind) = rest.split_at_mut(length * all * head);
            ops::rope(sequence, all, head, 10_000.0);
            rest = behind;
        }
        for bench in benches() {
            let (data, stride) = padded(bench, &x, all, head, bench.pad_count(rows));
            let qkv = bench.upload(&data);
            let turns = bench.upload(&angles(70, head, 10_000.0));
            let mut places: Vec<u32> = lengths.iter().flat_map(|&length| 0..length as u32).collect();
            places.resize(bench.pad_count(rows), 0);
            let places = bench.upload(&places);
            let step = bench.kernels.rope(bench.pad_count(rows), shape(heads, keys, head, stride), [&turns, &places, &qkv]);
            let found = bench.run([step], &qkv, rows * stride);
            let error = error(&cropped(&found, stride, all, head, rows), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }

    #[test]
    fn norms_heads(rows in 1usize..100, heads in 1usize..5, keys in 1usize..4, head in 1usize..70, seed: u64) {
        let all = heads + keys;
        let x = random(rows * all * head, seed);
        let gains = random(2 * head, !seed);
        let (of_queries, of_keys) = gains.split_at(head);
        let expected: Vec<f64> = x
            .chunks_exact(head)
            .enumerate()
            .flat_map(|(index, x)| {
                let gain = if index % all < heads { of_queries } else { of_keys };
                ops::rmsnorm(&widen(x), &widen(gain), f64::from(1e-6f32))
            })
            .collect();
        for bench in benches() {
            let (data, stride) = padded(bench, &x, all, head, bench.pad_count(rows));
            let (qkv, pitch) = (bench.upload(&data), head.next_multiple_of(4));
            let gain = bench.upload(&pad_rows(&gains, head, pitch, 2));
            let step = bench.kernels.head_norm(bench.pad_count(rows), shape(heads, keys, head, stride), [&gain, &qkv]);
            let found = bench.run([step], &qkv, rows * stride);
            let error = error(&cropped(&found, stride, all, head, rows), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}
