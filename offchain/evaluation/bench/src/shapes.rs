//! Shapes of published models.

use inktensor_evaluation::model::{Activation, NormKind, Output, Placement, Position, Transformer};

/// GPT-2 small.
pub fn gpt2_small() -> Transformer {
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

/// SmolLM2-135M, a Llama.
pub fn smollm2_135m() -> Transformer {
    Transformer {
        vocabulary: 49_152,
        hidden: 576,
        intermediate: 1536,
        layers: 30,
        heads: 9,
        key_heads: 3,
        head: 64,
        positions: 8192,
        position: Position::Rotary { theta: 100_000.0 },
        norm: NormKind::Rms,
        epsilon: 1e-5,
        placement: Placement::Before,
        activation: Activation::Silu,
        gated: true,
        causal: true,
        head_norm: false,
        output: Output::Language { tied: true },
    }
}

/// all-MiniLM-L6-v2, a BERT with mean pooling.
pub fn minilm() -> Transformer {
    Transformer {
        vocabulary: 30_522,
        hidden: 384,
        intermediate: 1536,
        layers: 6,
        heads: 12,
        key_heads: 12,
        head: 32,
        positions: 512,
        position: Position::Learned,
        norm: NormKind::Layer,
        epsilon: 1e-12,
        placement: Placement::After,
        activation: Activation::GeluErf,
        gated: false,
        causal: false,
        head_norm: false,
        output: Output::Embedding,
    }
}

/// Attention for the most part: GPT-2 small's heads over states so narrow that products take a third at most.
pub fn attention(positions: usize) -> Transformer {
    Transformer {
        vocabulary: 256,
        hidden: 64,
        intermediate: 64,
        layers: 2,
        positions,
        output: Output::Embedding,
        ..gpt2_small()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weights that take part in products for each token: layers, and the head apart.
    fn product_weights(shape: &Transformer) -> [usize; 2] {
        let Transformer { vocabulary, hidden, intermediate, layers, gated, output, .. } = *shape;
        let attention = 2 * hidden * (shape.query_width() + shape.key_width());
        let feed = hidden * intermediate * if gated { 3 } else { 2 };
        let head = match output {
            Output::Language { .. } => vocabulary * hidden,
            Output::Embedding | Output::Classes { .. } => 0,
        };
        [layers * (attention + feed), head]
    }

    #[test]
    fn products_have_the_published_numbers_of_weights() {
        assert_eq!(product_weights(&gpt2_small()), [84_934_656, 38_597_376]);
        assert_eq!(product_weights(&smollm2_135m()), [106_168_320, 28_311_552]);
        assert_eq!(product_weights(&minilm()), [10_616_832, 0]);
    }
}
