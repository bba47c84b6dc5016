//! What tests of subnets with components share: shipped files, miners and owners that serve them.
#![allow(dead_code)] // no test needs all of it

pub mod chain;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ink::primitives::AccountId;
use inktensor_agent::Stopper;
use inktensor_agent::config::{EvaluationConfig, FetchLimits};
use inktensor_agent::miner::{ModelFile, Server};
use inktensor_agent::subnet::{Assignment, Entrant};
use inktensor_agent::validator::{Cache, ComponentJudge, Fetcher};
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_plugins::{Host, Limits};
use inktensor_primitives::registry::{Evaluator, EvaluatorKind, ModelFamily};

pub fn evaluation(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation").join(path)
}

/// The component `dataset`, as `scripts/build` makes it.
pub fn component() -> PathBuf {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let target = || {
        let cache = variable("XDG_CACHE_HOME").unwrap_or_else(|| variable("HOME").unwrap().join(".cache"));
        variable("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("inktensor/target")).join("evaluators")
    };
    let path = variable("INKTENSOR_EVALUATORS").unwrap_or_else(target).join("dataset.wasm");
    assert!(path.is_file(), "{} is not there: run scripts/build", path.display());
    path
}

/// What the component needs: the learner and the reference.
pub fn assets() -> [PathBuf; 2] {
    ["weak", "medium"].map(|name| evaluation(&format!("models/{name}.safetensors")))
}

pub fn digest(path: &Path) -> [u8; 32] {
    inktensor_evaluation::Digest::of(&std::fs::read(path).unwrap()).0
}

/// Serves files while the stopper lives, side by side. Returns the places, in their order.
pub async fn serve(stopper: &Stopper, paths: &[PathBuf]) -> Vec<String> {
    let mut files = Vec::new();
    for path in paths {
        files.push(ModelFile::read(path).await.unwrap());
    }
    let digests: Vec<[u8; 32]> = files.iter().map(ModelFile::digest).collect();
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), files, 4).await.unwrap();
    let places = digests.iter().map(|digest| server.uri(digest)).collect();
    tokio::spawn(server.run(stopper.subscribe()));
    places
}

/// The subnet's evaluator, whose component is at `uri`.
pub fn evaluator(uri: String) -> Evaluator {
    let [learner, reference] = assets().map(|path| hex::encode(digest(&path)));
    let parameters = format!("learner={learner};reference={reference};windows=1;length=16");
    Evaluator { kind: EvaluatorKind::Component, code_hash: digest(&component()).into(), uri, parameters }
}

/// Miners that serve these texts and have committed them one after the other.
pub async fn miners(stopper: &Stopper, folder: &Path, texts: &[Vec<u8>]) -> Vec<Entrant> {
    let mut entrants = Vec::new();
    for (uid, text) in (0_u16..).zip(texts) {
        let path = folder.join(format!("{uid}.txt"));
        std::fs::write(&path, text).unwrap();
        let [uri] = serve(stopper, std::slice::from_ref(&path)).await.try_into().unwrap();
        entrants.push(Entrant {
            uid,
            hotkey: AccountId::from([uid as u8 + 1; 32]),
            registration_id: 1,
            digest: digest(&path),
            size: text.len() as u64,
            family: ModelFamily::Dataset,
            uri,
            block: 10 + u32::from(uid),
        });
    }
    entrants
}

/// `length` bytes of text that no shipped model was trained on, from `start` on.
pub fn text(start: usize, length: usize) -> Vec<u8> {
    std::fs::read(evaluation("data/heldout.txt")).unwrap()[start..start + length].to_vec()
}

pub fn assignment(evaluator: Evaluator, entrants: Vec<Entrant>) -> Assignment {
    Assignment { netuid: 1, epoch: 7, began_hash: [0; 32], evaluator, version_key: 0, entrants }
}

/// A judge whose folders are below `folder`.
pub fn judge(folder: &Path) -> ComponentJudge {
    judge_within(folder, FetchLimits::default().budget)
}

/// The same, with so much time for downloads.
pub fn judge_within(folder: &Path, budget: Duration) -> ComponentJudge {
    let fetcher = |name: &str| {
        let limits = FetchLimits { attempts: 1, budget, private_addresses: true, ..FetchLimits::default() };
        Fetcher::new(Cache::open(&folder.join(name)).unwrap(), limits).unwrap()
    };
    let host = Arc::new(Host::new(Limits::default()).unwrap());
    let config = EvaluationConfig::default();
    ComponentJudge::new(fetcher("models"), fetcher("evaluators"), host, Arc::new(Cpu::default()), config)
}
