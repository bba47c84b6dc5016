//! A perceptron in device memory, and its forward pass.

use super::error::EngineError;
use super::operand::{GpuLinear, check, check_linear, copy, vector};
use super::output::rows_of;
use crate::kernels::{Epilogue, Function, Kernels, Precision};
use crate::model::{Perceptron, Weights};

/// Bytes that the widest buffer of activations may take.
const BATCH_BYTES: u64 = 32 << 20;

/// All of a perceptron.
#[derive(Debug)]
pub(super) struct GpuPerceptron {
    pub config: Perceptron,
    products: Vec<GpuLinear>,
}

impl GpuPerceptron {
    /// Copies a model to the device.
    pub(super) fn load(
        kernels: &Kernels,
        precision: Precision,
        config: &Perceptron,
        weights: &dyn Weights,
    ) -> Result<Self, EngineError> {
        const WHAT: &str = "a product";
        let products = weights.products()?;
        check(WHAT, !products.is_empty() && config.widths.len() == products.len() + 1)?;
        let shapes = config.widths.windows(2);
        let load = |(linear, shape): (_, &[usize])| {
            check_linear(WHAT, linear, [shape[1], shape[0]])?;
            GpuLinear::plain(kernels, precision, WHAT, linear)
        };
        let products = products.iter().zip(shapes).map(load).collect::<Result<_, EngineError>>()?;
        kernels.device().check()?;
        Ok(Self { config: config.clone(), products })
    }

    /// Features of a vector.
    pub(super) fn features(&self) -> usize {
        self.config.widths.first().copied().unwrap_or(0)
    }

    /// Logits of classes for each vector of features.
    pub(super) fn run(&self, kernels: &Kernels, vectors: &[&[f32]]) -> Result<Vec<Vec<f32>>, EngineError> {
        let inputs = self.features().next_multiple_of(kernels.tile().columns());
        let widest = self.products.iter().map(GpuLinear::outputs).fold(inputs, usize::max);
        let bytes = (widest * size_of::<f32>()) as u64;
        let rows = (BATCH_BYTES.min(kernels.device().binding_limit()) / bytes) as usize;
        let padding = kernels.tile().padding();
        let rows = (rows / padding).max(1) * padding;
        let mut results = Vec::new();
        for batch in vectors.chunks(rows) {
            results.extend(self.batch(kernels, batch, [inputs, widest])?);
        }
        Ok(results)
    }

    fn batch(
        &self,
        kernels: &Kernels,
        vectors: &[&[f32]],
        [inputs, widest]: [usize; 2],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let device = kernels.device();
        let count = vectors.len();
        let rows = count.next_multiple_of(kernels.tile().padding());
        let mut padded = vec![0.0; rows * inputs];
        for (row, vector) in padded.chunks_exact_mut(inputs).zip(vectors) {
            copy(vector, row);
        }
        let mut from = vector(device, "activations", rows * widest)?;
        let mut to = vector(device, "activations", rows * widest)?;
        device.write(&from, &padded);
        let mut steps = Vec::new();
        let mut width = inputs;
        for (index, product) in self.products.iter().enumerate() {
            let last = index + 1 == self.products.len();
            let function = Epilogue::Apply(Function::Activation(self.config.activation));
            let epilogue = if last { Epilogue::Store } else { function };
            steps.extend(kernels.product(epilogue, rows, product.operand(), [&from, &to]));
            (from, to) = (to, from);
            width = product.outputs();
        }
        let found = device.run(&steps, &from, rows * width)?;
        Ok(rows_of(&found, width, count, self.config.widths.last().copied().unwrap_or(0)))
    }
}
