//! The miner's HTTP server: `GET /models/{digest}` streams the file from disk, `GET /healthz` says that it lives.
//!
//! Anyone may download; what protects the miner is that it serves its own files, a few downloads at a time, and reads no
//! request bodies.

use std::collections::BTreeMap;
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
use tokio::fs::File;
use tokio::io::{AsyncReadExt, Take};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use super::commitment::ModelFile;
use crate::Shutdown;
use crate::listen::{ServeError, bind};

/// Bytes read from disk at a time.
const CHUNK: usize = 1 << 16;
/// How long downloads may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A bound server; it answers once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

struct Shop {
    /// By digest in hex.
    files: BTreeMap<String, ModelFile>,
    downloads: Arc<Semaphore>,
}

impl Server {
    /// Binds `listen` to serve `files`, at most `max_downloads` at a time. They lie side by side, named by their digests.
    pub async fn bind(listen: SocketAddr, files: Vec<ModelFile>, max_downloads: usize) -> Result<Self, ServeError> {
        let (listener, address) = bind(listen).await?;
        let files = files.into_iter().map(|file| (hex::encode(file.digest()), file)).collect();
        let shop = Arc::new(Shop { files, downloads: Arc::new(Semaphore::new(max_downloads)) });
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

    /// Where a file of this digest is served, for those who reach the server by the address that it is bound to.
    pub fn uri(&self, digest: &[u8; 32]) -> String {
        format!("http://{}/models/{}", self.address, hex::encode(digest))
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
    let Some(served) = shop.files.get(&digest) else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let Ok(permit) = shop.downloads.clone().try_acquire_owned() else {
        let retry = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
        return (StatusCode::SERVICE_UNAVAILABLE, retry, "too many downloads\n").into_response();
    };
    let file = match File::open(served.path()).await {
        Ok(file) => file,
        Err(failure) => {
            warn!(path = %served.path().display(), error = %failure, "the file cannot be opened");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read\n").into_response();
        }
    };
    let size = served.size();
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
