//! Model folders as an attacker would fill them: nothing outside of the folder is opened, and every fault has its name.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;
use std::path::Path;

use common::families::{Family, tiny};
use common::{Part, write};
use inktensor_evaluation::model::{Limits, MAX_HEADER, MAX_TOKENIZER, Model, ModelError, OpenError};
use proptest::prelude::*;
use safetensors::Dtype;
use serde_json::{Value, json};
use tempfile::TempDir;

const INDEX: &str = "model.safetensors.index.json";

fn open(folder: &Path) -> Result<Model, ModelError> {
    Model::open(folder, &Limits::default()).map_err(|error| match error {
        OpenError::Model(error) => error,
        OpenError::Read(error) => panic!("the disk is sound: {error}"),
    })
}

/// A folder of a tiny Llama; with more than one shard it has an index.
fn folder(shards: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    tiny(Family::Llama, 1).write_folder(folder.path(), shards);
    assert!(open(folder.path()).is_ok());
    folder
}

/// What comes of the index once its map has been changed.
fn with_index(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Result<Model, ModelError> {
    let folder = folder(2);
    let path = folder.path().join(INDEX);
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(index["weight_map"].as_object_mut().unwrap());
    fs::write(&path, index.to_string()).unwrap();
    open(folder.path())
}

fn is_index_fault(found: &Result<Model, ModelError>) -> bool {
    matches!(found, Err(ModelError::Index { .. }))
}

#[test]
fn files_that_are_missing_are_named() {
    for (shards, name, named) in [
        (1, "config.json", "config.json"),
        (1, "model.safetensors", "model.safetensors"),
        (2, INDEX, "model.safetensors"),
        (2, "model-00002-of-00002.safetensors", "model-00002-of-00002.safetensors"),
    ] {
        let folder = folder(shards);
        fs::remove_file(folder.path().join(name)).unwrap();
        assert_eq!(open(folder.path()), Err(ModelError::MissingFile { name: named.into() }));
    }
}

#[test]
fn an_index_names_plain_files_beside_it() {
    for name in [
        "",
        ".",
        "..",
        ".safetensors",
        "../model.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "sub\\model.safetensors",
        "C:model.safetensors",
        "model.safetensors\0",
        "model.bin",
        "mod\u{e9}l.safetensors",
        &format!("{}.safetensors", "m".repeat(200)),
    ] {
        let found = with_index(|map| map["model.norm.weight"] = name.into());
        assert!(is_index_fault(&found), "{name:?}: {found:?}");
    }
}

#[test]
fn an_index_says_what_the_files_hold() {
    assert!(is_index_fault(&with_index(|map| drop(map.remove("model.norm.weight")))), "a tensor untold");
    assert!(is_index_fault(&with_index(|map| drop(
        map.insert("more".into(), "model-00001-of-00002.safetensors".into())
    ))));
    let swapped = with_index(|map| {
        let other = map["model.embed_tokens.weight"].clone();
        let stray = map.values_mut().find(|file| **file != other).unwrap();
        *stray = other;
    });
    assert!(is_index_fault(&swapped), "a tensor in another file");
    let many = with_index(|map| map.extend((0..300).map(|i| (format!("t{i}"), format!("{i}.safetensors").into()))));
    assert!(is_index_fault(&many), "too many files");
    assert!(is_index_fault(&with_index(serde_json::Map::clear)));
}

#[test]
fn an_index_that_is_no_index_is_refused() {
    let folder = folder(2);
    let path = folder.path().join(INDEX);
    let honest = fs::read_to_string(&path).unwrap();
    let twice = honest.replacen(
        r#""weight_map":{"#,
        r#""weight_map":{"model.norm.weight":"model-00001-of-00002.safetensors","#,
        1,
    );
    assert_ne!(twice, honest);
    for text in ["", "[]", "{}", r#"{"weight_map":[]}"#, r#"{"weight_map":{"a":1}}"#, &"[".repeat(100_000), &twice] {
        fs::write(&path, text).unwrap();
        let found = open(folder.path());
        assert!(is_index_fault(&found), "{text:.40}: {found:?}");
    }
    fs::write(&path, [0xff; 9]).unwrap();
    assert!(is_index_fault(&open(folder.path())), "not UTF-8");
}

#[test]
fn a_tensor_is_in_one_file_only() {
    let folder = folder(2);
    let more = Part { name: "model.norm.weight".into(), shape: vec![20], weights: vec![1.0; 20] };
    let paths = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let tensors = tiny(Family::Llama, 1).tensors;
    for (shard, path) in paths.into_iter().enumerate() {
        let mut mine: Vec<Part> = tensors.iter().skip(shard).step_by(2).cloned().collect();
        if !mine.iter().any(|part| part.name == more.name) {
            mine.push(more.clone());
        }
        fs::write(folder.path().join(path), write(&mine, None, Dtype::F32)).unwrap();
    }
    assert_eq!(open(folder.path()), Err(ModelError::DuplicateTensor { name: more.name }));
}

#[test]
fn small_files_are_small() {
    for (name, limit) in [("config.json", MAX_HEADER), ("tokenizer.json", MAX_TOKENIZER), (INDEX, MAX_HEADER)] {
        let folder = folder(2);
        let file = fs::File::create(folder.path().join(name)).unwrap();
        file.set_len(limit + 1).unwrap();
        let error = ModelError::FileTooLarge { name: name.into(), bytes: limit + 1, limit };
        assert_eq!(open(folder.path()), Err(error));
    }
}

#[test]
fn the_limit_counts_all_files() {
    let folder = folder(3);
    let bytes = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    let with = |file_bytes| Model::open(folder.path(), &Limits { file_bytes, ..Limits::default() });
    assert!(with(bytes).is_ok());
    assert_eq!(with(bytes - 1), Err(ModelError::Oversized { bytes, limit: bytes - 1 }.into()));
    // A file without contents, as large as an attacker likes: refused by its length.
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("model-00002-of-00003.safetensors")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(open(folder.path()), Err(ModelError::Oversized { .. })));
}

#[test]
fn a_config_of_another_model_is_refused() {
    let folder = folder(1);
    for (config, named) in [
        (json!({"model_type": "llama"}).to_string(), "vocab_size"),
        (tiny(Family::Gpt2, 1).config.to_string(), "pe.weight"),
        ("\u{feff}{}".to_owned(), ""),
    ] {
        fs::write(folder.path().join("config.json"), config).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
    }
    fs::write(folder.path().join("config.json"), [0xff, 0xfe]).unwrap();
    assert!(matches!(open(folder.path()), Err(ModelError::Config { .. })));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    for (shards, name) in [
        (1, "config.json"),
        (1, "model.safetensors"),
        (1, "tokenizer.json"),
        (2, INDEX),
        (2, "model-00001-of-00002.safetensors"),
    ] {
        let (folder, outside) = (folder(shards), tempfile::tempdir().unwrap());
        let (inside, target) = (folder.path().join(name), outside.path().join("target"));
        if inside.exists() {
            fs::rename(&inside, &target).unwrap();
        } else {
            fs::write(&target, "{}").unwrap();
        }
        std::os::unix::fs::symlink(&target, &inside).unwrap();
        assert_eq!(open(folder.path()), Err(ModelError::NotAFile { name: name.into() }));
        fs::remove_file(&inside).unwrap();
        fs::create_dir(&inside).unwrap();
        assert_eq!(open(folder.path()), Err(ModelError::NotAFile { name: name.into() }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Bytes changed in any file of a folder: never a panic, and never a fault of the disk.
    #[test]
    fn mutations_never_panic(
        file in 0usize..4,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        family in prop::sample::select(&Family::ALL[..]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        tiny(family, 1).write_folder(folder.path(), 2);
        let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut bytes = fs::read(&files[file]).unwrap();
        for (at, byte) in edits {
            let front = bytes.len().min(4000);
            bytes[at.index(front)] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&files[file], bytes).unwrap();
        let found = Model::open(folder.path(), &Limits::default());
        prop_assert!(!matches!(found, Err(OpenError::Read(_))), "{found:?}");
    }
}
