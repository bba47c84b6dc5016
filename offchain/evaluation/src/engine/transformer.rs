//! A transformer in device memory.

use wgpu::{Buffer, SubmissionIndex};

use super::error::EngineError;
use super::layer::{GpuLayer, fitting};
use super::layout::Layout;
use super::operand::{GpuLinear, check, check_linear, check_norm, copy, fill_norm, vector, zero_norm};
use super::places::PlaceTable;
use crate::kernels::{Kernels, Matrix, NormBuffers, Operand, Precision, Tile, parts};
use crate::model::{Embedding, Head, Model, Norm, Output, Position, Tail, Transformer};

/// Everything of a transformer but, where the device cannot hold them, its layers.
#[derive(Debug)]
pub(super) struct GpuTransformer {
    pub config: Transformer,
    pub layout: Layout,
    pub tokens: Matrix,
    pub positions: Option<Matrix>,
    pub segment: Option<Matrix>,
    /// Rotary angles of each place.
    pub angles: PlaceTable,
    pub embedding_norm: Option<NormBuffers>,
    pub layers: GpuLayers,
    pub norm: Option<NormBuffers>,
    pub head: GpuHead,
}

/// The head in device memory.
#[derive(Debug)]
pub(super) enum GpuHead {
    /// A table of its own.
    Language(GpuLinear),
    /// The embedding's table, and zeros for its bias.
    Tied(Buffer),
    /// The mean of states.
    Embedding,
    /// Of the first state.
    Classes { pooler: Option<GpuLinear>, classifier: GpuLinear },
}

/// The layers: all of them, or room for two.
#[derive(Debug)]
pub(super) enum GpuLayers {
    /// Layer `i` at `i`.
    Resident(Vec<GpuLayer>),
    /// Uploaded anew for each pass.
    Streamed(Box<Room>),
}

/// Room for two layers: layer `i` comes into `i % 2` while the device computes with the other.
#[derive(Debug)]
pub(super) struct Room {
    model: Model,
    precision: Precision,
    layers: [GpuLayer; 2],
}

impl GpuTransformer {
    /// Copies a model to the device; its layers only if they take no more than `memory` bytes.
    pub(super) fn load(
        kernels: &Kernels,
        model: &Model,
        config: &Transformer,
        precision: Precision,
        memory: u64,
    ) -> Result<Self, EngineError> {
        let (weights, layout) = (model.weights(), Layout::new(config, kernels.tile()));
        let Embedding { tokens, positions, segment, norm } = weights.embedding()?;
        let hidden = config.hidden;
        check("the position embedding", positions.is_some() == (config.position == Position::Learned))?;
        let table = |what, rows, data: &[f32]| table(kernels, precision, what, [rows, hidden], data);
        let tokens = table("the embedding", config.vocabulary, &tokens)?;
        let positions = positions.map(|data| table("the position embedding", config.positions, &data)).transpose()?;
        let segment = segment.map(|data| table("the segment embedding", 1, &data)).transpose()?;
        let embedding_norm = norm.map(|norm| load_norm(kernels, "the embedding norm", &norm, config)).transpose()?;
        let tail = weights.tail()?;
        let norm = tail.norm.as_ref().map(|norm| load_norm(kernels, "the final norm", norm, config)).transpose()?;
        let head = head(kernels, precision, config, &tail, &tokens)?;
        let layers = GpuLayers::load(kernels, model, config, layout, precision, memory)?;
        kernels.device().check()?;
        let config = config.clone();
        let angles = PlaceTable::default();
        Ok(Self { config, layout, tokens, positions, segment, angles, embedding_norm, layers, norm, head })
    }

    /// The language head, if that is what the model has.
    pub(super) fn language(&self) -> Option<Operand<'_>> {
        match &self.head {
            GpuHead::Language(head) => Some(head.operand()),
            GpuHead::Tied(bias) => Some(Operand { weight: &self.tokens, bias }),
            GpuHead::Embedding | GpuHead::Classes { .. } => None,
        }
    }

    /// Classes that it tells apart, if that is what it does.
    pub(super) fn classes(&self) -> usize {
        match self.config.output {
            Output::Classes { count } => count,
            Output::Language { .. } | Output::Embedding => 0,
        }
    }

    /// Floats of the widest row of activations with products in tiles of a shape.
    pub(super) fn widest(&self, tile: Tile) -> usize {
        self.layout.widest(self.language().map_or(0, |head| parts(head.weight, tile)))
    }
}

impl GpuLayers {
    /// Copies the layers to the device; room for two where all of them take more than `memory` bytes, or more than the
    /// device has.
    fn load(
        kernels: &Kernels,
        model: &Model,
        config: &Transformer,
        layout: Layout,
        precision: Precision,
        memory: u64,
    ) -> Result<Self, EngineError> {
        if layout.layer_bytes(precision).saturating_mul(config.layers as u64) <= memory {
            match Self::resident(kernels, model, config, layout, precision) {
                Err(EngineError::OutOfMemory { reason }) => {
                    tracing::warn!(reason, layers = config.layers, "the device cannot hold the layers: streaming them");
                    kernels.device().reclaim()?;
                }
                loaded => return loaded,
            }
        }
        let zeros = || GpuLayer::zeros(kernels, precision, layout);
        let layers = [zeros()?, zeros()?];
        Ok(Self::Streamed(Box::new(Room { model: model.clone(), precision, layers })))
    }

    fn resident(
        kernels: &Kernels,
        model: &Model,
        config: &Transformer,
        layout: Layout,
        precision: Precision,
    ) -> Result<Self, EngineError> {
        let load = |index| {
            let weights = model.weights().layer(index)?;
            let layer = GpuLayer::zeros(kernels, fitting(precision, &weights), layout)?;
            layer.fill(kernels, config, layout, &weights)?;
            // The copy on its way to the device takes memory too: at most one layer's.
            kernels.device().submit(&[]).and_then(|submission| kernels.device().wait(submission))?;
            Ok(layer)
        };
        Ok(Self::Resident((0..config.layers).map(load).collect::<Result<_, EngineError>>()?))
    }

    /// Calls `compute` with each layer in order. Layers that are not on the device are read and made ready while it
    /// computes with the ones before: the wait is only for the layer whose room the next one takes.
    pub(super) fn each(
        &self,
        kernels: &Kernels,
        config: &Transformer,
        layout: Layout,
        mut compute: impl FnMut(&GpuLayer) -> Result<SubmissionIndex, EngineError>,
    ) -> Result<(), EngineError> {
        match self {
            Self::Resident(layers) => layers.iter().try_for_each(|layer| compute(layer).map(drop)),
            Self::Streamed(room) => {
                let Room { model, precision, layers } = room.as_ref();
                let mut under_way = [None, None];
                for index in 0..config.layers {
                    let layer = model.weights().layer(index)?;
                    let (mut room, before) = (&layers[index % 2], &mut under_way[index % 2]);
                    if let Some(submission) = before.take() {
                        kernels.device().wait(submission)?;
                    }
                    // A layer that needs more than there is room for gets its own.
                    let own;
                    let needed = fitting(*precision, &layer);
                    if needed != *precision {
                        own = GpuLayer::zeros(kernels, needed, layout)?;
                        room = &own;
                    }
                    room.fill(kernels, config, layout, &layer)?;
                    *before = Some(compute(room)?);
                }
                Ok(())
            }
        }
    }
}

fn table(
    kernels: &Kernels,
    precision: Precision,
    what: &'static str,
    shape: [usize; 2],
    data: &[f32],
) -> Result<Matrix, EngineError> {
    let [rows, columns] = shape;
    check(what, data.len() == rows * columns)?;
    let matrix = Matrix::zeros(kernels, precision.fitting([data]), what, shape)?;
    matrix.fill(kernels.device(), |r, row| {
        if r < rows {
            copy(&data[r * columns..][..columns], row);
        }
    });
    Ok(matrix)
}

fn load_norm(
    kernels: &Kernels,
    what: &'static str,
    norm: &Norm,
    config: &Transformer,
) -> Result<NormBuffers, EngineError> {
    check_norm(what, norm, config)?;
    let buffers = zero_norm(kernels.device(), what, config.hidden.next_multiple_of(kernels.tile().columns()))?;
    fill_norm(kernels.device(), &buffers, norm);
    Ok(buffers)
}

fn head(
    kernels: &Kernels,
    precision: Precision,
    config: &Transformer,
    tail: &Tail,
    tokens: &Matrix,
) -> Result<GpuHead, EngineError> {
    let hidden = config.hidden;
    match (&tail.head, config.output) {
        (Head::Language(Some(head)), Output::Language { tied: false }) => {
            check_linear("the head", head, [config.vocabulary, hidden])?;
            Ok(GpuHead::Language(GpuLinear::plain(kernels, precision, "head", head)?))
        }
        (Head::Language(None), Output::Language { tied: true }) => {
            Ok(GpuHead::Tied(vector(kernels.device(), "head bias", tokens.rows())?))
        }
        (Head::Embedding, Output::Embedding) => Ok(GpuHead::Embedding),
        (Head::Classes { pooler, classifier }, Output::Classes { count }) => {
            check_linear("the classifier", classifier, [count, hidden])?;
            if let Some(pooler) = pooler {
                check_linear("the pooler", pooler, [hidden, hidden])?;
            }
            let load = |what, linear| GpuLinear::plain(kernels, precision, what, linear);
            let pooler = pooler.as_ref().map(|pooler| load("pooler", pooler)).transpose()?;
            Ok(GpuHead::Classes { pooler, classifier: load("classifier", classifier)? })
        }
        _ => Err(EngineError::Misshapen { what: "the head" }),
    }
}
