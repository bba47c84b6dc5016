//! Retrieval: whether the passages that answer a query are found first.

use inktensor_score::{cosine, ndcg};
use serde::Deserialize;

use super::data::{MAX_ITEMS, TaskError, count, each, parse};
use super::similarity::passages;
use super::{Fault, Grade, Passage, Task};
use crate::model::Architecture;
use crate::tokenizer::Tokenizer;

/// The greatest gain of a passage.
const MAX_GAIN: u8 = 15;

/// Queries over one set of passages.
///
/// `{"schema": "inktensor/retrieval/1", "passages": ["Snow is cold.", "Fire is hot."], "queries":
/// [{"text": "what burns?", "relevant": [{"passage": 1, "gain": 3}]}]}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieval {
    passages: Vec<String>,
    queries: Vec<Query>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: Schema,
    passages: Vec<String>,
    queries: Vec<Query>,
}

#[derive(Deserialize)]
enum Schema {
    #[serde(rename = "inktensor/retrieval/1")]
    One,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    text: String,
    relevant: Vec<Relevant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Relevant {
    passage: usize,
    gain: u8,
}

impl Retrieval {
    /// Reads a task's file.
    pub fn from_json(file: &[u8]) -> Result<Self, TaskError> {
        let File { _schema: _, passages, mut queries } = parse(file)?;
        count("passages", passages.len(), 1, MAX_ITEMS)?;
        count("queries", queries.len(), 1, MAX_ITEMS)?;
        each(&passages, "is an empty passage", |text: &String| !text.is_empty())?;
        each(&queries, "is an empty query", |query: &Query| !query.text.is_empty())?;
        let sound = |known: &Relevant| known.passage < passages.len() && (1..=MAX_GAIN).contains(&known.gain);
        each(&queries, "needs passages of the list with gains of 1 to 15", |query| {
            !query.relevant.is_empty() && query.relevant.iter().all(sound)
        })?;
        for query in &mut queries {
            query.relevant.sort_by_key(|known| known.passage);
        }
        each(&queries, "names a passage twice", |query| {
            query.relevant.windows(2).all(|pair| pair[0].passage < pair[1].passage)
        })?;
        Ok(Self { passages, queries })
    }
}

impl Task for Retrieval {
    type Question = Passage;
    type Figure = Grade;

    /// All passages, then all queries.
    fn plan(&self, architecture: &Architecture, tokenizer: &Tokenizer) -> Result<Vec<Passage>, Fault> {
        let queries = self.queries.iter().map(|query| query.text.as_str());
        passages(architecture, tokenizer, self.passages.iter().map(String::as_str).chain(queries))
    }

    /// nDCG@10, the mean over all queries: see [`ndcg`].
    fn score(&self, _: &[Passage], answers: &[Vec<i32>]) -> Result<Grade, Fault> {
        let (passages, queries) = answers.split_at(self.passages.len().min(answers.len()));
        let mut sum = 0u64;
        for (query, vector) in self.queries.iter().zip(queries) {
            let mut gains = vec![0u8; passages.len()];
            for known in &query.relevant {
                if let Some(gain) = gains.get_mut(known.passage) {
                    *gain = known.gain;
                }
            }
            let found = passages.iter().zip(gains).map(|(passage, gain)| (cosine(passage, vector), gain));
            sum += ndcg(found.collect());
        }
        Ok(Grade((sum / self.queries.len().max(1) as u64) as i64))
    }
}
