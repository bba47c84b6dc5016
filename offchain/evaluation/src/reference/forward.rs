//! A transformer from tokens to its residual stream.

use super::error::ReferenceError;
use super::ops;
use crate::model::{Embedding, Layer, Linear, Norm, NormKind, Placement, Position, Transformer, Weights};

/// The stream before each layer and after the last.
pub(super) fn streams(
    config: &Transformer,
    weights: &dyn Weights,
    tokens: &[u32],
) -> Result<Vec<Vec<f64>>, ReferenceError> {
    if tokens.is_empty() || tokens.len() > config.positions {
        return Err(ReferenceError::Length { tokens: tokens.len(), positions: config.positions });
    }
    known(config, tokens)?;
    let mut stream = embedded(config, &weights.embedding()?, tokens)?;
    let mut streams = Vec::with_capacity(config.layers + 1);
    for layer in 0..config.layers {
        let layer = weights.layer(layer)?;
        let attention = |x: &[f64]| attention(config, &layer, x);
        let after = residual(config, &layer.attention_norm, &stream, attention)?;
        let next = residual(config, &layer.feed_norm, &after, |x| feed_forward(config, &layer, x))?;
        streams.push(std::mem::replace(&mut stream, next));
    }
    streams.push(stream);
    Ok(streams)
}

/// Every token is one of the model's.
pub(super) fn known(config: &Transformer, tokens: &[u32]) -> Result<(), ReferenceError> {
    let vocabulary = config.vocabulary;
    match tokens.iter().find(|&&token| token as usize >= vocabulary) {
        Some(&token) => Err(ReferenceError::UnknownToken { token, vocabulary }),
        None => Ok(()),
    }
}

fn embedded(config: &Transformer, weights: &Embedding, tokens: &[u32]) -> Result<Vec<f64>, ReferenceError> {
    let width = config.hidden;
    let row = |&token: &u32| widen(&weights.tokens[token as usize * width..][..width]);
    let mut stream: Vec<f64> = tokens.iter().flat_map(row).collect();
    if config.position == Position::Learned {
        let positions = weights.positions.as_ref().ok_or(ReferenceError::Unfit { part: "the positions" })?;
        stream = ops::sum(&stream, &widen(positions));
    }
    if let Some(segment) = &weights.segment {
        stream = ops::sum(&stream, &widen(segment).repeat(tokens.len()));
    }
    Ok(match &weights.norm {
        Some(norm) => normed(config, norm, &stream),
        None => stream,
    })
}

/// A block, its norm, and the stream around it.
fn residual(
    config: &Transformer,
    norm: &Norm,
    x: &[f64],
    block: impl Fn(&[f64]) -> Result<Vec<f64>, ReferenceError>,
) -> Result<Vec<f64>, ReferenceError> {
    Ok(match config.placement {
        Placement::Before => ops::sum(x, &block(&normed(config, norm, x))?),
        Placement::After => normed(config, norm, &ops::sum(x, &block(x)?)),
    })
}

fn attention(config: &Transformer, layer: &Layer, x: &[f64]) -> Result<Vec<f64>, ReferenceError> {
    let [mut query, mut key, value] = [&layer.query, &layer.key, &layer.value].map(|product| apply(product, x));
    if config.head_norm {
        let missing = ReferenceError::Unfit { part: "a head norm" };
        let gain = |gain: &Option<Vec<f32>>| gain.as_deref().map(widen).ok_or(missing.clone());
        query = ops::rmsnorm(&query, &gain(&layer.query_norm)?, config.epsilon);
        key = ops::rmsnorm(&key, &gain(&layer.key_norm)?, config.epsilon);
    }
    if let Position::Rotary { theta } = config.position {
        ops::rope(&mut query, config.heads, config.head, theta);
        ops::rope(&mut key, config.key_heads, config.head, theta);
    }
    let mixed = ops::attention(&query, &key, &value, [config.heads, config.key_heads, config.head], config.causal);
    Ok(apply(&layer.output, &mixed))
}

fn feed_forward(config: &Transformer, layer: &Layer, x: &[f64]) -> Result<Vec<f64>, ReferenceError> {
    let up = apply(&layer.up, x);
    let inner = if config.gated {
        let gate = layer.gate.as_ref().ok_or(ReferenceError::Unfit { part: "the gate" })?;
        ops::product(&ops::activated(config.activation, &apply(gate, x)), &up)
    } else {
        ops::activated(config.activation, &up)
    };
    Ok(apply(&layer.down, &inner))
}

/// The norm of each row.
pub(super) fn normed(config: &Transformer, norm: &Norm, x: &[f64]) -> Vec<f64> {
    let gain = widen(&norm.gain);
    let normed = match config.norm {
        NormKind::Rms => ops::rmsnorm(x, &gain, config.epsilon),
        NormKind::Layer => ops::layernorm(x, &gain, config.epsilon),
    };
    with_bias(normed, norm.bias.as_deref())
}

/// Each row's product with the matrix.
pub(super) fn apply(linear: &Linear, x: &[f64]) -> Vec<f64> {
    with_bias(ops::matmul(x, &widen(&linear.weight), linear.inputs), linear.bias.as_deref())
}

fn with_bias(rows: Vec<f64>, bias: Option<&[f32]>) -> Vec<f64> {
    match bias {
        Some(bias) => rows.iter().zip(bias.iter().cycle()).map(|(x, bias)| x + f64::from(*bias)).collect(),
        None => rows,
    }
}

pub(super) fn widen(weights: &[f32]) -> Vec<f64> {
    weights.iter().copied().map(f64::from).collect()
}
