//! Files of random models of the families that an oracle has.

use safetensors::Dtype;
use serde_json::json;

use super::{Part, Random, write};

/// Sizes and a seed.
#[derive(Debug, Clone)]
pub struct Sizes {
    pub vocabulary: usize,
    pub heads: usize,
    pub key_heads: usize,
    pub head: usize,
    /// Of the stream; only Qwen3's need not be `heads · head`.
    pub hidden: usize,
    pub intermediate: usize,
    pub layers: usize,
    pub positions: usize,
    pub tied: bool,
    pub seed: u64,
}

/// A language model of `family`: "llama", "qwen2" or "qwen3".
pub fn language(family: &str, sizes: &Sizes) -> Vec<u8> {
    let Sizes { vocabulary, heads, key_heads, head, hidden, intermediate, layers, positions, tied, seed } = *sizes;
    let mut config = json!({
        "model_type": family,
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "head_dim": head,
        "attention_bias": false,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "rope_theta": 10_000.0,
        "tie_word_embeddings": tied,
        "max_position_embeddings": positions,
        "max_window_layers": layers,
        "use_sliding_window": false,
    });
    if family == "qwen2" {
        // Not used, but the oracle wants it.
        config["sliding_window"] = positions.into();
    }
    let mut maker = Maker::new(seed);
    maker.table("model.embed_tokens", vocabulary, hidden);
    maker.norm("model.norm", hidden, false);
    if !tied {
        maker.table("lm_head", vocabulary, hidden);
    }
    for layer in 0..layers {
        let at = |part: &str| format!("model.layers.{layer}.{part}");
        maker.norm(&at("input_layernorm"), hidden, false);
        maker.norm(&at("post_attention_layernorm"), hidden, false);
        for (part, count) in [("q", heads), ("k", key_heads), ("v", key_heads)] {
            maker.linear(&at(&format!("self_attn.{part}_proj")), count * head, hidden, family == "qwen2");
        }
        maker.linear(&at("self_attn.o_proj"), hidden, heads * head, false);
        if family == "qwen3" {
            maker.norm(&at("self_attn.q_norm"), head, false);
            maker.norm(&at("self_attn.k_norm"), head, false);
        }
        maker.linear(&at("mlp.gate_proj"), intermediate, hidden, false);
        maker.linear(&at("mlp.up_proj"), intermediate, hidden, false);
        maker.linear(&at("mlp.down_proj"), hidden, intermediate, false);
    }
    write(&maker.parts, Some(&config.to_string()), Dtype::F32)
}

/// A BERT encoder with `activation` "gelu" or "relu".
pub fn encoder(activation: &str, sizes: &Sizes) -> Vec<u8> {
    let Sizes { vocabulary, heads, hidden, intermediate, layers, positions, seed, .. } = *sizes;
    let config = json!({
        "model_type": "bert",
        "vocab_size": vocabulary,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "hidden_act": activation,
        "hidden_dropout_prob": 0.1,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": positions,
        "pad_token_id": 0,
        "type_vocab_size": 2,
    });
    let mut maker = Maker::new(seed);
    maker.table("embeddings.word_embeddings", vocabulary, hidden);
    maker.table("embeddings.position_embeddings", positions, hidden);
    maker.table("embeddings.token_type_embeddings", 2, hidden);
    maker.norm("embeddings.LayerNorm", hidden, true);
    for layer in 0..layers {
        let at = |part: &str| format!("encoder.layer.{layer}.{part}");
        for part in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            maker.linear(&at(part), hidden, hidden, true);
        }
        maker.norm(&at("attention.output.LayerNorm"), hidden, true);
        maker.linear(&at("intermediate.dense"), intermediate, hidden, true);
        maker.linear(&at("output.dense"), hidden, intermediate, true);
        maker.norm(&at("output.LayerNorm"), hidden, true);
    }
    write(&maker.parts, Some(&config.to_string()), Dtype::F32)
}

/// Weights that keep activations near one.
struct Maker {
    random: Random,
    parts: Vec<Part>,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self { random: Random(seed), parts: Vec::new() }
    }

    fn push(&mut self, name: String, shape: &[usize], centre: f32, spread: f32) {
        let weights = (0..shape.iter().product()).map(|_| centre + spread * self.random.symmetric()).collect();
        self.parts.push(Part { name, shape: shape.to_vec(), weights });
    }

    fn table(&mut self, name: &str, rows: usize, width: usize) {
        self.push(format!("{name}.weight"), &[rows, width], 0.0, 1.0);
    }

    fn linear(&mut self, name: &str, outputs: usize, inputs: usize, biased: bool) {
        self.push(format!("{name}.weight"), &[outputs, inputs], 0.0, 1.5 / (inputs as f32).sqrt());
        if biased {
            self.push(format!("{name}.bias"), &[outputs], 0.0, 0.3);
        }
    }

    fn norm(&mut self, name: &str, width: usize, biased: bool) {
        self.push(format!("{name}.weight"), &[width], 1.0, 0.3);
        if biased {
            self.push(format!("{name}.bias"), &[width], 0.0, 0.3);
        }
    }
}
