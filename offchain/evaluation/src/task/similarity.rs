//! Similarity: whether texts that people find alike are alike to the model.

use inktensor_score::cosine;
use serde::Deserialize;

use super::data::{MAX_ITEMS, TaskError, count, each, parse};
use super::fixed::spearman;
use super::{Fault, Grade, MinerFault, Passage, Task};
use crate::model::{Architecture, Output};
use crate::tokenizer::Tokenizer;

/// Pairs of texts with the similarity that people gave them, in any unit.
///
/// `{"schema": "inktensor/similarity/1", "pairs": [{"a": "eat", "b": "meal", "gold": 31}]}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Similarity {
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: Schema,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/similarity/1")]
    One,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    a: String,
    b: String,
    gold: i32,
}

impl Similarity {
    /// Reads a task's file.
    pub fn from_json(file: &[u8]) -> Result<Self, TaskError> {
        let File { _schema: _, pairs } = parse(file)?;
        count("pairs", pairs.len(), 2, MAX_ITEMS)?;
        each(&pairs, "has an empty text", |pair: &Pair| !pair.a.is_empty() && !pair.b.is_empty())?;
        if pairs.iter().all(|pair| pair.gold == pairs[0].gold) {
            return Err(TaskError::Item { item: 0, problem: "has the same gold value as all others" });
        }
        Ok(Self { pairs })
    }
}

impl Task for Similarity {
    type Question = Passage;
    type Figure = Grade;

    /// Both texts of each pair in turn, cut to what the model can read.
    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Passage>, Fault> {
        passages(architecture, tokenizer, self.pairs.iter().flat_map(|pair| [pair.a.as_str(), pair.b.as_str()]))
    }

    /// Spearman's coefficient of the cosines against the gold values.
    fn score(&self, _: &[Passage], answers: &[Vec<i32>]) -> Result<Grade, Fault> {
        let cosines: Vec<i128> = answers.as_chunks::<2>().0.iter().map(|[a, b]| cosine(a, b)).collect();
        let gold: Vec<i32> = self.pairs.iter().map(|pair| pair.gold).collect();
        Ok(spearman(&cosines, &gold))
    }
}

/// The tokens of texts for an encoder, cut to what it can read.
pub(super) fn passages<'a>(
    architecture: &Architecture,
    tokenizer: &Tokenizer,
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Passage>, Fault> {
    match architecture {
        Architecture::Transformer(transformer) if transformer.output == Output::Embedding => {
            texts.into_iter().map(|text| Ok(Passage(tokenizer.sequence(text, transformer.positions)?))).collect()
        }
        _ => Err(MinerFault::WrongKind { wanted: "embeddings" }.into()),
    }
}
