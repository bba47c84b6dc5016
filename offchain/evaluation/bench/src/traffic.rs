//! What must be moved at the least.

use inktensor_evaluation::model::{Architecture, Output, Transformer};

/// Bytes of a number in f32.
const NUMBER: usize = 4;

/// Bytes that products and attention over `rows` tokens, or vectors, read and write in f32: inputs, weights and outputs
/// of each of them once, but no logits of tokens. Norms and embeddings are left out, as is what makes classes of texts.
pub fn bytes(architecture: &Architecture, rows: usize) -> u64 {
    let numbers: usize = match architecture {
        Architecture::Perceptron(shape) => shape.widths.windows(2).map(|pair| product(rows, pair[0], pair[1])).sum(),
        Architecture::Transformer(shape) => shape.layers * layer(shape, rows) + head(shape, rows),
    };
    (numbers * NUMBER) as u64
}

/// Numbers of a layer.
fn layer(shape: &Transformer, rows: usize) -> usize {
    let (queries, fused) = (shape.query_width(), shape.query_width() + 2 * shape.key_width());
    let up = shape.intermediate * if shape.gated { 2 } else { 1 };
    let attention = rows * (fused + queries);
    let attend = product(rows, shape.hidden, fused) + attention + product(rows, queries, shape.hidden);
    attend + product(rows, shape.hidden, up) + product(rows, shape.intermediate, shape.hidden)
}

/// Numbers of a head that gives a loss for each token.
fn head(shape: &Transformer, rows: usize) -> usize {
    match shape.output {
        Output::Language { .. } => product(rows, shape.hidden, shape.vocabulary) - rows * shape.vocabulary + rows,
        Output::Embedding | Output::Classes { .. } => 0,
    }
}

fn product(rows: usize, inputs: usize, outputs: usize) -> usize {
    rows * inputs + inputs * outputs + rows * outputs
}

#[cfg(test)]
mod tests {
    use inktensor_evaluation::model::{Activation, Perceptron};

    use super::*;
    use crate::shapes;

    #[test]
    fn everything_is_moved_once() {
        let widths = Architecture::Perceptron(Perceptron { widths: vec![2, 3, 1], activation: Activation::Relu });
        assert_eq!(bytes(&widths, 10), 4 * (20 + 6 + 30 + 30 + 3 + 10));
        // Weights, whatever is read.
        let gpt2 = Architecture::Transformer(shapes::gpt2_small());
        assert_eq!(bytes(&gpt2, 0), 4 * (84_934_656 + 38_597_376));
        // For each token and layer: a state, queries with keys and values, these again and what attention makes of
        // them, that and a state, a state and what it becomes, and that and a state. Then a state and a loss.
        let token = bytes(&gpt2, 1) - bytes(&gpt2, 0);
        assert_eq!(token, 4 * (12 * (768 + 2304 + 2304 + 768 + 2 * 768 + 2 * (768 + 3072)) + 768 + 1));
    }
}
