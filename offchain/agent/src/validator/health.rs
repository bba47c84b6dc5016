//! What a validator tells monitors over HTTP.
//!
//! - `GET /healthz`: 200 while the process lives. Restart it where this fails.
//! - `GET /readyz`: 200 while the validator does its work, otherwise 503. Both come with JSON: `ready`, `status` and,
//!   where there is one, `epoch` and `reason`. Tell somebody where this stays 503: a restart mends little of it.
//!   Where the subnet's owner has announced another evaluator and the validator has tried to get hold of it, there is
//!   `next_evaluator` with its `code_hash`, `activates_ms`, whether the validator is `ready` for it, and if not, the
//!   `reason`: mend it before the evaluator takes over.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::ahead::Upcoming;
use super::status::Status;
use crate::Shutdown;
use crate::listen::{ServeError, bind};

/// How long open connections may keep the server after the order to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A bound server; it answers once it runs.
#[derive(Debug)]
pub struct Health {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

impl Health {
    /// Binds `listen` to tell of a validator by its status and the evaluator that takes over next.
    pub async fn bind(
        listen: SocketAddr,
        status: watch::Receiver<Status>,
        upcoming: watch::Receiver<Option<Upcoming>>,
    ) -> Result<Self, ServeError> {
        let (listener, address) = bind(listen).await?;
        let router = Router::new()
            .route("/readyz", get(ready))
            .route("/healthz", get(|| async { "ok\n" }))
            .layer(DefaultBodyLimit::max(0))
            .with_state(Eyes { status, upcoming });
        Ok(Self { listener, address, router })
    }

    /// The address that it is bound to, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), ServeError> {
        let (mut order, mut last) = (shutdown.clone(), shutdown);
        let serving = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(async move { order.wait().await })
            .into_future();
        tokio::select! {
            served = serving => Ok(served?),
            () = async { last.wait().await; tokio::time::sleep(GRACE).await } => Ok(()),
        }
    }
}

/// What the server looks at.
#[derive(Debug, Clone)]
struct Eyes {
    status: watch::Receiver<Status>,
    upcoming: watch::Receiver<Option<Upcoming>>,
}

async fn ready(State(eyes): State<Eyes>) -> Response {
    let (status, upcoming) = (eyes.status.borrow().clone(), eyes.upcoming.borrow().clone());
    let code = if status.ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (code, headers, format!("{}\n", told(&status, upcoming.as_ref()))).into_response()
}

fn told(status: &Status, upcoming: Option<&Upcoming>) -> Value {
    let mut told = json!({ "ready": status.ready(), "status": status.name() });
    if let Some(epoch) = status.epoch() {
        told["epoch"] = epoch.into();
    }
    if let Some(reason) = status.reason() {
        told["reason"] = reason.into();
    }
    if let Some(Upcoming { next, trouble, .. }) = upcoming {
        let code_hash = hex::encode::<&[u8]>(next.evaluator.code_hash.as_ref());
        let ready = trouble.is_none();
        told["next_evaluator"] = json!({ "code_hash": code_hash, "activates_ms": next.activates_ms, "ready": ready });
        if let Some(trouble) = trouble {
            told["next_evaluator"]["reason"] = trouble.as_str().into();
        }
    }
    told
}
