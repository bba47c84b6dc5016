//! A model in device memory.

use wgpu::Buffer;

use super::device::Device;
use super::error::EngineError;
use super::layout::{Layout, Padded};
use crate::kernels::Attention;
use crate::model::{Head, Layer, Transformer, VOCABULARY, Weights};

/// Weights of one layer.
#[derive(Debug)]
pub(super) struct GpuLayer {
    pub input_norm: Buffer,
    /// Query, key and value rows, one below the other.
    pub qkv: Buffer,
    pub output: Buffer,
    pub post_norm: Buffer,
    /// Gate and up rows, alternating in runs.
    pub gate_up: Buffer,
    pub down: Buffer,
}

/// A model in the memory of the engine's device.
#[derive(Debug)]
pub struct GpuModel {
    pub(super) config: Transformer,
    pub(super) layout: Layout,
    pub(super) attention: Attention,
    pub(super) embedding: Buffer,
    pub(super) layers: Vec<GpuLayer>,
    pub(super) norm: Buffer,
    /// None when tied to the embedding.
    pub(super) head: Option<Buffer>,
}

impl GpuModel {
    /// The architecture.
    pub fn config(&self) -> &Transformer {
        &self.config
    }

    pub(super) fn upload(
        device: &Device,
        layout: Layout,
        attention: Attention,
        transformer: &Transformer,
        weights: &dyn Weights,
    ) -> Result<Self, EngineError> {
        let config = transformer.clone();
        let tail = weights.tail()?;
        let norm = tail.norm.ok_or(EngineError::Unsupported)?;
        let pack = Packer { device, config: &config, layout };
        let head = match &tail.head {
            Head::Language(Some(head)) => {
                Some(pack.plain("head", &head.weight, VOCABULARY, config.hidden, layout.hidden)?)
            }
            _ => None,
        };
        let uploaded = Self {
            attention,
            embedding: pack.plain(
                "embedding",
                &weights.embedding()?.tokens,
                VOCABULARY,
                config.hidden,
                layout.hidden,
            )?,
            layers: (0..config.layers).map(|layer| pack.layer(&weights.layer(layer)?)).collect::<Result<_, _>>()?,
            norm: pack.gain("final norm", &norm.gain)?,
            head,
            layout,
            config,
        };
        device.check()?;
        Ok(uploaded)
    }
}

struct Packer<'a> {
    device: &'a Device,
    config: &'a Transformer,
    layout: Layout,
}

impl Packer<'_> {
    fn layer(&self, layer: &Layer) -> Result<GpuLayer, EngineError> {
        let Self { config, layout, .. } = self;
        Ok(GpuLayer {
            input_norm: self.gain("input norm", &layer.attention_norm.gain)?,
            qkv: self.qkv(layer)?,
            output: self.output(&layer.output.weight)?,
            post_norm: self.gain("post-attention norm", &layer.feed_norm.gain)?,
            gate_up: self.gate_up(layer)?,
            down: self.plain(
                "down projection",
                &layer.down.weight,
                layout.hidden,
                config.intermediate,
                layout.inner,
            )?,
        })
    }

    fn gain(&self, what: &'static str, gain: &[f32]) -> Result<Buffer, EngineError> {
        self.plain(what, gain, 1, self.config.hidden, self.layout.hidden)
    }

    /// A matrix with its rows in place and its columns padded.
    fn plain(
        &self,
        what: &'static str,
        source: &[f32],
        rows: usize,
        columns: usize,
        width: usize,
    ) -> Result<Buffer, EngineError> {
        let mut padded = Padded::new(rows, width);
        padded.place(source, columns, |r| r, |c| c);
        self.device.upload(what, &padded.into_data())
    }

    fn qkv(&self, layer: &Layer) -> Result<Buffer, EngineError> {
        let Self { config, layout, .. } = self;
        let mut padded = Padded::new(layout.qkv, layout.hidden);
        let after_queries = config.heads;
        let after_keys = after_queries + config.key_heads;
        for (source, first) in
            [(&layer.query.weight, 0), (&layer.key.weight, after_queries), (&layer.value.weight, after_keys)]
        {
            padded.place(source, config.hidden, |r| first * layout.pitch + self.in_heads(r), |c| c);
        }
        self.device.upload("query, key and value projections", &padded.into_data())
    }

    fn output(&self, source: &[f32]) -> Result<Buffer, EngineError> {
        let mut padded = Padded::new(self.layout.hidden, self.layout.attention);
        padded.place(source, self.config.hidden, |r| r, |c| self.in_heads(c));
        self.device.upload("output projection", &padded.into_data())
    }

    fn gate_up(&self, layer: &Layer) -> Result<Buffer, EngineError> {
        let run = self.layout.interleave;
        let mut padded = Padded::new(2 * self.layout.inner, self.layout.hidden);
        let gate = layer.gate.as_ref().ok_or(EngineError::Unsupported)?;
        for (source, shift) in [(&gate.weight, 0), (&layer.up.weight, run)] {
            padded.place(source, self.config.hidden, |r| (r / run) * 2 * run + shift + r % run, |c| c);
        }
        self.device.upload("gate and up projections", &padded.into_data())
    }

    /// Where a feature lies once every head is padded.
    fn in_heads(&self, feature: usize) -> usize {
        let head = self.config.head;
        feature / head * self.layout.pitch + feature % head
    }
}
