//! BERT and what shares its form, such as MiniLM: an encoder for embeddings, or with a head of classes.

use serde::Deserialize;

use super::{
    MAX_LAYERS, MAX_POSITIONS, MAX_VOCABULARY, MAX_WIDTH, activation, epsilon, parse, split, unsupported, within,
};
use crate::model::architecture::{Architecture, NormKind, Output, Placement, Position, Transformer};
use crate::model::error::ModelError;
use crate::model::files::Files;
use crate::model::plan::Plan;

/// The JSON as it stands in the file; what is optional has the default of Hugging Face's BERT.
#[derive(Deserialize)]
struct Raw {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f64,
    hidden_act: String,
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
    #[serde(default)]
    add_cross_attention: bool,
}

pub(super) fn plan(config: &str, files: &Files) -> Result<Plan, ModelError> {
    let raw: Raw = parse(config)?;
    let output = match files.find("classifier.weight") {
        None => Output::Embedding,
        Some((_, info)) => {
            let count = info.shape.first().copied().unwrap_or(0);
            within("the number of classes", count, MAX_WIDTH)?;
            Output::Classes { count }
        }
    };
    let shape = raw.transformer(output)?;
    // Files of the bare encoder lack the prefix.
    let prefix = if files.find("bert.embeddings.word_embeddings.weight").is_some() { "bert." } else { "" };
    Ok(name(shape, raw.type_vocab_size, prefix))
}

impl Raw {
    fn transformer(&self, output: Output) -> Result<Transformer, ModelError> {
        let absolute = self.position_embedding_type.as_deref().is_none_or(|kind| kind == "absolute");
        unsupported("a position_embedding_type other than absolute", !absolute)?;
        unsupported("is_decoder", self.is_decoder)?;
        unsupported("add_cross_attention", self.add_cross_attention)?;
        within("vocab_size", self.vocab_size, MAX_VOCABULARY)?;
        within("hidden_size", self.hidden_size, MAX_WIDTH)?;
        within("intermediate_size", self.intermediate_size, MAX_WIDTH)?;
        within("num_hidden_layers", self.num_hidden_layers, MAX_LAYERS)?;
        within("num_attention_heads", self.num_attention_heads, self.hidden_size)?;
        within("max_position_embeddings", self.max_position_embeddings, MAX_POSITIONS)?;
        within("type_vocab_size", self.type_vocab_size, MAX_WIDTH)?;
        Ok(Transformer {
            vocabulary: self.vocab_size,
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            layers: self.num_hidden_layers,
            heads: self.num_attention_heads,
            key_heads: self.num_attention_heads,
            head: split(["hidden_size", "num_attention_heads"], self.hidden_size, self.num_attention_heads)?,
            positions: self.max_position_embeddings,
            position: Position::Learned,
            norm: NormKind::Layer,
            epsilon: epsilon("layer_norm_eps", self.layer_norm_eps)?,
            placement: Placement::After,
            activation: activation("hidden_act", &self.hidden_act)?,
            gated: false,
            causal: false,
            head_norm: false,
            output,
        })
    }
}

fn name(shape: Transformer, segments: usize, prefix: &str) -> Plan {
    let (hidden, inner, layers) = (shape.hidden, shape.intermediate, shape.layers);
    let (vocabulary, positions, output) = (shape.vocabulary, shape.positions, shape.output);
    let mut plan = Plan::new(Architecture::Transformer(shape));
    let name = |part: &str| format!("{prefix}embeddings.{part}");
    plan.whole("embedding.tokens", &name("word_embeddings.weight"), &[vocabulary, hidden]);
    plan.whole("embedding.positions", &name("position_embeddings.weight"), &[positions, hidden]);
    // Texts have one segment, the first.
    plan.rows("embedding.segment", &name("token_type_embeddings.weight"), &[segments, hidden], [0, 1]);
    plan.norm("embedding.norm", &name("LayerNorm"), hidden, true);
    plan.unused(name("position_ids"));
    for layer in 0..layers {
        let role = |part: &str| format!("layers.{layer}.{part}");
        let name = |part: &str| format!("{prefix}encoder.layer.{layer}.{part}");
        plan.linear(&role("query"), &name("attention.self.query"), [hidden, hidden], true);
        plan.linear(&role("key"), &name("attention.self.key"), [hidden, hidden], true);
        plan.linear(&role("value"), &name("attention.self.value"), [hidden, hidden], true);
        plan.linear(&role("output"), &name("attention.output.dense"), [hidden, hidden], true);
        plan.norm(&role("attention_norm"), &name("attention.output.LayerNorm"), hidden, true);
        plan.linear(&role("up"), &name("intermediate.dense"), [inner, hidden], true);
        plan.linear(&role("down"), &name("output.dense"), [hidden, inner], true);
        plan.norm(&role("feed_norm"), &name("output.LayerNorm"), hidden, true);
    }
    let pooler = format!("{prefix}pooler.dense");
    if let Output::Classes { count } = output {
        plan.linear("tail.pooler", &pooler, [hidden, hidden], true);
        plan.linear("tail.classifier", "classifier", [count, hidden], true);
    } else {
        // An embedding is the mean of all states: the pooler serves other tasks.
        plan.unused(format!("{pooler}.weight"));
        plan.unused(format!("{pooler}.bias"));
    }
    plan
}
