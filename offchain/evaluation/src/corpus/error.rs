//! Why no windows can be had.

use thiserror::Error;

use super::chunk::MAX_CHUNK;
use super::manifest::{MAX_CHUNKS, MAX_MANIFEST};
use super::tokens::TokensError;
use crate::digest::Digest;

/// Why no windows can be had. The validator's own fault: it abstains. Nothing is ever measured on what is left of a
/// corpus, since validators that miss different parts would disagree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CorpusError {
    /// The file cannot be read.
    #[error("corpus {path} cannot be read: {reason}. Fetch the corpus of the subnet's evaluator again")]
    Unreadable {
        /// Path of the file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// A chunk or manifest cannot be stored.
    #[error("{path} cannot be written: {reason}. Check the folder's rights and the space on its disk")]
    Unwritable {
        /// Path of the file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The text or manifest is not the one that the subnet names.
    #[error(
        "the corpus has digest {found} where {expected} is wanted. Fetch the corpus of the subnet's evaluator again"
    )]
    WrongDigest {
        /// Digest wanted.
        expected: Digest,
        /// Digest found.
        found: Digest,
    },
    /// The manifest is no list of chunks.
    #[error(
        "the manifest is not usable: {reason}. It must have at most {MAX_MANIFEST} bytes and 1 to {MAX_CHUNKS} chunks"
    )]
    Manifest {
        /// What is wrong.
        reason: String,
    },
    /// A chunk is not in the store.
    #[error("chunk {chunk} is missing. Fetch it again")]
    Missing {
        /// Digest of the chunk.
        chunk: Digest,
    },
    /// What the store holds under a chunk's digest is something else.
    #[error("chunk {chunk} is damaged: {reason}. Delete its file and fetch it again")]
    Damaged {
        /// Digest of the chunk.
        chunk: Digest,
        /// What is wrong.
        reason: String,
    },
    /// Documents that make no chunk.
    #[error("the documents make no chunk: {reason}. A chunk has 1 to {MAX_CHUNK} bytes; cut longer documents")]
    Chunk {
        /// What is wrong.
        reason: String,
    },
    /// A document cannot be turned into tokens.
    #[error("a document of chunk {chunk} cannot be turned into tokens: {source}")]
    Tokens {
        /// Digest of the chunk.
        chunk: Digest,
        /// The tokenizer's words.
        source: TokensError,
    },
    /// There are fewer different windows than were asked for.
    #[error("the corpus has {available} windows of {size} tokens or bytes, fewer than the {wanted} wanted")]
    NotEnoughText {
        /// Different windows in the corpus, or as many as were found before sampling gave up.
        available: u64,
        /// Windows asked for.
        wanted: u64,
        /// Predicted tokens or bytes of a window.
        size: u64,
    },
    /// Windows without predictions were asked for.
    #[error("a window must predict at least one byte")]
    EmptyWindow,
}
