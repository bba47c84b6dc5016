//! A model for the canonical lane: weights as integers, part by part.

use std::sync::Arc;

use super::CanonicalError;
use super::number::{bits, leading, of_f64};
use super::quantise::{QuantisedMatrix, QuantisedNorm, QuantisedTable, QuantisedVector};
use super::rotary::Rotary;
use crate::digest::Digest;
use crate::model::{Architecture, Head, Linear, Model, Output, Position, Transformer};

/// Bounds on which the proofs rest that no integer overflows.
const WIDTH: usize = 32_768;
const HEAD: usize = 256;
const POSITIONS: usize = 32_768;
const VOCABULARY: usize = 1 << 18;

/// Weights of the embedding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalEmbedding {
    /// A row for each token.
    pub tokens: QuantisedTable,
    /// A row for each position, where positions are learned.
    pub positions: Option<QuantisedTable>,
    /// The first segment's row.
    pub segment: Option<QuantisedTable>,
    /// The norm of the sum.
    pub norm: Option<QuantisedNorm>,
}

/// Weights of a layer; see [`crate::model::Layer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalLayer {
    /// Norm of the attention block.
    pub attention_norm: QuantisedNorm,
    /// Makes queries.
    pub query: QuantisedMatrix,
    /// Makes keys.
    pub key: QuantisedMatrix,
    /// Makes values.
    pub value: QuantisedMatrix,
    /// Gain of each query head's norm.
    pub query_norm: Option<QuantisedVector>,
    /// Gain of each key head's norm.
    pub key_norm: Option<QuantisedVector>,
    /// From the heads to the stream.
    pub output: QuantisedMatrix,
    /// Norm of the feed-forward block.
    pub feed_norm: QuantisedNorm,
    /// What the function is taken of, where it is gated.
    pub gate: Option<QuantisedMatrix>,
    /// Into the feed-forward layer.
    pub up: QuantisedMatrix,
    /// Back to the stream.
    pub down: QuantisedMatrix,
}

/// Weights of what follows the last layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalTail {
    /// The final norm.
    pub norm: Option<QuantisedNorm>,
    /// What makes the output.
    pub head: CanonicalHead,
}

/// What makes the output of the final states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalHead {
    /// Logits of tokens.
    Language(QuantisedMatrix),
    /// The mean of all states.
    Embedding,
    /// Logits of classes.
    Classes {
        /// Followed by tanh.
        pooler: Option<QuantisedMatrix>,
        /// From the first state, or the pooler's output.
        classifier: QuantisedMatrix,
    },
}

/// The number under the root of the norms: `mantissa · 2^-exponent`, 31 bits of it (rule 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epsilon {
    /// From 2^30 up to 2^31, or 0.
    pub mantissa: i64,
    /// The exponent.
    pub exponent: i32,
}

impl Epsilon {
    /// The highest 31 bits of a number that is not negative.
    pub fn new(value: f64) -> Result<Self, CanonicalError> {
        let wrong = || CanonicalError::Constant { what: "epsilon".to_owned(), value: value.to_string() };
        match of_f64(value).ok_or_else(wrong)? {
            (0, _) => Ok(Self { mantissa: 0, exponent: 1 << 20 }),
            (m, x) => Ok(Self { mantissa: leading(m, 31), exponent: 31 - bits(m) - x }),
        }
    }
}

/// A model whose parts are made into integers when asked for, so that it need not fit in memory.
#[derive(Debug, Clone)]
pub struct CanonicalModel {
    model: Model,
    epsilon: Epsilon,
    rotary: Option<Rotary>,
    kept: Option<Kept>,
}

#[derive(Debug, Clone)]
struct Kept {
    embedding: Arc<CanonicalEmbedding>,
    layers: Vec<Arc<CanonicalLayer>>,
    tail: Arc<CanonicalTail>,
}

impl CanonicalModel {
    /// A model within the bounds of the canonical lane. Parts are read and made anew each time they are asked for.
    pub fn new(model: &Model) -> Result<Self, CanonicalError> {
        let (epsilon, rotary) = match model.architecture() {
            Architecture::Transformer(shape) => {
                check(shape)?;
                let rotary = match shape.position {
                    Position::Rotary { theta } => Some(Rotary::new(theta, shape.head)?),
                    Position::Learned => None,
                };
                (Epsilon::new(shape.epsilon)?, rotary)
            }
            Architecture::Perceptron(shape) => {
                for &width in &shape.widths {
                    within("a layer's width", width, WIDTH)?;
                }
                (Epsilon::new(0.0)?, None)
            }
        };
        Ok(Self { model: model.clone(), epsilon, rotary, kept: None })
    }

    /// The same with all parts of a transformer in memory.
    pub fn keep(mut self) -> Result<Self, CanonicalError> {
        if let Architecture::Transformer(shape) = self.model.architecture() {
            let layers = (0..shape.layers).map(|index| self.layer(index)).collect::<Result<_, _>>()?;
            self.kept = Some(Kept { embedding: self.embedding()?, layers, tail: self.tail()? });
        }
        Ok(self)
    }

    /// The computation.
    pub fn architecture(&self) -> &Architecture {
        self.model.architecture()
    }

    /// The transformer, if it is one.
    pub fn transformer(&self) -> Result<&Transformer, CanonicalError> {
        match self.model.architecture() {
            Architecture::Transformer(shape) => Ok(shape),
            Architecture::Perceptron(_) => Err(CanonicalError::Output { wanted: "a transformer" }),
        }
    }

    /// blake2b-256 of the weights.
    pub fn tensor_digest(&self) -> Digest {
        self.model.tensor_digest()
    }

    /// The number under the root of the norms.
    pub fn epsilon(&self) -> Epsilon {
        self.epsilon
    }

    /// The angles of rotary positions, where there are any.
    pub fn rotary(&self) -> Option<&Rotary> {
        self.rotary.as_ref()
    }

    /// The embedding.
    pub fn embedding(&self) -> Result<Arc<CanonicalEmbedding>, CanonicalError> {
        if let Some(kept) = &self.kept {
            return Ok(kept.embedding.clone());
        }
        let shape = self.transformer()?;
        let part = self.model.weights().embedding()?;
        let table = |weights: &[f32], count, what| QuantisedTable::new(weights, [count, shape.hidden], what);
        let positions = match (&part.positions, shape.position) {
            (Some(weights), _) => Some(table(weights, shape.positions, "the positions' embedding")?),
            (None, Position::Learned) => {
                let (what, expected) = ("the positions' embedding".to_owned(), shape.positions * shape.hidden);
                return Err(CanonicalError::Shape { what, expected, found: 0 });
            }
            (None, Position::Rotary { .. }) => None,
        };
        Ok(Arc::new(CanonicalEmbedding {
            tokens: table(&part.tokens, shape.vocabulary, "the tokens' embedding")?,
            positions,
            segment: part.segment.map(|weights| table(&weights, 1, "the segment's embedding")).transpose()?,
            norm: part.norm.map(|norm| QuantisedNorm::new(&norm, shape.hidden, "the embedding's norm")).transpose()?,
        }))
    }

    /// Layer `index`, counted from 0.
    pub fn layer(&self, index: usize) -> Result<Arc<CanonicalLayer>, CanonicalError> {
        if let Some(layer) = self.kept.as_ref().and_then(|kept| kept.layers.get(index)) {
            return Ok(layer.clone());
        }
        let shape = self.transformer()?;
        let part = self.model.weights().layer(index)?;
        let (hidden, queries, keys, inner) = (shape.hidden, shape.query_width(), shape.key_width(), shape.intermediate);
        let name = |what: &str| format!("layer {index}'s {what}");
        let norm = |norm, what| QuantisedNorm::new(norm, hidden, &name(what));
        let matrix = |linear, size, what| QuantisedMatrix::new(linear, size, &name(what));
        let gain = |weights: &Option<Vec<f32>>, what| match (weights, shape.head_norm) {
            (Some(weights), true) => Ok(Some(QuantisedVector::gain(weights, shape.head, &name(what))?)),
            (None, false) => Ok(None),
            (weights, _) => {
                let found = weights.as_ref().map_or(0, Vec::len);
                Err(CanonicalError::Shape { what: name(what), expected: shape.head, found })
            }
        };
        let gate = match (&part.gate, shape.gated) {
            (Some(gate), true) => Some(matrix(gate, [inner, hidden], "gate")?),
            (None, false) => None,
            (gate, _) => {
                let found = gate.as_ref().map_or(0, |gate| gate.weight.len());
                return Err(CanonicalError::Shape { what: name("gate"), expected: inner * hidden, found });
            }
        };
        Ok(Arc::new(CanonicalLayer {
            attention_norm: norm(&part.attention_norm, "attention norm")?,
            query: matrix(&part.query, [queries, hidden], "query")?,
            key: matrix(&part.key, [keys, hidden], "key")?,
            value: matrix(&part.value, [keys, hidden], "value")?,
            query_norm: gain(&part.query_norm, "query norm")?,
            key_norm: gain(&part.key_norm, "key norm")?,
            output: matrix(&part.output, [hidden, queries], "output")?,
            feed_norm: norm(&part.feed_norm, "feed-forward norm")?,
            gate,
            up: matrix(&part.up, [inner, hidden], "up")?,
            down: matrix(&part.down, [hidden, inner], "down")?,
        }))
    }

    /// What follows the last layer.
    pub fn tail(&self) -> Result<Arc<CanonicalTail>, CanonicalError> {
        if let Some(kept) = &self.kept {
            return Ok(kept.tail.clone());
        }
        let shape = self.transformer()?;
        let part = self.model.weights().tail()?;
        let (hidden, tokens) = (shape.hidden, shape.vocabulary);
        let head = match part.head {
            Head::Language(Some(head)) => {
                CanonicalHead::Language(QuantisedMatrix::new(&head, [tokens, hidden], "the language head")?)
            }
            Head::Language(None) => {
                let table = self.model.weights().embedding()?.tokens;
                let head = Linear { inputs: hidden, weight: table, bias: None };
                CanonicalHead::Language(QuantisedMatrix::new(&head, [tokens, hidden], "the tokens' embedding")?)
            }
            Head::Embedding => CanonicalHead::Embedding,
            Head::Classes { pooler, classifier } => {
                let Output::Classes { count } = shape.output else {
                    return Err(CanonicalError::Output { wanted: "a classifier of text" });
                };
                let pooler = pooler.map(|pooler| QuantisedMatrix::new(&pooler, [hidden, hidden], "the pooler"));
                let classifier = QuantisedMatrix::new(&classifier, [count, hidden], "the classifier")?;
                CanonicalHead::Classes { pooler: pooler.transpose()?, classifier }
            }
        };
        let norm = part.norm.map(|norm| QuantisedNorm::new(&norm, hidden, "the final norm")).transpose()?;
        Ok(Arc::new(CanonicalTail { norm, head }))
    }

    /// A perceptron's products, in order.
    pub fn products(&self) -> Result<Vec<QuantisedMatrix>, CanonicalError> {
        let Architecture::Perceptron(shape) = self.model.architecture() else {
            return Err(CanonicalError::Output { wanted: "a perceptron" });
        };
        let products = self.model.weights().products()?;
        if products.len() + 1 != shape.widths.len() {
            let what = "the list of products".to_owned();
            return Err(CanonicalError::Shape { what, expected: shape.widths.len() - 1, found: products.len() });
        }
        let sizes = shape.widths.windows(2).map(|pair| [pair[1], pair[0]]);
        let matrix = |(index, (linear, size)): (usize, (&Linear, _))| {
            QuantisedMatrix::new(linear, size, &format!("product {index}"))
        };
        products.iter().zip(sizes).enumerate().map(matrix).collect()
    }
}

fn check(shape: &Transformer) -> Result<(), CanonicalError> {
    within("the stream's width", shape.hidden, WIDTH)?;
    within("the feed-forward width", shape.intermediate, WIDTH)?;
    within("the query heads' width", shape.query_width(), WIDTH)?;
    within("a head's width", shape.head, HEAD)?;
    within("the number of positions", shape.positions, usize::MAX)?;
    within("the vocabulary", shape.vocabulary, VOCABULARY)?;
    within("the number of key heads", shape.key_heads, shape.heads)?;
    if !shape.heads.is_multiple_of(shape.key_heads) {
        return Err(CanonicalError::Bound {
            what: "query heads to a key head",
            value: shape.heads,
            limit: shape.key_heads,
        });
    }
    if matches!(shape.position, Position::Rotary { .. }) && !shape.head.is_multiple_of(2) {
        return Err(CanonicalError::Bound {
            what: "a rotary head's width, which must be even",
            value: shape.head,
            limit: HEAD,
        });
    }
    Ok(())
}

/// Refuses a number that is 0 or above its limit.
pub(super) fn within(what: &'static str, value: usize, limit: usize) -> Result<(), CanonicalError> {
    if value == 0 || value > limit {
        return Err(CanonicalError::Bound { what, value, limit });
    }
    Ok(())
}

/// Refuses tokens that the model cannot read.
pub(super) fn readable(shape: &Transformer, tokens: &[u32]) -> Result<(), CanonicalError> {
    within("the number of tokens", tokens.len(), shape.positions.min(POSITIONS))?;
    match tokens.iter().find(|&&token| token as usize >= shape.vocabulary) {
        Some(&token) => Err(CanonicalError::Token { token, vocabulary: shape.vocabulary }),
        None => Ok(()),
    }
}
