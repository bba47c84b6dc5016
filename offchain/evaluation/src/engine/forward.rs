//! One forward pass over a batch of windows of equal length, as a list of steps over reusable buffers.

use wgpu::Buffer;

use super::device::Device;
use super::error::EngineError;
use super::upload::GpuModel;
use crate::kernels::{AttentionShape, Epilogue, HeadBuffers, Kernels, NormShape, ROWS, RopeShape, Step, angles, count};
use crate::model::{Position, VOCABULARY};
use crate::window::{Window, WindowResult};

/// Bytes that the widest buffer of activations may take, unless one window alone needs more.
const BATCH_BYTES: usize = 32 << 20;

/// Rows of a batch at most: a dimension of a grid ends at 65,535.
const BATCH_ROWS: usize = 32_768;

/// Steps and buffers for up to `windows` windows of `window` predictions.
pub(super) struct Forward {
    window: usize,
    windows: usize,
    tokens: Buffer,
    targets: Buffer,
    losses: Buffer,
    steps: Vec<Step>,
}

impl Forward {
    /// How many of `total` windows to take at once: batches of nearly equal size within the limits above.
    pub(super) fn batch(model: &GpuModel, window: usize, total: usize) -> usize {
        let by_bytes = BATCH_BYTES / (model.layout.widest() * size_of::<f32>());
        let most = (by_bytes.min(BATCH_ROWS) / window).max(1);
        total.div_ceil(total.div_ceil(most).max(1)).max(1)
    }

    pub(super) fn new(
        device: &Device,
        kernels: &Kernels,
        model: &GpuModel,
        window: usize,
        windows: usize,
    ) -> Result<Self, EngineError> {
        let (config, layout) = (&model.config, model.layout);
        let Position::Rotary { theta } = config.position else {
            return Err(EngineError::Unsupported);
        };
        let rows = (window * windows).next_multiple_of(ROWS);
        let floats = |what, width: usize| device.storage(what, (rows * width * size_of::<f32>()) as u64);
        let tokens = floats("tokens", 1)?;
        let targets = floats("targets", 1)?;
        let losses = floats("losses", 1)?;
        let stream = floats("residual stream", layout.hidden)?;
        let normed = floats("normalised stream", layout.hidden)?;
        let qkv = floats("queries, keys and values", layout.qkv)?;
        let mixed = floats("attention output", layout.attention)?;
        let inner = floats("feed-forward activations", layout.inner)?;
        let turns = device.upload("rotary angles", &angles(window, config.head, theta))?;

        let norm = NormShape {
            width: count(layout.hidden / 4),
            features: config.hidden as f32,
            epsilon: config.epsilon as f32,
        };
        let rope = RopeShape {
            window: count(window),
            heads: count(config.heads + config.key_heads),
            pitch: count(layout.pitch),
            half: count(config.head / 2),
            stride: count(layout.qkv),
        };
        let attention = AttentionShape {
            window: count(window),
            heads: count(config.heads),
            keys: count(config.key_heads),
            stride: count(layout.qkv / 4),
            width: count(layout.attention / 4),
            scale: (1.0 / (config.head as f64).sqrt()) as f32,
        };
        let Kernels { rows: by_row, products } = kernels;
        let mut steps = vec![by_row.embed(device, rows, layout.hidden, [&model.embedding, &tokens, &stream])];
        for layer in &model.layers {
            let to_qkv = [rows, layout.hidden, layout.qkv];
            let to_output = [rows, layout.attention, layout.hidden];
            let to_inner = [rows, layout.hidden, 2 * layout.inner];
            let to_down = [rows, layout.inner, layout.hidden];
            steps.extend([
                by_row.norm(device, rows, norm, [&stream, &layer.input_norm, &normed]),
                products.matmul(device, Epilogue::Store, to_qkv, [&normed, &layer.qkv, &qkv]),
                by_row.rope(device, window * windows, rope, &turns, &qkv),
                model.attention.step(device, windows, attention, &qkv, &mixed),
                products.matmul(device, Epilogue::Add, to_output, [&mixed, &layer.output, &stream]),
                by_row.norm(device, rows, norm, [&stream, &layer.post_norm, &normed]),
                products.matmul(device, Epilogue::SwiGlu, to_inner, [&normed, &layer.gate_up, &inner]),
                products.matmul(device, Epilogue::Add, to_down, [&inner, &layer.down, &stream]),
            ]);
        }
        let head = HeadBuffers {
            hidden: &normed,
            weight: model.head.as_ref().unwrap_or(&model.embedding),
            targets: &targets,
            out: &losses,
        };
        steps.push(by_row.norm(device, rows, norm, [&stream, &model.norm, &normed]));
        steps.push(products.head(device, [rows, layout.hidden, VOCABULARY], head));
        device.check()?;
        Ok(Self { window, windows, tokens, targets, losses, steps })
    }

    /// Evaluates up to `windows` windows; missing ones are computed as zeros and dropped.
    pub(super) fn run(&self, device: &Device, batch: &[&Window]) -> Result<Vec<WindowResult>, EngineError> {
        let rows = self.window * self.windows;
        let mut tokens = vec![0u32; rows];
        let mut targets = vec![0u32; rows];
        for (index, window) in batch.iter().enumerate() {
            let at = index * self.window;
            for (offset, pair) in window.tokens().windows(2).enumerate() {
                tokens[at + offset] = pair[0];
                targets[at + offset] = pair[1];
            }
        }
        device.write(&self.tokens, &tokens);
        device.write(&self.targets, &targets);
        let losses = device.run(&self.steps, &self.losses, rows)?;
        let results = losses.chunks_exact(self.window).take(batch.len()).map(|window| WindowResult {
            nll_nats: window.iter().copied().map(f64::from).sum(),
            bytes: count(self.window),
        });
        Ok(results.collect())
    }
}
