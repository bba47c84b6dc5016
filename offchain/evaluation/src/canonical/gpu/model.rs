//! A model in device memory.

use std::sync::Arc;

use wgpu::Buffer;

use super::CanonicalGpuError;
use super::kernels::NormShape;
use super::matrix::{Matrix, padded};
use super::options::Options;
use crate::canonical::CanonicalModel;
use crate::canonical::model::{CanonicalEmbedding, CanonicalHead, CanonicalLayer, CanonicalTail, Epsilon};
use crate::canonical::number::{ZERO, bits};
use crate::canonical::quantise::{QuantisedNorm, QuantisedVector};
use crate::canonical::rotary::Rotary;
use crate::canonical::tables::{LOGARITHM, POWER, gates};
use crate::engine::{Device, EngineError, PlaceTable};
use crate::kernels::count;
use crate::model::{NormKind, Transformer};

/// A norm: its constants, and the gain and bias of each feature.
#[derive(Debug)]
pub(super) struct GpuNorm {
    pub shape: NormShape,
    pub weights: Buffer,
}

/// Weights of one layer.
#[derive(Debug)]
pub(super) struct GpuLayer {
    pub attention_norm: GpuNorm,
    /// Query, key and value rows, one below the other.
    pub qkv: Matrix,
    /// Of queries and of keys.
    pub head_norms: [NormShape; 2],
    pub head_gains: Buffer,
    pub output: Matrix,
    pub feed_norm: GpuNorm,
    /// Gate rows, if any, and up rows.
    pub up: Matrix,
    pub down: Matrix,
}

/// Tables in device memory.
#[derive(Debug)]
pub(super) struct GpuTables {
    pub powers: Buffer,
    pub logarithms: Buffer,
    pub factors: Buffer,
}

/// A model in the memory of the lane's device.
#[derive(Debug)]
pub struct CanonicalGpuModel {
    pub(super) shape: Transformer,
    pub(super) epsilon: Epsilon,
    pub(super) rotary: Option<Rotary>,
    /// Rotary angles of each place.
    pub(super) turns: PlaceTable,
    /// Looked up by the CPU: a row for each token is little to send.
    pub(super) embedding: Arc<CanonicalEmbedding>,
    pub(super) layers: Vec<GpuLayer>,
    /// The final norm; for anything but a language model, the rest is computed by the CPU.
    pub(super) tail: Arc<CanonicalTail>,
    pub(super) norm: Option<GpuNorm>,
    /// None if it is no language model.
    pub(super) head: Option<Matrix>,
    /// In place of a norm's weights, or of angles, where there are none.
    pub(super) nothing: Buffer,
    pub(super) tables: GpuTables,
}

impl CanonicalGpuModel {
    /// The architecture.
    pub fn transformer(&self) -> &Transformer {
        &self.shape
    }

    /// Numbers of the widest row of products.
    pub(super) fn widest(&self) -> usize {
        let layers = self.layers.iter().map(|layer| layer.qkv.outputs.max(layer.up.outputs));
        let shards = self.head.iter().flat_map(|head| head.shards.iter().map(|shard| shard.outputs));
        layers.chain(shards).fold(padded(self.shape.hidden), usize::max)
    }

    pub(super) fn upload(device: &Device, options: Options, model: &CanonicalModel) -> Result<Self, CanonicalGpuError> {
        let shape = model.transformer()?.clone();
        let pack = Packer { device, options, shape: &shape, epsilon: model.epsilon() };
        let layers = (0..shape.layers).map(|index| pack.layer(&*model.layer(index)?)).collect::<Result<_, _>>()?;
        let tail = model.tail()?;
        let head = match &tail.head {
            CanonicalHead::Language(head) => Some(Matrix::upload(device, &[head], options.shard)?),
            CanonicalHead::Embedding | CanonicalHead::Classes { .. } => None,
        };
        let factors = gates(shape.activation).unwrap_or(&[0]);
        let tables = GpuTables {
            powers: pack.table("table of powers", &POWER)?,
            logarithms: pack.table("table of logarithms", &LOGARITHM)?,
            factors: pack.table("table of the function", factors)?,
        };
        let loaded = Self {
            epsilon: model.epsilon(),
            rotary: model.rotary().cloned(),
            turns: PlaceTable::default(),
            embedding: model.embedding()?,
            layers,
            norm: tail.norm.as_ref().map(|norm| pack.norm(norm)).transpose()?,
            tail,
            head,
            nothing: device.upload("no weights", &[[0i32; 2]])?,
            tables,
            shape,
        };
        device.check()?;
        Ok(loaded)
    }
}

struct Packer<'a> {
    device: &'a Device,
    options: Options,
    shape: &'a Transformer,
    epsilon: Epsilon,
}

impl Packer<'_> {
    fn layer(&self, layer: &CanonicalLayer) -> Result<GpuLayer, CanonicalGpuError> {
        let matrix = |matrices: &[_]| Matrix::upload(self.device, matrices, self.options.shard);
        let head_norm = |gain: &Option<QuantisedVector>| {
            gain.as_ref().map_or(NormShape::none(), |gain| NormShape::new(NormKind::Rms, self.epsilon, gain, None))
        };
        let up: Vec<_> = layer.gate.iter().chain([&layer.up]).collect();
        Ok(GpuLayer {
            attention_norm: self.norm(&layer.attention_norm)?,
            qkv: matrix(&[&layer.query, &layer.key, &layer.value])?,
            head_norms: [head_norm(&layer.query_norm), head_norm(&layer.key_norm)],
            head_gains: self.gains(layer)?,
            output: matrix(&[&layer.output])?,
            feed_norm: self.norm(&layer.feed_norm)?,
            up: matrix(&up)?,
            down: matrix(&[&layer.down])?,
        })
    }

    /// Gains of query heads and of key heads, one after the other.
    fn gains(&self, layer: &CanonicalLayer) -> Result<Buffer, EngineError> {
        let gains = [&layer.query_norm, &layer.key_norm].into_iter().flatten();
        let mut gains: Vec<i32> = gains.flat_map(|gain| gain.mantissas.iter().copied()).collect();
        gains.resize(2 * self.shape.head, 0);
        self.device.upload("gains of heads", &gains)
    }

    fn norm(&self, norm: &QuantisedNorm) -> Result<GpuNorm, EngineError> {
        let bias = |index: usize| norm.bias.as_ref().map_or(0, |bias| bias.mantissas[index]);
        let weights = norm.gain.mantissas.iter().enumerate().map(|(index, &gain)| [gain, bias(index)]);
        let mut weights: Vec<[i32; 2]> = weights.collect();
        weights.resize(padded(weights.len()), [0; 2]);
        Ok(GpuNorm {
            shape: NormShape::new(self.shape.norm, self.epsilon, &norm.gain, norm.bias.as_ref()),
            weights: self.device.upload("a norm's weights", &weights)?,
        })
    }

    /// Entries are at most 2^30.
    fn table(&self, what: &'static str, entries: &[i64]) -> Result<Buffer, EngineError> {
        let entries: Vec<i32> = entries.iter().map(|&entry| entry as i32).collect();
        self.device.upload(what, &entries)
    }
}

impl NormShape {
    /// No norm.
    pub(super) fn none() -> Self {
        bytemuck::Zeroable::zeroed()
    }

    fn new(kind: NormKind, epsilon: Epsilon, gain: &QuantisedVector, bias: Option<&QuantisedVector>) -> Self {
        let features = gain.mantissas.len();
        let shift = (bits(features as i64) + 1) / 2 + 18;
        let scaled = 22 + gain.exponent - shift;
        let exponent = bias.map_or(scaled, |bias| scaled.min(bias.exponent)).min(ZERO);
        let constant = epsilon.mantissa as u64 * features as u64;
        Self {
            kind: match kind {
                NormKind::Rms => 1,
                NormKind::Layer => 2,
            },
            features: count(features),
            // Below 2^30.
            root: ((features as u64) << 44).isqrt() as u32,
            epsilon_low: constant as u32,
            epsilon_high: (constant >> 32) as u32,
            epsilon_exponent: epsilon.exponent,
            gain_shift: shift + scaled - exponent,
            bias_shift: bias.map_or(0, |bias| bias.exponent - exponent),
            exponent,
            unused: [0; 3],
        }
    }
}
