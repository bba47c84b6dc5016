//! Functions between products, as source of the kernels that apply them.

use crate::model::Activation;

/// A function of one number that is zero at zero, so that padding stays zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// Of a feed-forward layer.
    Activation(Activation),
    /// Of a pooler.
    Tanh,
}

impl Function {
    /// Source of `fn activate(x: f32) -> f32`.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Activation(Activation::Silu) => include_str!("silu.wgsl"),
            Self::Activation(Activation::GeluTanh) => include_str!("gelu_tanh.wgsl"),
            Self::Activation(Activation::GeluErf) => include_str!("gelu_erf.wgsl"),
            Self::Activation(Activation::Relu) => include_str!("relu.wgsl"),
            Self::Tanh => include_str!("tanh.wgsl"),
        }
    }
}
