//! The yardstick as a lane: scalar f64 on the CPU, slow, without a device.

use super::lane::{fixed_nll, fixed_vector, highest};
use super::{Fault, Lane, MinerFault, ValidatorFault};
use crate::digest::Digest;
use crate::model::Model;
use crate::reference::{self, ReferenceError};
use crate::window::Window;

/// A model on the scalar reference.
#[derive(Debug, Clone, Copy)]
pub struct Scalar<'a>(pub &'a Model);

impl Lane for Scalar<'_> {
    fn model(&self) -> Digest {
        self.0.tensor_digest()
    }

    fn evaluator(&self) -> Digest {
        Digest::of(concat!("inktensor/scalar/1 ", env!("CARGO_PKG_VERSION")).as_bytes())
    }

    fn nll(&self, windows: &[Window]) -> Result<Vec<i64>, Fault> {
        let one = |(index, window)| fixed_nll(index, reference::nll(self.0, window).map_err(fault)?.nll_nats);
        windows.iter().enumerate().map(one).collect()
    }

    fn embed(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<i32>>, Fault> {
        let one =
            |(index, tokens): (usize, &Vec<u32>)| fixed_vector(index, reference::embed(self.0, tokens).map_err(fault)?);
        sequences.iter().enumerate().map(one).collect()
    }

    fn classify(&self, sequences: &[Vec<u32>]) -> Result<Vec<usize>, Fault> {
        let one =
            |(index, tokens): (usize, &Vec<u32>)| highest(index, reference::classify(self.0, tokens).map_err(fault)?);
        sequences.iter().enumerate().map(one).collect()
    }

    fn perceive(&self, rows: &[Vec<f32>]) -> Result<Vec<usize>, Fault> {
        let one = |(index, features): (usize, &Vec<f32>)| {
            highest(index, reference::perceive(self.0, features).map_err(fault)?)
        };
        rows.iter().enumerate().map(one).collect()
    }
}

fn fault(error: ReferenceError) -> Fault {
    match error {
        ReferenceError::OtherOutput { asked } => MinerFault::WrongKind { wanted: asked }.into(),
        error => ValidatorFault::Reference(error).into(),
    }
}
