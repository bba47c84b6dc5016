//! The built-in judge: language models, measured in bits per byte.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::Limits;
use inktensor_evaluation::score::{CopyRule, mark_copies, mark_functional_copies};
use inktensor_evaluation::task::{self, Evaluation, Evaluator, MinerFault, Outcome};
use inktensor_evaluation::{Digest, Window};
use inktensor_primitives::{Uid, registry::ModelFamily};
use tokio::time::{Instant, timeout_at};

use super::cache::Cache;
use super::fetch::{FetchError, FetchFault, Fetcher};
use super::judge::{Abstention, Finding, Judge};
use super::plan::commit_order;
use crate::config::EvaluationConfig;
use crate::subnet::{Assignment, Entrant};

/// Fetches models and measures them on held-out text.
pub struct ModelJudge {
    fetcher: Fetcher,
    evaluator: Arc<dyn Evaluator>,
    corpus: Arc<Corpus>,
    config: EvaluationConfig,
}

impl ModelJudge {
    /// A judge. The evaluator may be shared with others.
    pub fn new(fetcher: Fetcher, evaluator: Arc<dyn Evaluator>, corpus: Arc<Corpus>, config: EvaluationConfig) -> Self {
        Self { fetcher, evaluator, corpus, config }
    }

    /// Downloads the models that are missing. None where the model is here, the fault where it is not.
    async fn fetch(&self, entrants: Vec<Entrant>) -> Result<Vec<Option<FetchFault>>, Abstention> {
        let limits = *self.fetcher.limits();
        let deadline = Instant::now() + limits.budget;
        let downloads = stream::iter(entrants).map(|entrant| {
            let fetcher = self.fetcher.clone();
            async move {
                if fetcher.holds(entrant.digest).await? {
                    return Ok(());
                }
                timeout_at(deadline, fetcher.fetch(&entrant)).await.unwrap_or_else(|_| Err(out_of_time()))
            }
        });
        let outcomes: Vec<_> = downloads.buffered(limits.parallel.max(1)).collect().await;
        let mut faults = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            faults.push(match outcome {
                Ok(()) => None,
                Err(FetchError::Fault(fault)) => Some(fault),
                Err(FetchError::Cache(failure)) => return Err(Abstention(failure.to_string())),
            });
        }
        // One silent miner is the miner's fault; all of them at once are more likely our own network.
        let all_silent = faults.iter().all(|fault| fault.as_ref().is_some_and(FetchFault::may_be_ours));
        if faults.len() > 1 && all_silent {
            return Err(Abstention("no miner can be reached; is this machine's network down?".to_owned()));
        }
        Ok(faults)
    }
}

#[async_trait]
impl Judge for ModelJudge {
    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let abstain = |failure: &dyn std::error::Error| Abstention(failure.to_string());
        let entrants = &assignment.entrants;
        self.corpus.expect(Digest(assignment.data)).map_err(|failure| abstain(&failure))?;
        let windows = self.corpus.windows(seed, self.config.windows, self.config.window);
        let windows = windows.map_err(|failure| abstain(&failure))?;

        // Copies of a file are known by their commitment and need no download.
        let order = commit_order(entrants);
        let mut holders: HashMap<[u8; 32], Uid> = HashMap::new();
        let mut findings: Vec<Option<Finding>> = vec![None; entrants.len()];
        let mut originals = Vec::with_capacity(entrants.len());
        for index in order {
            let entrant = &entrants[index];
            if let Some(uid) = holders.get(&entrant.digest) {
                findings[index] = Some(Err(copy_of(*uid)));
                continue;
            }
            holders.insert(entrant.digest, entrant.uid);
            if matches!(entrant.family, ModelFamily::Llama | ModelFamily::Gpt2) {
                originals.push(index);
            } else {
                findings[index] = Some(Err(format!("this subnet evaluates language models, not {:?}", entrant.family)));
            }
        }

        let wanted: Vec<Entrant> = originals.iter().map(|&index| entrants[index].clone()).collect();
        let mut ready = Vec::with_capacity(wanted.len());
        for (index, fault) in originals.into_iter().zip(self.fetch(wanted).await?) {
            match fault {
                None => ready.push(index),
                Some(fault) => findings[index] = Some(Err(fault.to_string())),
            }
        }
        let digests: Vec<[u8; 32]> = ready.iter().map(|&index| entrants[index].digest).collect();
        let evaluations = self.measure(digests, windows).await?;
        for (index, evaluation) in ready.into_iter().zip(evaluations) {
            findings[index] = Some(finding(evaluation, &holders)?);
        }
        let kept: HashSet<[u8; 32]> = entrants.iter().map(|entrant| entrant.digest).collect();
        self.fetcher.cache().retain(&kept).map_err(|failure| abstain(&failure))?;
        findings
            .into_iter()
            .map(|finding| finding.ok_or_else(|| Abstention("a model was forgotten".to_owned())))
            .collect()
    }
}

impl ModelJudge {
    /// Measures models of the cache, one after the other, away from the async threads. The order of the digests is the
    /// order of the commits, which copies are told from originals by.
    async fn measure(&self, digests: Vec<[u8; 32]>, windows: Vec<Window>) -> Result<Vec<Evaluation>, Abstention> {
        let (evaluator, cache) = (self.evaluator.clone(), self.fetcher.cache().clone());
        let limits = Limits { file_bytes: self.config.max_model_bytes, parameters: self.config.max_parameters };
        let work = tokio::task::spawn_blocking(move || {
            let mut evaluations: Vec<Evaluation> = digests
                .iter()
                .map(|digest| Ok(task::evaluate(evaluator.as_ref(), &read(&cache, digest)?, &limits, &windows)))
                .collect::<Result<_, Abstention>>()?;
            mark_copies(&mut evaluations);
            mark_functional_copies(&mut evaluations, &CopyRule::default())
                .map_err(|failure| Abstention(failure.to_string()))?;
            Ok(evaluations)
        });
        work.await.unwrap_or_else(|failure| Err(Abstention(format!("the evaluation broke: {failure}"))))
    }
}

fn read(cache: &Cache, digest: &[u8; 32]) -> Result<Vec<u8>, Abstention> {
    match cache.read(digest) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Abstention("a downloaded model was damaged on disk; it is fetched again".to_owned())),
        Err(failure) => Err(Abstention(failure.to_string())),
    }
}

fn finding(evaluation: Evaluation, holders: &HashMap<[u8; 32], Uid>) -> Result<Finding, Abstention> {
    match evaluation.outcome {
        Outcome::Score(score) => Ok(Ok(score.loss())),
        Outcome::Miner(MinerFault::Copy { of }) => match holders.get(&of.0) {
            Some(uid) => Ok(Err(copy_of(*uid))),
            None => Ok(Err(MinerFault::Copy { of }.to_string())),
        },
        Outcome::Miner(fault) => Ok(Err(fault.to_string())),
        Outcome::Validator(fault) => Err(Abstention(fault.to_string())),
    }
}

fn out_of_time() -> FetchError {
    FetchFault::Unreachable { reason: "no time was left in this epoch".to_owned() }.into()
}

fn copy_of(uid: Uid) -> String {
    format!("copy of uid {uid}")
}
