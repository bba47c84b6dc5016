use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn averages_each_sequence(lengths in proptest::collection::vec(1usize..90, 1..6), width in 1usize..400, seed: u64) {
        let rows: usize = lengths.iter().sum();
        let x = random(rows * width, seed);
        let mut ranges = Vec::new();
        let mut expected = Vec::new();
        for length in lengths {
            let start = ranges.last().map_or(0, |range: &[u32; 2]| range[1]);
            ranges.push([start, start + length as u32]);
            let states = &widen(&x)[start as usize * width..][..length * width];
            expected.extend((0..width).map(|i| states.iter().skip(i).step_by(width).sum::<f64>() / length as f64));
        }
        for bench in benches() {
            let padded = bench.pad(width);
            let states = bench.upload(&pad_rows(&x, width, padded, rows));
            let out = bench.zeros(ranges.len() * padded);
            let step = bench.kernels.pool(ranges.len(), padded, [&states, &bench.upload(&ranges), &out]);
            let found = bench.run([step], &out, ranges.len() * padded);
            let error = error(&crop_rows(&found, padded, width, ranges.len()), &expected);
            prop_assert!(error < TOLERANCE, "{:?}: {error:e}", bench.style);
        }
    }
}
