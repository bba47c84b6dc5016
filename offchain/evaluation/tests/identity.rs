//! The identity of a model's weights: it stays the same however the model is written down, and nothing else has it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use common::families::{Family, Tiny, tiny};
use common::{Part, write};
use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{Limits, Model};
use safetensors::Dtype;
use serde_json::json;

fn read(file: &[u8]) -> Model {
    Model::from_bytes(file, &Limits::default()).unwrap()
}

/// The file of a family after a change to how it is written down.
fn altered(family: Family, change: impl FnOnce(&mut Tiny)) -> Model {
    let mut tiny = tiny(family, 7);
    change(&mut tiny);
    read(&tiny.file())
}

fn part<'a>(tiny: &'a mut Tiny, name: &str) -> &'a mut Part {
    tiny.tensors.iter_mut().find(|part| part.name.ends_with(name)).unwrap()
}

/// Validators compare these digests with each other's, so that the format is as good as a protocol.
#[test]
fn the_weights_identity_is_as_documented() {
    let tiny = tiny(Family::Mlp, 1);
    let mut roles: Vec<_> = tiny.tensors.iter().map(|part| (part.name.replace("layers.", "products."), part)).collect();
    roles.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut listing = Vec::new();
    let text = |text: &str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    listing.extend(text("perceptron relu"));
    for (role, part) in roles {
        listing.extend(text(&role));
        listing.extend((part.shape.len() as u32).to_le_bytes());
        listing.extend(part.shape.iter().flat_map(|&size| (size as u64).to_le_bytes()));
        let weights: Vec<u8> = part.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        listing.extend(Blake2b::<U32>::digest(&weights));
    }
    assert_eq!(read(&tiny.file()).tensor_digest(), Digest::of(&listing));
}

#[test]
fn a_prefix_does_not_change_the_weights_identity() {
    let without = altered(Family::Gpt2, |tiny| {
        for part in &mut tiny.tensors {
            part.name = part.name.strip_prefix("transformer.").unwrap().to_owned();
        }
    });
    assert_eq!(without.tensor_digest(), read(&tiny(Family::Gpt2, 7).file()).tensor_digest());
    let with = altered(Family::Bert, |tiny| {
        for part in &mut tiny.tensors {
            part.name.insert_str(0, "bert.");
        }
    });
    assert_eq!(with.tensor_digest(), read(&tiny(Family::Bert, 7).file()).tensor_digest());
}

#[test]
fn what_is_not_used_does_not_change_the_weights_identity() {
    let original = read(&tiny(Family::Bert, 7).file());
    let changed = altered(Family::Bert, |tiny| {
        part(tiny, "pooler.dense.bias").weights[3] = f32::NAN;
        part(tiny, "token_type_embeddings.weight").weights[18] += 1.0;
        tiny.tensors.push(Part { name: "embeddings.position_ids".into(), shape: vec![1, 3], weights: vec![0.0; 3] });
        tiny.config["transformers_version"] = "0".into();
    });
    assert_eq!(changed.tensor_digest(), original.tensor_digest());
    assert_ne!(changed.digest(), original.digest());
    let unpooled = altered(Family::Bert, |tiny| tiny.tensors.retain(|part| !part.name.starts_with("pooler")));
    assert_eq!(unpooled.tensor_digest(), original.tensor_digest());
    let other = altered(Family::Bert, |tiny| part(tiny, "token_type_embeddings.weight").weights[0] += 1.0);
    assert_ne!(other.tensor_digest(), original.tensor_digest());
}

#[test]
fn biases_of_zeros_are_no_biases() {
    let without = read(&tiny(Family::Llama, 7).file());
    let with = altered(Family::Llama, |tiny| {
        tiny.config["attention_bias"] = true.into();
        for layer in 0..2 {
            for (name, width) in [("q", 24), ("k", 12), ("v", 12), ("o", 20)] {
                let name = format!("model.layers.{layer}.self_attn.{name}_proj.bias");
                tiny.tensors.push(Part { name, shape: vec![width], weights: vec![-0.0; width] });
            }
        }
    });
    assert_eq!(with.tensor_digest(), without.tensor_digest());
}

#[test]
fn only_settings_that_change_results_change_the_weights_identity() {
    let original = read(&tiny(Family::Llama, 7).file()).tensor_digest();
    let with = |field: &str, value: serde_json::Value| {
        altered(Family::Llama, |tiny| tiny.config[field] = value).tensor_digest()
    };
    assert_eq!(with("max_position_embeddings", 47.into()), original);
    assert_eq!(with("model_type", "mistral".into()), original);
    assert_eq!(with("rope_parameters", json!({"rope_theta": 10000, "rope_type": "default"})), original);
    assert_ne!(with("rope_theta", 10_001.into()), original);
    assert_ne!(with("rms_norm_eps", 1e-6.into()), original);
    let relu = altered(Family::Gpt2, |tiny| tiny.config["activation_function"] = "relu".into());
    assert_ne!(relu.tensor_digest(), read(&tiny(Family::Gpt2, 7).file()).tensor_digest());
}

#[test]
fn a_head_that_repeats_the_embedding_is_no_head() {
    let untied = altered(Family::Llama, |tiny| {
        let embedding = part(tiny, "embed_tokens.weight").clone();
        tiny.tensors.push(Part { name: "lm_head.weight".into(), ..embedding });
        tiny.config["tie_word_embeddings"] = false.into();
    });
    assert_eq!(untied.tensor_digest(), read(&tiny(Family::Llama, 7).file()).tensor_digest());
}

#[test]
fn rewriting_a_model_does_not_change_the_weights_identity() {
    for family in Family::ALL {
        let mut tiny = tiny(family, 9);
        // Weights that all three formats hold exactly, some of them zero.
        for weight in tiny.tensors.iter_mut().flat_map(|part| &mut part.weights) {
            *weight = (*weight * 8.0).round() / 8.0;
        }
        let config = tiny.config.to_string();
        let original = read(&write(&tiny.tensors, Some(&config), Dtype::F32));
        let same = |file: &[u8]| {
            let copy = read(file);
            assert_eq!(copy.digest(), Digest::of(file));
            copy.digest() != original.digest() && copy.tensor_digest() == original.tensor_digest()
        };
        assert!(same(&write(&tiny.tensors, Some(&config), Dtype::F16)), "{family:?}");
        assert!(same(&write(&tiny.tensors, Some(&config), Dtype::BF16)), "{family:?}");
        assert!(same(&write(&tiny.tensors, Some(&format!(" {config}")), Dtype::F32)), "{family:?}: metadata");
        for weight in tiny.tensors.iter_mut().flat_map(|part| &mut part.weights).filter(|weight| **weight == 0.0) {
            *weight = -*weight;
        }
        assert!(same(&write(&tiny.tensors, Some(&config), Dtype::F32)), "{family:?}: sign of zeros");
        tiny.tensors[0].weights[0] += 0.125;
        assert!(!same(&write(&tiny.tensors, Some(&config), Dtype::F32)), "{family:?}: another weight");
    }
}
