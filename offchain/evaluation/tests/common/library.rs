//! Corpora made up for tests.

use inktensor_evaluation::Digest;
use inktensor_evaluation::corpus::{Chunk, ChunkStore, Manifest};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

/// Chunks that all differ.
pub fn texts() -> impl Strategy<Value = Vec<Vec<String>>> {
    let document = "[a-zé☂ ]{1,60}";
    vec(vec(document, 1..5), 1..7).prop_map(|mut chunks| {
        chunks.iter_mut().enumerate().for_each(|(index, chunk)| chunk[0] += &index.to_string());
        chunks
    })
}

/// Chunks of these documents.
pub fn chunks_of(documents: &[Vec<String>]) -> Vec<Chunk> {
    documents.iter().flat_map(|chunk| Chunk::pack(chunk.iter().map(String::as_str)).unwrap()).collect()
}

/// A store of these chunks.
pub fn store(documents: &[Vec<String>]) -> (TempDir, ChunkStore, Manifest) {
    let folder = TempDir::new().unwrap();
    let store = ChunkStore::open(folder.path()).unwrap();
    let chunks = chunks_of(documents);
    chunks.iter().for_each(|chunk| store.write(chunk).unwrap());
    let manifest = Manifest::of(&chunks).unwrap();
    (folder, store, manifest)
}

/// 40 chunks of prose, of about 3 kB each.
pub fn library() -> (TempDir, ChunkStore, Manifest) {
    let text = |chunk: u32| (0..600).map(|word| format!("w{} ", (chunk * 7919 + word * word) % 1009)).collect();
    store(&(0..40).map(|chunk| vec![text(chunk)]).collect::<Vec<_>>())
}

/// The digest of the parts, one after the other.
pub fn hash(parts: &[&[u8]]) -> Digest {
    Digest::of(&parts.concat())
}
