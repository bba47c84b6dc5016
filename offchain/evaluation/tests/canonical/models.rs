//! Models in memory, of any architecture, with weights from a seed.

use std::sync::Arc;

use inktensor_evaluation::model::{
    Activation, Architecture, Embedding, Head, Layer, Linear, Model, Norm, NormKind, Output, Parts, Perceptron,
    Placement, Position, Products, Tail, Transformer,
};
use inktensor_evaluation::{Digest, Window};

/// What becomes of weight number `n` with this value.
pub type Distortion = fn(usize, f32) -> f32;

/// An architecture, and the choices that it leaves open.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub shape: Transformer,
    pub bias: bool,
    pub segment: bool,
    pub pooler: bool,
    pub seed: u64,
    pub distort: Distortion,
}

pub fn llama() -> Recipe {
    let shape = Transformer {
        vocabulary: 150,
        hidden: 24,
        intermediate: 36,
        layers: 2,
        heads: 4,
        key_heads: 2,
        head: 6,
        positions: 64,
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
    Recipe { shape, bias: false, segment: false, pooler: false, seed: 1, distort: |_, weight| weight }
}

pub fn qwen3() -> Recipe {
    let mut recipe = llama();
    recipe.shape = Transformer { head: 10, head_norm: true, output: Output::Language { tied: false }, ..recipe.shape };
    recipe
}

pub fn gpt2() -> Recipe {
    let mut recipe = llama();
    recipe.shape = Transformer {
        key_heads: 4,
        position: Position::Learned,
        norm: NormKind::Layer,
        activation: Activation::GeluTanh,
        gated: false,
        ..recipe.shape
    };
    Recipe { bias: true, ..recipe }
}

pub fn bert() -> Recipe {
    let mut recipe = gpt2();
    recipe.shape = Transformer {
        placement: Placement::After,
        activation: Activation::GeluErf,
        epsilon: 1e-12,
        causal: false,
        output: Output::Embedding,
        ..recipe.shape
    };
    Recipe { segment: true, ..recipe }
}

pub fn classifier() -> Recipe {
    let mut recipe = bert();
    recipe.shape.output = Output::Classes { count: 5 };
    Recipe { pooler: true, ..recipe }
}

impl Recipe {
    pub fn model(&self) -> Model {
        let shape = &self.shape;
        let mut maker = Maker { random: Random(self.seed), count: 0, distort: self.distort };
        let (hidden, queries, keys) = (shape.hidden, shape.query_width(), shape.key_width());
        let inner = shape.intermediate;
        let layer_norm = shape.norm == NormKind::Layer;
        let after = shape.placement == Placement::After;
        let embedding = Embedding {
            tokens: maker.table(shape.vocabulary, hidden),
            positions: (shape.position == Position::Learned).then(|| maker.table(shape.positions, hidden)),
            segment: self.segment.then(|| maker.table(1, hidden)),
            norm: after.then(|| maker.norm(hidden, layer_norm)),
        };
        let mut layer = |_| Layer {
            attention_norm: maker.norm(hidden, layer_norm),
            query: maker.linear(queries, hidden, self.bias),
            key: maker.linear(keys, hidden, self.bias),
            value: maker.linear(keys, hidden, self.bias),
            query_norm: shape.head_norm.then(|| maker.gain(shape.head)),
            key_norm: shape.head_norm.then(|| maker.gain(shape.head)),
            output: maker.linear(hidden, queries, self.bias),
            feed_norm: maker.norm(hidden, layer_norm),
            gate: shape.gated.then(|| maker.linear(inner, hidden, self.bias)),
            up: maker.linear(inner, hidden, self.bias),
            down: maker.linear(hidden, inner, self.bias),
        };
        let layers = (0..shape.layers).map(&mut layer).collect();
        let head = match shape.output {
            Output::Language { tied: true } => Head::Language(None),
            Output::Language { tied: false } => Head::Language(Some(maker.linear(shape.vocabulary, hidden, false))),
            Output::Embedding => Head::Embedding,
            Output::Classes { count } => Head::Classes {
                pooler: self.pooler.then(|| maker.linear(hidden, hidden, true)),
                classifier: maker.linear(count, hidden, true),
            },
        };
        let tail = Tail { norm: (!after).then(|| maker.norm(hidden, layer_norm)), head };
        let parts = Parts { embedding, layers, tail };
        let digest = Digest::of(format!("{self:?}").as_bytes());
        Model::of_weights(Architecture::Transformer(shape.clone()), digest, Arc::new(parts))
    }

    /// Random tokens.
    pub fn tokens(&self, count: usize) -> Vec<u32> {
        let mut random = Random(self.seed ^ 0x70_6b);
        (0..count).map(|_| random.below(self.shape.vocabulary as u64) as u32).collect()
    }

    /// A window of random tokens.
    pub fn window(&self, count: usize) -> Window {
        Window::new(self.tokens(count), 1.max(count / 4), count as u32).unwrap()
    }
}

/// A perceptron of these widths.
pub fn perceptron(widths: &[usize], activation: Activation, seed: u64, distort: Distortion) -> Model {
    let mut maker = Maker { random: Random(seed), count: 0, distort };
    let products = widths.windows(2).map(|pair| maker.linear(pair[1], pair[0], true)).collect();
    let architecture = Architecture::Perceptron(Perceptron { widths: widths.to_vec(), activation });
    Model::of_weights(architecture, Digest::of(b"perceptron"), Arc::new(Products(products)))
}

/// Weights that keep activations near one.
struct Maker {
    random: Random,
    count: usize,
    distort: Distortion,
}

impl Maker {
    fn numbers(&mut self, count: usize, centre: f32, spread: f32) -> Vec<f32> {
        let number = |_| {
            self.count += 1;
            (self.distort)(self.count, centre + spread * self.random.symmetric())
        };
        (0..count).map(number).collect()
    }

    fn table(&mut self, rows: usize, width: usize) -> Vec<f32> {
        self.numbers(rows * width, 0.0, 1.0)
    }

    fn linear(&mut self, outputs: usize, inputs: usize, biased: bool) -> Linear {
        let weight = self.numbers(outputs * inputs, 0.0, 1.5 / (inputs as f32).sqrt());
        Linear { inputs, weight, bias: biased.then(|| self.numbers(outputs, 0.0, 0.3)) }
    }

    fn gain(&mut self, width: usize) -> Vec<f32> {
        self.numbers(width, 1.0, 0.3)
    }

    fn norm(&mut self, width: usize, biased: bool) -> Norm {
        Norm { gain: self.gain(width), bias: biased.then(|| self.numbers(width, 0.0, 0.3)) }
    }
}

/// Ways to distort weights. Debug builds, which the tests are, stop at any overflow.
pub const DISTORTIONS: [(&str, Distortion); 12] = [
    ("zero", |_, _| 0.0),
    ("huge", |_, weight| weight * 1e30),
    ("largest", |n, _| if n % 3 == 0 { f32::MIN } else { f32::MAX }),
    ("largest and equal", |_, _| f32::MAX),
    ("subnormal", |_, weight| weight * 1e-40),
    ("smallest", |n, _| f32::from_bits((n % 2) as u32)),
    ("one outlier", |n, weight| if n % 997 == 0 { 1e12 } else { weight }),
    ("huge and tiny", |n, weight| if n % 2 == 0 { weight * 1e30 } else { weight * 1e-30 }),
    ("saturating", |_, weight| weight * 3e3),
    ("every part of its own size", |n, weight| weight * 2f32.powi(Random(n as u64 / 90).below(240) as i32 - 120)),
    ("most parts zero", |n, weight| weight * Random(n as u64 / 300).below(2) as f32),
    ("mostly zero", |n, weight| if n % 13 == 0 { weight } else { -0.0 }),
];

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Uniform in -1..1.
    pub fn symmetric(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}
