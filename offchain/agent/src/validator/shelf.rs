//! Evaluators that are components, and the files that they need: fetched by content, compiled once.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{Limits, Model};
use inktensor_plugins::{Asset, AssetKind, Content, Host, Plugin};
use inktensor_primitives::registry::Evaluator;
use reqwest::Url;

use super::collect::{blocking, read};
use super::fetch::{FetchError, Fetcher, Size, Wanted};
use super::judge::Abstention;

/// Files of the largest size that there is room for beside those that are needed: another evaluator's.
const SPARE_FILES: u64 = 17;

/// The validator's own shelf of evaluators. Whatever it cannot get, verify or compile is a reason to abstain, and never a
/// miner's fault.
pub struct Shelf {
    fetcher: Fetcher,
    host: Arc<Host>,
    /// The last one that was compiled: a subnet has one at a time.
    compiled: Mutex<Option<Arc<Plugin>>>,
}

impl Shelf {
    /// A shelf whose files are in the fetcher's cache.
    pub fn new(fetcher: Fetcher, host: Arc<Host>) -> Self {
        Self { fetcher, host, compiled: Mutex::new(None) }
    }

    /// A component, by its code hash.
    pub async fn plugin(&self, evaluator: &Evaluator) -> Result<Arc<Plugin>, Abstention> {
        let digest = Digest(evaluator.code_hash.into());
        let held = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(plugin) = held.filter(|plugin| plugin.digest() == digest) {
            return Ok(plugin);
        }
        self.tidy([digest.0].into())?;
        let limit = self.host.limits().component as u64;
        self.fetch("the evaluator's component", digest, limit, evaluator.uri.clone()).await?;
        let (host, cache) = (self.host.clone(), self.fetcher.cache().clone());
        let plugin = blocking(move || {
            let plugin = host.load(&read(&cache, &digest.0)?);
            plugin.map_err(|fault| Abstention(format!("the evaluator's component {digest} cannot be used: {fault}")))
        });
        let plugin = Arc::new(plugin.await?);
        *self.compiled.lock().unwrap_or_else(PoisonError::into_inner) = Some(plugin.clone());
        Ok(plugin)
    }

    /// What a component says that it needs. The files lie beside the component, each named by its digest in hex.
    pub async fn assets(
        &self,
        evaluator: &Evaluator,
        assets: Vec<Asset>,
        limits: Limits,
    ) -> Result<BTreeMap<String, Content>, Abstention> {
        let needed = assets.iter().map(|asset| asset.digest.0).chain([evaluator.code_hash.into()]);
        self.tidy(needed.collect())?;
        for Asset { name, digest, .. } in &assets {
            // A place that cannot be understood is named by the fetcher, where the file is not on the shelf already.
            let place = Url::parse(&evaluator.uri).and_then(|uri| uri.join(&digest.to_string()));
            let place = place.map_or_else(|_| evaluator.uri.clone(), String::from);
            self.fetch(&format!("the evaluator's asset {name}"), *digest, self.fetcher.limits().max_bytes, place)
                .await?;
        }
        let cache = self.fetcher.cache().clone();
        blocking(move || {
            let open = |Asset { name, digest, kind }: Asset| {
                let bytes = read(&cache, &digest.0)?;
                let content = match kind {
                    AssetKind::Data => Content::Data(bytes.into()),
                    AssetKind::Model => Content::Model(Model::from_bytes(&bytes, &limits).map_err(|fault| {
                        Abstention(format!("the evaluator's asset {name} ({digest}) is no model: {fault}"))
                    })?),
                };
                Ok((name, content))
            };
            assets.into_iter().map(open).collect()
        })
        .await
    }

    /// Makes room: an owner that names other files in every epoch must not fill the disk. What an operator has put here
    /// for an evaluator to come has its place.
    fn tidy(&self, needed: HashSet<[u8; 32]>) -> Result<(), Abstention> {
        let spare = SPARE_FILES.saturating_mul(self.fetcher.limits().max_bytes);
        self.fetcher.cache().retain(&needed, spare).map_err(|failure| Abstention(failure.to_string()))
    }

    /// A file of `limit` bytes at most.
    async fn fetch(&self, what: &str, digest: Digest, limit: u64, uri: String) -> Result<(), Abstention> {
        let size = Size::AtMost(limit.min(self.fetcher.limits().max_bytes));
        let wanted = Wanted { digest: digest.0, size, uri };
        self.fetcher.fetch(&wanted).await.map_err(|failure| match failure {
            FetchError::Fault(fault) => Abstention(format!(
                "{what} ({digest}) cannot be obtained from {:?}: {fault}. Its file may be put into the folder of \
                 evaluators by hand, named by the digest",
                wanted.uri
            )),
            FetchError::Cache(failure) => Abstention(failure.to_string()),
        })
    }
}
