use super::*;
use crate::kernels::{LossBuffers, parts};
use crate::reference::ops;

/// A head of `vocabulary` tokens, in shards of at most `bytes`.
struct Head<'a> {
    weight: &'a [f32],
    bias: &'a [f32],
    inner: usize,
    bytes: u64,
    precision: Precision,
    products: Precision,
}

impl Head<'_> {
    fn losses(&self, bench: &Bench, states: &[f32], targets: &[u32]) -> Vec<f32> {
        let (rows, depth) = (bench.pad_count(targets.len()), bench.pad(self.inner));
        let weight = bench.stored(self.precision, self.weight, self.inner, self.bytes);
        let bias = bench.bias(self.bias, &weight);
        let mut padded = targets.to_vec();
        padded.resize(rows, 0);
        let states = bench.upload(&pad_rows(states, self.inner, depth, rows));
        let (targets_buffer, losses) = (bench.upload(&padded), bench.zeros(rows));
        let parts = bench.zeros(rows * 4 * parts(&weight, bench.tile));
        let buffers = LossBuffers { states: &states, targets: &targets_buffer, parts: &parts, losses: &losses };
        let operand = Operand { weight: &weight, bias: &bias };
        let steps = bench.multiplying(self.products).loss(rows, self.bias.len(), operand, buffers);
        bench.run(steps, &losses, targets.len())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Vocabularies of one token to several parts, a head whole or in shards.
    #[test]
    fn is_the_cross_entropy(
        rows in 1usize..100,
        inner in 1usize..100,
        vocabulary in prop_oneof![1usize..40, 200usize..300, 5000usize..9000],
        bytes in shards(),
        precision in precision(),
        products in precision(),
        sharpness in 0.1f32..20.0,
        seed: u64,
    ) {
        let states: Vec<f32> = random(rows * inner, seed).iter().map(|x| x * sharpness).collect();
        let (weight, bias) = (rounded(precision, random(vocabulary * inner, !seed)), random(vocabulary, seed / 3));
        let uniform = random(rows, seed / 5);
        let targets: Vec<u32> = uniform.iter().map(|x| ((x + 1.0) / 2.0 * (vocabulary - 1) as f32) as u32).collect();
        let logits = ops::matmul(&widen(&states), &widen(&weight), inner);
        let logits: Vec<f64> = logits.iter().zip(widen(&bias).iter().cycle()).map(|(x, bias)| x + bias).collect();
        let expected = ops::losses(&logits, vocabulary, &targets);
        let scale = logits.iter().fold(1.0, |scale: f64, x| scale.max(x.abs()));
        for bench in tiles() {
            let head = Head { weight: &weight, bias: &bias, inner, bytes, precision, products };
            for (found, expected) in head.losses(bench, &states, &targets).iter().zip(&expected) {
                let error = (f64::from(*found) - expected).abs() / scale;
                prop_assert!(error < tolerance(precision, products), "{}: {error:e}", bench.tile);
            }
        }
    }
}

/// So deep products, and so many tokens, that one workgroup's loops would be too long for software adapters.
#[test]
fn covers_all_tokens_of_a_wide_head() {
    for (inner, vocabulary) in [(64, 70_000), (1024, 4000), (4096, 3000), (32_768, 300)] {
        // Every logit is 0 but the last token's, which is 64 and of the last feature.
        let mut weight = vec![0.0; vocabulary * inner];
        weight[vocabulary * inner - 1] = 64.0;
        let mut states = vec![0.0; inner];
        states[inner - 1] = 1.0;
        let head = Head {
            weight: &weight,
            bias: &vec![0.0; vocabulary],
            inner,
            bytes: u64::MAX,
            precision: Precision::F32,
            products: Precision::F32,
        };
        for bench in tiles() {
            let losses = head.losses(bench, &states.repeat(2), &[vocabulary as u32 - 1, 5]);
            assert_eq!(losses, [0.0, 64.0], "{}, {vocabulary} tokens of {inner}", bench.tile);
        }
    }
}

/// A logit that overflows must show as NaN in its own row and in no other, whether or not it is the target's.
#[test]
fn shows_overflow() {
    let (inner, vocabulary) = (8, 256);
    let mut weight = random(vocabulary * inner, 5);
    weight[200 * inner] = 3e38;
    for bench in tiles() {
        for target in [200, 3] {
            let mut states = random(3 * inner, 6);
            states[inner] = 4.0;
            for row in [0, 2] {
                states[row * inner] = 0.0;
            }
            let head = Head {
                weight: &weight,
                bias: &vec![0.0; vocabulary],
                inner,
                bytes: u64::MAX,
                precision: Precision::F32,
                products: Precision::F32,
            };
            let losses = head.losses(bench, &states, &[target; 3]);
            let nan: Vec<bool> = losses.iter().map(|x| x.is_nan()).collect();
            assert_eq!(nan, [false, true, false], "{}", bench.tile);
        }
    }
}
