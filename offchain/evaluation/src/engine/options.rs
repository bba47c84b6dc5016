//! What a caller may choose of an engine. Results depend on the precision of weights and products, on style and tile in
//! their last bits, and on nothing else here.

use crate::kernels::{Precision, Style, Tile};

/// How an engine uses its device. By default, as suits the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// How kernels are written.
    pub style: Option<Style>,
    /// The tile of matrix products, which then decides the style; see also [`crate::Engine::tuned`].
    pub tile: Option<Tile>,
    /// What the device stores the matrices of models in.
    pub weights: Precision,
    /// What matrix products multiply in. [`Precision::F16`] stores weights so too, whatever `weights` says, and
    /// multiplies and adds in f16 over chains of 16 numbers, of four in [`Style::Register`]; their sums are added in
    /// f32. The losses of the shipped models on windows of 128 bytes are then off by less than 3e-4 of themselves (f32:
    /// 5e-7), those of single tokens by up to 0.01 nats; with whole rows as chains it would be twice as much.
    ///
    /// Weights that f16 cannot hold are multiplied in f32, and so is each sequence of tokens, or vector of features,
    /// whose numbers left its range on the way: an overflow costs time and is never a fault of the model. Numbers below
    /// 3e-8 count as zero.
    pub products: Precision,
    /// Bytes of device memory that the layers of a model may take. Layers that take more are not kept: they are
    /// uploaded anew for each evaluation while the device computes with the ones before. The default is the size of the
    /// largest buffer that the device allows, as devices tell no more of their memory.
    pub memory: Option<u64>,
    /// Bytes that one buffer of weights or activations may have, below the device's own limit.
    pub binding: Option<u64>,
    /// Bytes of device memory that all buffers together may take, as though the device had no more. Only Vulkan and
    /// DX12 tell what was taken; elsewhere this has no effect.
    pub total: Option<u64>,
}

impl Options {
    /// What weights are stored in: products in f16 need no more of them.
    pub(super) fn stored(&self) -> Precision {
        if self.products == Precision::F16 { Precision::F16 } else { self.weights }
    }
}
