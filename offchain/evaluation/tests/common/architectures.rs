//! Models in memory over all switches of an architecture, whether or not a family sets them so.

use std::sync::Arc;

use inktensor_evaluation::model::{
    Activation, Architecture, Embedding, Head, Layer, Linear, Model, Norm, NormKind, Output, Parts, Perceptron,
    Placement, Position, Products, Tail, Transformer,
};
use inktensor_evaluation::{Digest, Window};
use proptest::prelude::*;

use super::Random;

/// A transformer with random weights.
#[derive(Debug, Clone)]
pub struct Sample {
    pub config: Transformer,
    /// Whether products and norms have a bias.
    pub biased: bool,
    /// Whether a segment's row is added to each token's.
    pub segment: bool,
    /// Whether the first state goes through a pooler, where classes come out.
    pub pooler: bool,
    pub seed: u64,
}

/// Any small transformer with this output.
pub fn samples(output: impl Strategy<Value = Output>) -> impl Strategy<Value = Sample> {
    let heads = (1usize..4, 1usize..4, prop_oneof![1usize..12, Just(20usize), Just(33usize)]);
    let widths = (prop_oneof![1usize..300, Just(4100usize)], 2usize..70, 1usize..90, 1usize..4);
    let switches = proptest::array::uniform8(any::<bool>());
    (heads, widths, activation(), output, switches, any::<u64>()).prop_map(
        |((key_heads, group, head), (vocabulary, hidden, intermediate, layers), activation, output, switches, seed)| {
            let [rotary, root, before, gated, causal, head_norm, biased, extra] = switches;
            let config = Transformer {
                vocabulary,
                hidden,
                intermediate,
                layers,
                heads: key_heads * group,
                key_heads,
                head: if rotary { 2 * head } else { head },
                positions: 80,
                position: if rotary { Position::Rotary { theta: 10_000.0 } } else { Position::Learned },
                norm: if root { NormKind::Rms } else { NormKind::Layer },
                epsilon: 1e-5,
                placement: if before { Placement::Before } else { Placement::After },
                activation,
                gated,
                causal,
                head_norm,
                output,
            };
            Sample { config, biased, segment: extra, pooler: extra, seed }
        },
    )
}

/// Any of them.
pub fn activation() -> impl Strategy<Value = Activation> {
    use Activation::{GeluErf, GeluTanh, Relu, Silu};
    prop_oneof![Just(Silu), Just(GeluTanh), Just(GeluErf), Just(Relu)]
}

impl Sample {
    /// A decoder as most are.
    pub fn decoder() -> Self {
        let config = Transformer {
            vocabulary: 300,
            hidden: 24,
            intermediate: 40,
            layers: 5,
            heads: 4,
            key_heads: 2,
            head: 6,
            positions: 80,
            position: Position::Rotary { theta: 10_000.0 },
            norm: NormKind::Rms,
            epsilon: 1e-5,
            placement: Placement::Before,
            activation: Activation::Silu,
            gated: true,
            causal: true,
            head_norm: false,
            output: Output::Language { tied: true },
        };
        Self { config, biased: true, segment: false, pooler: false, seed: 1 }
    }

    /// An encoder as most are.
    pub fn encoder(output: Output) -> Self {
        let mut sample = Self::decoder();
        let (norm, placement, activation) = (NormKind::Layer, Placement::After, Activation::GeluErf);
        let position = Position::Learned;
        sample.config =
            Transformer { norm, placement, activation, position, gated: false, causal: false, output, ..sample.config };
        Self { segment: true, pooler: true, ..sample }
    }

    pub fn model(&self) -> Model {
        Model::of_weights(Architecture::Transformer(self.config.clone()), Digest([1; 32]), Arc::new(self.parts()))
    }

    /// Windows of random tokens that predict all but their first `first` tokens.
    pub fn windows(&self, lengths: &[(usize, usize)]) -> Vec<Window> {
        let tokens = self.sequences(&lengths.iter().map(|(inputs, _)| inputs + 1).collect::<Vec<_>>());
        let windows = tokens.into_iter().zip(lengths);
        windows.map(|(tokens, (_, first))| Window::new(tokens, *first, 9).unwrap()).collect()
    }

    /// Sequences of random tokens.
    pub fn sequences(&self, lengths: &[usize]) -> Vec<Vec<u32>> {
        let mut random = Random(self.seed ^ 0xabcd);
        let mut token = || (random.next() % self.config.vocabulary as u64) as u32;
        lengths.iter().map(|&length| (0..length).map(|_| token()).collect()).collect()
    }

    pub fn parts(&self) -> Parts {
        let Self { config, biased, segment, pooler, seed } = self;
        let mut make = Maker { random: Random(*seed), biased: *biased };
        let hidden = config.hidden;
        let after = config.placement == Placement::After;
        let tokens = make.vector(config.vocabulary * hidden, 0.0, 1.0);
        let positions =
            (config.position == Position::Learned).then(|| make.vector(config.positions * hidden, 0.0, 0.5));
        let segment = segment.then(|| make.vector(hidden, 0.0, 0.5));
        let norm = after.then(|| make.norm(config));
        let embedding = Embedding { tokens, positions, segment, norm };
        let layers = (0..config.layers).map(|_| make.layer(config)).collect();
        let norm = (!after).then(|| make.norm(config));
        let head = match config.output {
            Output::Language { tied: true } => Head::Language(None),
            Output::Language { tied: false } => Head::Language(Some(make.linear(config.vocabulary, hidden))),
            Output::Embedding => Head::Embedding,
            Output::Classes { count } => Head::Classes {
                pooler: pooler.then(|| make.linear(hidden, hidden)),
                classifier: make.linear(count, hidden),
            },
        };
        Parts { embedding, layers, tail: Tail { norm, head } }
    }
}

/// A perceptron with random weights.
pub fn perceptron(widths: Vec<usize>, activation: Activation, seed: u64) -> Model {
    let mut make = Maker { random: Random(seed), biased: seed.is_multiple_of(2) };
    let products = widths.windows(2).map(|pair| make.linear(pair[1], pair[0])).collect();
    let architecture = Architecture::Perceptron(Perceptron { widths, activation });
    Model::of_weights(architecture, Digest([2; 32]), Arc::new(Products(products)))
}

/// Weights that keep activations near one.
struct Maker {
    random: Random,
    biased: bool,
}

impl Maker {
    fn vector(&mut self, count: usize, centre: f32, spread: f32) -> Vec<f32> {
        (0..count).map(|_| centre + spread * self.random.symmetric()).collect()
    }

    fn linear(&mut self, outputs: usize, inputs: usize) -> Linear {
        let weight = self.vector(outputs * inputs, 0.0, 1.5 / (inputs as f32).sqrt());
        let bias = self.biased.then(|| self.vector(outputs, 0.0, 0.3));
        Linear { inputs, weight, bias }
    }

    fn norm(&mut self, config: &Transformer) -> Norm {
        let gain = self.vector(config.hidden, 1.0, 0.3);
        let bias = (self.biased && config.norm == NormKind::Layer).then(|| self.vector(config.hidden, 0.0, 0.3));
        Norm { gain, bias }
    }

    fn layer(&mut self, config: &Transformer) -> Layer {
        let (hidden, inner) = (config.hidden, config.intermediate);
        let (queries, keys) = (config.query_width(), config.key_width());
        Layer {
            attention_norm: self.norm(config),
            query: self.linear(queries, hidden),
            key: self.linear(keys, hidden),
            value: self.linear(keys, hidden),
            query_norm: config.head_norm.then(|| self.vector(config.head, 1.0, 0.3)),
            key_norm: config.head_norm.then(|| self.vector(config.head, 1.0, 0.3)),
            output: self.linear(hidden, queries),
            feed_norm: self.norm(config),
            gate: config.gated.then(|| self.linear(inner, hidden)),
            up: self.linear(inner, hidden),
            down: self.linear(hidden, inner),
        }
    }
}
