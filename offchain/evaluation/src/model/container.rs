//! The safetensors container, read as hostile input: every length is checked before it is believed.
//!
//! Layout: the header's length as u64 little-endian, the header as JSON (name to dtype, shape and byte range), then the
//! tensors without gap or overlap. The `safetensors` crate checks ranges against each other and against shapes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::error::{ModelError, OpenError, printable};
use super::json::Header;
use super::source::Source;
use super::weights::ReadError;

/// Bytes of the largest header that is read. A tensor takes about 120 of them.
pub const MAX_HEADER: u64 = 1 << 20;

/// Dimensions of a tensor. No family needs more than two.
const MAX_RANK: usize = 8;

/// Bytes of the header's length.
const PREFIX: u64 = 8;

/// A file whose header has been checked against its length.
#[derive(Debug)]
pub(super) struct Container {
    source: Source,
    /// Where the tensors begin.
    start: usize,
    metadata: BTreeMap<String, String>,
    tensors: BTreeMap<String, TensorInfo>,
}

impl Container {
    /// Reads the header of a file called `name`.
    pub(super) fn open(name: &str, source: Source) -> Result<Self, OpenError> {
        let unreadable = |error: io::Error| ReadError { what: name.to_owned(), reason: error.to_string() };
        let actual = source.length().map_err(unreadable)?;
        let truncated = |expected| ModelError::Truncated { expected, actual };
        if actual < PREFIX {
            return Err(truncated(PREFIX).into());
        }
        let prefix = source.read(0, PREFIX as usize).map_err(unreadable)?;
        let length = prefix.first_chunk().map_or(0, |prefix| u64::from_le_bytes(*prefix));
        if length > MAX_HEADER {
            return Err(ModelError::HeaderTooLarge { bytes: length, limit: MAX_HEADER }.into());
        }
        let start = PREFIX + length;
        let data = actual.checked_sub(start).ok_or(truncated(start))?;
        let header = source.read(PREFIX, length as usize).map_err(unreadable)?;
        let Header { metadata, tensors } = serde_json::from_slice(&header).map_err(|error| refuse(&error))?;
        let promised = contiguous(&tensors)? as u64;
        if promised > data {
            return Err(truncated(start.saturating_add(promised)).into());
        }
        if promised < data {
            return Err(ModelError::TrailingBytes { extra: data - promised }.into());
        }
        drop(header);
        Ok(Self { source, start: start as usize, metadata, tensors })
    }

    /// The configuration's JSON.
    pub(super) fn config(&self) -> Result<&str, ModelError> {
        self.metadata.get("config").map(String::as_str).ok_or(ModelError::MissingConfig)
    }

    /// All tensors by name.
    pub(super) fn tensors(&self) -> &BTreeMap<String, TensorInfo> {
        &self.tensors
    }

    /// What stands before the tensors.
    pub(super) fn head(&self) -> io::Result<Cow<'_, [u8]>> {
        self.source.read(0, self.start)
    }

    /// The bytes of one of [`Self::tensors`].
    pub(super) fn bytes(&self, info: &TensorInfo) -> io::Result<Cow<'_, [u8]>> {
        let (from, to) = info.data_offsets;
        self.source.read(self.start as u64 + from as u64, to - from)
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.start as u64 + self.tensors.values().map(|info| info.data_offsets.1 as u64).max().unwrap_or(0)
    }
}

/// Bytes of all tensors, which must follow one another and agree with their shapes.
fn contiguous(tensors: &BTreeMap<String, TensorInfo>) -> Result<usize, ModelError> {
    if let Some((name, _)) = tensors.iter().find(|(_, info)| info.shape.len() > MAX_RANK) {
        let reason = printable(&format!("tensor {name:?} has more than {MAX_RANK} dimensions"));
        return Err(ModelError::Header { reason });
    }
    let mut sorted: Vec<_> = tensors.iter().map(|(name, info)| (name.clone(), info.clone())).collect();
    sorted.sort_by_key(|(_, info)| info.data_offsets);
    Ok(Metadata::new(None, sorted).map_err(|error| refuse(&error))?.data_len())
}

fn refuse(error: &dyn std::error::Error) -> ModelError {
    ModelError::Header { reason: printable(&error.to_string()) }
}

/// Whether [`decode`] reads a format.
pub(super) fn is_supported(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16)
}

/// Little-endian numbers of a supported format as f32; exact for all three.
pub(super) fn decode(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
    let pairs = || bytes.as_chunks::<2>().0.iter().copied();
    match dtype {
        Dtype::F16 => pairs().map(|pair| half::f16::from_le_bytes(pair).to_f32()).collect(),
        Dtype::BF16 => pairs().map(|pair| half::bf16::from_le_bytes(pair).to_f32()).collect(),
        _ => bytes.as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect(),
    }
}
