use super::*;
use crate::kernels::Gather;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The sum of a row of each of two tables, whole or in shards.
    #[test]
    fn embeds_tokens_and_places(
        width in 1usize..300,
        tokens in proptest::collection::vec(0u32..1000, 1..200),
        bytes in shards(),
        precision in precision(),
        seed: u64,
    ) {
        let rows = tokens.len();
        let (table, places) = (rounded(precision, random(1000 * width, seed)), random(rows * width, !seed));
        let row_of = |table: &[f32], row: usize| table[row * width..(row + 1) * width].to_vec();
        let expected: Vec<f64> = (0..rows)
            .flat_map(|row| {
                let pair = (row_of(&table, tokens[row] as usize), row_of(&places, row));
                pair.0.into_iter().zip(pair.1).map(|(a, b)| f64::from(a + b))
            })
            .collect();
        for bench in benches() {
            let (all, padded) = (bench.pad_count(rows), bench.pad(width));
            let table = bench.stored(precision, &table, width, bytes);
            let places = bench.matrix(&places, width, bytes);
            let index = |index: &mut dyn Iterator<Item = u32>| {
                let mut index: Vec<u32> = index.collect();
                index.resize(all, 0);
                bench.upload(&index)
            };
            let (ids, numbers) = (index(&mut tokens.iter().copied()), index(&mut (0..rows as u32)));
            let out = bench.upload(&vec![7.0f32; all * padded]);
            let first = bench.kernels.gather(Gather::Copy, all, &table, [&ids, &out]);
            let second = bench.kernels.gather(Gather::Add, all, &places, [&numbers, &out]);
            let found = bench.run(first.chain(second), &out, all * padded);
            prop_assert_eq!(error(&crop_rows(&found, padded, width, rows), &expected), 0.0);
        }
    }
}

#[test]
fn picks_rows_of_activations() {
    for bench in benches() {
        let width = bench.tile.columns();
        let x = random(70 * width, 4);
        let chosen: Vec<u32> = (0..ROWS as u32).map(|row| (row * 31) % 70).collect();
        let out = bench.zeros(ROWS * width);
        let step = bench.kernels.pick([ROWS, 70, width], [&bench.upload(&x), &bench.upload(&chosen), &out]);
        let expected: Vec<f32> = chosen.iter().flat_map(|&row| x[row as usize * width..][..width].to_vec()).collect();
        assert_eq!(bench.run([step], &out, ROWS * width), expected);
    }
}
