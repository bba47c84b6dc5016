//! Downloaded files on disk, named by their digest in hex.
//!
//! A file gets its name only after its digest was checked, by a rename; it is checked again when it is read, so neither a
//! crash nor a failing disk makes a wrong file count. An operator may put files there by hand. One process uses a folder at
//! a time.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use tempfile::{Builder, NamedTempFile};
use thiserror::Error;

/// blake2b-256, the identity of a file.
pub(crate) type Blake2b256 = Blake2b<U32>;

/// How the names of drafts begin and end.
const DRAFT: (&str, &str) = (".tmp", ".part");

/// The folder of downloads cannot be used: the validator's own fault.
#[derive(Debug, Error)]
#[error("the folder of downloads {folder} cannot be used: {source}. Check its permissions and the space on its disk")]
pub struct CacheError {
    /// The folder.
    pub folder: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// A folder of files.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the folder, or makes it, and clears it of the drafts of a process that was killed.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        let cache = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder).and_then(|()| cache.clear()).map_err(|source| cache.error(source))?;
        Ok(cache)
    }

    /// Removes all drafts.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(DRAFT.0) && name.ends_with(DRAFT.1) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The bytes of a file, if it is here and whole. A damaged file is removed.
    pub fn read(&self, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, CacheError> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) if <[u8; 32]>::from(Blake2b256::digest(&bytes)) == *digest => Ok(Some(bytes)),
            Ok(_) => self.damaged(&path).map(|()| None),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.error(source)),
        }
    }

    /// Whether a file is here and whole, without holding all of it in memory. A damaged file is removed.
    pub fn holds(&self, digest: &[u8; 32]) -> Result<bool, CacheError> {
        let path = self.path(digest);
        match File::open(&path).and_then(hashed) {
            Ok(found) if found == *digest => Ok(true),
            Ok(_) => self.damaged(&path).map(|()| false),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(self.error(source)),
        }
    }

    fn damaged(&self, path: &Path) -> Result<(), CacheError> {
        tracing::warn!(path = %path.display(), "a cached file is damaged and will be fetched again");
        fs::remove_file(path).map_err(|source| self.error(source))
    }

    /// A file to write a download to. It vanishes when dropped before [`Cache::keep`].
    pub fn draft(&self) -> Result<NamedTempFile, CacheError> {
        let named = Builder::new().prefix(DRAFT.0).suffix(DRAFT.1).tempfile_in(&self.folder);
        named.map_err(|source| self.error(source))
    }

    /// Gives a checked file its name.
    pub fn keep(&self, draft: NamedTempFile, digest: &[u8; 32]) -> Result<(), CacheError> {
        draft.persist(self.path(digest)).map_err(|failure| self.error(failure.error))?;
        Ok(())
    }

    /// Removes files that are named by a digest, but not these, nor the latest of the others that have `spare` bytes
    /// together: the folder must not grow with every file that was ever named on chain.
    pub fn retain(&self, digests: &HashSet<[u8; 32]>, mut spare: u64) -> Result<(), CacheError> {
        let mut others = self.others(digests).map_err(|source| self.error(source))?;
        others.sort_by(|one, other| other.cmp(one));
        for (_, size, path) in others {
            match spare.checked_sub(size) {
                Some(left) => spare = left,
                None => fs::remove_file(&path).map_err(|source| self.error(source))?,
            }
        }
        Ok(())
    }

    /// All files that are named by a digest but these: when each was written, its bytes, and its path.
    fn others(&self, digests: &HashSet<[u8; 32]>) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
        let mut others = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let named = hex::decode(name).is_ok_and(|digest| digest.len() == 32);
            if named && !digests.iter().any(|digest| path == self.path(digest)) {
                let facts = entry.metadata()?;
                others.push((facts.modified()?, facts.len(), path));
            }
        }
        Ok(others)
    }

    pub(crate) fn error(&self, source: io::Error) -> CacheError {
        CacheError { folder: self.folder.clone(), source }
    }

    /// Where the file is, if it is here.
    pub fn path(&self, digest: &[u8; 32]) -> PathBuf {
        self.folder.join(hex::encode(digest))
    }
}

fn hashed(mut file: File) -> io::Result<[u8; 32]> {
    let (mut hash, mut part) = (Blake2b256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hash.finalize().into()),
            length => hash.update(&part[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use std::io::Write;

    use super::*;

    fn store(cache: &Cache, bytes: &[u8]) -> [u8; 32] {
        let digest: [u8; 32] = Blake2b256::digest(bytes).into();
        let mut draft = cache.draft().unwrap();
        draft.write_all(bytes).unwrap();
        cache.keep(draft, &digest).unwrap();
        digest
    }

    #[test]
    fn a_damaged_file_is_removed_not_returned() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let digest = store(&cache, b"model");
        assert_eq!(cache.read(&digest).unwrap().as_deref(), Some(b"model".as_slice()));
        std::fs::write(cache.path(&digest), b"m0del").unwrap();
        assert_eq!(cache.read(&digest).unwrap(), None);
        assert!(!cache.path(&digest).exists());
        store(&cache, b"model");
        assert!(cache.holds(&digest).unwrap());
        std::fs::write(cache.path(&digest), b"m0del").unwrap();
        assert!(!cache.holds(&digest).unwrap() && !cache.path(&digest).exists());
    }

    #[test]
    fn drafts_leave_nothing_and_stale_files_go() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        drop(cache.draft().unwrap());
        let (kept, stale) = (store(&cache, b"kept"), store(&cache, b"stale"));
        // As earlier versions named models.
        std::fs::write(cache.path(&[9; 32]).with_extension("safetensors"), b"older").unwrap();
        cache.retain(&HashSet::from([kept]), 0).unwrap();
        assert!(cache.read(&kept).unwrap().is_some() && cache.read(&stale).unwrap().is_none());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn drafts_of_a_killed_process_go_when_the_folder_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let digest = store(&cache, b"model");
        // The process had no time to remove it.
        let (_, left) = cache.draft().unwrap().keep().unwrap();
        let others = ["notes.part", ".tmp-notes"].map(|name| folder.path().join(name));
        others.iter().for_each(|path| std::fs::write(path, b"the operator's").unwrap());
        assert!(left.exists());
        let cache = Cache::open(folder.path()).unwrap();
        assert!(!left.exists() && others.iter().all(|path| path.exists()));
        assert!(cache.holds(&digest).unwrap());
    }

    #[test]
    fn the_latest_of_the_others_stay_while_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        let [kept, oldest, older, latest] = [(1, 40), (2, 30), (3, 20), (4, 10)].map(|(content, age)| {
            let digest = store(&cache, &[content; 10]);
            let written = SystemTime::now() - std::time::Duration::from_secs(age);
            File::options().write(true).open(cache.path(&digest)).unwrap().set_modified(written).unwrap();
            digest
        });
        cache.retain(&HashSet::from([kept]), 25).unwrap();
        let held = [kept, oldest, older, latest].map(|digest| cache.holds(&digest).unwrap());
        assert_eq!(held, [true, false, true, true]);
    }
}
