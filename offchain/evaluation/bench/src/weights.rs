//! Weights of any shape, made from a seed part by part: speed does not depend on what they are.

use inktensor_evaluation::model::{
    Embedding, Head, Layer, Linear, Norm, NormKind, Output, Perceptron, Placement, Position, Products, ReadError, Tail,
    Transformer, Weights,
};

/// Standard deviation of a transformer's weights, that of GPT-2 at its start.
const DEVIATION: f64 = 0.02;

/// A transformer's weights. Products have biases where norms have them, as in GPT-2 and BERT.
#[derive(Debug)]
pub struct Seeded {
    shape: Transformer,
    seed: u64,
}

impl Seeded {
    /// The weights of a shape and a seed.
    pub fn new(shape: Transformer, seed: u64) -> Self {
        Self { shape, seed }
    }

    /// Numbers of a tensor; `part` tells the tensors of a model apart.
    fn numbers(&self, part: u64, count: usize) -> Vec<f32> {
        numbers(self.seed.wrapping_add(part << 32), count, DEVIATION)
    }

    fn biased(&self) -> bool {
        self.shape.norm == NormKind::Layer
    }

    fn linear(&self, part: u64, inputs: usize, outputs: usize) -> Linear {
        let bias = self.biased().then(|| self.numbers(part + 1, outputs));
        Linear { inputs, weight: self.numbers(part, inputs * outputs), bias }
    }

    fn norm(&self, part: u64) -> Norm {
        let hidden = self.shape.hidden;
        let gain = self.numbers(part, hidden).into_iter().map(|x| 1.0 + x).collect();
        Norm { gain, bias: self.biased().then(|| self.numbers(part + 1, hidden)) }
    }
}

impl Weights for Seeded {
    fn embedding(&self) -> Result<Embedding, ReadError> {
        let Transformer { vocabulary, hidden, positions, position, placement, .. } = self.shape;
        Ok(Embedding {
            tokens: self.numbers(0, vocabulary * hidden),
            positions: (position == Position::Learned).then(|| self.numbers(1, positions * hidden)),
            segment: (placement == Placement::After).then(|| self.numbers(2, hidden)),
            norm: (placement == Placement::After).then(|| self.norm(4)),
        })
    }

    fn layer(&self, index: usize) -> Result<Layer, ReadError> {
        let Transformer { hidden, intermediate, gated, .. } = self.shape;
        let (queries, keys) = (self.shape.query_width(), self.shape.key_width());
        let part = |k: u64| 32 * (index as u64 + 1) + 2 * k;
        Ok(Layer {
            attention_norm: self.norm(part(0)),
            query: self.linear(part(1), hidden, queries),
            key: self.linear(part(2), hidden, keys),
            value: self.linear(part(3), hidden, keys),
            query_norm: None,
            key_norm: None,
            output: self.linear(part(4), queries, hidden),
            feed_norm: self.norm(part(5)),
            gate: gated.then(|| self.linear(part(6), hidden, intermediate)),
            up: self.linear(part(7), hidden, intermediate),
            down: self.linear(part(8), intermediate, hidden),
        })
    }

    fn tail(&self) -> Result<Tail, ReadError> {
        let Transformer { vocabulary, hidden, placement, output, .. } = self.shape;
        let head = match output {
            Output::Language { tied: true } => Head::Language(None),
            Output::Language { tied: false } => Head::Language(Some(Linear {
                inputs: hidden,
                weight: self.numbers(6, vocabulary * hidden),
                bias: None,
            })),
            Output::Embedding => Head::Embedding,
            Output::Classes { count } => Head::Classes { pooler: None, classifier: self.linear(8, hidden, count) },
        };
        Ok(Tail { norm: (placement == Placement::Before).then(|| self.norm(10)), head })
    }

    fn products(&self) -> Result<Vec<Linear>, ReadError> {
        Ok(Vec::new())
    }
}

/// A perceptron's weights, scaled so that features keep their size from product to product.
pub fn products(shape: &Perceptron, seed: u64) -> Products {
    let product = |(index, widths): (usize, &[usize])| {
        let (inputs, outputs) = (widths[0], widths[1]);
        let part = seed.wrapping_add((index as u64) << 32);
        let weight = numbers(part, inputs * outputs, (2.0 / inputs as f64).sqrt());
        Linear { inputs, weight, bias: Some(numbers(part + (1 << 31), outputs, DEVIATION)) }
    };
    Products(shape.widths.windows(2).enumerate().map(product).collect())
}

/// Evenly distributed numbers around 0.
pub fn numbers(seed: u64, count: usize, deviation: f64) -> Vec<f32> {
    let scale = deviation * 12f64.sqrt();
    // The highest 24 bits fill an f32.
    let number = |word: u64| (((word >> 40) as f64 / f64::from(1 << 24) - 0.5) * scale) as f32;
    words(seed).take(count).map(number).collect()
}

/// Evenly distributed tokens.
pub fn tokens(seed: u64, count: usize, vocabulary: usize) -> Vec<u32> {
    words(seed).take(count).map(|word| ((u128::from(word) * vocabulary as u128) >> 64) as u32).collect()
}

/// The SplitMix64 generator.
fn words(seed: u64) -> impl Iterator<Item = u64> {
    (1u64..).map(move |index| {
        let mut z = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_deviation_that_was_asked_for() {
        let numbers = numbers(1, 100_000, 0.02);
        let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / 1e5;
        let square = numbers.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 3e-4, "{mean}");
        assert!((square.sqrt() - 0.02).abs() < 2e-4, "{square}");
    }

    #[test]
    fn tokens_reach_the_whole_vocabulary_and_nothing_else() {
        let mut seen = tokens(1, 10_000, 100);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (0..100).collect::<Vec<u32>>());
    }
}
