//! The configuration of a model: Hugging Face's Llama JSON, checked against bounds before anything is allocated.

use serde::Deserialize;

use super::architecture::{Activation, NormKind, Output, Placement, Position, Transformer};
use super::error::ModelError;

/// Vocabulary of every model: its tokens are bytes.
pub const VOCABULARY: usize = 256;

const MAX_HIDDEN: usize = 16_384;
const MAX_INTERMEDIATE: usize = 65_536;
const MAX_LAYERS: usize = 256;
const MAX_HEAD: usize = 128;
/// One window's rows must fit one dimension of a dispatch, 65,535.
const MAX_POSITIONS: usize = 32_768;

/// A Llama-family architecture, within bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Width of the feed-forward layer.
    pub intermediate: usize,
    /// Number of layers.
    pub layers: usize,
    /// Query heads of a layer.
    pub heads: usize,
    /// Key and value heads of a layer; each serves `heads / key_heads` query heads.
    pub key_heads: usize,
    /// Added to the mean of squares in RMSNorm.
    pub epsilon: f64,
    /// Base of the rotary frequencies.
    pub theta: f64,
    /// Whether the head is the embedding.
    pub tied: bool,
    /// Longest window, in predictions.
    pub positions: usize,
}

/// The JSON as it stands in the file. Fields that would change the computation are read so that they can be refused.
#[derive(Deserialize)]
struct Raw {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    rms_norm_eps: f64,
    rope_theta: f64,
    tie_word_embeddings: bool,
    max_position_embeddings: usize,
    head_dim: Option<usize>,
    hidden_act: Option<String>,
    rope_scaling: Option<serde_json::Value>,
    sliding_window: Option<serde_json::Value>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
}

impl Config {
    /// Width of a head.
    pub fn head(&self) -> usize {
        self.hidden / self.heads
    }

    /// Width of all key heads together, which is that of all value heads.
    pub fn key_width(&self) -> usize {
        self.head() * self.key_heads
    }

    /// The computation.
    pub(super) fn architecture(&self) -> Transformer {
        Transformer {
            vocabulary: VOCABULARY,
            hidden: self.hidden,
            intermediate: self.intermediate,
            layers: self.layers,
            heads: self.heads,
            key_heads: self.key_heads,
            head: self.head(),
            positions: self.positions,
            position: Position::Rotary { theta: self.theta },
            norm: NormKind::Rms,
            epsilon: self.epsilon,
            placement: Placement::Before,
            activation: Activation::Silu,
            gated: true,
            causal: true,
            head_norm: false,
            output: Output::Language { tied: self.tied },
        }
    }

    /// Number of weights.
    pub fn parameters(&self) -> u64 {
        let [hidden, keys, inner] = [self.hidden, self.key_width(), self.intermediate].map(|n| n as u64);
        let layer = 2 * hidden * hidden + 2 * hidden * keys + 3 * hidden * inner + 2 * hidden;
        let table = VOCABULARY as u64 * hidden;
        let tables = if self.tied { table } else { 2 * table };
        // With the bounds above this stays below 2^50.
        self.layers as u64 * layer + tables + hidden
    }

    /// Reads and checks the JSON.
    pub fn parse(json: &str) -> Result<Self, ModelError> {
        let raw: Raw = serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
        raw.unsupported()?;
        within("hidden_size", raw.hidden_size, MAX_HIDDEN)?;
        within("intermediate_size", raw.intermediate_size, MAX_INTERMEDIATE)?;
        within("num_hidden_layers", raw.num_hidden_layers, MAX_LAYERS)?;
        within("num_attention_heads", raw.num_attention_heads, raw.hidden_size)?;
        within("num_key_value_heads", raw.num_key_value_heads, raw.num_attention_heads)?;
        within("max_position_embeddings", raw.max_position_embeddings, MAX_POSITIONS)?;
        if !raw.hidden_size.is_multiple_of(raw.num_attention_heads) {
            return Err(refuse("num_attention_heads does not divide hidden_size"));
        }
        if !raw.num_attention_heads.is_multiple_of(raw.num_key_value_heads) {
            return Err(refuse("num_key_value_heads does not divide num_attention_heads"));
        }
        let head = raw.hidden_size / raw.num_attention_heads;
        if !head.is_multiple_of(2) || head > MAX_HEAD {
            return Err(refuse(format!("a head of {head} features: it must be even and at most {MAX_HEAD}")));
        }
        if raw.head_dim.is_some_and(|given| given != head) {
            return Err(refuse("head_dim is not hidden_size / num_attention_heads"));
        }
        if !(1e-12..=0.1).contains(&raw.rms_norm_eps) {
            return Err(refuse("rms_norm_eps must lie within 1e-12 and 0.1"));
        }
        if !(1.0..=1e9).contains(&raw.rope_theta) {
            return Err(refuse("rope_theta must lie within 1 and 1e9"));
        }
        Ok(Self {
            hidden: raw.hidden_size,
            intermediate: raw.intermediate_size,
            layers: raw.num_hidden_layers,
            heads: raw.num_attention_heads,
            key_heads: raw.num_key_value_heads,
            epsilon: raw.rms_norm_eps,
            theta: raw.rope_theta,
            tied: raw.tie_word_embeddings,
            positions: raw.max_position_embeddings,
        })
    }
}

impl Raw {
    /// Refuses what the kernels do not compute, rather than computing something else.
    fn unsupported(&self) -> Result<(), ModelError> {
        if self.model_type != "llama" {
            return Err(refuse(format!("model_type {:?}: only \"llama\" is supported", self.model_type)));
        }
        if self.vocab_size != VOCABULARY {
            return Err(refuse(format!("vocab_size {}: tokens are bytes, so it must be 256", self.vocab_size)));
        }
        if self.hidden_act.as_deref().is_some_and(|act| act != "silu") {
            return Err(refuse("hidden_act must be \"silu\""));
        }
        if self.rope_scaling.is_some() || self.sliding_window.is_some() {
            return Err(refuse("rope_scaling and sliding_window are not supported"));
        }
        if self.attention_bias || self.mlp_bias {
            return Err(refuse("biases are not supported"));
        }
        Ok(())
    }
}

fn within(field: &str, value: usize, limit: usize) -> Result<(), ModelError> {
    if value == 0 || value > limit {
        return Err(refuse(format!("{field} is {value}; it must lie within 1 and {limit}")));
    }
    Ok(())
}

fn refuse(reason: impl Into<String>) -> ModelError {
    ModelError::Config { reason: reason.into() }
}
