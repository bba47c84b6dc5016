//! Parts as each family writes them down: its configuration, names and storage.

use inktensor_evaluation::model::{Head, Linear, Norm, Output, Parts, Position, Transformer};
use serde_json::{Value, json};

use super::{Family, linear, matrix};
use crate::common::{Part, Random};

/// Tensors in the making.
#[derive(Default)]
pub struct Tensors(pub Vec<Part>);

impl Tensors {
    fn push(&mut self, name: impl Into<String>, shape: &[usize], weights: &[f32]) {
        assert_eq!(shape.iter().product::<usize>(), weights.len());
        self.0.push(Part { name: name.into(), shape: shape.to_vec(), weights: weights.to_vec() });
    }

    pub fn linear(&mut self, name: &str, linear: &Linear) {
        self.push(format!("{name}.weight"), &[linear.outputs(), linear.inputs], &linear.weight);
        self.bias(name, linear.bias.as_deref());
    }

    /// GPT-2's Conv1D: the matrix lies transposed.
    fn transposed(&mut self, name: &str, linear: &Linear) {
        let (outputs, inputs) = (linear.outputs(), linear.inputs);
        let weights: Vec<f32> =
            (0..inputs * outputs).map(|at| linear.weight[at % outputs * inputs + at / outputs]).collect();
        self.push(format!("{name}.weight"), &[inputs, outputs], &weights);
        self.bias(name, linear.bias.as_deref());
    }

    fn norm(&mut self, name: &str, norm: &Norm) {
        self.push(format!("{name}.weight"), &[norm.gain.len()], &norm.gain);
        self.bias(name, norm.bias.as_deref());
    }

    fn bias(&mut self, name: &str, bias: Option<&[f32]>) {
        if let Some(bias) = bias {
            self.push(format!("{name}.bias"), &[bias.len()], bias);
        }
    }
}

pub fn llama(family: Family, shape: &Transformer, parts: &Parts) -> (Value, Vec<Part>) {
    let model_type = match family {
        Family::Mistral => "mistral",
        Family::Qwen2 => "qwen2",
        Family::Qwen3 => "qwen3",
        _ => "llama",
    };
    let Position::Rotary { theta } = shape.position else { panic!("a Llama turns") };
    let mut config = json!({
        "model_type": model_type,
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_heads,
        "max_position_embeddings": shape.positions,
        "rms_norm_eps": shape.epsilon,
        "rope_theta": theta,
        "tie_word_embeddings": shape.output == Output::Language { tied: true },
        "hidden_act": "silu",
        "attention_bias": family == Family::LlamaBias,
    });
    if shape.hidden != shape.query_width() {
        config["head_dim"] = shape.head.into();
    }
    if family == Family::Qwen2 {
        config["sliding_window"] = 32.into();
        config["use_sliding_window"] = false.into();
    }
    let mut tensors = Tensors::default();
    tensors.push("model.embed_tokens.weight", &[shape.vocabulary, shape.hidden], &parts.embedding.tokens);
    for (index, layer) in parts.layers.iter().enumerate() {
        let name = |part: &str| format!("model.layers.{index}.{part}");
        tensors.norm(&name("input_layernorm"), &layer.attention_norm);
        tensors.linear(&name("self_attn.q_proj"), &layer.query);
        tensors.linear(&name("self_attn.k_proj"), &layer.key);
        tensors.linear(&name("self_attn.v_proj"), &layer.value);
        for (part, gain) in [("q_norm", &layer.query_norm), ("k_norm", &layer.key_norm)] {
            if let Some(gain) = gain {
                tensors.push(name(&format!("self_attn.{part}.weight")), &[shape.head], gain);
            }
        }
        tensors.linear(&name("self_attn.o_proj"), &layer.output);
        tensors.norm(&name("post_attention_layernorm"), &layer.feed_norm);
        tensors.linear(&name("mlp.gate_proj"), layer.gate.as_ref().unwrap());
        tensors.linear(&name("mlp.up_proj"), &layer.up);
        tensors.linear(&name("mlp.down_proj"), &layer.down);
    }
    tensors.norm("model.norm", parts.tail.norm.as_ref().unwrap());
    if let Head::Language(Some(head)) = &parts.tail.head {
        tensors.linear("lm_head", head);
    }
    (config, tensors.0)
}

pub fn gpt2(shape: &Transformer, parts: &Parts) -> (Value, Vec<Part>) {
    let config = json!({
        "model_type": "gpt2",
        "vocab_size": shape.vocabulary,
        "n_embd": shape.hidden,
        "n_layer": shape.layers,
        "n_head": shape.heads,
        "n_positions": shape.positions,
        "n_inner": null,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": shape.epsilon,
        "tie_word_embeddings": true,
    });
    let hidden = shape.hidden;
    let mut tensors = Tensors::default();
    tensors.push("transformer.wte.weight", &[shape.vocabulary, hidden], &parts.embedding.tokens);
    tensors.push("transformer.wpe.weight", &[shape.positions, hidden], parts.embedding.positions.as_ref().unwrap());
    for (index, layer) in parts.layers.iter().enumerate() {
        let name = |part: &str| format!("transformer.h.{index}.{part}");
        let [query, key, value] = [&layer.query, &layer.key, &layer.value];
        let joined = |get: fn(&Linear) -> &[f32]| [get(query), get(key), get(value)].concat();
        let fused = Linear {
            inputs: hidden,
            weight: joined(|linear| &linear.weight),
            bias: Some(joined(|linear| linear.bias.as_ref().unwrap())),
        };
        tensors.norm(&name("ln_1"), &layer.attention_norm);
        tensors.transposed(&name("attn.c_attn"), &fused);
        tensors.transposed(&name("attn.c_proj"), &layer.output);
        tensors.norm(&name("ln_2"), &layer.feed_norm);
        tensors.transposed(&name("mlp.c_fc"), &layer.up);
        tensors.transposed(&name("mlp.c_proj"), &layer.down);
        // A buffer, not a weight: infinities in it are nobody's fault.
        tensors.push(name("attn.masked_bias"), &[], &[f32::NEG_INFINITY]);
    }
    tensors.norm("transformer.ln_f", parts.tail.norm.as_ref().unwrap());
    (config, tensors.0)
}

pub fn bert(random: &mut Random, shape: &Transformer, parts: &Parts) -> (Value, Vec<Part>) {
    let config = json!({
        "model_type": "bert",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": 2,
        "layer_norm_eps": shape.epsilon,
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
    });
    let hidden = shape.hidden;
    let embedding = &parts.embedding;
    let classes = matches!(parts.tail.head, Head::Classes { .. });
    let prefix = if classes { "bert." } else { "" };
    let mut tensors = Tensors::default();
    let name = |part: &str| format!("{prefix}embeddings.{part}");
    tensors.push(name("word_embeddings.weight"), &[shape.vocabulary, hidden], &embedding.tokens);
    tensors.push(name("position_embeddings.weight"), &[shape.positions, hidden], embedding.positions.as_ref().unwrap());
    let other = matrix(random, 1, hidden);
    let segments = [embedding.segment.as_deref().unwrap(), &other].concat();
    tensors.push(name("token_type_embeddings.weight"), &[2, hidden], &segments);
    tensors.norm(&name("LayerNorm"), embedding.norm.as_ref().unwrap());
    for (index, layer) in parts.layers.iter().enumerate() {
        let name = |part: &str| format!("{prefix}encoder.layer.{index}.{part}");
        tensors.linear(&name("attention.self.query"), &layer.query);
        tensors.linear(&name("attention.self.key"), &layer.key);
        tensors.linear(&name("attention.self.value"), &layer.value);
        tensors.linear(&name("attention.output.dense"), &layer.output);
        tensors.norm(&name("attention.output.LayerNorm"), &layer.attention_norm);
        tensors.linear(&name("intermediate.dense"), &layer.up);
        tensors.linear(&name("output.dense"), &layer.down);
        tensors.norm(&name("output.LayerNorm"), &layer.feed_norm);
    }
    match &parts.tail.head {
        Head::Classes { pooler, classifier } => {
            tensors.linear("bert.pooler.dense", pooler.as_ref().unwrap());
            tensors.linear("classifier", classifier);
        }
        // An encoder's file may hold a pooler that embeddings do not use.
        _ => tensors.linear("pooler.dense", &linear(random, hidden, hidden, true)),
    }
    (config, tensors.0)
}
