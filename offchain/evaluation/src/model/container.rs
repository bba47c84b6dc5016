//! The safetensors container, read as hostile input: every length is checked before it is believed.
//!
//! Layout: the header's length as u64 little-endian, the header as JSON (name to dtype, shape and byte range), then the
//! tensors without gap or overlap. The `safetensors` crate checks ranges against each other and against shapes.

use safetensors::Dtype;
use safetensors::tensor::Metadata;

use super::error::ModelError;

/// Bytes of the largest header that is read. A tensor takes about 120 of them.
pub const MAX_HEADER: u64 = 1 << 20;

/// Bytes of the header's length.
const PREFIX: usize = 8;

/// A file whose header has been checked against its length.
pub(super) struct Container<'a> {
    metadata: Metadata,
    data: &'a [u8],
}

impl<'a> Container<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, ModelError> {
        let actual = file.len() as u64;
        let truncated = |expected| ModelError::Truncated { expected, actual };
        let (prefix, rest) = file.split_first_chunk::<PREFIX>().ok_or(truncated(PREFIX as u64))?;
        let length = u64::from_le_bytes(*prefix);
        if length > MAX_HEADER {
            return Err(ModelError::HeaderTooLarge { bytes: length, limit: MAX_HEADER });
        }
        let (header, data) = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(truncated(PREFIX as u64 + length))?;
        let metadata: Metadata =
            serde_json::from_slice(header).map_err(|error| ModelError::Header { reason: error.to_string() })?;
        let promised = metadata.data_len();
        if promised > data.len() {
            return Err(truncated((PREFIX as u64 + length).saturating_add(promised as u64)));
        }
        if promised < data.len() {
            return Err(ModelError::TrailingBytes { extra: (data.len() - promised) as u64 });
        }
        Ok(Self { metadata, data })
    }

    /// The configuration's JSON.
    pub(super) fn config(&self) -> Result<&str, ModelError> {
        let metadata = self.metadata.metadata().as_ref();
        metadata.and_then(|entries| entries.get("config")).map(String::as_str).ok_or(ModelError::MissingConfig)
    }

    /// Names of all tensors.
    pub(super) fn names(&self) -> Vec<String> {
        self.metadata.offset_keys()
    }

    /// Checks that `name` is there with `shape` in a supported format, without reading its weights.
    pub(super) fn check(&self, name: &str, shape: &[usize]) -> Result<(), ModelError> {
        let name = || name.to_owned();
        let info = self.metadata.info(&name()).ok_or_else(|| ModelError::MissingTensor { name: name() })?;
        if info.shape != shape {
            let (expected, found) = (shape.to_vec(), info.shape.clone());
            return Err(ModelError::WrongShape { name: name(), expected, found });
        }
        if !matches!(info.dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16) {
            return Err(ModelError::WrongDtype { name: name(), dtype: format!("{:?}", info.dtype) });
        }
        Ok(())
    }

    /// The weights of a tensor that [`Self::check`] has passed, as finite f32 in row-major order.
    pub(super) fn weights(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let missing = || ModelError::MissingTensor { name: name.to_owned() };
        let info = self.metadata.info(name).ok_or_else(missing)?;
        let bytes = self.data.get(info.data_offsets.0..info.data_offsets.1).ok_or_else(missing)?;
        let weights = decode(name, info.dtype, bytes)?;
        match weights.iter().position(|weight| !weight.is_finite()) {
            Some(index) => Err(ModelError::NonFinite { name: name.to_owned(), index }),
            None => Ok(weights),
        }
    }
}

/// Little-endian numbers of `dtype` as f32; exact for all three formats.
fn decode(name: &str, dtype: Dtype, bytes: &[u8]) -> Result<Vec<f32>, ModelError> {
    let pairs = || bytes.as_chunks::<2>().0.iter().copied();
    match dtype {
        Dtype::F32 => Ok(bytes.as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect()),
        Dtype::F16 => Ok(pairs().map(|pair| half::f16::from_le_bytes(pair).to_f32()).collect()),
        Dtype::BF16 => Ok(pairs().map(|pair| half::bf16::from_le_bytes(pair).to_f32()).collect()),
        other => Err(ModelError::WrongDtype { name: name.to_owned(), dtype: format!("{other:?}") }),
    }
}
