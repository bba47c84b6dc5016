use super::*;
use crate::kernels::AttentionShape;
use crate::reference::ops;

/// Attention within sequences whose rows hold queries, keys and values of true width.
struct Case {
    lengths: Vec<usize>,
    heads: usize,
    key_heads: usize,
    head: usize,
    causal: bool,
    rows: Vec<f32>,
}

impl Case {
    fn expected(&self) -> Vec<f64> {
        let (queries, keys) = (self.heads * self.head, self.key_heads * self.head);
        let total = queries + 2 * keys;
        let mut rest = &self.rows[..];
        let mut expected = Vec::new();
        for length in &self.lengths {
            let (sequence, behind) = rest.split_at(length * total);
            let part =
                |from, to| sequence.chunks_exact(total).flat_map(|row| widen(&row[from..to])).collect::<Vec<f64>>();
            let (query, key) = (part(0, queries), part(queries, queries + keys));
            let value = part(queries + keys, total);
            let shape = [self.heads, self.key_heads, self.head];
            expected.extend(ops::attention(&query, &key, &value, shape, self.causal));
            rest = behind;
        }
        expected
    }

    fn found(&self, bench: &Bench) -> Vec<f32> {
        self.found_of(bench, usize::MAX)
    }

    /// With all but the first blocks of queries left out, whose output is then zero.
    fn found_of(&self, bench: &Bench, most: usize) -> Vec<f32> {
        let pitch = self.head.next_multiple_of(4);
        let total = self.heads + 2 * self.key_heads;
        let (stride, width) = (bench.pad(total * pitch), bench.pad(self.heads * pitch));
        let mut data = Vec::new();
        for row in self.rows.chunks_exact(total * self.head) {
            data.extend(pad_rows(&pad_rows(row, self.head, pitch, total), total * pitch, stride, 1));
        }
        let mut sequences = Vec::new();
        for length in &self.lengths {
            let start = sequences.last().map_or(0, |rows: &std::ops::Range<usize>| rows.end);
            sequences.push(start..start + length);
        }
        let rows: usize = self.lengths.iter().sum();
        let (qkv, out) = (bench.upload(&data), bench.zeros(rows * width));
        let [heads, keys, stride, width4, causal] =
            [self.heads, self.key_heads, stride / 4, width / 4, usize::from(self.causal)].map(|n| n as u32);
        let shape =
            AttentionShape { heads, keys, stride, width: width4, causal, scale: 1.0 / (self.head as f32).sqrt() };
        let mut blocks = bench.kernels.blocks(pitch, &sequences);
        blocks.truncate(most);
        let buffers = [&bench.upload(&blocks), &qkv, &out];
        let step = bench.kernels.attention(pitch, blocks.len(), shape, buffers);
        let mixed = bench.run([step], &out, rows * width);
        let rows = mixed.chunks_exact(width);
        rows.flat_map(|row| crop_rows(&row[..self.heads * pitch], pitch, self.head, self.heads)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn attends_within_sequences(
        lengths in proptest::collection::vec(prop_oneof![Just(1usize), 2usize..20, 60usize..140], 1..4),
        key_heads in 1usize..4,
        group in 1usize..4,
        head in prop_oneof![8 => 1usize..40, 1 => Just(64usize), 1 => Just(128usize)],
        causal: bool,
        sharpness in 0.1f32..4.0,
        seed: u64,
    ) {
        let heads = key_heads * group;
        let count = lengths.iter().sum::<usize>() * (heads + 2 * key_heads) * head;
        let rows = random(count, seed).iter().map(|x| x * sharpness).collect();
        let case = Case { lengths, heads, key_heads, head, causal, rows };
        let expected = case.expected();
        for bench in benches() {
            let error = error(&case.found(bench), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}

/// The widest head that models may have.
#[test]
fn wide_heads() {
    let (heads, key_heads, head) = (2, 1, 256);
    let rows = random(50 * (heads + 2 * key_heads) * head, 8);
    let case = Case { lengths: vec![17, 33], heads, key_heads, head, causal: true, rows };
    let expected = case.expected();
    for bench in benches() {
        let error = error(&case.found(bench), &expected);
        assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
    }
}

/// Software adapters leave a lane's loops after 65,535 rounds in all. Here only the last of many keys has a value.
#[test]
fn sees_the_last_of_many_keys() {
    let length = 32_768;
    for head in [4, 256] {
        let mut rows = vec![0.0; length * 3 * head];
        rows[(length * 3 - 1) * head..].fill(length as f32);
        let case = Case { lengths: vec![length], heads: 1, key_heads: 1, head, causal: false, rows };
        for bench in benches() {
            // The queries of the first block alone, as the others are many.
            let found = case.found_of(bench, 1);
            let error = error(&found[..8 * head], &vec![1.0; 8 * head]);
            assert!(error < 1e-4, "{:?}, head of {head}: {error:e}", bench.style);
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
    let case = Case { lengths: vec![window], heads: 1, key_heads: 1, head, causal: true, rows };
    for bench in benches() {
        let found = case.found(bench);
        for (query, row) in found.chunks_exact(head).enumerate() {
            assert_eq!(row.iter().any(|x| x.is_nan()), query == 30, "{:?}, query {query}: {row:?}", bench.style);
        }
    }
}
