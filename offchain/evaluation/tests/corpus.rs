//! Corpora of chunks: how they are stored, proved and read, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::fs;

use common::library::{chunks_of, hash, texts};
use inktensor_evaluation::Digest;
use inktensor_evaluation::corpus::{Chunk, ChunkStore, CorpusError, MAX_CHUNK, Manifest};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

/// The root by the specification, for any number of leaves.
fn root_by_the_book(chunks: &[Vec<u8>], documents: &[usize]) -> Digest {
    let number = |number: usize| (number as u64).to_le_bytes();
    let leaf = |(index, chunk): (usize, &Vec<u8>)| {
        let (bytes, documents) = (number(chunk.len()), number(documents[index]));
        hash(&[b"inktensor/corpus/leaf/1", &number(index), &bytes, &documents, &Digest::of(chunk).0])
    };
    let mut level: Vec<Digest> = chunks.iter().enumerate().map(leaf).collect();
    while level.len() > 1 {
        let above = level.chunks(2).map(|pair| match pair {
            [left, right] => hash(&[b"inktensor/merkle/node/1", &left.0, &right.0]),
            _ => pair[0],
        });
        level = above.collect();
    }
    hash(&[b"inktensor/merkle/root/1", &number(chunks.len()), &level[0].0])
}

proptest! {
    #[test]
    fn a_root_is_the_merkle_tree_of_the_specification(chunks in texts()) {
        let packed = chunks_of(&chunks);
        let stored = |documents: &Vec<String>| -> Vec<u8> {
            documents.iter().flat_map(|text| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()).collect()
        };
        let stored: Vec<Vec<u8>> = chunks.iter().map(stored).collect();
        prop_assert_eq!(packed.iter().map(Chunk::bytes).collect::<Vec<_>>(), stored.iter().collect::<Vec<_>>());
        let counts: Vec<usize> = chunks.iter().map(Vec::len).collect();
        prop_assert_eq!(Manifest::of(&packed).unwrap().root(), root_by_the_book(&stored, &counts));
    }

    #[test]
    fn a_manifest_survives_its_json_and_proves_its_chunks(chunks in texts(), index: prop::sample::Index) {
        let manifest = Manifest::of(&chunks_of(&chunks)).unwrap();
        let again = Manifest::from_json(manifest.to_json().unwrap().as_bytes()).unwrap();
        prop_assert_eq!(again.root(), manifest.root());
        let proof = again.proof(index.index(chunks.len())).unwrap();
        prop_assert!(proof.proves(manifest.root()));
        prop_assert!(!proof.proves(Digest([1; 32])));
        for field in 0..4 {
            let mut forged = proof.clone();
            match field {
                0 => forged.entry.bytes += 1,
                1 => forged.entry.documents += 1,
                2 => forged.entry.digest = Digest([1; 32]),
                _ => forged.index += 1,
            }
            prop_assert!(!forged.proves(manifest.root()), "field {field}");
        }
        prop_assert_eq!(again.proof(chunks.len()), None);
    }

    #[test]
    fn damaged_manifests_are_refused_or_another_corpus(chunks in texts(), place: prop::sample::Index, byte: u8) {
        let manifest = Manifest::of(&chunks_of(&chunks)).unwrap();
        let mut json = manifest.to_json().unwrap().into_bytes();
        let place = place.index(json.len());
        json[place] = byte;
        if let Ok(other) = Manifest::from_json(&json) {
            prop_assert_eq!(other.expect(manifest.root()).is_ok(), other == manifest);
        }
    }

    #[test]
    fn chunks_give_back_their_documents(documents in vec("[a-zé☂]{1,40}", 1..20)) {
        let chunks = Chunk::pack(documents.iter().map(String::as_str)).unwrap();
        let found: Vec<&str> = chunks.iter().flat_map(Chunk::documents).collect();
        prop_assert_eq!(found, documents);
    }

    #[test]
    fn any_bytes_are_a_chunk_or_refused(bytes in vec(any::<u8>(), 0..60)) {
        if let Ok(chunk) = Chunk::parse(bytes) {
            let again = Chunk::pack(chunk.documents()).unwrap();
            prop_assert_eq!(again, [chunk]);
        }
    }
}

#[test]
fn a_corpus_is_built_in_a_folder_and_opened_again() {
    let folder = TempDir::new().unwrap();
    let store = ChunkStore::open(&folder.path().join("corpus")).unwrap();
    assert!(matches!(store.manifest(), Err(CorpusError::Unreadable { .. })));
    let documents: Vec<String> = (0..5).map(|number| format!("{number}").repeat(300_000)).collect();
    let manifest = store.build(documents.iter().map(String::as_str)).unwrap();
    assert_eq!(manifest.entries().iter().map(|entry| entry.documents).collect::<Vec<_>>(), [3, 2]);
    let opened = store.manifest().unwrap();
    assert_eq!(opened, manifest);
    assert_eq!(opened.expect(manifest.root()), Ok(()));
    let expected = Digest([1; 32]);
    assert_eq!(opened.expect(expected), Err(CorpusError::WrongDigest { expected, found: manifest.root() }));
    let files = fs::read_dir(folder.path().join("corpus")).unwrap().count();
    assert_eq!(files, 3, "two chunks and the manifest, nothing unfinished");
}

#[test]
fn hostile_manifests_are_refused() {
    let digest = "ab".repeat(32);
    let line =
        |bytes: u64, documents: u64| format!(r#"{{"digest":"{digest}","bytes":{bytes},"documents":{documents}}}"#);
    let file = |schema: &str, chunks: &str| format!(r#"{{"schema":"{schema}","chunks":[{chunks}]}}"#);
    let schema = "inktensor/corpus/1";
    assert!(Manifest::from_json(file(schema, &line(10, 1)).as_bytes()).is_ok());
    let hostile = [
        String::new(),
        "[".repeat(100_000),
        file("inktensor/corpus/2", &line(10, 1)),
        file(schema, ""),
        file(schema, &line(10, 0)),
        file(schema, &line(0, 0)),
        file(schema, &line(10, 3)),
        file(schema, &line(MAX_CHUNK as u64 + 1, 1)),
        file(schema, &line(1 << 40, 1)),
        file(schema, &format!("{0},{0}", line(10, 1))),
        file(schema, &line(10, 1).replace("ab", "xy")),
        file(schema, &line(10, 1).replace("bytes", "octets")),
        format!("{}{}", file(schema, &line(10, 1)), " ".repeat(33 << 20)),
    ];
    for json in hostile {
        let outcome = Manifest::from_json(json.as_bytes());
        assert!(matches!(outcome, Err(CorpusError::Manifest { .. })), "{}", &json[..json.len().min(200)]);
    }
}

#[test]
fn documents_that_make_no_chunk_are_refused() {
    let long = "x".repeat(MAX_CHUNK);
    for documents in [vec![""], vec!["a", "", "b"], vec![long.as_str()]] {
        assert!(matches!(Chunk::pack(documents), Err(CorpusError::Chunk { .. })));
    }
    assert!(matches!(Manifest::of(&[]), Err(CorpusError::Manifest { .. })));
    for bytes in [&b""[..], b"\x01\0\0", b"\x02\0\0\0a", b"\0\0\0\0", b"\x01\0\0\0\xff", b"\xff\xff\xff\xffabcd"] {
        assert!(matches!(Chunk::parse(bytes.to_vec()), Err(CorpusError::Chunk { .. })), "{bytes:?}");
    }
}
