//! What a miner's file is, by the names that settings and arguments use.

use clap::ValueEnum;
use inktensor_primitives::registry::ModelFamily;
use serde::{Deserialize, Serialize};

/// What a contributed file is: the names of [`ModelFamily`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A model: Llama.
    #[default]
    Llama,
    /// A model: GPT-2.
    Gpt2,
    /// A model: BERT.
    Bert,
    /// A model: a perceptron.
    Mlp,
    /// Data for an evaluator that judges data.
    Dataset,
}

impl From<Family> for ModelFamily {
    fn from(family: Family) -> Self {
        match family {
            Family::Llama => Self::Llama,
            Family::Gpt2 => Self::Gpt2,
            Family::Bert => Self::Bert,
            Family::Mlp => Self::Mlp,
            Family::Dataset => Self::Dataset,
        }
    }
}
