//! Random models of every family, in memory.

use std::sync::Arc;

use proptest::prelude::*;

use crate::digest::Digest;
use crate::model::{
    Activation, Architecture, Embedding, Head, Layer, Linear, Model, Norm, NormKind, Output, Parts, Placement,
    Position, Tail, Transformer,
};

/// What the weights of a model have besides its architecture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extras {
    pub attention_bias: bool,
    pub feed_bias: bool,
    pub segment: bool,
    pub embedding_norm: bool,
    pub final_norm: bool,
    pub head_bias: bool,
    pub pooler: bool,
    /// Weights are uniform within this; a row of each matrix is this many powers of two smaller than the next.
    pub size: f32,
    pub spread: i32,
    /// Every third row of a matrix or table is zeros.
    pub zeros: bool,
    pub seed: u64,
}

fn llama() -> impl Strategy<Value = (Transformer, Extras)> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), 1.5f64..1e6);
    (sizes(2), switches, extras()).prop_map(|(mut shape, (tied, head_norm, bias, theta), mut extras)| {
        shape.position = Position::Rotary { theta };
        shape.head_norm = head_norm;
        shape.output = Output::Language { tied };
        extras.attention_bias = bias;
        (shape, Extras { feed_bias: false, segment: false, embedding_norm: false, final_norm: true, ..extras })
    })
}

fn gpt2() -> impl Strategy<Value = (Transformer, Extras)> {
    (sizes(1), any::<bool>(), extras()).prop_map(|(shape, tied, extras)| {
        let shape = Transformer {
            key_heads: shape.heads,
            norm: NormKind::Layer,
            activation: Activation::GeluTanh,
            gated: false,
            output: Output::Language { tied },
            ..shape
        };
        let extras =
            Extras { attention_bias: true, feed_bias: true, embedding_norm: false, final_norm: true, ..extras };
        (shape, Extras { segment: false, ..extras })
    })
}

fn bert() -> impl Strategy<Value = (Transformer, Extras)> {
    (sizes(1), any::<bool>(), 1usize..5, extras()).prop_map(|(shape, embeds, count, extras)| {
        let shape = Transformer {
            norm: NormKind::Layer,
            placement: Placement::After,
            activation: Activation::GeluErf,
            gated: false,
            causal: false,
            output: if embeds { Output::Embedding } else { Output::Classes { count } },
            ..shape
        };
        let extras = Extras { attention_bias: true, feed_bias: true, segment: true, ..extras };
        (shape, Extras { embedding_norm: true, final_norm: false, ..extras })
    })
}

/// Any switch with any other.
fn chimera() -> impl Strategy<Value = (Transformer, Extras)> {
    let kinds = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let activation = prop_oneof![
        Just(Activation::Silu),
        Just(Activation::GeluTanh),
        Just(Activation::GeluErf),
        Just(Activation::Relu)
    ];
    let output = prop_oneof![
        2 => any::<bool>().prop_map(|tied| Output::Language { tied }),
        1 => Just(Output::Embedding),
        1 => (1usize..5).prop_map(|count| Output::Classes { count }),
    ];
    (sizes(2), kinds, activation, output, extras()).prop_map(|(mut shape, kinds, activation, output, extras)| {
        let (rotary, layer, after, gated, causal, head_norm) = kinds;
        shape.position = if rotary { Position::Rotary { theta: 10_000.0 } } else { Position::Learned };
        shape.norm = if layer { NormKind::Layer } else { NormKind::Rms };
        shape.placement = if after { Placement::After } else { Placement::Before };
        (Transformer { activation, gated, causal, head_norm, output, ..shape }, extras)
    })
}

/// Any model.
pub(super) fn any_model() -> impl Strategy<Value = (Transformer, Extras)> {
    prop_oneof![llama(), gpt2(), bert(), chimera()]
}

/// A bare architecture of odd sizes whose heads are a multiple of `even` wide.
fn sizes(even: usize) -> impl Strategy<Value = Transformer> {
    let heads = (1usize..4, 1usize..4, prop_oneof![9 => 1usize..12, 1 => 12usize..=128]);
    let widths = (1usize..90, 1usize..140, 2usize..150);
    let epsilon = prop_oneof![Just(1e-5), Just(1e-12), Just(0.0), Just(0.5)];
    (heads, widths, 0usize..3, epsilon).prop_map(move |(heads, widths, layers, epsilon)| Transformer {
        vocabulary: widths.2,
        hidden: widths.0,
        intermediate: widths.1,
        layers,
        heads: heads.0 * heads.1,
        key_heads: heads.0,
        head: heads.2 * even,
        positions: 64,
        position: Position::Learned,
        epsilon,
        ..plain().0
    })
}

fn extras() -> impl Strategy<Value = Extras> {
    let switches = any::<[bool; 8]>();
    let size = prop_oneof![Just(0.02f32), Just(0.5), Just(30.0), Just(1e-6)];
    let spread = prop_oneof![3 => Just(0), 1 => 1i32..5];
    (switches, size, spread, any::<u64>()).prop_map(|(switches, size, spread, seed)| {
        let [attention_bias, feed_bias, segment, embedding_norm, final_norm, head_bias, pooler, zeros] = switches;
        let extras = Extras { attention_bias, feed_bias, segment, embedding_norm, final_norm, ..plain().1 };
        Extras { head_bias, pooler, size, spread, zeros, seed, ..extras }
    })
}

/// A language model of middling size with nothing out of the ordinary.
pub(super) fn plain() -> (Transformer, Extras) {
    let shape = Transformer {
        vocabulary: 100,
        hidden: 24,
        intermediate: 40,
        layers: 1,
        heads: 4,
        key_heads: 2,
        head: 6,
        positions: 512,
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
    let extras = Extras {
        attention_bias: false,
        feed_bias: false,
        segment: false,
        embedding_norm: false,
        final_norm: true,
        head_bias: false,
        pooler: false,
        size: 0.5,
        spread: 0,
        zeros: false,
        seed: 1,
    };
    (shape, extras)
}

/// A source of weights.
struct Weights {
    state: u64,
    extras: Extras,
}

impl Weights {
    fn next(&mut self) -> f32 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn vector(&mut self, count: usize, middle: f32, size: f32) -> Vec<f32> {
        (0..count).map(|_| middle + size * self.next()).collect()
    }

    fn table(&mut self, rows: usize, width: usize) -> Vec<f32> {
        let Extras { size, spread, zeros, .. } = self.extras;
        let size = |row| if zeros && row % 3 == 1 { 0.0 } else { size * 2f32.powi(-spread * (row as i32 % 8)) };
        (0..rows).flat_map(|row| self.vector(width, 0.0, size(row))).collect()
    }

    fn linear(&mut self, outputs: usize, inputs: usize, biased: bool) -> Linear {
        let weight = self.table(outputs, inputs);
        let bias = biased.then(|| self.vector(outputs, 0.0, self.extras.size));
        Linear { inputs, weight, bias }
    }

    fn norm(&mut self, kind: NormKind, count: usize) -> Norm {
        let gain = self.vector(count, 1.0, 0.7);
        let bias = (kind == NormKind::Layer).then(|| self.vector(count, 0.0, 0.3));
        Norm { gain, bias }
    }
}

/// The model of an architecture with random weights.
pub(super) fn model(shape: &Transformer, extras: Extras) -> Model {
    let mut make = Weights { state: extras.seed, extras };
    let (hidden, queries, keys, inner) = (shape.hidden, shape.query_width(), shape.key_width(), shape.intermediate);
    let embedding = Embedding {
        tokens: make.table(shape.vocabulary, hidden),
        positions: (shape.position == Position::Learned).then(|| make.table(shape.positions, hidden)),
        segment: extras.segment.then(|| make.table(1, hidden)),
        norm: extras.embedding_norm.then(|| make.norm(shape.norm, hidden)),
    };
    let layers = (0..shape.layers).map(|_| Layer {
        attention_norm: make.norm(shape.norm, hidden),
        query: make.linear(queries, hidden, extras.attention_bias),
        key: make.linear(keys, hidden, extras.attention_bias),
        value: make.linear(keys, hidden, extras.attention_bias),
        query_norm: shape.head_norm.then(|| make.vector(shape.head, 1.0, 0.7)),
        key_norm: shape.head_norm.then(|| make.vector(shape.head, 1.0, 0.7)),
        output: make.linear(hidden, queries, extras.attention_bias),
        feed_norm: make.norm(shape.norm, hidden),
        gate: shape.gated.then(|| make.linear(inner, hidden, extras.feed_bias)),
        up: make.linear(inner, hidden, extras.feed_bias),
        down: make.linear(hidden, inner, extras.feed_bias),
    });
    let layers = layers.collect();
    let norm = extras.final_norm.then(|| make.norm(shape.norm, hidden));
    let head = match shape.output {
        Output::Language { tied: true } => Head::Language(None),
        Output::Language { tied: false } => {
            Head::Language(Some(make.linear(shape.vocabulary, hidden, extras.head_bias)))
        }
        Output::Embedding => Head::Embedding,
        Output::Classes { count } => Head::Classes {
            pooler: extras.pooler.then(|| make.linear(hidden, hidden, true)),
            classifier: make.linear(count, hidden, true),
        },
    };
    let parts = Parts { embedding, layers, tail: Tail { norm, head } };
    Model::of_weights(Architecture::Transformer(shape.clone()), Digest::of(b"a test's model"), Arc::new(parts))
}
