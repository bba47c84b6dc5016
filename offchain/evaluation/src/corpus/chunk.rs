//! Chunks: some documents, fetched together.

use super::error::CorpusError;
use crate::digest::Digest;

/// Bytes of the largest chunk.
pub const MAX_CHUNK: usize = 1 << 20;

/// Bytes of the shortest document in a chunk, with its length.
pub(super) const MIN_DOCUMENT: u64 = 5;

/// Bytes of a document's length.
const PREFIX: usize = 4;

/// Documents, none of them empty, known by the digest of their bytes.
///
/// Each document stands as the number of its bytes (u32 little-endian) and these bytes, UTF-8; nothing else stands in a
/// chunk, which has 1 to [`MAX_CHUNK`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    bytes: Vec<u8>,
    documents: u32,
}

impl Chunk {
    /// Reads a chunk. Fails with [`CorpusError::Chunk`] on anything but documents.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, CorpusError> {
        if bytes.is_empty() || bytes.len() > MAX_CHUNK {
            return Err(refuse(format!("it has {} bytes", bytes.len())));
        }
        let mut rest = &bytes[..];
        let mut documents = 0;
        while !rest.is_empty() {
            let (document, after) = split(rest).ok_or_else(|| refuse("the last document is cut short"))?;
            if document.is_empty() {
                return Err(refuse(format!("document {documents} is empty")));
            }
            if std::str::from_utf8(document).is_err() {
                return Err(refuse(format!("document {documents} is not UTF-8")));
            }
            documents += 1;
            rest = after;
        }
        Ok(Self { bytes, documents })
    }

    /// Puts documents into chunks, in order, each chunk as full as it gets. Fails with [`CorpusError::Chunk`] on a
    /// document that is empty or fits no chunk.
    pub fn pack<'a>(documents: impl IntoIterator<Item = &'a str>) -> Result<Vec<Self>, CorpusError> {
        let mut chunks = Vec::new();
        let mut bytes = Vec::new();
        for document in documents {
            if PREFIX + document.len() > MAX_CHUNK {
                return Err(refuse(format!("a document has {} bytes", document.len())));
            }
            if bytes.len() + PREFIX + document.len() > MAX_CHUNK {
                chunks.push(Self::parse(std::mem::take(&mut bytes))?);
            }
            bytes.extend_from_slice(&(document.len() as u32).to_le_bytes());
            bytes.extend_from_slice(document.as_bytes());
        }
        if !bytes.is_empty() {
            chunks.push(Self::parse(bytes)?);
        }
        Ok(chunks)
    }

    /// The chunk as it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// blake2b-256 of the stored bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// Number of documents.
    pub fn count(&self) -> u32 {
        self.documents
    }

    /// The documents, in order.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (document, after) = split(rest)?;
            rest = after;
            std::str::from_utf8(document).ok()
        })
    }
}

/// The first document, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*prefix)).ok()?)
}

fn refuse(reason: impl Into<String>) -> CorpusError {
    CorpusError::Chunk { reason: reason.into() }
}
