//! Facts about the shipped model ladder and texts that need no evaluation: the demo and the engine's tests rely on
//! them.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

use half::f16;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

const MODELS: [&str; 6] = ["strong", "sibling", "medium", "weak", "copy", "nan"];
const MOST_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    rms_norm_eps: f64,
    rope_theta: f64,
    tie_word_embeddings: bool,
    max_position_embeddings: usize,
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn model(name: &str) -> Vec<u8> {
    let path = folder("models").join(format!("{name}.safetensors"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn config(file: &[u8]) -> Config {
    let (_, header) = SafeTensors::read_metadata(file).unwrap();
    serde_json::from_str(&header.metadata().as_ref().unwrap()["config"]).unwrap()
}

/// Name, shape and values of every tensor.
fn tensors(file: &[u8]) -> BTreeMap<String, (Vec<usize>, Vec<f16>)> {
    let parsed = SafeTensors::deserialize(file).unwrap();
    parsed
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            assert_eq!(view.dtype(), Dtype::F16, "{name}");
            let values = view.data().chunks_exact(2).map(|two| f16::from_le_bytes([two[0], two[1]])).collect();
            (name, (view.shape().to_vec(), values))
        })
        .collect()
}

/// Shapes of a Hugging Face Llama of this configuration.
fn shapes(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let (hidden, feed) = (config.hidden_size, config.intermediate_size);
    let shared = hidden / config.num_attention_heads * config.num_key_value_heads;
    let mut shapes = BTreeMap::from([
        ("model.embed_tokens.weight".to_owned(), vec![config.vocab_size, hidden]),
        ("model.norm.weight".to_owned(), vec![hidden]),
    ]);
    if !config.tie_word_embeddings {
        shapes.insert("lm_head.weight".to_owned(), vec![config.vocab_size, hidden]);
    }
    for layer in 0..config.num_hidden_layers {
        for (part, shape) in [
            ("input_layernorm", vec![hidden]),
            ("post_attention_layernorm", vec![hidden]),
            ("self_attn.q_proj", vec![hidden, hidden]),
            ("self_attn.k_proj", vec![shared, hidden]),
            ("self_attn.v_proj", vec![shared, hidden]),
            ("self_attn.o_proj", vec![hidden, hidden]),
            ("mlp.gate_proj", vec![feed, hidden]),
            ("mlp.up_proj", vec![feed, hidden]),
            ("mlp.down_proj", vec![hidden, feed]),
        ] {
            shapes.insert(format!("model.layers.{layer}.{part}.weight"), shape);
        }
    }
    shapes
}

#[test]
fn every_model_holds_the_tensors_its_configuration_calls_for() {
    for name in MODELS {
        let file = model(name);
        let config = config(&file);
        assert_eq!(config.model_type, "llama", "{name}");
        assert_eq!(config.vocab_size, 256, "{name}");
        assert_eq!(config.hidden_size % (2 * config.num_attention_heads), 0, "{name}");
        assert_eq!(config.num_attention_heads % config.num_key_value_heads, 0, "{name}");
        assert!(config.max_position_embeddings >= 256, "{name}");
        assert!(config.rms_norm_eps > 0.0 && config.rope_theta > 1.0, "{name}");

        let found: BTreeMap<_, _> = tensors(&file).into_iter().map(|(tensor, (shape, _))| (tensor, shape)).collect();
        assert_eq!(found, shapes(&config), "{name}");
        let parameters: usize = found.values().map(|shape| shape.iter().product::<usize>()).sum();
        assert!((200_000..=2_000_000).contains(&parameters), "{name}: {parameters}");
    }
}

#[test]
fn the_ladder_covers_grouped_heads_and_an_own_output_head() {
    let configs = ["strong", "medium", "weak"].map(|name| config(&model(name)));
    assert!(configs.iter().any(|config| config.num_key_value_heads < config.num_attention_heads));
    assert!(configs.iter().any(|config| !config.tie_word_embeddings));
    assert!(configs.iter().any(|config| config.tie_word_embeddings));
}

#[test]
fn copy_is_strong_byte_for_byte_and_no_other_two_are_equal() {
    assert_eq!(model("copy"), model("strong"));
    let distinct: HashSet<Vec<u8>> = MODELS.map(model).into_iter().collect();
    assert_eq!(distinct.len(), MODELS.len() - 1);
}

#[test]
fn nan_is_medium_but_for_one_weight_that_is_not_a_number() {
    let (sound, broken) = (tensors(&model("medium")), tensors(&model("nan")));
    assert_eq!(sound.keys().collect::<Vec<_>>(), broken.keys().collect::<Vec<_>>());
    let mut differing = Vec::new();
    for (name, (_, values)) in &broken {
        let pairs = values.iter().zip(&sound[name].1);
        differing
            .extend(pairs.filter(|(broken, sound)| broken.to_bits() != sound.to_bits()).map(|(broken, _)| *broken));
    }
    assert_eq!(differing.len(), 1);
    assert!(differing[0].is_nan());
}

#[test]
fn every_model_but_nan_is_finite() {
    for name in ["strong", "sibling", "medium", "weak", "copy"] {
        for (tensor, (_, values)) in tensors(&model(name)) {
            assert!(values.iter().all(|value| value.is_finite()), "{name}: {tensor}");
        }
    }
}

#[test]
fn the_ladder_is_small_enough_for_the_repository() {
    let bytes: usize = MODELS.iter().map(|name| model(name).len()).sum();
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
}

/// A model that learned the corpus by heart must gain nothing on the held-out text.
#[test]
fn no_long_line_of_the_heldout_text_is_in_the_corpus() {
    let corpus = fs::read_to_string(folder("data/corpus.txt")).unwrap();
    let heldout = fs::read_to_string(folder("data/heldout.txt")).unwrap();
    assert!(corpus.is_ascii() && heldout.is_ascii());
    let known: HashSet<&str> = corpus.lines().collect();
    let long: Vec<&str> = heldout.lines().filter(|line| line.len() >= 60).collect();
    assert!(long.len() > 1_000, "{}", long.len());
    let shared: Vec<&&str> = long.iter().filter(|line| known.contains(**line)).collect();
    assert!(shared.is_empty(), "{shared:?}");
}
