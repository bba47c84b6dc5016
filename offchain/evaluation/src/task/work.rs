//! What an evaluation costs, known before anything runs. Limits are in tokens and operations, never in time: every
//! validator draws the same line, whatever its device.

use std::fmt;

use crate::model::{Architecture, Output, Perceptron, Transformer};

/// Work of a model on a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Tokens to read; rows of features for a perceptron.
    pub tokens: u64,
    /// Multiplications and additions, in round figures: norms and activation functions are left out.
    pub operations: u64,
}

/// The most work that a subnet asks of its validators for one model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimits {
    /// Tokens.
    pub tokens: u64,
    /// Multiplications and additions.
    pub operations: u64,
}

impl Default for WorkLimits {
    /// Four million tokens and 10^16 operations: a model of 10^9 weights reads as many.
    fn default() -> Self {
        Self { tokens: 1 << 22, operations: 10_000_000_000_000_000 }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens and {} operations", self.tokens, self.operations)
    }
}

impl Work {
    /// Work of a model that reads sequences of these lengths. Sums that exceed u64 stay at its end.
    ///
    /// For `t` tokens: two operations for each weight of a product and token; `4 · layers · width · t²` for attention
    /// over `width = heads · head`, half of it where it is causal; `2 · hidden · vocabulary · t` for the head.
    pub fn of(architecture: &Architecture, lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut work = Self::default();
        for length in lengths {
            let length = length as u64;
            let operations = match architecture {
                Architecture::Transformer(transformer) => of_transformer(transformer, length),
                Architecture::Perceptron(perceptron) => of_perceptron(perceptron).saturating_mul(length.into()),
            };
            work.tokens = work.tokens.saturating_add(length);
            work.operations = work.operations.saturating_add(u64::try_from(operations).unwrap_or(u64::MAX));
        }
        work
    }

    /// Whether the work is within the limits.
    pub fn fits(&self, limits: &WorkLimits) -> bool {
        self.tokens <= limits.tokens && self.operations <= limits.operations
    }
}

fn of_transformer(model: &Transformer, length: u64) -> u128 {
    let wide = |number: usize| number as u128;
    let (hidden, queries, keys) = (wide(model.hidden), wide(model.query_width()), wide(model.key_width()));
    let feeds = if model.gated { 3 } else { 2 };
    let layer = hidden * (2 * queries + 2 * keys) + feeds * hidden * wide(model.intermediate);
    let pairs = if model.causal { 2 } else { 4 };
    let length = u128::from(length);
    let head = match model.output {
        Output::Language { .. } => 2 * hidden * wide(model.vocabulary) * length,
        Output::Embedding => 0,
        Output::Classes { count } => 2 * hidden * (hidden + wide(count)),
    };
    wide(model.layers) * (2 * layer * length + pairs * queries * length * length) + head
}

fn of_perceptron(model: &Perceptron) -> u128 {
    model.widths.windows(2).map(|pair| 2 * pair[0] as u128 * pair[1] as u128).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, NormKind, Placement, Position};

    fn gpt2_small() -> Transformer {
        Transformer {
            vocabulary: 50_257,
            hidden: 768,
            intermediate: 3072,
            layers: 12,
            heads: 12,
            key_heads: 12,
            head: 64,
            positions: 1024,
            position: Position::Learned,
            norm: NormKind::Layer,
            epsilon: 1e-5,
            placement: Placement::Before,
            activation: Activation::GeluTanh,
            gated: false,
            causal: true,
            head_norm: false,
            output: Output::Language { tied: true },
        }
    }

    /// GPT-2 small on 1024 tokens: 173.9 G for products, 79.0 G for the head, 19.3 G for causal attention.
    #[test]
    fn gpt2_small_costs_what_it_is_known_to() {
        let work = Work::of(&Architecture::Transformer(gpt2_small()), [1024]);
        assert_eq!(work.tokens, 1024);
        assert_eq!(work.operations / 100_000_000, 1739 + 790 + 193 + 1, "{work}");
    }

    #[test]
    fn absurd_models_cost_the_most_there_is() {
        let huge = Transformer { hidden: usize::MAX >> 24, intermediate: usize::MAX >> 24, ..gpt2_small() };
        assert_eq!(Work::of(&Architecture::Transformer(huge), [1024]).operations, u64::MAX);
    }

    #[test]
    fn a_perceptron_costs_its_products() {
        let model = Architecture::Perceptron(Perceptron { widths: vec![4, 8, 3], activation: Activation::Relu });
        assert_eq!(Work::of(&model, [1, 1]), Work { tokens: 2, operations: 2 * 2 * (4 * 8 + 8 * 3) });
    }
}
