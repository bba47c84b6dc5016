//! Bytes that can be read at any place: a file in memory, or one on disk that is read when it is asked for.

use std::borrow::Cow;
use std::fs::File;
use std::io;

/// Where the bytes of a file are.
#[derive(Debug)]
pub(super) enum Source {
    Memory(Vec<u8>),
    Disk(File),
}

impl Source {
    /// Bytes of the file.
    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => Ok(bytes.len() as u64),
            Self::Disk(file) => Ok(file.metadata()?.len()),
        }
    }

    /// `length` bytes from `offset` on. Only for ranges that have been checked against [`Self::length`], as the memory
    /// for them is taken first.
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).ok();
                let range = start.and_then(|start| Some(start..start.checked_add(length)?));
                let found = range.and_then(|range| bytes.get(range));
                found.map(Cow::Borrowed).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
            Self::Disk(file) => {
                let mut bytes = vec![0; length];
                read_exact_at(file, &mut bytes, offset)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
