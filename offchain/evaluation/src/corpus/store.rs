//! Chunks on disk, each in a file named after its digest.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::chunk::{Chunk, MAX_CHUNK};
use super::error::CorpusError;
use super::manifest::{Entry, MAX_MANIFEST, Manifest};

const MANIFEST: &str = "manifest.json";

/// Tells the unfinished files of one process apart.
static UNFINISHED: AtomicU64 = AtomicU64::new(0);

/// A folder of chunks and the manifest. Nothing read from it is believed: a chunk is held against its digest every time.
#[derive(Debug, Clone)]
pub struct ChunkStore {
    folder: PathBuf,
}

impl ChunkStore {
    /// The store in `folder`, which is made if it is missing.
    pub fn open(folder: &Path) -> Result<Self, CorpusError> {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The chunk of a manifest's entry. Fails with [`CorpusError::Missing`], [`CorpusError::Damaged`] or
    /// [`CorpusError::Unreadable`].
    pub fn read(&self, entry: &Entry) -> Result<Chunk, CorpusError> {
        let path = self.path(entry);
        let bytes = match read_at_most(&path, MAX_CHUNK) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(CorpusError::Missing { chunk: entry.digest });
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let damaged = |reason: String| CorpusError::Damaged { chunk: entry.digest, reason };
        let length = bytes.len();
        if length != entry.bytes as usize {
            return Err(damaged(format!("it does not have the {} bytes of the manifest", entry.bytes)));
        }
        let chunk = Chunk::parse(bytes).map_err(|error| damaged(error.to_string()))?;
        if chunk.digest() != entry.digest {
            return Err(damaged(format!("its digest is {}", chunk.digest())));
        }
        if chunk.count() != entry.documents {
            return Err(damaged(format!("it has {} documents, not {}", chunk.count(), entry.documents)));
        }
        Ok(chunk)
    }

    /// Stores a chunk, whole or not at all. Fails with [`CorpusError::Unwritable`].
    pub fn write(&self, chunk: &Chunk) -> Result<(), CorpusError> {
        self.replace(&self.folder.join(chunk.digest().to_string()), chunk.bytes())
    }

    /// The manifest. Fails with [`CorpusError::Unreadable`] or [`CorpusError::Manifest`].
    pub fn manifest(&self) -> Result<Manifest, CorpusError> {
        let path = self.folder.join(MANIFEST);
        let json = read_at_most(&path, MAX_MANIFEST).map_err(|error| unreadable(&path, &error))?;
        Manifest::from_json(&json)
    }

    /// Stores the manifest, whole or not at all. Fails with [`CorpusError::Unwritable`] or as [`Manifest::to_json`] does.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), CorpusError> {
        self.replace(&self.folder.join(MANIFEST), manifest.to_json()?.as_bytes())
    }

    /// Makes a corpus of documents: chunks first, the manifest last. Fails as [`Chunk::pack`], [`Manifest::of`] and
    /// [`Self::write`] do.
    pub fn build<'a>(&self, documents: impl IntoIterator<Item = &'a str>) -> Result<Manifest, CorpusError> {
        let chunks = Chunk::pack(documents)?;
        let manifest = Manifest::of(&chunks)?;
        chunks.iter().try_for_each(|chunk| self.write(chunk))?;
        self.write_manifest(&manifest)?;
        Ok(manifest)
    }

    fn path(&self, entry: &Entry) -> PathBuf {
        self.folder.join(entry.digest.to_string())
    }

    /// Writes beside the file and renames, so that nobody ever sees half of it.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), CorpusError> {
        let number = UNFINISHED.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("unfinished-{}-{number}", std::process::id()));
        let result = write_new(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
        result.map_err(|error| {
            // The first error is the one to tell.
            let _ = fs::remove_file(&unfinished);
            unwritable(path, &error)
        })
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A file's bytes, and one more than `limit` at most.
fn read_at_most(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> CorpusError {
    CorpusError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}

fn unwritable(path: &Path, error: &io::Error) -> CorpusError {
    CorpusError::Unwritable { path: path.display().to_string(), reason: error.to_string() }
}
