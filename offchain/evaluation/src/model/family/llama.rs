//! Llama, and those that differ from it in a switch: Mistral without a sliding window, Qwen2 with biases of queries, keys
//! and values, Qwen3 with norms of queries and keys.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{
    MAX_HEAD, MAX_LAYERS, MAX_POSITIONS, MAX_VOCABULARY, MAX_WIDTH, epsilon, parse, refuse, unsupported, within,
};
use crate::model::architecture::{Activation, Architecture, NormKind, Output, Placement, Position, Transformer};
use crate::model::error::ModelError;
use crate::model::plan::Plan;

/// Which switches are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    Llama,
    Qwen2,
    Qwen3,
}

/// The JSON as it stands in the file. Fields that would change the computation are read so that they can be refused.
#[derive(Deserialize)]
struct Raw {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    rms_norm_eps: f64,
    rope_theta: Option<f64>,
    /// Where newer libraries write `rope_theta`.
    rope_parameters: Option<Rope>,
    #[serde(default)]
    tie_word_embeddings: bool,
    hidden_act: Option<String>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    rope_scaling: Option<IgnoredAny>,
    sliding_window: Option<IgnoredAny>,
    /// Qwen's way to say that the sliding window does not slide.
    use_sliding_window: Option<bool>,
    layer_types: Option<Vec<String>>,
    partial_rotary_factor: Option<f64>,
}

#[derive(Deserialize)]
struct Rope {
    rope_theta: f64,
    rope_type: String,
    partial_rotary_factor: Option<f64>,
}

pub(super) fn plan(config: &str, variant: Variant) -> Result<Plan, ModelError> {
    let raw: Raw = parse(config)?;
    raw.refuse_unsupported(variant)?;
    let transformer = raw.transformer(variant)?;
    let bias = match variant {
        Variant::Qwen2 => Bias { inputs: true, output: false },
        Variant::Llama | Variant::Qwen3 => Bias { inputs: raw.attention_bias, output: raw.attention_bias },
    };
    Ok(name(transformer, &bias))
}

/// Which products of the attention block have biases.
struct Bias {
    /// Those of queries, keys and values.
    inputs: bool,
    output: bool,
}

impl Raw {
    fn refuse_unsupported(&self, variant: Variant) -> Result<(), ModelError> {
        unsupported("rope_scaling", self.rope_scaling.is_some())?;
        let rope = self.rope_parameters.as_ref();
        unsupported("a rope_type other than default", rope.is_some_and(|rope| rope.rope_type != "default"))?;
        let partial = self.partial_rotary_factor.or(rope.and_then(|rope| rope.partial_rotary_factor));
        unsupported("partial_rotary_factor", partial.is_some_and(|factor| factor != 1.0))?;
        // Others than Qwen slide whatever this switch says.
        let still = variant != Variant::Llama && self.use_sliding_window == Some(false);
        unsupported("sliding_window", self.sliding_window.is_some() && !still)?;
        let other = self.layer_types.iter().flatten().any(|kind| kind != "full_attention");
        unsupported("a layer_type other than full_attention", other)?;
        unsupported("mlp_bias", self.mlp_bias)?;
        match self.hidden_act.as_deref() {
            None | Some("silu") => Ok(()),
            Some(_) => Err(refuse("hidden_act must be \"silu\"")),
        }
    }

    fn transformer(&self, variant: Variant) -> Result<Transformer, ModelError> {
        within("vocab_size", self.vocab_size, MAX_VOCABULARY)?;
        within("hidden_size", self.hidden_size, MAX_WIDTH)?;
        within("intermediate_size", self.intermediate_size, MAX_WIDTH)?;
        within("num_hidden_layers", self.num_hidden_layers, MAX_LAYERS)?;
        let heads = self.num_attention_heads;
        within("num_attention_heads", heads, MAX_WIDTH)?;
        let key_heads = self.num_key_value_heads.unwrap_or(heads);
        within("num_key_value_heads", key_heads, heads)?;
        within("max_position_embeddings", self.max_position_embeddings, MAX_POSITIONS)?;
        if !heads.is_multiple_of(key_heads) {
            return Err(refuse("num_key_value_heads does not divide num_attention_heads"));
        }
        Ok(Transformer {
            vocabulary: self.vocab_size,
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            layers: self.num_hidden_layers,
            heads,
            key_heads,
            head: self.head(heads, variant)?,
            positions: self.max_position_embeddings,
            position: Position::Rotary { theta: self.theta()? },
            norm: NormKind::Rms,
            epsilon: epsilon("rms_norm_eps", self.rms_norm_eps)?,
            placement: Placement::Before,
            activation: Activation::Silu,
            gated: true,
            causal: true,
            head_norm: variant == Variant::Qwen3,
            output: Output::Language { tied: self.tie_word_embeddings },
        })
    }

    fn theta(&self) -> Result<f64, ModelError> {
        let theta = match (self.rope_theta, self.rope_parameters.as_ref().map(|rope| rope.rope_theta)) {
            (Some(one), Some(other)) if one != other => {
                return Err(refuse("rope_theta stands there twice, with different values"));
            }
            (one, other) => one.or(other).ok_or_else(|| refuse("missing field `rope_theta`"))?,
        };
        if !(1.0..=1e9).contains(&theta) {
            return Err(refuse("rope_theta must lie within 1 and 1e9"));
        }
        Ok(theta)
    }

    fn head(&self, heads: usize, variant: Variant) -> Result<usize, ModelError> {
        let head = match self.head_dim {
            Some(head) => head,
            None if variant == Variant::Qwen3 => return Err(refuse("missing field `head_dim`")),
            None if self.hidden_size.is_multiple_of(heads) => self.hidden_size / heads,
            None => return Err(refuse("num_attention_heads does not divide hidden_size, and there is no head_dim")),
        };
        if head == 0 || !head.is_multiple_of(2) || head > MAX_HEAD {
            return Err(refuse(format!("a head has {head} features: it must have an even number, at most {MAX_HEAD}")));
        }
        within("num_attention_heads times head_dim", heads * head, MAX_WIDTH)?;
        Ok(head)
    }
}

fn name(shape: Transformer, bias: &Bias) -> Plan {
    let (hidden, inner, layers) = (shape.hidden, shape.intermediate, shape.layers);
    let (queries, keys, head) = (shape.query_width(), shape.key_width(), shape.head);
    let (vocabulary, head_norm) = (shape.vocabulary, shape.head_norm);
    let own_head = shape.output == Output::Language { tied: false };
    let mut plan = Plan::new(Architecture::Transformer(shape));
    plan.whole("embedding.tokens", "model.embed_tokens.weight", &[vocabulary, hidden]);
    for layer in 0..layers {
        let role = |part: &str| format!("layers.{layer}.{part}");
        let name = |part: &str| format!("model.layers.{layer}.{part}");
        plan.norm(&role("attention_norm"), &name("input_layernorm"), hidden, false);
        plan.linear(&role("query"), &name("self_attn.q_proj"), [queries, hidden], bias.inputs);
        plan.linear(&role("key"), &name("self_attn.k_proj"), [keys, hidden], bias.inputs);
        plan.linear(&role("value"), &name("self_attn.v_proj"), [keys, hidden], bias.inputs);
        if head_norm {
            plan.norm(&role("query_norm"), &name("self_attn.q_norm"), head, false);
            plan.norm(&role("key_norm"), &name("self_attn.k_norm"), head, false);
        }
        plan.linear(&role("output"), &name("self_attn.o_proj"), [hidden, queries], bias.output);
        plan.norm(&role("feed_norm"), &name("post_attention_layernorm"), hidden, false);
        plan.linear(&role("gate"), &name("mlp.gate_proj"), [inner, hidden], false);
        plan.linear(&role("up"), &name("mlp.up_proj"), [inner, hidden], false);
        plan.linear(&role("down"), &name("mlp.down_proj"), [hidden, inner], false);
        // Older files keep the rotary frequencies, which follow from rope_theta.
        plan.unused(name("self_attn.rotary_emb.inv_freq"));
    }
    plan.norm("tail.norm", "model.norm", hidden, false);
    if own_head {
        plan.linear("tail.head", "lm_head", [vocabulary, hidden], false);
    }
    plan
}
