//! The held-out text that models are measured on, and the deterministic choice of windows from it.
//!
//! A small corpus is one file ([`Corpus`]), known by its digest. A large one is a [`Manifest`] of [`Chunk`]s, known by
//! its Merkle root, of which a validator fetches what it needs into a [`ChunkStore`]; [`sample()`] chooses its windows
//! (`examples/make_corpus.rs` makes one of text files). A corpus must not be text that miners train on.

mod chunk;
mod error;
mod manifest;
mod packing;
mod sample;
mod store;
mod text;
mod tokens;

pub use chunk::{Chunk, MAX_CHUNK};
pub use error::CorpusError;
pub use manifest::{Entry, MAX_CHUNKS, MAX_MANIFEST, Manifest, Proof};
pub use packing::Packing;
pub use sample::{Sample, sample};
pub use store::ChunkStore;
pub use text::Corpus;
pub use tokens::{Bytes, Token, Tokens, TokensError};
