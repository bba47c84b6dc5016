//! One file of a folder: what a miner commits to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::container::{Container, MAX_HEADER};
use super::error::{ModelError, OpenError};
use super::files::{Opened, TOKENIZER};
use super::{Limits, Model};

/// Why a folder was not packed.
#[derive(Debug, Error)]
pub enum PackError {
    /// There is no sound model in the folder.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file could not be written.
    #[error("the file cannot be written: {0}. Check the space on the disk")]
    Write(#[from] io::Error),
}

/// Writes the model of a folder as one safetensors file: the configuration in the metadata, the tensors as they are, and the
/// tokenizer, if there is one, as a tensor of bytes. What it computes stays the same, and so does its tensors' digest.
///
/// # Errors
/// What is wrong with the model, and what went wrong with writing; then what was written is not to be used.
pub fn pack(folder: &Path, limits: &Limits, out: &mut impl Write) -> Result<(), PackError> {
    Model::open(folder, limits)?;
    let Opened { weights, config, tokenizer, .. } = Opened::folder(folder, limits)?;
    let mut header = Map::from_iter([("__metadata__".to_owned(), json!({ "config": config, "format": "pt" }))]);
    let mut end = 0;
    let mut tell = |name: &str, dtype: Dtype, shape: &[usize], bytes: usize| {
        let offsets = [end, end + bytes];
        end += bytes;
        header.insert(name.to_owned(), json!({ "dtype": dtype.to_string(), "shape": shape, "data_offsets": offsets }));
    };
    for (_, container) in weights.containers() {
        for (name, info) in in_order(container) {
            tell(name, info.dtype, &info.shape, info.data_offsets.1 - info.data_offsets.0);
        }
    }
    if let Some(file) = &tokenizer {
        tell(TOKENIZER, Dtype::U8, &[file.len()], file.len());
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = header.len() as u64;
    if length > MAX_HEADER {
        return Err(OpenError::from(ModelError::HeaderTooLarge { bytes: length, limit: MAX_HEADER }).into());
    }
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&header)?;
    for (_, container) in weights.containers() {
        for (_, info) in in_order(container) {
            out.write_all(&container.bytes(info)?)?;
        }
    }
    out.write_all(&tokenizer.unwrap_or_default())?;
    Ok(out.flush()?)
}

/// Tensors as they lie in their file.
fn in_order(container: &Container) -> Vec<(&str, &TensorInfo)> {
    let by_place: BTreeMap<_, _> =
        container.tensors().iter().map(|(name, info)| ((info.data_offsets, name.as_str()), info)).collect();
    by_place.into_iter().map(|((_, name), info)| (name, info)).collect()
}
