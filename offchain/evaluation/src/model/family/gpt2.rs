//! GPT-2: learned positions, layer norms, and products stored as `[inputs, outputs]`, those of queries, keys and values
//! side by side.

use serde::Deserialize;

use super::{
    MAX_LAYERS, MAX_POSITIONS, MAX_VOCABULARY, MAX_WIDTH, activation, epsilon, parse, split, unsupported, within,
};
use crate::model::architecture::{Architecture, NormKind, Output, Placement, Position, Transformer};
use crate::model::error::ModelError;
use crate::model::files::Files;
use crate::model::plan::Plan;

/// The JSON as it stands in the file; what is optional has the default of Hugging Face's GPT-2.
#[derive(Deserialize)]
struct Raw {
    vocab_size: usize,
    n_embd: usize,
    n_layer: usize,
    n_head: usize,
    n_positions: usize,
    /// Four times `n_embd` if null.
    n_inner: Option<usize>,
    activation_function: String,
    layer_norm_epsilon: f64,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default = "yes")]
    scale_attn_weights: bool,
    #[serde(default)]
    scale_attn_by_inverse_layer_idx: bool,
    #[serde(default)]
    add_cross_attention: bool,
}

fn yes() -> bool {
    true
}

pub(super) fn plan(config: &str, files: &Files) -> Result<Plan, ModelError> {
    let shape = parse::<Raw>(config)?.transformer()?;
    // Files of the bare model lack the prefix.
    let prefix = if files.find("transformer.wte.weight").is_some() { "transformer." } else { "" };
    Ok(name(shape, prefix))
}

impl Raw {
    fn transformer(&self) -> Result<Transformer, ModelError> {
        unsupported("scale_attn_weights = false", !self.scale_attn_weights)?;
        unsupported("scale_attn_by_inverse_layer_idx", self.scale_attn_by_inverse_layer_idx)?;
        unsupported("add_cross_attention", self.add_cross_attention)?;
        within("vocab_size", self.vocab_size, MAX_VOCABULARY)?;
        within("n_embd", self.n_embd, MAX_WIDTH)?;
        within("n_layer", self.n_layer, MAX_LAYERS)?;
        within("n_head", self.n_head, self.n_embd)?;
        within("n_positions", self.n_positions, MAX_POSITIONS)?;
        let intermediate = self.n_inner.unwrap_or(4 * self.n_embd);
        within("n_inner", intermediate, MAX_WIDTH)?;
        Ok(Transformer {
            vocabulary: self.vocab_size,
            hidden: self.n_embd,
            intermediate,
            layers: self.n_layer,
            heads: self.n_head,
            key_heads: self.n_head,
            head: split(["n_embd", "n_head"], self.n_embd, self.n_head)?,
            positions: self.n_positions,
            position: Position::Learned,
            norm: NormKind::Layer,
            epsilon: epsilon("layer_norm_epsilon", self.layer_norm_epsilon)?,
            placement: Placement::Before,
            activation: activation("activation_function", &self.activation_function)?,
            gated: false,
            causal: true,
            head_norm: false,
            output: Output::Language { tied: self.tie_word_embeddings },
        })
    }
}

fn name(shape: Transformer, prefix: &str) -> Plan {
    let (hidden, inner, layers) = (shape.hidden, shape.intermediate, shape.layers);
    let (vocabulary, positions) = (shape.vocabulary, shape.positions);
    let own_head = shape.output == Output::Language { tied: false };
    let mut plan = Plan::new(Architecture::Transformer(shape));
    plan.whole("embedding.tokens", &format!("{prefix}wte.weight"), &[vocabulary, hidden]);
    plan.whole("embedding.positions", &format!("{prefix}wpe.weight"), &[positions, hidden]);
    for layer in 0..layers {
        let role = |part: &str| format!("layers.{layer}.{part}");
        let name = |part: &str| format!("{prefix}h.{layer}.{part}");
        plan.norm(&role("attention_norm"), &name("ln_1"), hidden, true);
        for (index, part) in ["query", "key", "value"].into_iter().enumerate() {
            plan.columns(&role(part), &name("attn.c_attn"), [hidden, 3 * hidden], [index * hidden, hidden]);
        }
        plan.columns(&role("output"), &name("attn.c_proj"), [hidden, hidden], [0, hidden]);
        plan.norm(&role("feed_norm"), &name("ln_2"), hidden, true);
        plan.columns(&role("up"), &name("mlp.c_fc"), [hidden, inner], [0, inner]);
        plan.columns(&role("down"), &name("mlp.c_proj"), [inner, hidden], [0, hidden]);
        // Older files keep the causal mask.
        plan.unused(name("attn.bias"));
        plan.unused(name("attn.masked_bias"));
    }
    plan.norm("tail.norm", &format!("{prefix}ln_f"), hidden, true);
    if own_head {
        plan.linear("tail.head", "lm_head", [vocabulary, hidden], false);
    }
    plan
}
