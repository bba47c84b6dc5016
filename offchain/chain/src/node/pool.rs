//! All endpoints of a chain as one: whoever is healthy answers.

use super::{
    NodeOptions,
    backoff::Backoff,
    connection::Connection,
    endpoint::{Endpoint, EndpointHealth},
    rpc::{Rpc, RpcError},
};
use crate::ChainError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    cmp::Reverse,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{sync::watch, task::JoinSet, time};

/// The endpoints, each watched by a task that ends with the pool.
pub(super) struct Pool {
    endpoints: Vec<Arc<Endpoint>>,
    /// The one that answered last: asked again as long as it is healthy, so that answers belong together.
    chosen: AtomicUsize,
    genesis: Arc<OnceLock<[u8; 32]>>,
    changes: watch::Sender<u64>,
    options: NodeOptions,
    _watchers: JoinSet<()>,
}

impl Pool {
    /// Starts to watch the endpoints and waits until each was tried, and one answers.
    pub(super) async fn connect(urls: &[String], options: &NodeOptions) -> Result<Self, ChainError> {
        let genesis = Arc::new(options.genesis.map_or_else(OnceLock::new, OnceLock::from));
        let endpoints: Vec<_> = urls.iter().map(|url| Arc::new(Endpoint::new(url))).collect();
        let (changes, _) = watch::channel(0);
        let mut watchers = JoinSet::new();
        for endpoint in &endpoints {
            let (endpoint, genesis) = (endpoint.clone(), genesis.clone());
            let (options, changes) = (options.clone(), changes.clone());
            watchers.spawn(async move { endpoint.watch(&options, &genesis, &changes).await });
        }
        let (chosen, options) = (AtomicUsize::new(0), options.clone());
        let pool = Self { endpoints, chosen, genesis, changes, options, _watchers: watchers };
        pool.ready().await?;
        Ok(pool)
    }

    /// Hash of the chain's first block.
    pub(super) fn genesis(&self) -> Result<[u8; 32], ChainError> {
        self.genesis.get().copied().ok_or_else(|| ChainError::Unreachable("no endpoint has answered yet".into()))
    }

    /// How the endpoints fare, in the order in which they were named.
    pub(super) fn health(&self) -> Vec<EndpointHealth> {
        self.endpoints.iter().map(|endpoint| endpoint.state.borrow().health.clone()).collect()
    }

    /// Changes whenever an endpoint has a new block or is lost.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Connections to those that are up, the one to ask first first: not behind the others, then the one chosen before,
    /// then the one that is furthest.
    pub(super) fn connections(&self) -> Vec<(usize, Arc<Connection>)> {
        let mut up = Vec::new();
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            let state = endpoint.state.borrow();
            if let Some(connection) = &state.connection {
                up.push((index, state.health.best, connection.clone()));
            }
        }
        let newest = up.iter().map(|(_, best, _)| *best).max().unwrap_or_default();
        let chosen = self.chosen.load(Ordering::Relaxed);
        up.sort_by_key(|(index, best, _)| {
            (best.saturating_add(self.options.max_lag) < newest, *index != chosen, Reverse(*best))
        });
        up.into_iter().map(|(index, _, connection)| (index, connection)).collect()
    }

    /// Gives up a connection that did not serve.
    pub(super) fn lose(&self, index: usize, connection: &Arc<Connection>, reason: &str) {
        if let Some(endpoint) = self.endpoints.get(index) {
            endpoint.lose(connection, reason);
            self.changes.send_modify(|count| *count += 1);
        }
    }

    /// What to say when nobody answers.
    pub(super) fn silence(&self) -> String {
        let told = |health: EndpointHealth| {
            let error = health.last_error.unwrap_or_else(|| "no answer".into());
            format!("{}: {error}", health.url)
        };
        match self.health().into_iter().map(told).collect::<Vec<_>>() {
            told if told.is_empty() => "no endpoint is named".into(),
            told => told.join("; "),
        }
    }

    async fn ready(&self) -> Result<(), ChainError> {
        let tried = async {
            for endpoint in &self.endpoints {
                // Fails only when its sender is gone, and that is the endpoint's own.
                let _ = endpoint.state.subscribe().wait_for(|state| state.tried).await;
            }
        };
        // One that hangs must not keep the others from being used.
        let _ = time::timeout(self.options.connect_timeout, tried).await;
        for endpoint in &self.endpoints {
            if let Some(found) = endpoint.state.borrow().stranger {
                let (wanted, found) = (hex::encode(self.genesis()?), hex::encode(found));
                let reason = format!("its genesis is 0x{found}, not 0x{wanted}");
                return Err(ChainError::WrongChain { endpoint: endpoint.url.clone(), reason });
            }
        }
        // Any answer will do.
        Ok(self.best_hash().await.map(drop)?)
    }

    /// Asks the endpoints in turn. Errors: a refusal or nonsense if that is all that they have to say.
    async fn round<R: DeserializeOwned + Send>(&self, method: &'static str, params: &[Value]) -> Result<R, RpcError> {
        let mut failure = None;
        for (index, connection) in self.connections() {
            match connection.ask(method, params.to_vec()).await {
                Ok(answer) => {
                    self.chosen.store(index, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(RpcError::Lost(reason)) => self.lose(index, &connection, &reason),
                // The first to be asked is the one to be believed.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or_else(|| RpcError::Lost(self.silence())))
    }
}

impl Rpc for Pool {
    /// Asks whoever answers, until patience ends. Only for what may be asked twice.
    async fn ask<R: DeserializeOwned + Send>(&self, method: &'static str, params: Vec<Value>) -> Result<R, RpcError> {
        let mut changes = self.changes();
        let mut backoff = Backoff::new();
        let answer = async {
            if self.endpoints.is_empty() {
                return Err(RpcError::Lost(self.silence()));
            }
            loop {
                match self.round(method, &params).await {
                    Err(RpcError::Lost(_)) => {}
                    answer => return answer,
                }
                // One that comes back ends the pause.
                let _ = time::timeout(backoff.pause(), changes.changed()).await;
            }
        };
        match time::timeout(self.options.patience, answer).await {
            Ok(answer) => answer,
            Err(_) => Err(RpcError::Lost(self.silence())),
        }
    }
}
