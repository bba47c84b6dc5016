//! What a model computes, whatever its family is called.
//!
//! All transformers here are one computation with switches, and the engines know the switches only: which family set
//! them matters to the reader of files and to nobody else.

/// A model's computation.
#[derive(Debug, Clone, PartialEq)]
pub enum Architecture {
    /// A language model, an encoder or a classifier of text.
    Transformer(Transformer),
    /// A classifier of feature vectors.
    Perceptron(Perceptron),
}

/// A transformer, within bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformer {
    /// Number of tokens.
    pub vocabulary: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// Width of the feed-forward layer.
    pub intermediate: usize,
    /// Number of layers.
    pub layers: usize,
    /// Query heads of a layer.
    pub heads: usize,
    /// Key and value heads of a layer; each serves `heads / key_heads` query heads.
    pub key_heads: usize,
    /// Features of a head. `heads · head` need not be `hidden`.
    pub head: usize,
    /// Longest sequence that the model can read, in tokens.
    pub positions: usize,
    /// How a token knows its place.
    pub position: Position,
    /// Which mean the norms take.
    pub norm: NormKind,
    /// Added under the root of the norms.
    pub epsilon: f64,
    /// Where the norms stand.
    pub placement: Placement,
    /// The feed-forward layer's function.
    pub activation: Activation,
    /// Whether the function of one product gates another: `activation(gate) · up`, not `activation(up)`.
    pub gated: bool,
    /// Whether a token sees only itself and what is before it.
    pub causal: bool,
    /// Whether each head's queries and keys are normed (by root mean square) before they turn.
    pub head_norm: bool,
    /// What comes out.
    pub output: Output,
}

impl Transformer {
    /// Width of all query heads together.
    pub fn query_width(&self) -> usize {
        self.heads * self.head
    }

    /// Width of all key heads together, which is that of all value heads.
    pub fn key_width(&self) -> usize {
        self.key_heads * self.head
    }
}

/// How a token knows its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Position {
    /// Queries and keys turn: the pair `(i, i + head/2)` of a head by `position · theta^(-2i/head)`.
    Rotary {
        /// Base of the frequencies.
        theta: f64,
    },
    /// A learned vector for each position is added to the token's.
    Learned,
}

/// Which mean a norm takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormKind {
    /// Root mean square: `x / sqrt(mean(x²) + epsilon) · gain`.
    Rms,
    /// Mean and variance: `(x - mean) / sqrt(var + epsilon) · gain + bias`.
    Layer,
}

/// Where norms stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Before each block, and once after the last: `x + block(norm(x))`.
    Before,
    /// After each block: `norm(x + block(x))`; and once after the embedding.
    After,
}

/// A feed-forward layer's function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x / (1 + exp(-x))`.
    Silu,
    /// `x / 2 · (1 + tanh(sqrt(2/pi) · (x + 0.044715 x³)))`.
    GeluTanh,
    /// `x · Phi(x)`, with the normal distribution's function.
    GeluErf,
    /// `max(x, 0)`.
    Relu,
}

/// What a transformer gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Logits of the next token at each position.
    Language {
        /// Whether the head is the embedding.
        tied: bool,
    },
    /// The mean of the final states over all tokens, scaled to length one.
    Embedding,
    /// Logits of classes, from the first token's final state.
    Classes {
        /// Number of classes.
        count: usize,
    },
}

/// A classifier of feature vectors: products with bias, the function between them, none after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Perceptron {
    /// Widths from the features to the classes; at least two.
    pub widths: Vec<usize>,
    /// The function between products.
    pub activation: Activation,
}
