//! Families of models: each file turns a family's configuration into the computation, and the computation's roles into
//! the family's names and storage.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::architecture::Activation;
use super::error::{ModelError, printable};
use super::files::Files;
use super::plan::Plan;

mod bert;
mod gpt2;
mod llama;
mod mlp;

/// Bounds of all families. They keep sums within 64 bits and every dimension of a dispatch below 65,536.
const MAX_VOCABULARY: usize = 1 << 18;
const MAX_WIDTH: usize = 32_768;
const MAX_LAYERS: usize = 256;
const MAX_HEAD: usize = 256;
const MAX_POSITIONS: usize = 32_768;

/// What every configuration says.
#[derive(Deserialize)]
struct Kind {
    model_type: String,
    quantization_config: Option<IgnoredAny>,
}

/// Reads a configuration. Which tensors there are decides what is left open by it: a prefix, or a classifier's head.
pub(super) fn plan(config: &str, files: &Files) -> Result<Plan, ModelError> {
    let kind: Kind = parse(config)?;
    if kind.quantization_config.is_some() {
        return Err(refuse("quantization_config is not supported. Save the weights as F32, F16 or BF16"));
    }
    match kind.model_type.as_str() {
        "llama" | "mistral" => llama::plan(config, llama::Variant::Llama),
        "qwen2" => llama::plan(config, llama::Variant::Qwen2),
        "qwen3" => llama::plan(config, llama::Variant::Qwen3),
        "gpt2" => gpt2::plan(config, files),
        "bert" => bert::plan(config, files),
        "mlp" => mlp::plan(config),
        other => Err(refuse(format!(
            "model_type {other:?} is not supported. It may be llama, mistral, qwen2, qwen3, gpt2, bert or mlp"
        ))),
    }
}

fn parse<T: DeserializeOwned>(config: &str) -> Result<T, ModelError> {
    serde_json::from_str(config).map_err(|error| refuse(error.to_string()))
}

fn refuse(reason: impl AsRef<str>) -> ModelError {
    ModelError::Config { reason: printable(reason.as_ref()) }
}

/// Refuses what the engines do not compute, rather than computing something else: `there` is false in what is accepted.
fn unsupported(field: &str, there: bool) -> Result<(), ModelError> {
    if there { Err(refuse(format!("{field} is not supported. Train a model without it"))) } else { Ok(()) }
}

fn within(field: &str, value: usize, limit: usize) -> Result<(), ModelError> {
    if value == 0 || value > limit {
        return Err(refuse(format!("{field} is {value}; it must lie within 1 and {limit}")));
    }
    Ok(())
}

fn epsilon(field: &str, value: f64) -> Result<f64, ModelError> {
    if !(1e-12..=0.1).contains(&value) {
        return Err(refuse(format!("{field} must lie within 1e-12 and 0.1")));
    }
    Ok(value)
}

/// Features of a head where the heads share the hidden state.
fn split(fields: [&str; 2], hidden: usize, heads: usize) -> Result<usize, ModelError> {
    if !hidden.is_multiple_of(heads) {
        return Err(refuse(format!("{} does not divide {}", fields[1], fields[0])));
    }
    let head = hidden / heads;
    if head > MAX_HEAD {
        return Err(refuse(format!("a head has {head} features: it must have at most {MAX_HEAD}")));
    }
    Ok(head)
}

fn activation(field: &str, name: &str) -> Result<Activation, ModelError> {
    match name {
        "silu" | "swish" => Ok(Activation::Silu),
        "gelu" => Ok(Activation::GeluErf),
        "gelu_new" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        other => Err(refuse(format!(
            "{field} {other:?} is not supported. It may be gelu, gelu_new, gelu_pytorch_tanh, relu or silu"
        ))),
    }
}
