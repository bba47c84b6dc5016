//! The same computation as plain scalar code in f64: the yardstick of the kernels, written to be read.

use crate::model::{Config, Layer, Model};
use crate::window::{Window, WindowResult};

pub mod ops;

/// Negative log-likelihood of a window under a model.
pub fn evaluate(model: &Model, window: &Window) -> WindowResult {
    let config = model.config();
    let width = config.hidden;
    let table = widen(&model.embedding);
    let mut stream: Vec<f64> = Vec::with_capacity(window.predictions() * width);
    for &byte in &window.bytes()[..window.predictions()] {
        let start = usize::from(byte) * width;
        stream.extend_from_slice(&table[start..start + width]);
    }
    for layer in &model.layers {
        attend(config, layer, &mut stream);
        feed_forward(config, layer, &mut stream);
    }
    let hidden = ops::rmsnorm(&stream, &widen(&model.norm), config.epsilon);
    let head = model.head.as_ref().map_or(table, |head| widen(head));
    let targets = &window.bytes()[1..];
    let losses = ops::cross_entropy(&hidden, &head, width, targets);
    WindowResult { nll_nats: losses.iter().sum(), bytes: targets.len() as u32 }
}

/// Adds the attention block to the stream.
fn attend(config: &Config, layer: &Layer, stream: &mut [f64]) {
    let normed = ops::rmsnorm(stream, &widen(&layer.input_norm), config.epsilon);
    let mut query = ops::matmul(&normed, &widen(&layer.query), config.hidden);
    let mut key = ops::matmul(&normed, &widen(&layer.key), config.hidden);
    let value = ops::matmul(&normed, &widen(&layer.value), config.hidden);
    ops::rope(&mut query, config.heads, config.head(), config.theta);
    ops::rope(&mut key, config.key_heads, config.head(), config.theta);
    let mixed = ops::attention(&query, &key, &value, [config.heads, config.key_heads, config.head()]);
    add(stream, &ops::matmul(&mixed, &widen(&layer.output), config.hidden));
}

/// Adds the feed-forward block to the stream.
fn feed_forward(config: &Config, layer: &Layer, stream: &mut [f64]) {
    let normed = ops::rmsnorm(stream, &widen(&layer.post_norm), config.epsilon);
    let gate = ops::matmul(&normed, &widen(&layer.gate), config.hidden);
    let up = ops::matmul(&normed, &widen(&layer.up), config.hidden);
    add(stream, &ops::matmul(&ops::swiglu(&gate, &up), &widen(&layer.down), config.intermediate));
}

fn add(stream: &mut [f64], change: &[f64]) {
    for (x, change) in stream.iter_mut().zip(change) {
        *x += change;
    }
}

fn widen(weights: &[f32]) -> Vec<f64> {
    weights.iter().copied().map(f64::from).collect()
}
