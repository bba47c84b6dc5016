//! What monitors are told of a validator whose subnet changes its evaluator, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{assets, component, digest, evaluator, miners, serve, text};
use ink::primitives::{AccountId, Hash};
use inktensor_agent::config::EvaluationConfig;
use inktensor_agent::figure::{Figure, Measure, Yardstick};
use inktensor_agent::journal::{CommitRecord, Journal, Scope};
use inktensor_agent::subnet::{Assignment, Entrant, Newest, Position, SubnetError, ValidatorSubnet};
use inktensor_agent::validator::{Abstention, Finding, Health, Judge, Validator};
use inktensor_agent::{Shutdown, Stopper};
use inktensor_chain::ChainError;
use inktensor_primitives::incentive::WeightCommit;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use serde_json::{Value, json};

/// A chain whose epochs and evaluator the test sets. It takes every commit, and nothing is ever revealed.
#[derive(Clone)]
struct Chain(Arc<Mutex<State>>);

struct State {
    epoch: u64,
    block: u32,
    down: bool,
    evaluator: Evaluator,
    changed: bool,
    entrants: Vec<Entrant>,
    waiting: Vec<WeightCommit>,
}

impl Chain {
    fn new(evaluator: Evaluator, entrants: Vec<Entrant>) -> Self {
        let state = State { epoch: 0, block: 1, down: false, evaluator, changed: false, entrants, waiting: Vec::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn look<T>(&self, see: impl FnOnce(&mut State) -> T) -> Result<T, SubnetError> {
        let mut state = self.0.lock().unwrap();
        if state.down {
            return Err(ChainError::Unreachable("connection refused".to_owned()).into());
        }
        Ok(see(&mut state))
    }

    /// Begins the next epoch.
    fn turn_to(&self, evaluator: Evaluator) {
        let mut state = self.0.lock().unwrap();
        state.epoch += 1;
        state.block += 1;
        state.evaluator = evaluator;
    }

    /// Makes the next block, in which nodes may answer or not.
    fn seal(&self, down: bool) {
        let mut state = self.0.lock().unwrap();
        state.block += 1;
        state.down = down;
    }
}

fn scope() -> Scope {
    Scope { contract: AccountId::from([1; 32]), netuid: 1, hotkey: AccountId::from([2; 32]) }
}

#[async_trait]
impl ValidatorSubnet for Chain {
    fn scope(&self) -> Scope {
        scope()
    }

    fn salt(&self, epoch: u64) -> [u8; 32] {
        [epoch as u8; 32]
    }

    async fn head(&self) -> Result<u32, SubnetError> {
        self.look(|state| state.block)
    }

    async fn position(&self) -> Result<Position, SubnetError> {
        let position = |state: &mut State| Position {
            block: state.block,
            epoch: state.epoch,
            now_ms: 0,
            next_epoch_ms: 1,
            registered: true,
        };
        self.look(position)
    }

    async fn newest(&self) -> Result<Newest, SubnetError> {
        self.look(|state| Newest { epoch: state.epoch, waiting: state.waiting.clone(), pending: false })
    }

    async fn assignment(&self, epoch: u64) -> Result<Option<Assignment>, SubnetError> {
        self.look(|state| {
            Some(Assignment {
                epoch,
                changed: state.changed,
                ..common::assignment(state.evaluator.clone(), state.entrants.clone())
            })
        })
    }

    async fn permit(&self) -> Result<bool, SubnetError> {
        Ok(true)
    }

    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError> {
        self.look(|state| state.waiting.clone())
    }

    async fn commit(&self, hash: Hash) -> Result<u32, SubnetError> {
        self.look(|state| {
            let (epoch, block) = (state.epoch, state.block);
            let reveal_epoch = u64::MAX;
            state.waiting.push(WeightCommit {
                hash,
                hotkey: scope().hotkey,
                epoch,
                reveal_epoch,
                block,
                committed_ms: 0,
            });
            block
        })
    }

    async fn reveal(&self, _: &CommitRecord) -> Result<(), SubnetError> {
        Ok(())
    }

    async fn turn(&self) -> Result<(), SubnetError> {
        Ok(())
    }
}

/// What a monitor sees.
struct Monitor {
    client: reqwest::Client,
    base: String,
}

impl Monitor {
    async fn of<J: Judge>(validator: &Validator<Chain, J>, shutdown: Shutdown) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let health = Health::bind(listen, validator.status()).await.unwrap();
        let base = format!("http://{}", health.address());
        tokio::spawn(health.run(shutdown));
        Self { client: reqwest::Client::builder().no_proxy().build().unwrap(), base }
    }

    async fn ready(&self) -> (u16, Value) {
        let answer = self.client.get(format!("{}/readyz", self.base)).send().await.unwrap();
        let code = answer.status().as_u16();
        (code, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    async fn alive(&self) -> u16 {
        self.client.get(format!("{}/healthz", self.base)).send().await.unwrap().status().as_u16()
    }
}

fn validator<J: Judge>(chain: &Chain, judge: J) -> Validator<Chain, J> {
    Validator::new(chain.clone(), judge, Journal::in_memory(scope()).unwrap(), EvaluationConfig::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_without_its_component_says_why_and_recovers_when_it_appears() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 6_000)]).await;
    let missing = evaluator("http://127.0.0.1:1/dataset.wasm".to_owned());
    let chain = Chain::new(missing.clone(), entrants);
    let mut validator = validator(&chain, common::judge(folder.path()));
    let monitor = Monitor::of(&validator, stopper.subscribe()).await;
    assert_eq!(monitor.ready().await, (503, json!({ "ready": false, "status": "starting" })));

    // Nobody serves it; then somebody serves another file under its name; then a file that is no component is the one on
    // the chain. None of it ends the validator, nor is any miner judged.
    let other = serve(&stopper, &assets()).await.remove(0);
    let wrong = Evaluator { uri: other.clone(), ..missing.clone() };
    let unsound = Evaluator { code_hash: digest(&assets()[0]).into(), uri: other, ..missing.clone() };
    for (evaluator, why) in [(missing, "unreachable"), (wrong, "wrong digest"), (unsound, "no WebAssembly component")] {
        chain.turn_to(evaluator);
        validator.step().await.unwrap();
        let (code, told) = monitor.ready().await;
        let epoch = chain.0.lock().unwrap().epoch;
        assert_eq!((code, &told["ready"], &told["status"]), (503, &json!(false), &json!("abstained")), "{told}");
        assert_eq!(told["epoch"], json!(epoch));
        assert!(told["reason"].as_str().unwrap().contains(why), "{told}");
        assert_eq!(monitor.alive().await, 200, "a restart would not help");
    }
    assert!(chain.0.lock().unwrap().waiting.is_empty());

    let shelf: Vec<_> = [component()].into_iter().chain(assets()).collect();
    chain.turn_to(evaluator(serve(&stopper, &shelf).await.remove(0)));
    validator.step().await.unwrap();
    assert_eq!(chain.0.lock().unwrap().waiting.len(), 1);
    validator.step().await.unwrap();
    assert_eq!(monitor.ready().await, (200, json!({ "ready": true, "status": "done", "epoch": 4 })));
}

/// Gives every entrant a figure that the test sets.
struct Constant(Arc<Mutex<u64>>);

#[async_trait]
impl Judge for Constant {
    async fn judge(&self, assignment: &Assignment, _seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let figure = *self.0.lock().unwrap();
        Ok(assignment.entrants.iter().map(|_| Ok(Figure(figure))).collect())
    }
}

fn chosen(kind: EvaluatorKind, code: u8) -> Evaluator {
    Evaluator { kind, code_hash: [code; 32].into(), uri: String::new(), parameters: String::new() }
}

#[tokio::test]
async fn averages_begin_anew_when_the_evaluator_changes_at_an_epochs_boundary() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 100)]).await;
    let built_in = chosen(EvaluatorKind::LanguageModel, 1);
    let (chain, figure) = (Chain::new(built_in.clone(), entrants), Arc::new(Mutex::new(1_000)));
    let mut validator = validator(&chain, Constant(figure.clone()));
    let first = chosen(EvaluatorKind::Component, 2);
    let second = Evaluator { parameters: "stricter".to_owned(), ..first.clone() };
    validator.step().await.unwrap();
    for (epoch, evaluator, given, average) in [
        (1, &built_in, 2_000, 1_501),
        (2, &first, 600, 600),
        (3, &first, 1_000, 801),
        (4, &second, 70, 70),
        (5, &built_in, 500, 500),
    ] {
        *figure.lock().unwrap() = given;
        chain.turn_to(evaluator.clone());
        validator.step().await.unwrap();
        let verdicts = validator.journal().verdicts(epoch).unwrap();
        assert_eq!(verdicts[0].average, Some(Figure(average)), "epoch {epoch}");
        assert_eq!(verdicts[0].yardstick, Yardstick::of(evaluator), "epoch {epoch}");
        let merit = evaluator.kind == EvaluatorKind::Component;
        assert_eq!(verdicts[0].yardstick.measure == Measure::Merit, merit);
    }
}

#[tokio::test]
async fn a_change_within_an_epoch_and_a_silent_chain_are_told_and_pass() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 100)]).await;
    let chain = Chain::new(chosen(EvaluatorKind::Component, 1), entrants);
    chain.0.lock().unwrap().changed = true;
    let validator = validator(&chain, Constant(Arc::new(Mutex::new(5))));
    let monitor = Monitor::of(&validator, stopper.subscribe()).await;
    let mut status = validator.status();
    let running = tokio::spawn(validator.run(Duration::from_millis(1), stopper.subscribe()));
    let mut until = async |name: &str| {
        status.wait_for(|status| status.name() == name).await.unwrap();
    };

    until("abstained").await;
    let (code, told) = monitor.ready().await;
    assert_eq!((code, &told["epoch"]), (503, &json!(0)), "{told}");
    assert!(told["reason"].as_str().unwrap().contains("evaluator changed"), "{told}");
    chain.seal(true);
    until("unreachable").await;
    let (code, told) = monitor.ready().await;
    assert_eq!((code, &told["status"]), (503, &json!("unreachable")), "{told}");
    assert!(told["reason"].as_str().unwrap().contains("connection refused"), "{told}");
    // The chain is back, and the validator still abstains in this epoch, for the same reason.
    chain.seal(false);
    until("abstained").await;
    assert!(monitor.ready().await.1["reason"].as_str().unwrap().contains("evaluator changed"));
    chain.0.lock().unwrap().changed = false;
    chain.turn_to(chosen(EvaluatorKind::Component, 1));
    until("committing").await;
    chain.seal(false);
    until("done").await;
    assert_eq!(monitor.ready().await.0, 200);
    stopper.stop();
    running.await.unwrap().unwrap();
}
