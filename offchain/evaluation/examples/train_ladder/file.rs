//! The model file: one safetensors file with the configuration in its metadata and the weights in half precision.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Result as CandleResult, Tensor, bail};

use crate::ladder::Config;
use crate::llama::{Llama, Weights};

/// Writes the weights as F16, named as Hugging Face does, with the configuration as JSON under the metadata key
/// `config`.
pub fn save(path: &Path, model: &Llama) -> Result<(), Box<dyn Error>> {
    let halves = model
        .weights()
        .iter()
        .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F16)?)))
        .collect::<CandleResult<Vec<_>>>()?;
    let metadata = HashMap::from([("config".to_owned(), serde_json::to_string(model.config())?)]);
    Ok(fs::write(path, safetensors::serialize(halves, Some(metadata))?)?)
}

/// Reads the weights of a file that [`save`] wrote, as F32.
pub fn load(path: &Path, config: Config) -> CandleResult<Llama> {
    let weights = candle_core::safetensors::load(path, &Device::Cpu)?
        .into_iter()
        .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F32)?)))
        .collect::<CandleResult<Weights>>()?;
    Llama::new(config, weights)
}

/// The model with the first number of one weight replaced by one that is not a number.
pub fn with_nan(model: &Llama, name: &str) -> CandleResult<Llama> {
    let mut weights = model.weights().clone();
    let Some(weight) = weights.get_mut(name) else { bail!("the model has no weight {name}") };
    let mut values = weight.flatten_all()?.to_vec1::<f32>()?;
    values[0] = f32::NAN;
    *weight = Tensor::from_vec(values, weight.shape(), &Device::Cpu)?;
    Llama::new(*model.config(), weights)
}
