//! The judge of subnets whose evaluator is a component: it asks the component what the contributions are worth.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{Limits, Model, OpenError};
use inktensor_evaluation::task::Evaluator;
use inktensor_plugins::{Content, Contribution, Host, Plugin, Report, Round, Verdict};
use inktensor_primitives::registry::{Evaluator as Terms, ModelFamily};
use tokio::time::timeout;
use tracing::info;

use super::alone::Alone;
use super::cache::Cache;
use super::collect::{Collection, blocking, read};
use super::fetch::Fetcher;
use super::judge::{Abstention, Finding, Judge};
use super::shelf::Shelf;
use crate::config::EvaluationConfig;
use crate::figure::Figure;
use crate::subnet::{Assignment, Entrant};

/// Fetches contributions and has the subnet's component judge them.
pub struct ComponentJudge {
    contributions: Fetcher,
    shelf: Shelf,
    evaluator: Arc<dyn Evaluator>,
    config: EvaluationConfig,
    alone: Alone,
}

impl ComponentJudge {
    /// A judge that keeps contributions in the cache of one fetcher, and evaluators with what they need in that of the
    /// other. `evaluator` answers what components ask of models; it may be shared with others.
    pub fn new(
        contributions: Fetcher,
        evaluators: Fetcher,
        host: Arc<Host>,
        evaluator: Arc<dyn Evaluator>,
        config: EvaluationConfig,
    ) -> Self {
        Self { contributions, shelf: Shelf::new(evaluators, host), evaluator, config, alone: Alone::default() }
    }

    /// Gets hold of the evaluator and what it needs. An owner's slow server must not keep the validator from its reveals.
    async fn obtain(&self, terms: &Terms) -> Result<Prepared, Abstention> {
        let late = |_| Err(Abstention("the evaluator and what it needs were not here in time".to_owned()));
        timeout(self.contributions.limits().budget, self.off_the_shelf(terms)).await.unwrap_or_else(late)
    }

    async fn off_the_shelf(&self, terms: &Terms) -> Result<Prepared, Abstention> {
        let plugin = self.shelf.plugin(terms).await?;
        let (describing, parameters) = (plugin.clone(), terms.parameters.clone());
        let description = blocking(move || describing.describe(&parameters).map_err(|fault| blame(&fault))).await?;
        let assets = self.shelf.assets(terms, description.assets, self.config.limits()).await?;
        Ok(Prepared { plugin, name: description.name, assets })
    }
}

/// An evaluator that can judge.
struct Prepared {
    plugin: Arc<Plugin>,
    name: String,
    assets: BTreeMap<String, Content>,
}

#[async_trait]
impl Judge for ComponentJudge {
    async fn prepare(&self, evaluator: &Terms) -> Result<(), Abstention> {
        self.obtain(evaluator).await.map(drop)
    }

    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let (terms, entrants) = (&assignment.evaluator, &assignment.entrants);
        let Prepared { plugin, name, assets } = self.obtain(terms).await?;

        let config = self.config;
        let refusal = |entrant: &Entrant| match entrant.family {
            ModelFamily::Dataset => config.too_large(entrant.size),
            ModelFamily::Llama | ModelFamily::Gpt2 | ModelFamily::Bert | ModelFamily::Mlp => None,
        };
        let collection = Collection::gather(&self.contributions, entrants, refusal).await?;
        let kept: HashSet<[u8; 32]> = entrants.iter().map(|entrant| entrant.digest).collect();
        self.contributions.cache().retain(&kept, 0).map_err(|failure| Abstention(failure.to_string()))?;
        let ready: Vec<Entrant> = collection.ready().iter().map(|&index| entrants[index].clone()).collect();
        let (cache, limits, evaluator) = (self.contributions.cache().clone(), config.limits(), self.evaluator.clone());
        let (netuid, epoch, parameters) = (assignment.netuid, assignment.epoch, terms.parameters.clone());
        let evaluate = move || {
            let (mut contributions, mut findings) = (Vec::new(), Vec::new());
            for entrant in &ready {
                let contribution = open(&cache, entrant, &limits)?;
                findings.push(contribution.map(|contribution| contributions.push(contribution)));
            }
            if contributions.is_empty() {
                return Ok((settle(findings, Vec::new())?, None));
            }
            let round = Round { netuid, epoch, seed, parameters, contributions };
            let report = plugin.evaluate(&round, &assets, evaluator.as_ref()).map_err(|fault| blame(&fault))?;
            Ok((settle(findings, report.verdicts.clone())?, Some(report)))
        };
        let (found, report) = self.alone.blocking(evaluate).await?;
        if let Some(report) = report {
            tell(&name, epoch, &report);
        }
        collection.settle(found)
    }
}

/// A fetched file as a contribution. The inner error is the miner's fault.
fn open(cache: &Cache, entrant: &Entrant, limits: &Limits) -> Result<Result<Contribution, String>, Abstention> {
    let bytes = read(cache, &entrant.digest)?;
    let content = match entrant.family {
        ModelFamily::Dataset => Content::Data(bytes.into()),
        ModelFamily::Llama | ModelFamily::Gpt2 | ModelFamily::Bert | ModelFamily::Mlp => {
            // The weights stay on disk: a round may have more models than there is memory for.
            drop(bytes);
            match Model::open(&cache.path(&entrant.digest), limits) {
                Ok(model) => Content::Model(model),
                Err(OpenError::Model(fault)) => return Ok(Err(fault.to_string())),
                Err(OpenError::Read(failure)) => return Err(Abstention(failure.to_string())),
            }
        }
    };
    let Entrant { uid, digest, size, block, .. } = *entrant;
    Ok(Ok(Contribution { uid, digest: Digest(digest), size, block, content }))
}

/// Puts verdicts, which are on the contributions that could be read, between the faults of the others.
fn settle(opened: Vec<Result<(), String>>, verdicts: Vec<Verdict>) -> Result<Vec<Finding>, Abstention> {
    let mut verdicts = verdicts.into_iter();
    let missing = || Abstention("a verdict is missing. This is a bug of the agent; report it".to_owned());
    let finding = |opened: Result<(), String>| match opened {
        Err(fault) => Ok(Err(fault)),
        Ok(()) => Ok(match verdicts.next().ok_or_else(missing)? {
            Verdict::Merit(merit) => Ok(Figure(merit)),
            Verdict::Fault(reason) => Err(reason),
        }),
    };
    opened.into_iter().map(finding).collect()
}

/// The evaluator's fault, or the validator's own: nobody is judged by it.
fn blame(fault: &dyn std::error::Error) -> Abstention {
    Abstention(format!("the evaluator cannot judge: {fault}"))
}

fn tell(name: &str, epoch: u64, report: &Report) {
    for line in &report.log {
        info!(evaluator = name, epoch, line, "the evaluator says");
    }
    info!(evaluator = name, epoch, fuel = report.fuel, work = %report.work, "judged");
}
