//! Model files made up for tests: any architecture, weights from a seed.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub mod architectures;
pub mod candle;
#[cfg(feature = "gpu")]
pub mod engines;
pub mod families;
pub mod forge;
pub mod goldens;
pub mod library;
pub mod recipes;
pub mod tokenizers;

use std::collections::HashMap;

use inktensor_evaluation::Window;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::json;

/// An architecture and a seed.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub heads: usize,
    pub key_heads: usize,
    pub head: usize,
    pub intermediate: usize,
    pub layers: usize,
    pub tied: bool,
    pub positions: usize,
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { heads: 4, key_heads: 2, head: 8, intermediate: 44, layers: 2, tied: true, positions: 64, seed: 1 }
    }
}

/// A tensor in the making.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub shape: Vec<usize>,
    pub weights: Vec<f32>,
}

impl Recipe {
    pub fn hidden(&self) -> usize {
        self.heads * self.head
    }

    pub fn config(&self) -> serde_json::Value {
        json!({
            "model_type": "llama",
            "vocab_size": 256,
            "hidden_size": self.hidden(),
            "intermediate_size": self.intermediate,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.key_heads,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "tie_word_embeddings": self.tied,
            "max_position_embeddings": self.positions,
        })
    }

    /// Every tensor, with weights that keep activations near one and logits well apart.
    pub fn parts(&self) -> Vec<Part> {
        let mut random = Random(self.seed);
        let (hidden, keys, inner) = (self.hidden(), self.head * self.key_heads, self.intermediate);
        let mut parts = Vec::new();
        let mut push = |name: String, shape: &[usize]| {
            let spread = if shape.len() == 1 { 0.3 } else { 1.5 / (shape[1] as f32).sqrt() };
            let centre = if shape.len() == 1 { 1.0 } else { 0.0 };
            let weights = (0..shape.iter().product()).map(|_| centre + spread * random.symmetric()).collect();
            parts.push(Part { name, shape: shape.to_vec(), weights });
        };
        push("model.embed_tokens.weight".into(), &[256, hidden]);
        push("model.norm.weight".into(), &[hidden]);
        if !self.tied {
            push("lm_head.weight".into(), &[256, hidden]);
        }
        for layer in 0..self.layers {
            for (part, shape) in [
                ("input_layernorm", vec![hidden]),
                ("post_attention_layernorm", vec![hidden]),
                ("self_attn.q_proj", vec![hidden, hidden]),
                ("self_attn.k_proj", vec![keys, hidden]),
                ("self_attn.v_proj", vec![keys, hidden]),
                ("self_attn.o_proj", vec![hidden, hidden]),
                ("mlp.gate_proj", vec![inner, hidden]),
                ("mlp.up_proj", vec![inner, hidden]),
                ("mlp.down_proj", vec![hidden, inner]),
            ] {
                push(format!("model.layers.{layer}.{part}.weight"), &shape);
            }
        }
        parts
    }

    /// The file, in F32.
    pub fn file(&self) -> Vec<u8> {
        write(&self.parts(), Some(&self.config().to_string()), Dtype::F32)
    }

    /// Windows of random bytes.
    pub fn windows(&self, count: usize, predictions: usize) -> Vec<Window> {
        self.spans(count, predictions).iter().map(|span| Window::of_bytes(span).unwrap()).collect()
    }

    /// The bytes of these windows.
    pub fn spans(&self, count: usize, predictions: usize) -> Vec<Vec<u8>> {
        let mut random = Random(self.seed ^ 0xabcd);
        let mut text = || (0..=predictions).map(|_| random.next() as u8).collect();
        (0..count).map(|_| text()).collect()
    }
}

/// Serialises tensors, and a configuration if there is one.
pub fn write(parts: &[Part], config: Option<&str>, dtype: Dtype) -> Vec<u8> {
    let encode = |weight: &f32| match dtype {
        Dtype::F16 => half::f16::from_f32(*weight).to_le_bytes().to_vec(),
        Dtype::BF16 => half::bf16::from_f32(*weight).to_le_bytes().to_vec(),
        Dtype::F64 => f64::from(*weight).to_le_bytes().to_vec(),
        _ => weight.to_le_bytes().to_vec(),
    };
    let bytes: Vec<Vec<u8>> = parts.iter().map(|part| part.weights.iter().flat_map(encode).collect()).collect();
    let views = parts
        .iter()
        .zip(&bytes)
        .map(|(part, bytes)| (part.name.clone(), TensorView::new(dtype, part.shape.clone(), bytes).unwrap()));
    let metadata = config.map(|config| HashMap::from([("config".to_owned(), config.to_owned())]));
    safetensors::serialize(views, metadata).unwrap()
}

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

    /// Uniform in -1..1.
    pub fn symmetric(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}
