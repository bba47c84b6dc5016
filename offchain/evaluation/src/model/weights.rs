//! Weights as f32, whatever format and names the file has. Matrices are row-major, `[outputs, inputs]`.

use std::fmt;

use thiserror::Error;

/// A product with a matrix, and a bias where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Columns of the matrix.
    pub inputs: usize,
    /// `outputs` rows of `inputs`.
    pub weight: Vec<f32>,
    /// One for each output.
    pub bias: Option<Vec<f32>>,
}

impl Linear {
    /// Rows of the matrix.
    pub fn outputs(&self) -> usize {
        self.weight.len() / self.inputs
    }
}

/// Weights of a norm.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    /// One for each feature.
    pub gain: Vec<f32>,
    /// One for each feature; none for root mean square.
    pub bias: Option<Vec<f32>>,
}

/// What turns tokens into the residual stream: the sum of the rows, normed where norms stand after blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// `[vocabulary, hidden]`.
    pub tokens: Vec<f32>,
    /// `[positions, hidden]`, where positions are learned.
    pub positions: Option<Vec<f32>>,
    /// The first segment's row, `hidden` wide, where there are segments.
    pub segment: Option<Vec<f32>>,
    /// The norm of the sum.
    pub norm: Option<Norm>,
}

/// Weights of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Norm of the attention block: of its input or of the sum with its output, see [`super::Placement`].
    pub attention_norm: Norm,
    /// `[heads · head, hidden]`.
    pub query: Linear,
    /// `[key_heads · head, hidden]`.
    pub key: Linear,
    /// `[key_heads · head, hidden]`.
    pub value: Linear,
    /// Gain of each query head's norm, `head` wide.
    pub query_norm: Option<Vec<f32>>,
    /// Gain of each key head's norm, `head` wide.
    pub key_norm: Option<Vec<f32>>,
    /// `[hidden, heads · head]`.
    pub output: Linear,
    /// Norm of the feed-forward block.
    pub feed_norm: Norm,
    /// `[intermediate, hidden]`, where the function is gated.
    pub gate: Option<Linear>,
    /// `[intermediate, hidden]`.
    pub up: Linear,
    /// `[hidden, intermediate]`.
    pub down: Linear,
}

/// What follows the last layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// The final norm, where norms stand before blocks.
    pub norm: Option<Norm>,
    /// What makes the output.
    pub head: Head,
}

/// What makes the output of the final states.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// `[vocabulary, hidden]`; none where it is the embedding.
    Language(Option<Linear>),
    /// The mean of all states, scaled to length one.
    Embedding,
    /// From the first state.
    Classes {
        /// `[hidden, hidden]`, followed by tanh.
        pooler: Option<Linear>,
        /// `[classes, hidden]`.
        classifier: Linear,
    },
}

/// Where weights come from. Parts are made when asked for, so that a model need not fit in memory as a whole.
pub trait Weights: fmt::Debug + Send + Sync {
    /// Weights of the embedding.
    fn embedding(&self) -> Result<Embedding, ReadError>;
    /// Weights of layer `index`, counted from 0.
    fn layer(&self, index: usize) -> Result<Layer, ReadError>;
    /// Weights of what follows the last layer.
    fn tail(&self) -> Result<Tail, ReadError>;
    /// The products of a perceptron, in order; empty for a transformer.
    fn products(&self) -> Result<Vec<Linear>, ReadError>;
}

/// Weights that were there when the model was opened cannot be read now: a fault of the validator's disk.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the weights of {what} cannot be read: {reason}. Fetch the model again")]
pub struct ReadError {
    /// The part that was asked for.
    pub what: String,
    /// The system's words.
    pub reason: String,
}

/// All weights of a transformer in memory: models of tests, and models fresh from training.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Weights of the embedding.
    pub embedding: Embedding,
    /// Weights of the layers.
    pub layers: Vec<Layer>,
    /// Weights of what follows.
    pub tail: Tail,
}

impl Weights for Parts {
    fn embedding(&self) -> Result<Embedding, ReadError> {
        Ok(self.embedding.clone())
    }

    fn layer(&self, index: usize) -> Result<Layer, ReadError> {
        let missing = || ReadError { what: format!("layer {index}"), reason: "there is no such layer".to_owned() };
        self.layers.get(index).cloned().ok_or_else(missing)
    }

    fn tail(&self) -> Result<Tail, ReadError> {
        Ok(self.tail.clone())
    }

    fn products(&self) -> Result<Vec<Linear>, ReadError> {
        Ok(Vec::new())
    }
}

/// All weights of a perceptron in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Products(pub Vec<Linear>);

impl Weights for Products {
    fn embedding(&self) -> Result<Embedding, ReadError> {
        Err(no_transformer("the embedding"))
    }

    fn layer(&self, index: usize) -> Result<Layer, ReadError> {
        Err(no_transformer(&format!("layer {index}")))
    }

    fn tail(&self) -> Result<Tail, ReadError> {
        Err(no_transformer("the tail"))
    }

    fn products(&self) -> Result<Vec<Linear>, ReadError> {
        Ok(self.0.clone())
    }
}

fn no_transformer(what: &str) -> ReadError {
    ReadError { what: what.to_owned(), reason: "the model is a perceptron".to_owned() }
}
