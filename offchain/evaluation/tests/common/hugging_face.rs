//! Models from folders as Hugging Face's libraries save them, read with trust: files of these tests only.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{
    Activation, Architecture, Embedding, Head, Layer, Linear, Model, Norm, NormKind, Output, Parts, Perceptron,
    Placement, Position, Products, Tail, Transformer, Weights,
};
use safetensors::SafeTensors;
use serde_json::Value;

/// The model in a folder of `config.json` and `model.safetensors`.
pub fn read(folder: &Path) -> Model {
    let config: Value = serde_json::from_slice(&std::fs::read(folder.join("config.json")).unwrap()).unwrap();
    model(config, &std::fs::read(folder.join("model.safetensors")).unwrap())
}

/// The model in one file, with its configuration under the metadata key `config`.
pub fn read_file(file: &[u8]) -> Model {
    let (_, header) = SafeTensors::read_metadata(file).unwrap();
    model(serde_json::from_str(&header.metadata().as_ref().unwrap()["config"]).unwrap(), file)
}

fn model(config: Value, file: &[u8]) -> Model {
    let source = Source::new(config, file);
    let (architecture, weights) = match source.config["model_type"].as_str().unwrap() {
        "gpt2" => source.gpt2(),
        "bert" => source.bert(),
        "mlp" => source.mlp(),
        _ => source.llama(),
    };
    Model::of_weights(architecture, Digest([7; 32]), weights)
}

struct Source {
    config: Value,
    tensors: HashMap<String, (Vec<usize>, Vec<f32>)>,
}

type Read = (Architecture, Arc<dyn Weights>);

impl Source {
    /// Without the prefix that some files carry.
    fn new(config: Value, file: &[u8]) -> Self {
        let tensors = SafeTensors::deserialize(file).unwrap();
        let tensors = tensors.iter().map(|(name, tensor)| {
            let name =
                ["transformer.", "bert.", "model."].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
            let bytes = tensor.data();
            let weights = match tensor.dtype() {
                safetensors::Dtype::F16 => {
                    bytes.chunks_exact(2).map(|b| half::f16::from_le_bytes(b.try_into().unwrap()).to_f32()).collect()
                }
                _ => bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect(),
            };
            (name.to_owned(), (tensor.shape().to_vec(), weights))
        });
        Self { config, tensors: tensors.collect() }
    }

    fn size(&self, field: &str) -> usize {
        self.config[field].as_u64().unwrap() as usize
    }

    fn number(&self, field: &str) -> f64 {
        self.config[field].as_f64().unwrap()
    }

    fn activation(&self, field: &str) -> Activation {
        match self.config[field].as_str().unwrap() {
            "silu" => Activation::Silu,
            "gelu_new" => Activation::GeluTanh,
            "gelu" => Activation::GeluErf,
            "relu" => Activation::Relu,
            other => panic!("activation {other}"),
        }
    }

    fn maybe(&self, name: &str) -> Option<Vec<f32>> {
        self.tensors.get(name).map(|(_, weights)| weights.clone())
    }

    fn table(&self, name: &str) -> Vec<f32> {
        self.maybe(name).unwrap()
    }

    fn norm(&self, name: &str) -> Norm {
        Norm { gain: self.table(&format!("{name}.weight")), bias: self.maybe(&format!("{name}.bias")) }
    }

    fn linear(&self, name: &str) -> Linear {
        let (shape, weight) = self.tensors[&format!("{name}.weight")].clone();
        Linear { inputs: shape[1], weight, bias: self.maybe(&format!("{name}.bias")) }
    }

    /// GPT-2 stores `[inputs, outputs]`: the columns `part · width ..` of it as rows.
    fn columns(&self, name: &str, part: usize, width: usize) -> Linear {
        let (shape, weight) = &self.tensors[&format!("{name}.weight")];
        let rows = part * width..(part + 1) * width;
        let weight = rows.clone().flat_map(|row| weight.iter().skip(row).step_by(shape[1]).copied()).collect();
        Linear { inputs: shape[0], weight, bias: Some(self.table(&format!("{name}.bias"))[rows].to_vec()) }
    }

    /// Llama and its kin.
    fn llama(&self) -> Read {
        let (hidden, heads, layers) =
            (self.size("hidden_size"), self.size("num_attention_heads"), self.size("num_hidden_layers"));
        let tied = self.config["tie_word_embeddings"].as_bool().unwrap();
        let head_norm = self.maybe("layers.0.self_attn.q_norm.weight").is_some();
        let architecture = Transformer {
            vocabulary: self.size("vocab_size"),
            hidden,
            intermediate: self.size("intermediate_size"),
            layers,
            heads,
            key_heads: self.size("num_key_value_heads"),
            head: self.config["head_dim"].as_u64().map_or(hidden / heads, |head| head as usize),
            positions: self.size("max_position_embeddings"),
            position: Position::Rotary { theta: self.number("rope_theta") },
            norm: NormKind::Rms,
            epsilon: self.number("rms_norm_eps"),
            placement: Placement::Before,
            activation: self.activation("hidden_act"),
            gated: true,
            causal: true,
            head_norm,
            output: Output::Language { tied },
        };
        let layer = |i| {
            let at = |part: &str| format!("layers.{i}.{part}");
            Layer {
                attention_norm: self.norm(&at("input_layernorm")),
                query: self.linear(&at("self_attn.q_proj")),
                key: self.linear(&at("self_attn.k_proj")),
                value: self.linear(&at("self_attn.v_proj")),
                query_norm: self.maybe(&at("self_attn.q_norm.weight")),
                key_norm: self.maybe(&at("self_attn.k_norm.weight")),
                output: self.linear(&at("self_attn.o_proj")),
                feed_norm: self.norm(&at("post_attention_layernorm")),
                gate: Some(self.linear(&at("mlp.gate_proj"))),
                up: self.linear(&at("mlp.up_proj")),
                down: self.linear(&at("mlp.down_proj")),
            }
        };
        let embedding =
            Embedding { tokens: self.table("embed_tokens.weight"), positions: None, segment: None, norm: None };
        let head = if tied { None } else { Some(self.linear("lm_head")) };
        let tail = Tail { norm: Some(self.norm("norm")), head: Head::Language(head) };
        (
            Architecture::Transformer(architecture),
            Arc::new(Parts { embedding, layers: (0..layers).map(layer).collect(), tail }),
        )
    }

    fn gpt2(&self) -> Read {
        let (hidden, heads, layers) = (self.size("n_embd"), self.size("n_head"), self.size("n_layer"));
        let intermediate = self.config["n_inner"].as_u64().map_or(4 * hidden, |inner| inner as usize);
        let architecture = Transformer {
            vocabulary: self.size("vocab_size"),
            hidden,
            intermediate,
            layers,
            heads,
            key_heads: heads,
            head: hidden / heads,
            positions: self.size("n_positions"),
            position: Position::Learned,
            norm: NormKind::Layer,
            epsilon: self.number("layer_norm_epsilon"),
            placement: Placement::Before,
            activation: self.activation("activation_function"),
            gated: false,
            causal: true,
            head_norm: false,
            output: Output::Language { tied: true },
        };
        let layer = |i| {
            let at = |part: &str| format!("h.{i}.{part}");
            let fused = |part| self.columns(&at("attn.c_attn"), part, hidden);
            Layer {
                attention_norm: self.norm(&at("ln_1")),
                query: fused(0),
                key: fused(1),
                value: fused(2),
                query_norm: None,
                key_norm: None,
                output: self.columns(&at("attn.c_proj"), 0, hidden),
                feed_norm: self.norm(&at("ln_2")),
                gate: None,
                up: self.columns(&at("mlp.c_fc"), 0, intermediate),
                down: self.columns(&at("mlp.c_proj"), 0, hidden),
            }
        };
        let embedding = Embedding {
            tokens: self.table("wte.weight"),
            positions: Some(self.table("wpe.weight")),
            segment: None,
            norm: None,
        };
        let tail = Tail { norm: Some(self.norm("ln_f")), head: Head::Language(None) };
        (
            Architecture::Transformer(architecture),
            Arc::new(Parts { embedding, layers: (0..layers).map(layer).collect(), tail }),
        )
    }

    fn bert(&self) -> Read {
        let (hidden, heads, layers) =
            (self.size("hidden_size"), self.size("num_attention_heads"), self.size("num_hidden_layers"));
        let classes = self.maybe("classifier.bias").map(|bias| bias.len());
        let architecture = Transformer {
            vocabulary: self.size("vocab_size"),
            hidden,
            intermediate: self.size("intermediate_size"),
            layers,
            heads,
            key_heads: heads,
            head: hidden / heads,
            positions: self.size("max_position_embeddings"),
            position: Position::Learned,
            norm: NormKind::Layer,
            epsilon: self.number("layer_norm_eps"),
            placement: Placement::After,
            activation: self.activation("hidden_act"),
            gated: false,
            causal: false,
            head_norm: false,
            output: classes.map_or(Output::Embedding, |count| Output::Classes { count }),
        };
        let layer = |i| {
            let at = |part: &str| format!("encoder.layer.{i}.{part}");
            Layer {
                attention_norm: self.norm(&at("attention.output.LayerNorm")),
                query: self.linear(&at("attention.self.query")),
                key: self.linear(&at("attention.self.key")),
                value: self.linear(&at("attention.self.value")),
                query_norm: None,
                key_norm: None,
                output: self.linear(&at("attention.output.dense")),
                feed_norm: self.norm(&at("output.LayerNorm")),
                gate: None,
                up: self.linear(&at("intermediate.dense")),
                down: self.linear(&at("output.dense")),
            }
        };
        let embedding = Embedding {
            tokens: self.table("embeddings.word_embeddings.weight"),
            positions: Some(self.table("embeddings.position_embeddings.weight")),
            segment: Some(self.table("embeddings.token_type_embeddings.weight")[..hidden].to_vec()),
            norm: Some(self.norm("embeddings.LayerNorm")),
        };
        let head = match classes {
            None => Head::Embedding,
            Some(_) => {
                Head::Classes { pooler: Some(self.linear("pooler.dense")), classifier: self.linear("classifier") }
            }
        };
        let tail = Tail { norm: None, head };
        (
            Architecture::Transformer(architecture),
            Arc::new(Parts { embedding, layers: (0..layers).map(layer).collect(), tail }),
        )
    }

    fn mlp(&self) -> Read {
        let widths = &self.config["widths"];
        let widths: Vec<usize> =
            widths.as_array().unwrap().iter().map(|width| width.as_u64().unwrap() as usize).collect();
        let products = (0..widths.len() - 1).map(|i| self.linear(&format!("layers.{i}"))).collect();
        let activation = self.activation("hidden_act");
        (Architecture::Perceptron(Perceptron { widths, activation }), Arc::new(Products(products)))
    }
}
