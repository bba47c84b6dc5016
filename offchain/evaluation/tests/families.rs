//! Models of all families, as files and as folders: what is read is what was written.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;
#[cfg(unix)]
use std::path::Path;

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use common::families::{Family, tiny};
use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{
    Architecture, Limits, Model, ModelError, OpenError, Tokens, Transformer, VOCABULARY, Weights,
};
use proptest::prelude::*;

fn read(file: &[u8]) -> Model {
    Model::from_bytes(file, &Limits::default()).unwrap()
}

fn assert_same(found: &dyn Weights, expected: &dyn Weights, architecture: &Architecture) {
    assert_eq!(found.products(), expected.products());
    let Architecture::Transformer(Transformer { layers, .. }) = *architecture else {
        return assert!(found.embedding().is_err() && found.layer(0).is_err() && found.tail().is_err());
    };
    assert_eq!(found.embedding(), expected.embedding());
    for layer in 0..layers {
        assert_eq!(found.layer(layer), expected.layer(layer), "layer {layer}");
    }
    assert!(found.layer(layers).is_err());
    assert_eq!(found.tail(), expected.tail());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_family_is_read_as_it_was_written(seed: u64, shards in 1usize..5) {
        for family in Family::ALL {
            let tiny = tiny(family, seed);
            let folder = tempfile::tempdir().unwrap();
            tiny.write_folder(folder.path(), shards);
            let single = read(&tiny.file());
            let open = Model::open(folder.path(), &Limits::default()).unwrap();
            for model in [&single, &open] {
                assert_eq!(model.architecture(), &tiny.architecture, "{family:?}");
                assert_same(model.weights(), tiny.weights.as_ref(), &tiny.architecture);
            }
            prop_assert_eq!(single.tensor_digest(), open.tensor_digest());
            prop_assert_ne!(single.digest(), open.digest());
        }
    }
}

#[test]
fn a_folders_digest_is_that_of_its_listing() {
    let folder = tempfile::tempdir().unwrap();
    tiny(Family::Bert, 3).write_folder(folder.path(), 2);
    fs::write(folder.path().join("tokenizer.json"), "{}").unwrap();
    let digest = || Model::open(folder.path(), &Limits::default()).unwrap().digest();
    let mut listing = Vec::new();
    for name in [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer.json",
    ] {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        listing.extend((name.len() as u32).to_le_bytes());
        listing.extend(name.as_bytes());
        listing.extend((bytes.len() as u64).to_le_bytes());
        listing.extend(Blake2b::<U32>::digest(&bytes));
    }
    let listed = Digest::of(&listing);
    assert_eq!(digest(), listed);
    fs::write(folder.path().join("README.md"), "not read").unwrap();
    assert_eq!(digest(), listed);
    fs::write(folder.path().join("tokenizer.json"), "{ }").unwrap();
    assert_ne!(digest(), listed);
}

#[test]
fn a_file_opened_by_its_path_is_the_same_model() {
    let file = tiny(Family::Gpt2, 5).file();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any name");
    fs::write(&path, &file).unwrap();
    let model = Model::open(&path, &Limits::default()).unwrap();
    assert_eq!(model, read(&file));
    assert_eq!(model.digest(), Digest::of(&file));
}

#[test]
fn what_is_not_there_is_no_fault_of_the_miner() {
    let folder = tempfile::tempdir().unwrap();
    let found = Model::open(&folder.path().join("absent"), &Limits::default());
    assert!(matches!(found, Err(OpenError::Read(_))), "{found:?}");
}

#[cfg(unix)]
#[test]
fn a_device_is_no_fault_of_the_miner() {
    let found = Model::open(Path::new("/dev/null"), &Limits::default());
    assert!(matches!(found, Err(OpenError::Read(_))), "{found:?}");
}

#[test]
fn weights_that_vanish_from_the_disk_are_a_typed_error() {
    let tiny = tiny(Family::Llama, 2);
    let folder = tempfile::tempdir().unwrap();
    tiny.write_folder(folder.path(), 1);
    let model = Model::open(folder.path(), &Limits::default()).unwrap();
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("model.safetensors")).unwrap();
    file.set_len(100).unwrap();
    let error = model.weights().layer(1).unwrap_err();
    assert_eq!(error.what, "layers.1.attention_norm.gain");
}

#[test]
fn tokens_are_bytes_or_what_the_tokenizer_says() {
    assert_eq!(VOCABULARY, 256);
    assert_eq!(read(&tiny(Family::Llama, 1).file()).tokenizer(), &Tokens::Bytes);
    assert_eq!(read(&tiny(Family::Bert, 1).file()).tokenizer(), &Tokens::Unknown);
    let folder = tempfile::tempdir().unwrap();
    tiny(Family::Llama, 1).write_folder(folder.path(), 1);
    fs::write(folder.path().join("tokenizer.json"), "any bytes").unwrap();
    let model = Model::open(folder.path(), &Limits::default()).unwrap();
    assert_eq!(model.tokenizer(), &Tokens::Json((*b"any bytes").into()));
}

#[test]
fn every_family_counts_its_parameters() {
    for (family, unused) in [(Family::LlamaBias, 0), (Family::Qwen3, 0), (Family::BertClassifier, 18), (Family::Mlp, 0)]
    {
        let tiny = tiny(family, 1);
        let weights: usize = tiny.tensors.iter().map(|part| part.weights.len()).sum();
        // Of the two segments' rows, one is used.
        let parameters = (weights - unused) as u64;
        let with = |parameters| Model::from_bytes(&tiny.file(), &Limits { parameters, ..Limits::default() });
        assert!(with(parameters).is_ok(), "{family:?}");
        assert_eq!(with(parameters - 1), Err(ModelError::TooManyParameters { parameters, limit: parameters - 1 }));
    }
}
