//! The list of a corpus' chunks, and the root that stands for it.

use std::collections::HashSet;

use blake2::Digest as _;
use serde::{Deserialize, Serialize};

use super::chunk::{Chunk, MAX_CHUNK, MIN_DOCUMENT};
use super::error::CorpusError;
use crate::digest::{Blake2b256, Digest};
use crate::merkle;

/// Bytes of the largest manifest that is read. A chunk takes about 110 of them.
pub const MAX_MANIFEST: usize = 32 << 20;

/// Chunks of the largest corpus.
pub const MAX_CHUNKS: usize = 1 << 18;

const SCHEMA: &str = "inktensor/corpus/1";
const LEAF: &[u8] = b"inktensor/corpus/leaf/1";

/// What a manifest says of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// blake2b-256 of the chunk's bytes.
    pub digest: Digest,
    /// Number of its bytes.
    pub bytes: u32,
    /// Number of its documents.
    pub documents: u32,
}

/// The chunks of a corpus, in order. Its [`root`](Self::root) is the corpus' identity: a subnet names no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Entry>,
    root: Digest,
}

/// That a chunk belongs to a corpus, for somebody who knows the root alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The chunk.
    pub entry: Entry,
    /// Its place among the chunks, from 0.
    pub index: u64,
    /// Number of chunks.
    pub chunks: u64,
    /// Neighbours on the way to the root, from below.
    pub path: Vec<Digest>,
}

impl Manifest {
    /// The manifest of these chunks. Fails with [`CorpusError::Manifest`] if there is none, if there are too many, or if
    /// one stands twice.
    pub fn of<'a>(chunks: impl IntoIterator<Item = &'a Chunk>) -> Result<Self, CorpusError> {
        let entry = |chunk: &Chunk| Entry {
            digest: chunk.digest(),
            // At most MAX_CHUNK.
            bytes: chunk.bytes().len() as u32,
            documents: chunk.count(),
        };
        Self::new(chunks.into_iter().map(entry).collect())
    }

    fn new(entries: Vec<Entry>) -> Result<Self, CorpusError> {
        if entries.len() > MAX_CHUNKS {
            return Err(refuse(format!("it lists {} chunks", entries.len())));
        }
        let mut seen = HashSet::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let least = u64::from(entry.documents) * MIN_DOCUMENT;
            if entry.documents == 0 || u64::from(entry.bytes) < least || entry.bytes as usize > MAX_CHUNK {
                return Err(refuse(format!("chunk {index} cannot have the size that it is said to have")));
            }
            if !seen.insert(entry.digest) {
                return Err(refuse(format!("chunk {index} stands in it twice")));
            }
        }
        let root = merkle::root(&leaves(&entries)).ok_or_else(|| refuse("it lists no chunk"))?;
        Ok(Self { entries, root })
    }

    /// Reads the JSON that [`Self::to_json`] writes, as hostile input. Fails with [`CorpusError::Manifest`].
    pub fn from_json(json: &[u8]) -> Result<Self, CorpusError> {
        if json.len() > MAX_MANIFEST {
            return Err(refuse(format!("it has {} bytes", json.len())));
        }
        let file: File = serde_json::from_slice(json).map_err(|error| refuse(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(refuse(format!("its schema is {:?}, not {SCHEMA:?}", file.schema)));
        }
        let entry = |line: Line| {
            let digest = line.digest.parse().map_err(|error| refuse(format!("{}: {error}", line.digest)))?;
            Ok(Entry { digest, bytes: line.bytes, documents: line.documents })
        };
        Self::new(file.chunks.into_iter().map(entry).collect::<Result<_, _>>()?)
    }

    /// The manifest as JSON: `schema`, and `chunks` with `digest` (hex), `bytes` and `documents` of each.
    ///
    /// Fails with [`CorpusError::Manifest`], which a manifest in memory gives no reason for.
    pub fn to_json(&self) -> Result<String, CorpusError> {
        let line =
            |entry: &Entry| Line { digest: entry.digest.to_string(), bytes: entry.bytes, documents: entry.documents };
        let file = File { schema: SCHEMA.to_owned(), chunks: self.entries.iter().map(line).collect() };
        serde_json::to_string(&file).map_err(|error| refuse(error.to_string()))
    }

    /// The Merkle root over the chunks, see [`Entry::leaf`].
    pub fn root(&self) -> Digest {
        self.root
    }

    /// Fails with [`CorpusError::WrongDigest`] unless this is the corpus with root `expected`.
    pub fn expect(&self, expected: Digest) -> Result<(), CorpusError> {
        if self.root == expected {
            return Ok(());
        }
        Err(CorpusError::WrongDigest { expected, found: self.root })
    }

    /// The chunks.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of all chunks.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| u64::from(entry.bytes)).sum()
    }

    /// That chunk `index` belongs to the corpus; None if there is no such chunk.
    pub fn proof(&self, index: usize) -> Option<Proof> {
        let path = merkle::path(&leaves(&self.entries), index)?;
        Some(Proof { entry: self.entries[index], index: index as u64, chunks: self.entries.len() as u64, path })
    }
}

impl Entry {
    /// The leaf of chunk `index`: `blake2b-256("inktensor/corpus/leaf/1" ‖ index ‖ bytes ‖ documents ‖ digest)`, numbers
    /// as u64 little-endian. Inner nodes have a tag of their own; the last one of an odd level moves up as it is; the
    /// root covers the number of chunks.
    pub fn leaf(&self, index: u64) -> Digest {
        let mut hash = Blake2b256::new_with_prefix(LEAF);
        for number in [index, u64::from(self.bytes), u64::from(self.documents)] {
            hash.update(number.to_le_bytes());
        }
        hash.update(self.digest.0);
        Digest(hash.finalize().into())
    }
}

impl Proof {
    /// Whether the chunk belongs to the corpus with this root.
    pub fn proves(&self, root: Digest) -> bool {
        merkle::climb(self.entry.leaf(self.index), self.index, self.chunks, &self.path) == Some(root)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    chunks: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    digest: String,
    bytes: u32,
    documents: u32,
}

fn leaves(entries: &[Entry]) -> Vec<Digest> {
    entries.iter().enumerate().map(|(index, entry)| entry.leaf(index as u64)).collect()
}

fn refuse(reason: impl Into<String>) -> CorpusError {
    CorpusError::Manifest { reason: reason.into() }
}
