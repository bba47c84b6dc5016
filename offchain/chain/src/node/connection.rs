//! One websocket to one endpoint.

use super::{
    NodeOptions,
    rpc::{Rpc, RpcError},
};
use jsonrpsee::{
    core::{
        client::{ClientT, Error, Subscription, SubscriptionClientT},
        params::ArrayParams,
    },
    ws_client::{PingConfig, WsClient, WsClientBuilder},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// Requests that may wait for their answers on one connection.
const IN_FLIGHT: usize = 256;

/// An open connection.
pub(super) struct Connection {
    client: WsClient,
}

impl Connection {
    pub(super) async fn open(url: &str, options: &NodeOptions) -> Result<Self, RpcError> {
        let builder = WsClientBuilder::default()
            .connection_timeout(options.connect_timeout)
            .request_timeout(options.request_timeout)
            .max_request_size(options.max_answer)
            .max_response_size(options.max_answer)
            .max_concurrent_requests(IN_FLIGHT)
            // A connection that is cut without a word would else look like a quiet chain.
            .enable_ws_ping(PingConfig::new());
        let client = builder.build(url).await.map_err(|error| RpcError::Lost(error.to_string()))?;
        Ok(Self { client })
    }

    /// Waits until the connection is cut.
    pub(super) async fn closed(&self) {
        self.client.on_disconnect().await;
    }

    /// Word of new blocks, by `chain_subscribeNewHeads` or `chain_subscribeFinalizedHeads`. Errors: `Lost`. A node that
    /// offers no subscriptions gives no word, and is asked instead.
    pub(super) async fn news(&self, subscribe: &'static str, unsubscribe: &'static str) -> Result<News, RpcError> {
        match self.client.subscribe(subscribe, ArrayParams::new(), unsubscribe).await {
            Ok(news) => Ok(News(Some(news))),
            Err(error) => match understood(subscribe, error) {
                RpcError::Lost(reason) => Err(RpcError::Lost(reason)),
                RpcError::Refused { .. } | RpcError::Malformed { .. } => Ok(News(None)),
            },
        }
    }
}

/// Word that something happened; what, is asked for.
pub(super) struct News(Option<Subscription<IgnoredAny>>);

impl News {
    /// Waits for the next word: for ever, where none comes.
    pub(super) async fn next(&mut self) {
        let word = match &mut self.0 {
            Some(news) => news.next().await,
            None => None,
        };
        if word.is_none() {
            std::future::pending().await
        }
    }
}

impl Rpc for Connection {
    async fn ask<R: DeserializeOwned + Send>(&self, method: &'static str, params: Vec<Value>) -> Result<R, RpcError> {
        let mut array = ArrayParams::new();
        for param in params {
            array.insert(param).map_err(|error| malformed(method, &error))?;
        }
        self.client.request(method, array).await.map_err(|error| understood(method, error))
    }
}

fn understood(method: &'static str, error: Error) -> RpcError {
    match error {
        Error::Call(error) => {
            // The particulars, as "Transaction is outdated", are in the data.
            let data = error.data().map(|data| data.get().trim_matches('"').to_owned());
            let message =
                data.map_or_else(|| error.message().to_owned(), |data| format!("{}: {data}", error.message()));
            RpcError::Refused { method, code: error.code(), message }
        }
        Error::ParseError(error) => malformed(method, &error),
        other => RpcError::Lost(other.to_string()),
    }
}

fn malformed(method: &'static str, error: &serde_json::Error) -> RpcError {
    RpcError::Malformed { method, reason: error.to_string() }
}
