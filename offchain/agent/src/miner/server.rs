//! The miner's HTTP server: `GET /models/{digest}` streams the model from disk, `GET /healthz` says that it lives.
//!
//! Anyone may download; what protects the miner is that it serves one file, a few downloads at a time, and reads no
//! request bodies.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use thiserror::Error;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, Take};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use super::commitment::ModelFile;
use crate::Shutdown;

/// Bytes read from disk at a time.
const CHUNK: usize = 1 << 16;
/// How long downloads may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Why the server cannot serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}. Is the port taken? Port 0 takes a free one")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The listener broke.
    #[error("the server broke: {0}")]
    Broken(#[from] io::Error),
}

/// A bound server; it answers once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

struct Shop {
    model: ModelFile,
    downloads: Arc<Semaphore>,
}

impl Server {
    /// Binds `listen` to serve `model`, at most `max_downloads` at a time.
    pub async fn bind(listen: SocketAddr, model: ModelFile, max_downloads: usize) -> Result<Self, ServeError> {
        let bind = |source| ServeError::Bind { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shop = Arc::new(Shop { model, downloads: Arc::new(Semaphore::new(max_downloads)) });
        let router = Router::new()
            .route("/models/{digest}", get(download))
            .route("/healthz", get(|| async { "ok\n" }))
            .layer(DefaultBodyLimit::max(0))
            .with_state(shop);
        Ok(Self { listener, address, router })
    }

    /// The address that it is bound to, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop, then lets downloads end for a while.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), ServeError> {
        let mut order = shutdown.clone();
        let serving = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(async move { order.wait().await })
            .into_future();
        let mut order = shutdown;
        let deadline = async move {
            order.wait().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serving => Ok(served?),
            () = deadline => {
                warn!("downloads did not end in time and are dropped");
                Ok(())
            }
        }
    }
}

async fn download(State(shop): State<Arc<Shop>>, Path(digest): Path<String>) -> Response {
    if digest != hex::encode(shop.model.digest()) {
        return (StatusCode::NOT_FOUND, "no such model\n").into_response();
    }
    let Ok(permit) = shop.downloads.clone().try_acquire_owned() else {
        let retry = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
        return (StatusCode::SERVICE_UNAVAILABLE, retry, "too many downloads\n").into_response();
    };
    let file = match File::open(shop.model.path()).await {
        Ok(file) => file,
        Err(failure) => {
            warn!(path = %shop.model.path().display(), error = %failure, "the model file cannot be opened");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the model cannot be read\n").into_response();
        }
    };
    let size = shop.model.size();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
    ];
    (headers, Body::from_stream(chunks(file.take(size), permit))).into_response()
}

/// The file, piece by piece. The permit is given back when the download ends or is dropped.
fn chunks(file: Take<File>, permit: OwnedSemaphorePermit) -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, permit), |(mut file, permit)| async move {
        let mut chunk = vec![0; CHUNK];
        let count = file.read(&mut chunk).await?;
        chunk.truncate(count);
        Ok((count > 0).then(|| (Bytes::from(chunk), (file, permit))))
    })
}
