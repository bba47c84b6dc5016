//! Model files as an attacker would send them: every fault has its name, and nothing panics.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use common::families::{Family, tiny};
use common::{Part, Recipe, write};
use inktensor_evaluation::model::{Limits, MAX_HEADER, Model, ModelError};
use proptest::prelude::*;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};

fn read(file: &[u8]) -> Result<Model, ModelError> {
    Model::from_bytes(file, &Limits::default())
}

/// A file from the default recipe, its parts and configuration changed first.
fn altered(change: impl FnOnce(&mut Vec<Part>, &mut Value)) -> Vec<u8> {
    let recipe = Recipe::default();
    let (mut parts, mut config) = (recipe.parts(), recipe.config());
    change(&mut parts, &mut config);
    write(&parts, Some(&config.to_string()), Dtype::F32)
}

/// A file with this header and this many bytes of data.
fn raw(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.resize(file.len() + data, 0);
    file
}

fn header_fault(file: &[u8]) -> bool {
    matches!(read(file), Err(ModelError::Header { .. }))
}

#[test]
fn too_many_bytes_are_refused_before_reading() {
    let limits = Limits { file_bytes: 99, ..Limits::default() };
    let error = ModelError::Oversized { bytes: 100, limit: 99 };
    assert_eq!(Model::from_bytes(&[0; 100], &limits), Err(error));
}

#[test]
fn every_truncation_is_noticed() {
    let file = Recipe { layers: 1, ..Recipe::default() }.file();
    for length in (0..3000).chain((3000..file.len()).step_by(997)).chain([file.len() - 1]) {
        let found = read(&file[..length]);
        assert!(matches!(found, Err(ModelError::Truncated { .. })), "{length}: {found:?}");
    }
    let whole = file.len() as u64;
    let truncated = ModelError::Truncated { expected: whole, actual: whole - 1 };
    assert_eq!(read(&file[..file.len() - 1]), Err(truncated));
}

#[test]
fn bytes_behind_the_tensors_are_refused() {
    let mut file = Recipe::default().file();
    file.extend([0; 3]);
    assert_eq!(read(&file), Err(ModelError::TrailingBytes { extra: 3 }));
}

#[test]
fn huge_headers_are_refused_before_reading() {
    for bytes in [MAX_HEADER + 1, u64::MAX, u64::MAX - 7] {
        let error = ModelError::HeaderTooLarge { bytes, limit: MAX_HEADER };
        assert_eq!(read(&bytes.to_le_bytes()), Err(error));
    }
}

#[test]
fn headers_that_lie_are_refused() {
    let two = |a: &str, b: &str| {
        let tensor = |range: &str| format!(r#"{{"dtype":"F32","shape":[2],"data_offsets":{range}}}"#);
        raw(&format!(r#"{{"a":{},"b":{}}}"#, tensor(a), tensor(b)), 16)
    };
    assert_eq!(read(&two("[0,8]", "[8,16]")), Err(ModelError::MissingConfig), "the honest one");
    assert!(header_fault(&two("[0,8]", "[4,12]")), "overlap");
    assert!(header_fault(&two("[0,8]", "[0,8]")), "the same range twice");
    assert!(header_fault(&two("[0,8]", "[12,20]")), "gap");
    assert!(header_fault(&two("[0,8]", "[8,12]")), "range and shape disagree");
    assert!(header_fault(&two("[8,0]", "[8,16]")), "backwards");
    assert!(header_fault(&two("[0,8]", "[8,99999999999999999999]")), "beyond u64");
    let huge = r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#;
    assert!(header_fault(&raw(huge, 0)), "product of the shape overflows");
    let far = format!(r#"{{"a":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, 1u64 << 60);
    assert!(matches!(read(&raw(&far, 0)), Err(ModelError::Truncated { .. })), "beyond any file");
    for text in ["", "x", "[]", "{", r#"{"a":1}"#, r#"{"__metadata__":{"config":1}}"#, &"[".repeat(100_000)] {
        assert!(header_fault(&raw(text, 0)), "{text:.20}");
    }
    let mut file = raw("{}", 0);
    file[8] = 0xff;
    assert!(header_fault(&file), "not UTF-8");
}

#[test]
fn configurations_out_of_bounds_are_refused() {
    let parts = Recipe::default().parts();
    assert_eq!(read(&write(&parts, None, Dtype::F32)), Err(ModelError::MissingConfig));
    let refused = |change: Value| {
        let mut config = Recipe::default().config();
        config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        matches!(read(&write(&parts, Some(&config.to_string()), Dtype::F32)), Err(ModelError::Config { .. }))
    };
    assert!(!refused(json!({"hidden_act": "silu", "head_dim": 8, "rope_scaling": null, "torch_dtype": "x"})));
    for change in [
        json!({"model_type": "gpt2"}),
        json!({"vocab_size": 0}),
        json!({"vocab_size": (1 << 18) + 1}),
        json!({"hidden_size": 0}),
        json!({"hidden_size": 1e9 as u64}),
        json!({"hidden_size": -1}),
        json!({"hidden_size": "32"}),
        json!({"hidden_size": 30}),   // 4 heads do not divide it
        json!({"hidden_size": 36}),   // heads of 9
        json!({"hidden_size": 1040}), // heads of 260
        json!({"intermediate_size": 0}),
        json!({"num_hidden_layers": 257}),
        json!({"num_attention_heads": 0}),
        json!({"num_key_value_heads": 0}),
        json!({"num_key_value_heads": 3}),
        json!({"num_key_value_heads": 8}),
        json!({"max_position_embeddings": 0}),
        json!({"max_position_embeddings": u64::MAX}),
        json!({"rms_norm_eps": 0}),
        json!({"rms_norm_eps": 1}),
        json!({"rope_theta": 0.5}),
        json!({"rope_theta": -1e4}),
        json!({"head_dim": 0}),
        json!({"head_dim": 7}),
        json!({"head_dim": u64::MAX}),
        json!({"num_attention_heads": 32_768, "num_key_value_heads": 1, "head_dim": 2}),
        json!({"hidden_act": "gelu"}),
        json!({"rope_scaling": {"factor": 2}}),
        json!({"sliding_window": 64}),
        json!({"layer_types": ["full_attention", "sliding_attention"]}),
        json!({"partial_rotary_factor": 0.5}),
        json!({"rope_theta": null}),
        json!({"rope_theta": null, "rope_parameters": {"rope_theta": 1e4, "rope_type": "yarn"}}),
        json!({"rope_parameters": {"rope_theta": 1e6, "rope_type": "default"}}),
        json!({"rope_parameters": {"rope_theta": 1e4, "rope_type": "default", "partial_rotary_factor": 0.5}}),
        json!({"quantization_config": {"bits": 4}}),
        json!({"mlp_bias": true}),
        json!({"tie_word_embeddings": null}),
    ] {
        assert!(refused(change.clone()), "{change}");
    }
}

#[test]
fn the_parameter_cap_counts_every_weight() {
    for recipe in [Recipe::default(), Recipe { tied: false, key_heads: 4, ..Recipe::default() }] {
        let weights: usize = recipe.parts().iter().map(|part| part.weights.len()).sum();
        let parameters = weights as u64;
        let limits = |parameters| Limits { parameters, ..Limits::default() };
        let file = recipe.file();
        assert!(Model::from_bytes(&file, &limits(parameters)).is_ok());
        let error = ModelError::TooManyParameters { parameters, limit: parameters - 1 };
        assert_eq!(Model::from_bytes(&file, &limits(parameters - 1)), Err(error));
    }
}

#[test]
fn the_largest_configuration_is_refused_without_allocating() {
    let file = altered(|_, config| {
        for (field, value) in [
            ("hidden_size", 32_768),
            ("intermediate_size", 32_768),
            ("num_hidden_layers", 256),
            ("num_attention_heads", 128),
            ("num_key_value_heads", 128),
        ] {
            config[field] = value.into();
        }
    });
    assert!(matches!(read(&file), Err(ModelError::TooManyParameters { .. })));
}

#[test]
fn tensors_must_be_those_of_the_configuration() {
    let name = "model.layers.1.mlp.up_proj.weight".to_owned();
    let find = |parts: &[Part]| parts.iter().position(|part| part.name == name).unwrap();
    let missing = altered(|parts, _| drop(parts.remove(find(parts))));
    assert_eq!(read(&missing), Err(ModelError::MissingTensor { name: name.clone() }));

    let extra = Part { name: "lm_head.weight".into(), shape: vec![1], weights: vec![0.0] };
    let file = altered(|parts, _| parts.push(extra));
    assert_eq!(read(&file), Err(ModelError::ExtraTensor { name: "lm_head.weight".into() }));
    let untied = altered(|_, config| config["tie_word_embeddings"] = false.into());
    assert_eq!(read(&untied), Err(ModelError::MissingTensor { name: "lm_head.weight".into() }));

    let transposed = altered(|parts, _| {
        let at = find(parts);
        parts[at].shape.reverse();
    });
    let error = ModelError::WrongShape { name: name.clone(), expected: vec![44, 32], found: vec![32, 44] };
    assert_eq!(read(&transposed), Err(error));

    let recipe = Recipe::default();
    let doubles = write(&recipe.parts(), Some(&recipe.config().to_string()), Dtype::F64);
    assert!(matches!(read(&doubles), Err(ModelError::WrongDtype { dtype, .. }) if dtype == "F64"));
}

#[test]
fn weights_must_be_finite() {
    let recipe = Recipe::default();
    for weight in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for dtype in [Dtype::F32, Dtype::F16, Dtype::BF16] {
            let mut parts = recipe.parts();
            let part = parts.last_mut().unwrap();
            part.weights[17] = weight;
            let error = ModelError::NonFinite { name: part.name.clone(), index: 17 };
            assert_eq!(read(&write(&parts, Some(&recipe.config().to_string()), dtype)), Err(error));
        }
    }
}

#[test]
fn keys_that_stand_twice_are_refused() {
    let tensor = r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    for header in [
        format!(r#"{{"a":{tensor},"a":{tensor}}}"#),
        format!(r#"{{"__metadata__":{{"config":"1","config":"2"}},"a":{tensor}}}"#),
        format!(r#"{{"__metadata__":{{}},"a":{tensor},"__metadata__":{{}}}}"#),
        r#"{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#.to_owned(),
    ] {
        assert!(header_fault(&raw(&header, 8)), "{header}");
    }
    let recipe = Recipe::default();
    let config = recipe.config().to_string().replacen('{', r#"{"hidden_size":32,"#, 1);
    let file = write(&recipe.parts(), Some(&config), Dtype::F32);
    assert!(matches!(read(&file), Err(ModelError::Config { .. })));
}

#[test]
fn deep_and_long_texts_are_refused_in_few_words() {
    let deep = format!(r#"{{"model_type":"llama","rope_scaling":{}"#, "[".repeat(100_000));
    let long = format!(r#"{{"model_type":"{}"}}"#, "x".repeat(500_000));
    for config in [deep, long] {
        let error = read(&write(&Recipe::default().parts(), Some(&config), Dtype::F32)).unwrap_err();
        assert!(matches!(error, ModelError::Config { .. }));
        assert!(error.to_string().len() < 400, "{error}");
    }
    let ranks = "1,".repeat(100_000);
    let header = format!(r#"{{"a":{{"dtype":"F32","shape":[{ranks}1],"data_offsets":[0,4]}}}}"#);
    assert!(header_fault(&raw(&header, 4)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Bytes changed anywhere, most often in the header: never a panic, and what is accepted is a file that the
    /// format's own library accepts too.
    #[test]
    fn mutations_never_panic(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        family in prop::sample::select(&Family::ALL[..]),
    ) {
        let mut file = tiny(family, 1).file();
        let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        for (at, byte, anywhere) in edits {
            let range = if anywhere { file.len() } else { header };
            file[at.index(range)] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        if read(&file).is_ok() {
            prop_assert!(SafeTensors::deserialize(&file).is_ok());
        }
    }

    /// Digits and separators of the header replaced by each other: offsets, shapes and names that nearly fit.
    #[test]
    fn near_misses_never_panic(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), "[0-9,:\\]\\[{}\"-]"), 1..4),
        family in prop::sample::select(&Family::ALL[..]),
    ) {
        let mut file = tiny(family, 1).file();
        let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        let places: Vec<usize> = (8..header).filter(|&at| b"0123456789,[]".contains(&file[at])).collect();
        for (at, text) in edits {
            file[places[at.index(places.len())]] = text.as_bytes()[0];
        }
        if read(&file).is_ok() {
            prop_assert!(SafeTensors::deserialize(&file).is_ok());
        }
    }
}
