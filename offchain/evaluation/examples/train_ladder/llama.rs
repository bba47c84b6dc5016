//! A Llama model in candle operations that all have gradients.

use std::collections::BTreeMap;

use candle_core::{D, Device, Result, Tensor, bail};

use crate::attention::CausalSoftmax;
use crate::ladder::Config;
use crate::random::Random;

/// Weights by their Hugging Face name, in a fixed order.
pub type Weights = BTreeMap<String, Tensor>;

/// Name and shape of every weight of a configuration.
pub fn shapes(config: &Config) -> Vec<(String, Vec<usize>)> {
    let (hidden, feed) = (config.hidden_size, config.intermediate_size);
    let shared = config.num_key_value_heads * config.head_size();
    let mut shapes = vec![("model.embed_tokens.weight".to_owned(), vec![config.vocab_size, hidden])];
    for layer in 0..config.num_hidden_layers {
        let parts = [
            ("input_layernorm", vec![hidden]),
            ("self_attn.q_proj", vec![hidden, hidden]),
            ("self_attn.k_proj", vec![shared, hidden]),
            ("self_attn.v_proj", vec![shared, hidden]),
            ("self_attn.o_proj", vec![hidden, hidden]),
            ("post_attention_layernorm", vec![hidden]),
            ("mlp.gate_proj", vec![feed, hidden]),
            ("mlp.up_proj", vec![feed, hidden]),
            ("mlp.down_proj", vec![hidden, feed]),
        ];
        shapes.extend(parts.map(|(part, shape)| (format!("model.layers.{layer}.{part}.weight"), shape)));
    }
    shapes.push(("model.norm.weight".to_owned(), vec![hidden]));
    if !config.tie_word_embeddings {
        shapes.push(("lm_head.weight".to_owned(), vec![config.vocab_size, hidden]));
    }
    shapes
}

/// Number of weights of a configuration.
pub fn parameters(config: &Config) -> usize {
    shapes(config).iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
}

/// Fresh weights. Norms start at one; a matrix at a deviation of one over the root of its inputs, and less where it
/// writes to the residual stream, which sums two such matrices a layer.
pub fn initial(config: &Config, seed: u64) -> Result<Weights> {
    let residual = 1.0 / (2.0 * config.num_hidden_layers as f32).sqrt();
    shapes(config)
        .into_iter()
        .map(|(name, shape)| {
            let tensor = match shape[..] {
                [rows, columns] => {
                    let scale = if name.contains("o_proj") || name.contains("down_proj") { residual } else { 1.0 };
                    let deviation = scale / (columns as f32).sqrt();
                    let values = Random::new(seed, &name).uniform(rows * columns, deviation);
                    Tensor::from_vec(values, shape, &Device::Cpu)?
                }
                _ => Tensor::from_vec(vec![1f32; shape.iter().product()], shape, &Device::Cpu)?,
            };
            Ok((name, tensor))
        })
        .collect()
}

/// A model: configuration, weights and the rotary tables, each of shape `(positions, head size / 2)`.
pub struct Llama {
    config: Config,
    weights: Weights,
    cosines: Tensor,
    sines: Tensor,
}

impl Llama {
    /// Takes the weights as they are; a missing one shows at the first use.
    pub fn new(config: Config, weights: Weights) -> Result<Self> {
        let (positions, half) = (config.max_position_embeddings, config.head_size() / 2);
        let angles: Vec<f64> = (0..positions * half)
            .map(|i| {
                let exponent = (i % half) as f64 / half as f64;
                (i / half) as f64 / config.rope_theta.powf(exponent)
            })
            .collect();
        let table = |f: fn(f64) -> f64| {
            let values: Vec<f32> = angles.iter().map(|angle| f(*angle) as f32).collect();
            Tensor::from_vec(values, (positions, half), &Device::Cpu)
        };
        let (cosines, sines) = (table(f64::cos)?, table(f64::sin)?);
        Ok(Self { config, weights, cosines, sines })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The weights by name.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Logits `(windows * positions, vocabulary)` of bytes `(windows, positions)`, u32.
    pub fn forward(&self, bytes: &Tensor) -> Result<Tensor> {
        let (windows, positions) = bytes.dims2()?;
        let embedding = self.weight("model.embed_tokens")?;
        let mut stream = embedding.index_select(&bytes.flatten_all()?, 0)?;
        for layer in 0..self.config.num_hidden_layers {
            let part = |name: &str| format!("model.layers.{layer}.{name}");
            let normed = self.norm(&stream, &part("input_layernorm"))?;
            let attended = self.attention(&normed, windows, positions, &part("self_attn"))?;
            stream = (stream + attended)?;
            let normed = self.norm(&stream, &part("post_attention_layernorm"))?;
            let gate = self.linear(&normed, &part("mlp.gate_proj"))?.silu()?;
            let gated = (gate * self.linear(&normed, &part("mlp.up_proj"))?)?;
            stream = (stream + self.linear(&gated, &part("mlp.down_proj"))?)?;
        }
        let head = if self.config.tie_word_embeddings { embedding } else { self.weight("lm_head")? };
        self.norm(&stream, "model.norm")?.matmul(&head.t()?)
    }

    /// Causal attention over `(windows * positions, hidden)`. The query heads that share a key head are stacked as
    /// further rows of it, so that nothing is repeated.
    fn attention(&self, input: &Tensor, windows: usize, positions: usize, part: &str) -> Result<Tensor> {
        let (heads, shared, size) =
            (self.config.num_attention_heads, self.config.num_key_value_heads, self.config.head_size());
        let split = |tensor: Tensor, heads: usize| {
            tensor.reshape((windows, positions, heads, size))?.transpose(1, 2)?.contiguous()
        };
        let queries = self.rotate(&split(self.linear(input, &format!("{part}.q_proj"))?, heads)?)?;
        let keys = self.rotate(&split(self.linear(input, &format!("{part}.k_proj"))?, shared)?)?;
        let values = split(self.linear(input, &format!("{part}.v_proj"))?, shared)?;
        let stacked = queries.reshape((windows, shared, heads / shared * positions, size))?;
        let scale = 1.0 / (size as f32).sqrt();
        let shares = stacked.matmul(&keys.t()?)?.apply_op1(CausalSoftmax { scale })?;
        let mixed = shares.matmul(&values)?.reshape((windows, heads, positions, size))?;
        let joined = mixed.transpose(1, 2)?.reshape((windows * positions, heads * size))?;
        self.linear(&joined, &format!("{part}.o_proj"))
    }

    /// Rotary positions in the Hugging Face convention: the first half of a head turns with the second.
    fn rotate(&self, heads: &Tensor) -> Result<Tensor> {
        let (_, _, positions, size) = heads.dims4()?;
        let cosines = self.cosines.narrow(0, 0, positions)?;
        let sines = self.sines.narrow(0, 0, positions)?;
        let (first, second) = (heads.narrow(D::Minus1, 0, size / 2)?, heads.narrow(D::Minus1, size / 2, size / 2)?);
        let turned_first = (first.broadcast_mul(&cosines)? - second.broadcast_mul(&sines)?)?;
        let turned_second = (second.broadcast_mul(&cosines)? + first.broadcast_mul(&sines)?)?;
        Tensor::cat(&[turned_first, turned_second], D::Minus1)
    }

    /// Root-mean-square norm of each row.
    fn norm(&self, rows: &Tensor, name: &str) -> Result<Tensor> {
        let root = (rows.sqr()?.mean_keepdim(D::Minus1)? + self.config.rms_norm_eps)?.sqrt()?;
        rows.broadcast_div(&root)?.broadcast_mul(self.weight(name)?)
    }

    fn linear(&self, rows: &Tensor, name: &str) -> Result<Tensor> {
        rows.matmul(&self.weight(name)?.t()?)
    }

    fn weight(&self, name: &str) -> Result<&Tensor> {
        match self.weights.get(&format!("{name}.weight")) {
            Some(weight) => Ok(weight),
            None => bail!("the model has no weight {name}"),
        }
    }
}
