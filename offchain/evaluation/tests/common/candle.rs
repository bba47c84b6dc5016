//! Llama's forward pass in candle's operations, from a file as candle reads it: an oracle that shares no code with the
//! engine or its scalar reference.

use std::collections::HashMap;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::{log_softmax, rms_norm, softmax_last_dim};
use candle_nn::rotary_emb::rope;
use serde_json::Value;

pub struct Oracle {
    tensors: HashMap<String, Tensor>,
    config: Value,
}

impl Oracle {
    pub fn new(file: &[u8]) -> Self {
        let tensors = candle_core::safetensors::load_buffer(file, &Device::Cpu).unwrap();
        let tensors = tensors.into_iter().map(|(name, tensor)| (name, tensor.to_dtype(DType::F32).unwrap())).collect();
        let (_, header) = safetensors::SafeTensors::read_metadata(file).unwrap();
        let config = serde_json::from_str(&header.metadata().as_ref().unwrap()["config"]).unwrap();
        Self { tensors, config }
    }

    fn size(&self, field: &str) -> usize {
        self.config[field].as_u64().unwrap() as usize
    }

    fn epsilon(&self) -> f32 {
        self.config["rms_norm_eps"].as_f64().unwrap() as f32
    }

    fn weight(&self, name: &str) -> &Tensor {
        &self.tensors[&format!("{name}.weight")]
    }

    /// Summed negative log-likelihood in nats of tokens 1.. of a window.
    pub fn nll(&self, window: &[u32]) -> f64 {
        self.try_nll(window).unwrap()
    }

    fn try_nll(&self, window: &[u32]) -> Result<f64> {
        let length = window.len() - 1;
        let ids = |tokens: &[u32]| Tensor::new(tokens, &Device::Cpu);
        let mut x = self.weight("model.embed_tokens").embedding(&ids(&window[..length])?)?;
        for layer in 0..self.size("num_hidden_layers") {
            let name = |part: &str| format!("model.layers.{layer}.{part}");
            let normed = rms_norm(&x, self.weight(&name("input_layernorm")), self.epsilon())?;
            x = (x + self.attention(&normed, &name("self_attn"))?)?;
            let normed = rms_norm(&x, self.weight(&name("post_attention_layernorm")), self.epsilon())?;
            let gate = self.linear(&normed, &name("mlp.gate_proj"))?.silu()?;
            let inner = (gate * self.linear(&normed, &name("mlp.up_proj"))?)?;
            x = (x + self.linear(&inner, &name("mlp.down_proj"))?)?;
        }
        let normed = rms_norm(&x, self.weight("model.norm"), self.epsilon())?;
        let tied = self.config["tie_word_embeddings"].as_bool().unwrap();
        let logits = self.linear(&normed, if tied { "model.embed_tokens" } else { "lm_head" })?;
        let targets = ids(&window[1..])?.unsqueeze(1)?;
        let chosen = log_softmax(&logits, D::Minus1)?.gather(&targets, 1)?;
        Ok(-chosen.to_dtype(DType::F64)?.sum_all()?.to_scalar::<f64>()?)
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        x.matmul(&self.weight(name).t()?)
    }

    fn attention(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let (heads, keys) = (self.size("num_attention_heads"), self.size("num_key_value_heads"));
        let (length, width) = x.dims2()?;
        let head = width / heads;
        let split = |part: &str, heads: usize| -> Result<Tensor> {
            let projected = self.linear(x, &format!("{name}.{part}"))?;
            projected.reshape((1, length, heads, head))?.transpose(1, 2)?.contiguous()
        };
        // Each key head stands as often as query heads read it.
        let repeat = |x: Tensor| -> Result<Tensor> {
            let group = heads / keys;
            let wide = x.unsqueeze(2)?.broadcast_as((1, keys, group, length, head))?;
            wide.contiguous()?.reshape((1, heads, length, head))
        };
        let (cos, sin) = self.angles(length, head)?;
        let query = rope(&split("q_proj", heads)?, &cos, &sin)?;
        let key = repeat(rope(&split("k_proj", keys)?, &cos, &sin)?)?;
        let value = repeat(split("v_proj", keys)?)?;
        let scores = (query.matmul(&key.t()?)? / (head as f64).sqrt())?;
        let mask: Vec<f32> =
            (0..length * length).map(|at| if at % length > at / length { f32::NEG_INFINITY } else { 0.0 }).collect();
        let scores = scores.broadcast_add(&Tensor::from_vec(mask, (length, length), &Device::Cpu)?)?;
        let mixed = softmax_last_dim(&scores)?.matmul(&value)?;
        let mixed = mixed.transpose(1, 2)?.reshape((length, width))?;
        self.linear(&mixed, &format!("{name}.o_proj"))
    }

    fn angles(&self, length: usize, head: usize) -> Result<(Tensor, Tensor)> {
        let theta = self.config["rope_theta"].as_f64().unwrap();
        let angles: Vec<f32> = (0..length)
            .flat_map(|position| {
                (0..head / 2).map(move |i| (position as f64 / theta.powf((2 * i) as f64 / head as f64)) as f32)
            })
            .collect();
        let angles = Tensor::from_vec(angles, (length, head / 2), &Device::Cpu)?;
        Ok((angles.cos()?, angles.sin()?))
    }
}
