//! One endpoint: kept connected, watched, and known by how it fares.

use super::{
    NodeOptions,
    backoff::Backoff,
    connection::Connection,
    rpc::{Rpc, RpcError},
};
use std::sync::{Arc, OnceLock};
use tokio::{sync::watch, time};

/// How an endpoint fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointHealth {
    /// Its url.
    pub url: String,
    /// Whether it is connected.
    pub connected: bool,
    /// Number of its newest block, as far as it told.
    pub best: u32,
    /// Number of its newest block that is final.
    pub finalised: u32,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// What is known of an endpoint.
#[derive(Default)]
pub(super) struct State {
    pub(super) connection: Option<Arc<Connection>>,
    pub(super) health: EndpointHealth,
    /// Hashes of its newest block and of its newest final one.
    heads: ([u8; 32], [u8; 32]),
    /// Whether a connection was tried at all.
    pub(super) tried: bool,
    /// Genesis hash of the other chain that the endpoint serves.
    pub(super) stranger: Option<[u8; 32]>,
}

impl State {
    fn knows(&self, heads: ([u8; 32], [u8; 32])) -> bool {
        self.connection.is_some() && self.heads == heads
    }
}

/// One endpoint. Its task connects, and connects again, for as long as it runs.
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) state: watch::Sender<State>,
}

impl Endpoint {
    pub(super) fn new(url: &str) -> Self {
        let health = EndpointHealth { url: url.to_owned(), ..EndpointHealth::default() };
        let (state, _) = watch::channel(State { health, ..State::default() });
        Self { url: url.to_owned(), state }
    }

    /// Gives a connection up that did not serve, unless it has been replaced meanwhile.
    pub(super) fn lose(&self, connection: &Arc<Connection>, reason: &str) {
        self.state.send_if_modified(|state| {
            let current = state.connection.as_ref().is_some_and(|current| Arc::ptr_eq(current, connection));
            if current {
                state.connection = None;
                state.health.connected = false;
                state.health.last_error = Some(reason.to_owned());
            }
            current
        });
    }

    /// Keeps the endpoint connected and its health known. `changes` counts whatever a waiting task may care for.
    pub(super) async fn watch(
        &self,
        options: &NodeOptions,
        genesis: &OnceLock<[u8; 32]>,
        changes: &watch::Sender<u64>,
    ) {
        let mut backoff = Backoff::new();
        loop {
            let error = match self.connect(options, genesis).await {
                Ok(connection) => {
                    tracing::debug!(url = self.url, "connected");
                    let error = self.follow(&connection, options, changes, &mut backoff).await;
                    self.lose(&connection, &error);
                    error
                }
                Err(error) => error,
            };
            tracing::debug!(url = self.url, error, "endpoint lost");
            self.state.send_modify(|state| {
                state.tried = true;
                state.health.last_error = Some(error);
            });
            changes.send_modify(|count| *count += 1);
            time::sleep(backoff.pause()).await;
        }
    }

    async fn connect(&self, options: &NodeOptions, genesis: &OnceLock<[u8; 32]>) -> Result<Arc<Connection>, String> {
        let connection = Arc::new(Connection::open(&self.url, options).await.map_err(told)?);
        let found = connection.hashes(vec![0]).await.map_err(told)?;
        let Some(Some(found)) = found.first().copied() else { return Err("it has no genesis block".into()) };
        let wanted = *genesis.get_or_init(|| found);
        if found != wanted {
            self.state.send_modify(|state| state.stranger = Some(found));
            return Err(format!("it serves another chain, 0x{}", hex::encode(found)));
        }
        Ok(connection)
    }

    /// Watches a connection until it fails: why.
    async fn follow(
        &self,
        connection: &Arc<Connection>,
        options: &NodeOptions,
        changes: &watch::Sender<u64>,
        backoff: &mut Backoff,
    ) -> String {
        let (best, finalised) = tokio::join!(
            connection.news("chain_subscribeNewHeads", "chain_unsubscribeNewHeads"),
            connection.news("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads"),
        );
        let (mut best, mut finalised) = match (best, finalised) {
            (Ok(best), Ok(finalised)) => (best, finalised),
            (Err(error), _) | (_, Err(error)) => return told(error),
        };
        let mut state = self.state.subscribe();
        loop {
            if let Err(error) = self.look(connection, changes).await {
                return told(error);
            }
            // Only one that told its blocks has served: the next pause may be short again.
            *backoff = Backoff::new();
            // Word of a block only says that it is time to look: nothing is lost with it.
            tokio::select! {
                biased;
                _ = state.wait_for(|state| state.connection.is_none()) => return "an answer did not come".into(),
                () = connection.closed() => return "the connection was cut".into(),
                () = best.next() => {}
                () = finalised.next() => {}
                () = time::sleep(options.poll) => {}
            }
        }
    }

    /// Learns the endpoint's newest blocks.
    async fn look(&self, connection: &Arc<Connection>, changes: &watch::Sender<u64>) -> Result<(), RpcError> {
        let heads = (connection.best_hash().await?, connection.final_hash().await?);
        if self.state.borrow().knows(heads) {
            return Ok(());
        }
        let (best, finalised) = (connection.header(heads.0).await?.number, connection.header(heads.1).await?.number);
        self.state.send_modify(|state| {
            state.connection = Some(connection.clone());
            state.heads = heads;
            state.tried = true;
            state.stranger = None;
            state.health = EndpointHealth { connected: true, best, finalised, ..state.health.clone() };
        });
        changes.send_modify(|count| *count += 1);
        Ok(())
    }
}

fn told(error: RpcError) -> String {
    match error {
        RpcError::Refused { method, message, .. } => format!("it refused {method}: {message}"),
        RpcError::Lost(reason) => reason,
        RpcError::Malformed { method, reason } => format!("its answer to {method} makes no sense: {reason}"),
    }
}
