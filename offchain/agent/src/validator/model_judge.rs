//! The built-in judge: language models, measured in bits per byte.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use inktensor_evaluation::Digest;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::score::{CopyRule, mark_copies, mark_functional_copies};
use inktensor_evaluation::task::{self, Evaluation, Evaluator, MinerFault, Outcome};
use inktensor_primitives::registry::{Evaluator as Terms, ModelFamily};

use super::alone::Alone;
use super::collect::{Collection, read};
use super::fetch::Fetcher;
use super::judge::{Abstention, Finding, Judge};
use crate::config::EvaluationConfig;
use crate::figure::Figure;
use crate::subnet::{Assignment, Entrant};

/// Fetches models and measures them on held-out text.
pub struct ModelJudge {
    fetcher: Fetcher,
    evaluator: Arc<dyn Evaluator>,
    corpus: Option<Arc<Corpus>>,
    config: EvaluationConfig,
    alone: Alone,
}

impl ModelJudge {
    /// A judge. The evaluator may be shared with others. Without a text it abstains.
    pub fn new(
        fetcher: Fetcher,
        evaluator: Arc<dyn Evaluator>,
        corpus: Option<Arc<Corpus>>,
        config: EvaluationConfig,
    ) -> Self {
        Self { fetcher, evaluator, corpus, config, alone: Alone::default() }
    }

    /// The text, if it is the one that an evaluator names.
    fn corpus(&self, evaluator: &Terms) -> Result<&Corpus, Abstention> {
        let Some(corpus) = &self.corpus else {
            let reason = "the subnet measures language models and no text is set. Name its text in the settings";
            return Err(Abstention(reason.to_owned()));
        };
        corpus.expect(Digest(evaluator.code_hash.into())).map_err(|failure| Abstention(failure.to_string()))?;
        Ok(corpus)
    }

    /// Measures models of the cache, one after the other, away from the async threads. The order of the digests is the
    /// order of the commits, which copies are told from originals by.
    async fn measure(&self, digests: Vec<[u8; 32]>, spans: Vec<Vec<u8>>) -> Result<Vec<Evaluation>, Abstention> {
        let (evaluator, cache) = (self.evaluator.clone(), self.fetcher.cache().clone());
        let limits = self.config.limits();
        let evaluate = move || {
            let mut evaluations: Vec<Evaluation> = digests
                .iter()
                .map(|digest| Ok(task::evaluate(evaluator.as_ref(), &read(&cache, digest)?, &limits, &spans)))
                .collect::<Result<_, Abstention>>()?;
            mark_copies(&mut evaluations);
            mark_functional_copies(&mut evaluations, &CopyRule::default())
                .map_err(|failure| Abstention(failure.to_string()))?;
            Ok(evaluations)
        };
        self.alone.blocking(evaluate).await
    }
}

#[async_trait]
impl Judge for ModelJudge {
    async fn prepare(&self, evaluator: &Terms) -> Result<(), Abstention> {
        self.corpus(evaluator).map(drop)
    }

    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let abstain = |failure: &dyn std::error::Error| Abstention(failure.to_string());
        let entrants = &assignment.entrants;
        let corpus = self.corpus(&assignment.evaluator)?;
        let spans = corpus.spans(seed, self.config.windows, self.config.window);
        let spans = spans.map_err(|failure| abstain(&failure))?.into_iter().map(<[u8]>::to_vec).collect();

        let collection = Collection::gather(&self.fetcher, entrants, refusal).await?;
        let kept: HashSet<[u8; 32]> = entrants.iter().map(|entrant| entrant.digest).collect();
        self.fetcher.cache().retain(&kept, 0).map_err(|failure| abstain(&failure))?;
        let digests = collection.ready().iter().map(|&index| entrants[index].digest).collect();
        let evaluations = self.measure(digests, spans).await?;
        let found = evaluations.into_iter().map(|evaluation| finding(evaluation, &collection));
        let found = found.collect::<Result<_, _>>()?;
        collection.settle(found)
    }
}

fn refusal(entrant: &Entrant) -> Option<String> {
    let language = matches!(entrant.family, ModelFamily::Llama | ModelFamily::Gpt2);
    (!language).then(|| format!("this subnet evaluates language models, not {:?}", entrant.family))
}

fn finding(evaluation: Evaluation, collection: &Collection) -> Result<Finding, Abstention> {
    match evaluation.outcome {
        Outcome::Score(score) => Ok(Ok(Figure(score.loss().0))),
        Outcome::Miner(fault) => {
            let copy = if let MinerFault::Copy { of } = &fault { collection.copy(&of.0) } else { None };
            Ok(Err(copy.unwrap_or_else(|| fault.to_string())))
        }
        Outcome::Validator(fault) => Err(Abstention(fault.to_string())),
    }
}
