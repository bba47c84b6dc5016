//! The built-in judge on the shipped models, served by miners' servers. Needs an adapter: `scripts/setup` installs one.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ink::primitives::AccountId;
use inktensor_agent::Stopper;
use inktensor_agent::config::{EvaluationConfig, FetchLimits};
use inktensor_agent::miner::{ModelFile, Server};
use inktensor_agent::subnet::{Assignment, Entrant};
use inktensor_agent::validator::{Abstention, Cache, Fetcher, Finding, Judge, ModelJudge};
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind, ModelFamily};
use tempfile::TempDir;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../evaluation").join(path)
}

fn corpus() -> Arc<Corpus> {
    Arc::new(Corpus::open(&repository("data/heldout.txt")).unwrap())
}

fn judge(folder: &TempDir) -> ModelJudge {
    judge_within(folder, FetchLimits::default().budget)
}

fn judge_within(folder: &TempDir, budget: Duration) -> ModelJudge {
    judge_on(folder, budget, 2)
}

fn judge_on(folder: &TempDir, budget: Duration, windows: usize) -> ModelJudge {
    let limits = FetchLimits { attempts: 1, budget, private_addresses: true, ..FetchLimits::default() };
    judge_with(folder, limits, windows)
}

fn judge_with(folder: &TempDir, limits: FetchLimits, windows: usize) -> ModelJudge {
    let config = EvaluationConfig { windows, window: 32, ..EvaluationConfig::default() };
    let fetcher = Fetcher::new(Cache::open(folder.path()).unwrap(), limits).unwrap();
    ModelJudge::new(fetcher, Arc::new(Cpu::default()), Some(corpus()), config)
}

/// A miner that has committed `path` in `block` and serves it while the stopper lives.
async fn serve(stopper: &Stopper, path: &Path, uid: u16, block: u32) -> Entrant {
    let model = ModelFile::read(path).await.unwrap();
    let (digest, size) = (model.digest(), model.size());
    let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), vec![model], 4).await.unwrap();
    let uri = format!("http://{}/models/{}", server.address(), hex::encode(digest));
    tokio::spawn(server.run(stopper.subscribe()));
    let hotkey = AccountId::from([uid as u8; 32]);
    Entrant { uid, hotkey, registration_id: 1, digest, size, family: ModelFamily::Llama, uri, block }
}

fn silent(uid: u16) -> Entrant {
    let hotkey = AccountId::from([uid as u8; 32]);
    // Port 1 of the loopback interface: nobody listens.
    let uri = "http://127.0.0.1:1/".to_owned();
    Entrant {
        uid,
        hotkey,
        registration_id: 1,
        digest: [uid as u8; 32],
        size: 9,
        family: ModelFamily::Llama,
        uri,
        block: 1,
    }
}

/// What the subnet asks, whose evaluator measures on the text `data`.
fn assignment(data: [u8; 32], entrants: Vec<Entrant>) -> Assignment {
    let evaluator = Evaluator {
        kind: EvaluatorKind::LanguageModel,
        code_hash: data.into(),
        uri: String::new(),
        parameters: String::new(),
    };
    Assignment { netuid: 1, epoch: 7, began_hash: [0; 32], evaluator, version_key: 0, entrants }
}

async fn findings(judge: &ModelJudge, entrants: Vec<Entrant>) -> Result<Vec<Finding>, Abstention> {
    judge.judge(&assignment(corpus().digest().0, entrants), [3; 32]).await
}

/// The same weights in another file: a safetensors header may carry white space at its end.
fn rewritten(original: &Path, folder: &TempDir) -> PathBuf {
    let bytes = std::fs::read(original).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut copy = ((length + 8) as u64).to_le_bytes().to_vec();
    copy.extend_from_slice(&bytes[8..8 + length]);
    copy.extend_from_slice(&[b' '; 8]);
    copy.extend_from_slice(&bytes[8 + length..]);
    let path = folder.path().join("rewritten");
    std::fs::write(&path, copy).unwrap();
    path
}

/// Every 16-bit weight moved by its last bit.
fn nudged(original: &Path, folder: &TempDir) -> PathBuf {
    let mut bytes = std::fs::read(original).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    bytes[8 + length..].iter_mut().step_by(2).for_each(|byte| *byte ^= 1);
    let path = folder.path().join("nudged");
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_answers_like_an_earlier_one_is_its_copy() {
    let (cache, files, stopper) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Stopper::default());
    let weak = repository("models/weak.safetensors");
    let entrants = vec![
        serve(&stopper, &nudged(&weak, &files), 0, 2).await,
        serve(&stopper, &repository("models/medium.safetensors"), 1, 3).await,
        serve(&stopper, &weak, 2, 1).await,
    ];
    let findings = findings(&judge_on(&cache, Duration::from_secs(60), 16), entrants).await.unwrap();
    assert_eq!(findings[0], Err("copy of uid 2".to_owned()));
    assert!(findings[1].is_ok() && findings[2].is_ok(), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_entrant_gets_its_own_finding() {
    let (cache, files, stopper) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Stopper::default());
    let strong = repository("models/strong.safetensors");
    let disguised = rewritten(&strong, &files);
    let entrants = vec![
        serve(&stopper, &repository("models/copy.safetensors"), 0, 9).await,
        serve(&stopper, &repository("models/nan.safetensors"), 1, 2).await,
        serve(&stopper, &strong, 2, 3).await,
        silent(3),
        Entrant { family: ModelFamily::Bert, ..silent(4) },
        serve(&stopper, &disguised, 5, 4).await,
        serve(&stopper, &repository("models/weak.safetensors"), 6, 1).await,
    ];
    let judge = judge(&cache);
    let findings = findings(&judge, entrants).await.unwrap();
    let fault = |uid: usize| findings[uid].clone().unwrap_err();
    assert_eq!(fault(0), "copy of uid 2", "the later commitment is the copy, whatever its uid");
    assert!(fault(1).contains("not finite"), "{}", fault(1));
    assert!(fault(3).contains("unreachable"), "{}", fault(3));
    assert!(fault(4).contains("Bert"), "{}", fault(4));
    assert_eq!(fault(5), "copy of uid 2", "writing the file anew does not make a new model");
    assert!(findings[2].clone().unwrap() < findings[6].clone().unwrap(), "the strong model loses less: {findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validators_own_fault_is_an_abstention() {
    let (cache, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let judge = judge(&cache);
    let alone = findings(&judge, vec![silent(0), silent(1)]).await.unwrap_err();
    assert!(alone.0.contains("network"), "{alone}");

    let entrants = vec![serve(&stopper, &repository("models/weak.safetensors"), 0, 1).await];
    let other_text = assignment([1; 32], entrants.clone());
    let refusal = judge.judge(&other_text, [3; 32]).await.unwrap_err();
    assert!(refusal.0.contains("digest"), "{refusal}");

    let fetcher = Fetcher::new(Cache::open(cache.path()).unwrap(), FetchLimits::default()).unwrap();
    let without = ModelJudge::new(fetcher, Arc::new(Cpu::default()), None, EvaluationConfig::default());
    let refusal = findings(&without, entrants).await.unwrap_err();
    assert!(refusal.0.contains("no text is set"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_private_addresses_is_an_abstention_that_says_how_to_allow_it() {
    let (cache, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let weak = serve(&stopper, &repository("models/weak.safetensors"), 0, 1).await;
    let strict = judge_with(&cache, FetchLimits::default(), 2);
    for entrants in [vec![weak.clone()], vec![silent(1), weak.clone()]] {
        let refusal = findings(&strict, entrants).await.unwrap_err();
        assert!(
            refusal.0.contains("no miner can be asked") && refusal.0.contains("private_addresses = true"),
            "{refusal}"
        );
    }

    // Beside a miner that can be judged, it is the other's fault.
    findings(&judge(&cache), vec![weak.clone()]).await.unwrap();
    let findings = findings(&strict, vec![weak, silent(1)]).await.unwrap();
    let fault = findings[1].clone().unwrap_err();
    assert!(findings[0].is_ok() && fault.contains("no public address"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_servers_do_not_keep_the_judge_beyond_its_budget() {
    let (cache, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let (weak, medium) = (repository("models/weak.safetensors"), repository("models/medium.safetensors"));
    let weak = serve(&stopper, &weak, 0, 1).await;
    findings(&judge(&cache), vec![weak.clone()]).await.unwrap();

    // What was downloaded before needs no time; what was not is too late.
    let entrants = vec![weak, serve(&stopper, &medium, 1, 2).await];
    let findings = findings(&judge_within(&cache, Duration::ZERO), entrants).await.unwrap();
    assert!(findings[0].is_ok() && findings[1].clone().unwrap_err().contains("no time"), "{findings:?}");
}
