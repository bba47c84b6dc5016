//! A miner commits to its file and serves it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use blake2::{Blake2b, Digest as _, digest::consts::U32};
use ink::primitives::AccountId;
use inktensor_agent::config::{FetchLimits, MinerConfig};
use inktensor_agent::miner::{Miner, ModelFile, Server};
use inktensor_agent::subnet::{Entrant, MinerSubnet, SubnetError};
use inktensor_agent::validator::{Cache, Fetcher, Wanted};
use inktensor_agent::{AgentError, Stopper};
use inktensor_primitives::registry::{ModelCommitment, ModelFamily, RegistryError};
use inktensor_primitives::{Netuid, Uid};
use tokio::sync::Notify;

/// A registry with one seat.
#[derive(Clone, Default)]
struct Registry {
    seat: Arc<Mutex<Option<Option<ModelCommitment>>>>,
    commits: Arc<Mutex<u32>>,
    refusals: Arc<Mutex<u32>>,
    looked: Arc<Notify>,
}

#[async_trait]
impl MinerSubnet for Registry {
    fn hotkey(&self) -> AccountId {
        AccountId::from([1; 32])
    }

    fn netuid(&self) -> Netuid {
        1
    }

    async fn seat(&self) -> Result<Option<(Uid, Option<ModelCommitment>)>, SubnetError> {
        self.looked.notify_one();
        Ok(self.seat.lock().unwrap().clone().map(|model| (7, model)))
    }

    async fn commit_model(
        &self,
        digest: [u8; 32],
        size: u64,
        family: ModelFamily,
        uri: &str,
    ) -> Result<(), SubnetError> {
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err(SubnetError::Registry(RegistryError::ServingRateLimited));
        }
        *self.commits.lock().unwrap() += 1;
        let (digest, uri) = (digest.into(), uri.to_owned());
        let model = ModelCommitment { registration_id: 1, digest, size, family, uri, block: 5, committed_ms: 1 };
        *self.seat.lock().unwrap() = Some(Some(model));
        Ok(())
    }
}

fn registered() -> Registry {
    Registry { seat: Arc::new(Mutex::new(Some(None))), ..Registry::default() }
}

fn config(model: &Path) -> MinerConfig {
    MinerConfig {
        poll: Duration::from_millis(1),
        model: model.to_owned(),
        family: ModelFamily::Dataset,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        public: None,
        max_downloads: 2,
    }
}

/// A file larger than one chunk of the server.
fn model_file(folder: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let path = folder.join("model.safetensors");
    std::fs::write(&path, &bytes).unwrap();
    (path, bytes)
}

#[tokio::test]
async fn commits_once_serves_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = model_file(folder.path());
    let registry = registered();
    *registry.refusals.lock().unwrap() = 2;
    let miner = Miner::new(registry.clone(), &config(&path)).await.unwrap();
    let uri = miner.uri().to_owned();
    let stopper = Stopper::default();
    let running = tokio::spawn(miner.run(stopper.subscribe()));
    while registry.seat.lock().unwrap().clone().flatten().is_none() {
        registry.looked.notified().await;
    }
    for _ in 0..3 {
        registry.looked.notified().await;
    }
    let commitment = registry.seat.lock().unwrap().clone().flatten().unwrap();
    let digest: [u8; 32] = Blake2b::<U32>::digest(&bytes).into();
    assert_eq!((commitment.digest, commitment.size), (digest.into(), bytes.len() as u64));
    assert_eq!((commitment.family, &commitment.uri), (ModelFamily::Dataset, &uri));
    assert_eq!(*registry.commits.lock().unwrap(), 1, "what stands on chain is not committed again");

    let entrant = Entrant {
        uid: 7,
        hotkey: AccountId::from([1; 32]),
        registration_id: 1,
        digest,
        size: commitment.size,
        family: commitment.family,
        uri,
        block: 5,
    };
    let limits = FetchLimits { private_addresses: true, ..FetchLimits::default() };
    let fetcher = Fetcher::new(Cache::open(&folder.path().join("cache")).unwrap(), limits).unwrap();
    fetcher.fetch(&Wanted::from(&entrant)).await.unwrap();
    assert_eq!(fetcher.cache().read(&digest).unwrap(), Some(bytes));

    stopper.stop();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_unregistered_hotkey_and_a_missing_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = model_file(folder.path());
    let stopper = Stopper::default();
    let miner = Miner::new(Registry::default(), &config(&path)).await.unwrap();
    let failure = miner.run(stopper.subscribe()).await.unwrap_err();
    assert!(matches!(failure, AgentError::NotRegistered { netuid: 1, .. }), "{failure}");

    let nowhere = folder.path().join("nowhere");
    let failure = Miner::new(registered(), &config(&nowhere)).await.err().unwrap();
    assert!(matches!(&failure, AgentError::NoModel { path } if *path == nowhere), "{failure}");
}

#[tokio::test]
async fn serves_its_model_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bytes) = model_file(folder.path());
    let model = ModelFile::read(&path).await.unwrap();
    let own = format!("/models/{}", hex::encode(model.digest()));
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), vec![model], 1).await.unwrap();
    let base = format!("http://{}", server.address());
    let stopper = Stopper::default();
    let running = tokio::spawn(server.run(stopper.subscribe()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: String| client.get(format!("{base}{path}")).send();

    let whole = get(own.clone()).await.unwrap();
    assert_eq!(whole.content_length(), Some(bytes.len() as u64));
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    assert_eq!(get("/healthz".to_owned()).await.unwrap().status(), 200);
    for other in ["/models/00".to_owned(), "/models/..%2f..%2fetc%2fpasswd".to_owned(), "/".to_owned()] {
        assert_eq!(get(other.clone()).await.unwrap().status(), 404, "{other}");
    }
    let posted = client.post(format!("{base}{own}")).body("x").send().await.unwrap();
    assert_eq!(posted.status(), 405);

    stopper.stop();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_busy_server_says_so_and_a_hanging_download_does_not_stop_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    // Larger than what the sockets' buffers take, so that a client that does not read keeps its download open.
    std::fs::write(&path, vec![7; 32 << 20]).unwrap();
    let model = ModelFile::read(&path).await.unwrap();
    let own = format!("/models/{}", hex::encode(model.digest()));
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), vec![model], 1).await.unwrap();
    let uri = format!("http://{}{own}", server.address());
    let stopper = Stopper::default();
    let running = tokio::spawn(server.run(stopper.subscribe()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let hanging = client.get(&uri).send().await.unwrap();
    assert_eq!(hanging.status(), 200);
    let second = client.get(&uri).send().await.unwrap();
    assert_eq!(second.status(), 503);

    stopper.stop();
    // The client keeps hanging; the server ends all the same.
    running.await.unwrap().unwrap();
    drop(hanging);
}
