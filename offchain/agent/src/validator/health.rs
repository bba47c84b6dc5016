//! What a validator tells monitors over HTTP.
//!
//! - `GET /healthz`: 200 while the process lives. Restart it where this fails.
//! - `GET /readyz`: 200 while the validator does its work, otherwise 503. Both come with JSON: `ready`, `status` and,
//!   where there is one, `epoch` and `reason`. Tell somebody where this stays 503: a restart mends little of it.

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
    /// Binds `listen` to tell of a validator by its status.
    pub async fn bind(listen: SocketAddr, status: watch::Receiver<Status>) -> Result<Self, ServeError> {
        let (listener, address) = bind(listen).await?;
        let router = Router::new()
            .route("/readyz", get(ready))
            .route("/healthz", get(|| async { "ok\n" }))
            .layer(DefaultBodyLimit::max(0))
            .with_state(status);
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

async fn ready(State(status): State<watch::Receiver<Status>>) -> Response {
    let status = status.borrow().clone();
    let code = if status.ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (code, headers, format!("{}\n", told(&status))).into_response()
}

fn told(status: &Status) -> Value {
    let mut told = json!({ "ready": status.ready(), "status": status.name() });
    if let Some(epoch) = status.epoch() {
        told["epoch"] = epoch.into();
    }
    if let Some(reason) = status.reason() {
        told["reason"] = reason.into();
    }
    told
}
