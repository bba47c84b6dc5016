//! The specification's executable form: one file a rule, scalar, without a single floating-point operation.

#![deny(clippy::float_arithmetic)]

use super::forward::{self, Lane};
use super::quantise::QuantisedMatrix;
use super::row::{Row, Row16};
use super::{CanonicalError, CanonicalLoss, CanonicalModel};
use crate::window::Window;

pub mod activation;
pub mod attention;
pub mod embedding;
pub mod heads;
pub mod language;
pub mod linear;
pub mod norm;
pub mod output;
pub mod residual;

/// One row after another, one product after another.
struct Scalar;

impl Lane for Scalar {
    fn spread<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
        work(items)
    }

    fn sums(&self, rows: &[Row16], matrix: &QuantisedMatrix) -> Vec<Row> {
        rows.iter().map(|row| linear::product(row, matrix)).collect()
    }
}

/// The loss of a window under a language model.
pub fn nll(model: &CanonicalModel, window: &Window) -> Result<CanonicalLoss, CanonicalError> {
    let mut losses = forward::losses(&Scalar, model, std::slice::from_ref(window))?;
    losses.pop().ok_or(CanonicalError::Output { wanted: "a language model" })
}

/// The embedding of a text: a vector of length one, its features with 30 fractional bits.
pub fn embed(model: &CanonicalModel, tokens: &[u32]) -> Result<Vec<i32>, CanonicalError> {
    Ok(forward::embeddings(&Scalar, model, &[tokens])?.concat())
}

/// The logits of a text's classes, with 16 fractional bits.
pub fn classify(model: &CanonicalModel, tokens: &[u32]) -> Result<Vec<i32>, CanonicalError> {
    Ok(forward::classes(&Scalar, model, &[tokens])?.concat())
}

/// The logits of a feature vector's classes, with 16 fractional bits.
pub fn perceive(model: &CanonicalModel, features: &[f32]) -> Result<Vec<i32>, CanonicalError> {
    Ok(forward::perceive(&Scalar, model, &[features])?.concat())
}
