//! A file as it is committed: its digest and its size.

use std::path::{Path, PathBuf};

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use crate::AgentError;

/// A file on disk: a model, or data. It is not held in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    path: PathBuf,
    digest: [u8; 32],
    size: u64,
}

impl ModelFile {
    /// Reads the file once, for its digest.
    pub async fn read(path: &Path) -> Result<Self, AgentError> {
        let unreadable = |_| AgentError::NoModel { path: path.to_owned() };
        let mut file = File::open(path).await.map_err(unreadable)?;
        let (mut hash, mut size, mut buffer) = (Blake2b::<U32>::new(), 0, vec![0; 1 << 16]);
        loop {
            let count = file.read(&mut buffer).await.map_err(unreadable)?;
            if count == 0 {
                break;
            }
            hash.update(&buffer[..count]);
            size += count as u64;
        }
        Ok(Self { path: path.to_owned(), digest: hash.finalize().into(), size })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// blake2b-256 of its bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its bytes.
    pub fn size(&self) -> u64 {
        self.size
    }
}
