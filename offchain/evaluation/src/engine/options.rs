//! What a caller may choose of an engine. Results depend on the precision of weights, on style and tile in their last
//! bits, and on nothing else here.

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
