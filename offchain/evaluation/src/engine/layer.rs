//! One layer of a transformer in device memory.

use wgpu::Buffer;

use super::error::EngineError;
use super::layout::Layout;
use super::operand::{GpuLinear, check, check_linear, check_norm, copy, fill_norm, vector, zero_norm};
use crate::kernels::{Kernels, NormBuffers, Precision};
use crate::model::{Layer, Linear, Transformer};

/// Buffers for the weights of one layer, which may be filled again and again.
#[derive(Debug)]
pub(super) struct GpuLayer {
    pub attention_norm: NormBuffers,
    /// Query, key and value rows, one below the other.
    pub qkv: GpuLinear,
    /// Gain of a query head's norm, then of a key head's.
    pub head_norm: Buffer,
    pub output: GpuLinear,
    pub feed_norm: NormBuffers,
    /// Gate and up rows, alternating in runs, where the function is gated; else up rows.
    pub up: GpuLinear,
    pub down: GpuLinear,
}

impl GpuLayer {
    /// Zeros, matrices stored in `precision`.
    pub(super) fn zeros(kernels: &Kernels, precision: Precision, layout: Layout) -> Result<Self, EngineError> {
        let device = kernels.device();
        let Layout { hidden, inner, up, pitch, qkv, attention, .. } = layout;
        Ok(Self {
            attention_norm: zero_norm(device, "attention norm", hidden)?,
            qkv: GpuLinear::zeros(kernels, precision, "query, key and value projections", [qkv, hidden])?,
            head_norm: vector(device, "head norms", 2 * pitch)?,
            output: GpuLinear::zeros(kernels, precision, "output projection", [hidden, attention])?,
            feed_norm: zero_norm(device, "feed-forward norm", hidden)?,
            up: GpuLinear::zeros(kernels, precision, "up projection", [up, hidden])?,
            down: GpuLinear::zeros(kernels, precision, "down projection", [hidden, inner])?,
        })
    }

    /// Replaces the weights, before the next submission.
    pub(super) fn fill(
        &self,
        kernels: &Kernels,
        config: &Transformer,
        layout: Layout,
        layer: &Layer,
    ) -> Result<(), EngineError> {
        check_layer(config, layer)?;
        let device = kernels.device();
        fill_norm(device, &self.attention_norm, &layer.attention_norm);
        fill_norm(device, &self.feed_norm, &layer.feed_norm);
        self.qkv.fill(device, |r| query_key_value(config, layout, layer, r), copy);
        if let (Some(query), Some(key)) = (&layer.query_norm, &layer.key_norm) {
            let mut gains = vec![0.0; 2 * layout.pitch];
            copy(query, &mut gains);
            copy(key, &mut gains[layout.pitch..]);
            device.write(&self.head_norm, &gains);
        }
        let plain = |linear| move |r| (r < config.hidden).then_some((linear, r));
        self.output.fill(device, plain(&layer.output), |source, row| {
            for (head, part) in source.chunks_exact(config.head).enumerate() {
                copy(part, &mut row[head * layout.pitch..]);
            }
        });
        self.up.fill(device, |r| gate_or_up(config, layout, layer, r), copy);
        self.down.fill(device, plain(&layer.down), copy);
        Ok(())
    }
}

/// What a layer's matrices may be stored in, `precision` at the least.
pub(super) fn fitting(precision: Precision, layer: &Layer) -> Precision {
    let linears = [&layer.query, &layer.key, &layer.value, &layer.output, &layer.up, &layer.down];
    precision.fitting(linears.into_iter().chain(&layer.gate).map(|linear| linear.weight.as_slice()))
}

/// What row `r` of the fused queries, keys and values is.
fn query_key_value<'a>(
    config: &Transformer,
    layout: Layout,
    layer: &'a Layer,
    r: usize,
) -> Option<(&'a Linear, usize)> {
    let (head, feature) = layout.feature(r)?;
    let keys = config.heads + config.key_heads;
    let (linear, head) = match head {
        _ if head < config.heads => (&layer.query, head),
        _ if head < keys => (&layer.key, head - config.heads),
        _ if head < keys + config.key_heads => (&layer.value, head - keys),
        _ => return None,
    };
    Some((linear, head * config.head + feature))
}

/// What row `r` of the product into the feed-forward layer is.
fn gate_or_up<'a>(config: &Transformer, layout: Layout, layer: &'a Layer, r: usize) -> Option<(&'a Linear, usize)> {
    let (linear, row) = match &layer.gate {
        None => (&layer.up, r),
        Some(gate) => {
            let run = layout.interleave;
            let (pair, place) = (r / (2 * run), r % (2 * run));
            (if place < run { gate } else { &layer.up }, pair * run + place % run)
        }
    };
    (row < config.intermediate).then_some((linear, row))
}

fn check_layer(config: &Transformer, layer: &Layer) -> Result<(), EngineError> {
    let (hidden, inner) = (config.hidden, config.intermediate);
    let (queries, keys) = (config.query_width(), config.key_width());
    check_norm("the attention norm", &layer.attention_norm, config)?;
    check_norm("the feed-forward norm", &layer.feed_norm, config)?;
    check_linear("the query projection", &layer.query, [queries, hidden])?;
    check_linear("the key projection", &layer.key, [keys, hidden])?;
    check_linear("the value projection", &layer.value, [keys, hidden])?;
    check_linear("the output projection", &layer.output, [hidden, queries])?;
    check_linear("the up projection", &layer.up, [inner, hidden])?;
    check_linear("the down projection", &layer.down, [hidden, inner])?;
    check("the gate projection", layer.gate.is_some() == config.gated)?;
    if let Some(gate) = &layer.gate {
        check_linear("the gate projection", gate, [inner, hidden])?;
    }
    for gain in [&layer.query_norm, &layer.key_norm] {
        let fits = gain.as_ref().map_or(!config.head_norm, |gain| config.head_norm && gain.len() == config.head);
        check("a head's norm", fits)?;
    }
    Ok(())
}
