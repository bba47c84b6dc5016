//! A tiny random model of each family, as parts and as a file of that family.

mod storage;

use std::path::Path;
use std::sync::Arc;

use inktensor_evaluation::model::{
    Activation, Architecture, Embedding, Head, Layer, Linear, Norm, NormKind, Output, Parts, Perceptron, Placement,
    Position, Products, Tail, Transformer, Weights,
};
use safetensors::Dtype;
use serde_json::{Value, json};

use self::storage::{Tensors, bert, gpt2, llama};
use super::{Part, Random, write};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Llama,
    LlamaBias,
    Mistral,
    Qwen2,
    Qwen3,
    Gpt2,
    Bert,
    BertClassifier,
    Mlp,
}

impl Family {
    pub const ALL: [Self; 9] = [
        Self::Llama,
        Self::LlamaBias,
        Self::Mistral,
        Self::Qwen2,
        Self::Qwen3,
        Self::Gpt2,
        Self::Bert,
        Self::BertClassifier,
        Self::Mlp,
    ];
}

/// A model, twice: as it is written down, and as it is meant.
pub struct Tiny {
    pub config: Value,
    pub tensors: Vec<Part>,
    pub architecture: Architecture,
    pub weights: Arc<dyn Weights>,
}

impl Tiny {
    /// The model as one file.
    pub fn file(&self) -> Vec<u8> {
        write(&self.tensors, Some(&self.config.to_string()), Dtype::F32)
    }

    /// The model as a folder with `shards` files of weights; one of them needs no index.
    pub fn write_folder(&self, folder: &Path, shards: usize) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("config.json"), self.config.to_string()).unwrap();
        if shards == 1 {
            std::fs::write(folder.join("model.safetensors"), write(&self.tensors, None, Dtype::F32)).unwrap();
            return;
        }
        let mut map = serde_json::Map::new();
        for shard in 0..shards {
            let name = format!("model-{:05}-of-{shards:05}.safetensors", shard + 1);
            let mine: Vec<Part> = self.tensors.iter().skip(shard).step_by(shards).cloned().collect();
            map.extend(mine.iter().map(|part| (part.name.clone(), Value::from(name.clone()))));
            std::fs::write(folder.join(name), write(&mine, None, Dtype::F32)).unwrap();
        }
        let index = json!({"metadata": {"total_size": 0}, "weight_map": map}).to_string();
        std::fs::write(folder.join("model.safetensors.index.json"), index).unwrap();
    }
}

/// The family's tiny model. Sizes are odd where they may be, so that a mixed-up shape shows.
pub fn tiny(family: Family, seed: u64) -> Tiny {
    let mut random = Random(seed);
    if family == Family::Mlp {
        let widths = vec![5, 7, 3];
        let products: Vec<_> = widths.windows(2).map(|pair| linear(&mut random, pair[1], pair[0], true)).collect();
        let config = json!({"model_type": "mlp", "widths": widths, "hidden_act": "relu"});
        let mut tensors = Tensors::default();
        for (index, product) in products.iter().enumerate() {
            tensors.linear(&format!("layers.{index}"), product);
        }
        let architecture = Architecture::Perceptron(Perceptron { widths, activation: Activation::Relu });
        return Tiny { config, tensors: tensors.0, architecture, weights: Arc::new(Products(products)) };
    }
    let shape = transformer(family);
    let parts = random_parts(&mut random, family, &shape);
    let (config, tensors) = match family {
        Family::Gpt2 => gpt2(&shape, &parts),
        Family::Bert | Family::BertClassifier => bert(&mut random, &shape, &parts),
        _ => llama(family, &shape, &parts),
    };
    Tiny { config, tensors, architecture: Architecture::Transformer(shape), weights: Arc::new(parts) }
}

fn transformer(family: Family) -> Transformer {
    let llama = Transformer {
        vocabulary: 256,
        hidden: 20,
        intermediate: 27,
        layers: 2,
        heads: 4,
        key_heads: 2,
        head: 6,
        positions: 48,
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
    let untied = Output::Language { tied: false };
    let bert = Transformer {
        vocabulary: 61,
        hidden: 18,
        heads: 3,
        key_heads: 3,
        position: Position::Learned,
        norm: NormKind::Layer,
        epsilon: 1e-12,
        placement: Placement::After,
        activation: Activation::GeluErf,
        gated: false,
        causal: false,
        output: Output::Embedding,
        ..llama.clone()
    };
    match family {
        Family::Llama => llama,
        Family::LlamaBias => Transformer { key_heads: 1, output: untied, ..llama },
        Family::Mistral => Transformer { hidden: 24, vocabulary: 300, output: untied, ..llama },
        Family::Qwen2 => Transformer { hidden: 24, position: Position::Rotary { theta: 1e6 }, ..llama },
        Family::Qwen3 => Transformer { head_norm: true, epsilon: 1e-6, ..llama },
        Family::Gpt2 => Transformer {
            placement: Placement::Before,
            activation: Activation::GeluTanh,
            causal: true,
            epsilon: 1e-5,
            intermediate: 72,
            vocabulary: 256,
            output: Output::Language { tied: true },
            ..bert
        },
        Family::BertClassifier => Transformer { output: Output::Classes { count: 5 }, ..bert },
        _ => bert,
    }
}

fn random_parts(random: &mut Random, family: Family, shape: &Transformer) -> Parts {
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    let (queries, keys) = (shape.query_width(), shape.key_width());
    let layer_norm = shape.norm == NormKind::Layer;
    let learned = shape.position == Position::Learned;
    let all = layer_norm || family == Family::LlamaBias;
    let qkv = all || family == Family::Qwen2;
    let layers = (0..shape.layers)
        .map(|_| Layer {
            attention_norm: norm(random, hidden, layer_norm),
            query: linear(random, queries, hidden, qkv),
            key: linear(random, keys, hidden, qkv),
            value: linear(random, keys, hidden, qkv),
            query_norm: shape.head_norm.then(|| gains(random, shape.head)),
            key_norm: shape.head_norm.then(|| gains(random, shape.head)),
            output: linear(random, hidden, queries, all),
            feed_norm: norm(random, hidden, layer_norm),
            gate: shape.gated.then(|| linear(random, inner, hidden, false)),
            up: linear(random, inner, hidden, layer_norm),
            down: linear(random, hidden, inner, layer_norm),
        })
        .collect();
    let after = shape.placement == Placement::After;
    Parts {
        embedding: Embedding {
            tokens: matrix(random, shape.vocabulary, hidden),
            positions: learned.then(|| matrix(random, shape.positions, hidden)),
            segment: after.then(|| matrix(random, 1, hidden)),
            norm: after.then(|| norm(random, hidden, true)),
        },
        layers,
        tail: Tail {
            norm: (!after).then(|| norm(random, hidden, layer_norm)),
            head: match shape.output {
                Output::Language { tied: true } => Head::Language(None),
                Output::Language { tied: false } => {
                    Head::Language(Some(linear(random, shape.vocabulary, hidden, false)))
                }
                Output::Embedding => Head::Embedding,
                Output::Classes { count } => Head::Classes {
                    pooler: Some(linear(random, hidden, hidden, true)),
                    classifier: linear(random, count, hidden, true),
                },
            },
        },
    }
}

fn matrix(random: &mut Random, outputs: usize, inputs: usize) -> Vec<f32> {
    let spread = 1.5 / (inputs as f32).sqrt();
    (0..outputs * inputs).map(|_| spread * random.symmetric()).collect()
}

fn gains(random: &mut Random, width: usize) -> Vec<f32> {
    (0..width).map(|_| 1.0 + 0.3 * random.symmetric()).collect()
}

fn biases(random: &mut Random, width: usize) -> Vec<f32> {
    (0..width).map(|_| 0.3 * random.symmetric()).collect()
}

fn linear(random: &mut Random, outputs: usize, inputs: usize, bias: bool) -> Linear {
    let weight = matrix(random, outputs, inputs);
    Linear { inputs, weight, bias: bias.then(|| biases(random, outputs)) }
}

fn norm(random: &mut Random, width: usize, bias: bool) -> Norm {
    Norm { gain: gains(random, width), bias: bias.then(|| biases(random, width)) }
}
