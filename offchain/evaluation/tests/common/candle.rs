//! candle's own models in f32 on the CPU, as oracles: they share no code with this crate.

use std::collections::HashMap;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_nn::ops::log_softmax;
use candle_transformers::models::bert::BertModel;
use candle_transformers::models::llama::{Cache, Config as LlamaConfig, Llama, LlamaConfig as LlamaJson};
use candle_transformers::models::{qwen2, qwen3};
use serde::de::DeserializeOwned;

/// A language model.
pub struct Oracle(Family);

enum Family {
    Llama(Box<Llama>, LlamaConfig),
    Qwen2(qwen2::ModelForCausalLM),
    Qwen3(qwen3::ModelForCausalLM),
}

impl Oracle {
    /// Reads a file that holds its configuration as metadata.
    pub fn new(file: &[u8]) -> Self {
        Self::read(file).unwrap()
    }

    fn read(file: &[u8]) -> Result<Self> {
        let weights = weights(file)?;
        let family = match config::<serde_json::Value>(file)["model_type"].as_str().unwrap() {
            "llama" => {
                let config = config::<LlamaJson>(file).into_config(false);
                Family::Llama(Box::new(Llama::load(weights, &config)?), config)
            }
            "qwen2" => Family::Qwen2(qwen2::ModelForCausalLM::new(&config(file), weights)?),
            "qwen3" => Family::Qwen3(qwen3::ModelForCausalLM::new(&config(file), weights)?),
            other => panic!("no oracle for {other}"),
        };
        Ok(Self(family))
    }

    /// Logits after each token, `[tokens, vocabulary]`.
    pub fn logits(&self, tokens: &[u32]) -> Vec<f64> {
        self.rows(tokens).and_then(|rows| rows.flatten_all()?.to_dtype(DType::F64)?.to_vec1()).unwrap()
    }

    /// Summed negative log-likelihood in nats of tokens 1.. of a window.
    pub fn nll(&self, window: &[u32]) -> f64 {
        let loss = || {
            let targets = Tensor::new(&window[1..], &Device::Cpu)?.unsqueeze(1)?;
            let chosen = log_softmax(&self.rows(&window[..window.len() - 1])?, D::Minus1)?.gather(&targets, 1)?;
            chosen.to_dtype(DType::F64)?.sum_all()?.to_scalar::<f64>()
        };
        -loss().unwrap()
    }

    /// The models give logits of the last token only, and remember those before: one token at a time.
    fn rows(&self, tokens: &[u32]) -> Result<Tensor> {
        let inputs = tokens.iter().map(|&token| Tensor::new(&[[token]], &Device::Cpu)).enumerate();
        let rows: Vec<Tensor> = match &self.0 {
            Family::Llama(model, config) => {
                let mut cache = Cache::new(true, DType::F32, config, &Device::Cpu)?;
                inputs.map(|(at, input)| model.forward(&input?, at, &mut cache)).collect::<Result<_>>()?
            }
            Family::Qwen2(model) => {
                let mut model = model.clone();
                inputs.map(|(at, input)| model.forward(&input?, at)?.squeeze(0)).collect::<Result<_>>()?
            }
            Family::Qwen3(model) => {
                let mut model = model.clone();
                inputs.map(|(at, input)| model.forward(&input?, at)?.squeeze(0)).collect::<Result<_>>()?
            }
        };
        Tensor::cat(&rows, 0)
    }
}

/// The final states of a BERT encoder for each sequence, `[tokens, hidden]`: computed as one batch, padded and masked.
pub fn encoder_states(file: &[u8], sequences: &[Vec<u32>]) -> Vec<Vec<f64>> {
    padded_batch(file, sequences).unwrap()
}

fn padded_batch(file: &[u8], sequences: &[Vec<u32>]) -> Result<Vec<Vec<f64>>> {
    let model = BertModel::load(weights(file)?, &config(file))?;
    let longest = sequences.iter().map(Vec::len).max().unwrap_or_default();
    let batch = |value: fn(Option<&u32>) -> u32| {
        let rows = sequences.iter().flat_map(|row| (0..longest).map(|at| value(row.get(at))));
        Tensor::from_vec(rows.collect::<Vec<u32>>(), (sequences.len(), longest), &Device::Cpu)
    };
    let tokens = batch(|token| token.copied().unwrap_or_default())?;
    let mask = batch(|token| u32::from(token.is_some()))?;
    let states = model.forward(&tokens, &tokens.zeros_like()?, Some(&mask))?.to_dtype(DType::F64)?;
    let own = |(index, row): (usize, &Vec<u32>)| states.get(index)?.narrow(0, 0, row.len())?.flatten_all()?.to_vec1();
    sequences.iter().enumerate().map(own).collect()
}

fn weights(file: &[u8]) -> Result<VarBuilder<'static>> {
    let tensors = candle_core::safetensors::load_buffer(file, &Device::Cpu)?;
    let wide = tensors.into_iter().map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F32)?)));
    Ok(VarBuilder::from_tensors(wide.collect::<Result<HashMap<_, _>>>()?, DType::F32, &Device::Cpu))
}

fn config<T: DeserializeOwned>(file: &[u8]) -> T {
    let (_, header) = safetensors::SafeTensors::read_metadata(file).unwrap();
    serde_json::from_str(&header.metadata().as_ref().unwrap()["config"]).unwrap()
}
