use proptest::prelude::*;

use super::*;
use crate::kernels::{Attention, AttentionShape};
use crate::reference::ops;

/// Attention over `windows` windows whose rows hold queries, keys and values of true width.
struct Case {
    windows: usize,
    window: usize,
    heads: usize,
    key_heads: usize,
    head: usize,
    rows: Vec<f32>,
}

impl Case {
    fn expected(&self) -> Vec<f64> {
        let (queries, keys) = (self.heads * self.head, self.key_heads * self.head);
        let part = |window: &[f32], from: usize, to: usize| -> Vec<f64> {
            window.chunks_exact(queries + 2 * keys).flat_map(|row| widen(&row[from..to])).collect()
        };
        let windows = self.rows.chunks_exact(self.window * (queries + 2 * keys));
        windows
            .flat_map(|window| {
                let query = part(window, 0, queries);
                let key = part(window, queries, queries + keys);
                let value = part(window, queries + keys, queries + 2 * keys);
                ops::attention(&query, &key, &value, [self.heads, self.key_heads, self.head], true)
            })
            .collect()
    }

    fn found(&self, bench: &Bench) -> Vec<f32> {
        let pitch = self.head.next_multiple_of(4);
        let total = self.heads + 2 * self.key_heads;
        let (stride, width) = (bench.pad(total * pitch), bench.pad(self.heads * pitch));
        let rows = self.windows * self.window;
        let mut data = Vec::new();
        for row in self.rows.chunks_exact(total * self.head) {
            data.extend(pad_rows(&pad_rows(row, self.head, pitch, total), total * pitch, stride, 1));
        }
        let (qkv, out) = (bench.upload(&data), bench.zeros(rows * width));
        let [window, heads, keys, stride, width4] =
            [self.window, self.heads, self.key_heads, stride / 4, width / 4].map(|n| n as u32);
        let scale = 1.0 / (self.head as f32).sqrt();
        let shape = AttentionShape { window, heads, keys, stride, width: width4, scale };
        let kernel = Attention::new(&bench.device, bench.style, pitch);
        let step = kernel.step(&bench.device, self.windows, shape, &qkv, &out);
        let mixed = bench.run(step, &out, rows * width);
        let rows = mixed.chunks_exact(width);
        rows.flat_map(|row| crop_rows(&row[..self.heads * pitch], pitch, self.head, self.heads)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn attends_causally(
        windows in 1usize..4,
        window in prop_oneof![Just(1usize), 2usize..20, 60usize..140],
        key_heads in 1usize..4,
        group in 1usize..4,
        half in prop_oneof![8 => 1usize..20, 1 => Just(64usize)],
        sharpness in 0.1f32..8.0,
        seed: u64,
    ) {
        let (heads, head) = (key_heads * group, 2 * half);
        let count = windows * window * (heads + 2 * key_heads) * head;
        let rows = random(count, seed).iter().map(|x| x * sharpness).collect();
        let case = Case { windows, window, heads, key_heads, head, rows };
        let expected = case.expected();
        for bench in benches() {
            let error = error(&case.found(bench), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}

/// A score that overflows must show at its query and at no earlier one.
#[test]
fn shows_overflow() {
    let (window, head) = (40, 4);
    let mut rows = random(window * 3 * head, 3);
    // Query 30 meets key 20: 1e20 · 1e20 is beyond f32.
    rows[30 * 3 * head] = 1e20;
    rows[(20 * 3 + 1) * head] = 1e20;
    let case = Case { windows: 1, window, heads: 1, key_heads: 1, head, rows };
    for bench in benches() {
        let found = case.found(bench);
        for (query, row) in found.chunks_exact(head).enumerate() {
            assert_eq!(row.iter().any(|x| x.is_nan()), query == 30, "{:?}, query {query}: {row:?}", bench.style);
        }
    }
}
