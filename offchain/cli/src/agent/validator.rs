//! A validator as a process.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inktensor_agent::config::ValidatorConfig;
use inktensor_agent::journal::Journal;
use inktensor_agent::onchain::OnChain;
use inktensor_agent::subnet::ValidatorSubnet;
use inktensor_agent::validator::{Cache, ComponentJudge, FetchError, Fetcher, Health, Judges, ModelJudge, Validator};
use inktensor_agent::{AgentError, Supervisor};
use inktensor_evaluation::cache::{self, Cache as LossCache};
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::task::{self, Evaluator, Remembering};
use inktensor_plugins::Host;

use super::settings::{Settings, ValidatorSettings};
use super::{connect, folder, status};
use crate::device::adapter;
use crate::error::CliError;

/// Starts a validator and the file of its status.
pub async fn start(settings: Settings<ValidatorSettings>) -> Result<Supervisor, CliError> {
    let (data, config) = (settings.service.data.clone(), settings.config());
    folder(&data)?;
    let lock = alone(&data.join("lock"))?;
    let corpus = settings.service.text.as_deref().map(Corpus::open).transpose()?.map(Arc::new);
    let choice = adapter(settings.service.adapter.as_deref());
    let (arithmetic, tuning) = (config.evaluation.arithmetic, data.join("tuning.json"));
    let opening = tokio::task::spawn_blocking(move || task::tuned_evaluator(arithmetic, choice, &tuning));
    let evaluator = opening.await.map_err(|failure| CliError::Check(failure.to_string()))??;
    tracing::info!(on = evaluator.describe(), "evaluates");
    let losses = LossCache::open(&data.join("losses.sqlite"), cache::DEFAULT_ROWS)?;
    let evaluator = Arc::new(Remembering::new(evaluator, losses));

    let subnet = connect::subnet(&settings.chain).await?;
    let validator = assemble(subnet, evaluator, corpus, &config)?;
    let mut supervisor = Supervisor::default();
    let said = validator.status();
    if let Some(listen) = settings.service.listen {
        let health = Health::bind(listen, validator.status(), validator.upcoming()).await.map_err(AgentError::from)?;
        tracing::info!(address = %health.address(), "tells monitors how it is");
        supervisor.spawn("health", |shutdown| async move { Ok(health.run(shutdown).await?) });
    }
    supervisor.spawn("status", |shutdown| status::keep(data, said, shutdown));
    supervisor.spawn("validator", |shutdown| async move {
        let outcome = validator.run(shutdown).await;
        drop(lock);
        outcome
    });
    Ok(supervisor)
}

/// A validator of `subnet` that judges as the subnet's evaluator says; the built-in one measures on `corpus`.
pub fn assemble(
    subnet: OnChain,
    evaluator: Arc<dyn Evaluator>,
    corpus: Option<Arc<Corpus>>,
    config: &ValidatorConfig,
) -> Result<Validator<OnChain, Judges>, CliError> {
    let (contributions, evaluators) = (fetcher(&config.models, config)?, fetcher(&config.evaluators, config)?);
    let journal = Journal::open(&config.journal, subnet.scope()).map_err(AgentError::from)?;
    let host = Arc::new(Host::new(inktensor_plugins::Limits::default())?);
    let judge = Judges {
        models: ModelJudge::new(contributions.clone(), evaluator.clone(), corpus, config.evaluation),
        components: ComponentJudge::new(contributions, evaluators, host, evaluator, config.evaluation),
    };
    Ok(Validator::new(subnet, judge, journal, config.evaluation, config.poll))
}

/// A fetcher into a folder.
fn fetcher(folder: &Path, config: &ValidatorConfig) -> Result<Fetcher, CliError> {
    let cache = Cache::open(folder).map_err(AgentError::from)?;
    Fetcher::new(cache, config.fetch).map_err(|failure| match failure {
        FetchError::Cache(failure) => CliError::Agent(failure.into()),
        FetchError::Fault(fault) => CliError::Argument { what: "HTTP client", reason: fault.to_string() },
    })
}

/// Takes a folder for this process alone: two validators on one journal would commit twice. The system lets go of it when
/// the process ends, however it does.
fn alone(path: &Path) -> Result<File, CliError> {
    let failed = |source| CliError::Io { path: path.to_owned(), source };
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(CliError::InUse { folder: path.parent().map_or_else(PathBuf::new, Path::to_owned) })
        }
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn a_folder_serves_one_validator_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = alone(&path).unwrap();
        let second = alone(&path).unwrap_err();
        assert!(matches!(&second, CliError::InUse { folder: of } if of == folder.path()), "{second}");
        drop(first);
        alone(&path).unwrap();
    }
}
