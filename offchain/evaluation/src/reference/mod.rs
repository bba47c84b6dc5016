//! The same computation as plain scalar code in f64: the yardstick of the kernels, written to be read.

use crate::model::{Architecture, Head, Layer, Model, Position, ReadError, Transformer};
use crate::window::{Window, WindowResult};

pub mod ops;

/// Negative log-likelihood of a window under a model.
pub fn evaluate(model: &Model, window: &Window) -> Result<WindowResult, ReadError> {
    let Architecture::Transformer(config) = model.architecture() else {
        return Ok(WindowResult { nll_nats: f64::NAN, bytes: 0 });
    };
    let weights = model.weights();
    let tail = weights.tail()?;
    let width = config.hidden;
    let table = widen(&weights.embedding()?.tokens);
    let mut stream: Vec<f64> = Vec::with_capacity(window.predictions() * width);
    for &token in window.inputs() {
        let start = token as usize * width;
        stream.extend_from_slice(&table[start..start + width]);
    }
    for layer in 0..config.layers {
        let layer = weights.layer(layer)?;
        attend(config, &layer, &mut stream);
        feed_forward(config, &layer, &mut stream);
    }
    let hidden = ops::rmsnorm(&stream, &widen(&tail.norm.map(|norm| norm.gain).unwrap_or_default()), config.epsilon);
    let head = match &tail.head {
        Head::Language(Some(head)) => widen(&head.weight),
        _ => table,
    };
    let targets = window.targets();
    let losses = ops::cross_entropy(&hidden, &head, width, targets);
    Ok(WindowResult { nll_nats: losses.iter().sum(), bytes: window.bytes() })
}

/// Adds the attention block to the stream.
fn attend(config: &Transformer, layer: &Layer, stream: &mut [f64]) {
    let normed = ops::rmsnorm(stream, &widen(&layer.attention_norm.gain), config.epsilon);
    let mut query = ops::matmul(&normed, &widen(&layer.query.weight), config.hidden);
    let mut key = ops::matmul(&normed, &widen(&layer.key.weight), config.hidden);
    let value = ops::matmul(&normed, &widen(&layer.value.weight), config.hidden);
    if let Position::Rotary { theta } = config.position {
        ops::rope(&mut query, config.heads, config.head, theta);
        ops::rope(&mut key, config.key_heads, config.head, theta);
    }
    let mixed = ops::attention(&query, &key, &value, [config.heads, config.key_heads, config.head]);
    add(stream, &ops::matmul(&mixed, &widen(&layer.output.weight), config.hidden));
}

/// Adds the feed-forward block to the stream.
fn feed_forward(config: &Transformer, layer: &Layer, stream: &mut [f64]) {
    let normed = ops::rmsnorm(stream, &widen(&layer.feed_norm.gain), config.epsilon);
    let gate = layer.gate.as_ref().map(|gate| widen(&gate.weight)).unwrap_or_default();
    let gate = ops::matmul(&normed, &gate, config.hidden);
    let up = ops::matmul(&normed, &widen(&layer.up.weight), config.hidden);
    add(stream, &ops::matmul(&ops::swiglu(&gate, &up), &widen(&layer.down.weight), config.intermediate));
}

fn add(stream: &mut [f64], change: &[f64]) {
    for (x, change) in stream.iter_mut().zip(change) {
        *x += change;
    }
}

fn widen(weights: &[f32]) -> Vec<f64> {
    weights.iter().copied().map(f64::from).collect()
}
