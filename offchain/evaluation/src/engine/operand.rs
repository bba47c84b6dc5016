//! The right side of a product in device memory, and the checks of what is copied there.

use wgpu::Buffer;

use super::device::Device;
use super::error::EngineError;
use crate::kernels::{Kernels, Matrix, NormBuffers, Operand, Precision};
use crate::model::{Linear, Norm, NormKind, Transformer};

/// A weight and its bias, zeros where the model has none.
#[derive(Debug)]
pub(super) struct GpuLinear {
    weight: Matrix,
    bias: Buffer,
}

impl GpuLinear {
    /// Zeros.
    pub(super) fn zeros(
        kernels: &Kernels,
        precision: Precision,
        what: &'static str,
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, EngineError> {
        let weight = Matrix::zeros(kernels, precision, what, [outputs, inputs])?;
        let bias = vector(kernels.device(), what, weight.rows())?;
        Ok(Self { weight, bias })
    }

    /// A product as it is in the model, stored in `precision` if its weights allow.
    pub(super) fn plain(
        kernels: &Kernels,
        precision: Precision,
        what: &'static str,
        linear: &Linear,
    ) -> Result<Self, EngineError> {
        let precision = precision.fitting([linear.weight.as_slice()]);
        let uploaded = Self::zeros(kernels, precision, what, [linear.outputs(), linear.inputs])?;
        uploaded.fill(kernels.device(), |r| (r < linear.outputs()).then_some((linear, r)), copy);
        Ok(uploaded)
    }

    /// Replaces everything: output `r` is the output of the product that `source(r)` names, and `place` puts the row of
    /// its weight into a row of zeros.
    pub(super) fn fill<'a>(
        &self,
        device: &Device,
        source: impl Fn(usize) -> Option<(&'a Linear, usize)>,
        place: impl Fn(&[f32], &mut [f32]),
    ) {
        self.weight.fill(device, |r, row| {
            if let Some((linear, output)) = source(r) {
                place(&linear.weight[output * linear.inputs..][..linear.inputs], row);
            }
        });
        let bias_of = |r| {
            let (linear, output) = source(r)?;
            Some(linear.bias.as_ref()?[output])
        };
        let bias: Vec<f32> = (0..self.weight.rows()).map(|r| bias_of(r).unwrap_or(0.0)).collect();
        device.write(&self.bias, &bias);
    }

    /// As kernels take it.
    pub(super) fn operand(&self) -> Operand<'_> {
        Operand { weight: &self.weight, bias: &self.bias }
    }

    /// Floats of a row of outputs.
    pub(super) fn outputs(&self) -> usize {
        self.weight.rows()
    }
}

/// Puts a row at the start of a wider one.
pub(super) fn copy(source: &[f32], row: &mut [f32]) {
    row[..source.len()].copy_from_slice(source);
}

/// Zeros for a norm of rows of `width` floats.
pub(super) fn zero_norm(device: &Device, what: &'static str, width: usize) -> Result<NormBuffers, EngineError> {
    Ok(NormBuffers { gain: vector(device, what, width)?, bias: vector(device, what, width)? })
}

/// Replaces the weights of a norm; the padding stays as it is.
pub(super) fn fill_norm(device: &Device, buffers: &NormBuffers, norm: &Norm) {
    device.write(&buffers.gain, &norm.gain);
    match &norm.bias {
        Some(bias) => device.write(&buffers.bias, bias),
        None => device.write(&buffers.bias, &vec![0.0f32; norm.gain.len()]),
    }
}

/// A buffer of zeros.
pub(super) fn vector(device: &Device, what: &'static str, floats: usize) -> Result<Buffer, EngineError> {
    device.storage(what, (floats * size_of::<f32>()) as u64)
}

/// Whether a product has the shape that the architecture asks for.
pub(super) fn check_linear(what: &'static str, linear: &Linear, shape: [usize; 2]) -> Result<(), EngineError> {
    let [outputs, inputs] = shape;
    let bias = linear.bias.as_ref().is_none_or(|bias| bias.len() == outputs);
    check(what, linear.inputs == inputs && linear.weight.len() == outputs * inputs && bias)
}

/// Whether a norm is of the kind and the width that the architecture asks for.
pub(super) fn check_norm(what: &'static str, norm: &Norm, config: &Transformer) -> Result<(), EngineError> {
    let bias = norm.bias.as_ref().is_none_or(|bias| config.norm == NormKind::Layer && bias.len() == config.hidden);
    check(what, norm.gain.len() == config.hidden && bias)
}

/// Fails unless a part has the shape that the architecture asks for.
pub(super) fn check(what: &'static str, fits: bool) -> Result<(), EngineError> {
    if fits { Ok(()) } else { Err(EngineError::Misshapen { what }) }
}
