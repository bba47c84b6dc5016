//! Weights in files, made into parts when they are asked for.

use super::architecture::{Architecture, Output};
use super::container::decode;
use super::files::Files;
use super::plan::{Plan, Slot};
use super::weights::{Embedding, Head, Layer, Linear, Norm, ReadError, Tail, Weights};

/// Files that a plan has been checked against.
#[derive(Debug)]
pub(super) struct Stored {
    pub files: Files,
    pub plan: Plan,
}

impl Weights for Stored {
    fn embedding(&self) -> Result<Embedding, ReadError> {
        let mut read = Reader::new(self);
        Ok(Embedding {
            tokens: read.weights("embedding.tokens")?,
            positions: read.if_any("embedding.positions")?,
            segment: read.if_any("embedding.segment")?,
            norm: read.norm_if_any("embedding.norm")?,
        })
    }

    fn layer(&self, index: usize) -> Result<Layer, ReadError> {
        let mut read = Reader::new(self);
        let role = |part: &str| format!("layers.{index}.{part}");
        Ok(Layer {
            attention_norm: read.norm(&role("attention_norm"))?,
            query: read.linear(&role("query"))?,
            key: read.linear(&role("key"))?,
            value: read.linear(&role("value"))?,
            query_norm: read.if_any(&role("query_norm.gain"))?,
            key_norm: read.if_any(&role("key_norm.gain"))?,
            output: read.linear(&role("output"))?,
            feed_norm: read.norm(&role("feed_norm"))?,
            gate: read.linear_if_any(&role("gate"))?,
            up: read.linear(&role("up"))?,
            down: read.linear(&role("down"))?,
        })
    }

    fn tail(&self) -> Result<Tail, ReadError> {
        let mut read = Reader::new(self);
        let Architecture::Transformer(shape) = &self.plan.architecture else {
            return Err(none("tail"));
        };
        let head = match shape.output {
            Output::Language { .. } => Head::Language(read.linear_if_any("tail.head")?),
            Output::Embedding => Head::Embedding,
            Output::Classes { .. } => Head::Classes {
                pooler: read.linear_if_any("tail.pooler")?,
                classifier: read.linear("tail.classifier")?,
            },
        };
        Ok(Tail { norm: read.norm_if_any("tail.norm")?, head })
    }

    fn products(&self) -> Result<Vec<Linear>, ReadError> {
        let Architecture::Perceptron(perceptron) = &self.plan.architecture else {
            return Ok(Vec::new());
        };
        let mut read = Reader::new(self);
        (1..perceptron.widths.len()).map(|product| read.linear(&format!("products.{}", product - 1))).collect()
    }
}

/// Reads roles, and keeps the last tensor that several roles share.
struct Reader<'a> {
    stored: &'a Stored,
    shared: Option<(&'a str, Vec<f32>)>,
}

impl<'a> Reader<'a> {
    fn new(stored: &'a Stored) -> Self {
        Self { stored, shared: None }
    }

    fn linear(&mut self, role: &str) -> Result<Linear, ReadError> {
        self.linear_if_any(role)?.ok_or_else(|| none(role))
    }

    fn linear_if_any(&mut self, role: &str) -> Result<Option<Linear>, ReadError> {
        let name = format!("{role}.weight");
        let Some(slot) = self.stored.plan.slots.get(&name) else { return Ok(None) };
        let inputs = slot.shape().last().copied().unwrap_or(0);
        let weight = self.read(&name, slot)?;
        Ok(Some(Linear { inputs, weight, bias: self.if_any(&format!("{role}.bias"))? }))
    }

    fn norm(&mut self, role: &str) -> Result<Norm, ReadError> {
        self.norm_if_any(role)?.ok_or_else(|| none(role))
    }

    fn norm_if_any(&mut self, role: &str) -> Result<Option<Norm>, ReadError> {
        let Some(gain) = self.if_any(&format!("{role}.gain"))? else { return Ok(None) };
        Ok(Some(Norm { gain, bias: self.if_any(&format!("{role}.bias"))? }))
    }

    fn weights(&mut self, role: &str) -> Result<Vec<f32>, ReadError> {
        self.if_any(role)?.ok_or_else(|| none(role))
    }

    fn if_any(&mut self, role: &str) -> Result<Option<Vec<f32>>, ReadError> {
        match self.stored.plan.slots.get(role) {
            Some(slot) => Ok(Some(self.read(role, slot)?)),
            None => Ok(None),
        }
    }

    fn read(&mut self, role: &str, slot: &'a Slot) -> Result<Vec<f32>, ReadError> {
        if slot.is_whole() {
            return self.tensor(role, slot);
        }
        let tensor = match self.shared.take() {
            Some((name, tensor)) if name == slot.tensor => tensor,
            _ => self.tensor(role, slot)?,
        };
        let picked = slot.pick(&tensor).into_owned();
        self.shared = Some((&slot.tensor, tensor));
        Ok(picked)
    }

    fn tensor(&self, role: &str, slot: &Slot) -> Result<Vec<f32>, ReadError> {
        let (container, info) = self.stored.files.find(&slot.tensor).ok_or_else(|| none(role))?;
        let failed = |error: std::io::Error| ReadError { what: role.to_owned(), reason: error.to_string() };
        Ok(decode(info.dtype, &container.bytes(info).map_err(failed)?))
    }
}

fn none(role: &str) -> ReadError {
    ReadError { what: role.to_owned(), reason: "the model has none".to_owned() }
}
