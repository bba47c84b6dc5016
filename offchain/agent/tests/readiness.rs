//! What monitors are told over HTTP of a validator whose subnet changes its evaluator.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::chain::{Chain, scope};
use common::{assets, component, digest, evaluator, miners, serve, text};
use inktensor_agent::config::EvaluationConfig;
use inktensor_agent::figure::{Figure, Measure, Yardstick};
use inktensor_agent::journal::Journal;
use inktensor_agent::subnet::{Announced, Assignment};
use inktensor_agent::validator::{Abstention, Finding, Health, Judge, Validator};
use inktensor_agent::{Shutdown, Stopper};
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use serde_json::{Value, json};

/// What a monitor sees.
struct Monitor {
    client: reqwest::Client,
    base: String,
}

impl Monitor {
    async fn of<J: Judge>(validator: &Validator<Chain, J>, shutdown: Shutdown) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let health = Health::bind(listen, validator.status(), validator.upcoming()).await.unwrap();
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
    let journal = Journal::in_memory(scope()).unwrap();
    Validator::new(chain.clone(), judge, journal, EvaluationConfig::default(), Duration::from_millis(1))
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
        let epoch = chain.state().epoch;
        assert_eq!((code, &told["ready"], &told["status"]), (503, &json!(false), &json!("abstained")), "{told}");
        assert_eq!(told["epoch"], json!(epoch));
        assert!(told["reason"].as_str().unwrap().contains(why), "{told}");
        assert_eq!(monitor.alive().await, 200, "a restart would not help");
    }
    assert!(chain.state().waiting.is_empty());

    let shelf: Vec<_> = [component()].into_iter().chain(assets()).collect();
    chain.turn_to(evaluator(serve(&stopper, &shelf).await.remove(0)));
    validator.step().await.unwrap();
    assert_eq!(chain.state().waiting.len(), 1);
    validator.step().await.unwrap();
    assert_eq!(monitor.ready().await, (200, json!({ "ready": true, "status": "done", "epoch": 4 })));
}

/// Gives every entrant a figure that the test sets.
struct Constant(Arc<Mutex<u64>>);

#[async_trait]
impl Judge for Constant {
    async fn prepare(&self, _: &Evaluator) -> Result<(), Abstention> {
        Ok(())
    }

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
async fn an_abstention_and_a_silent_chain_are_told_and_pass() {
    let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
    let entrants = miners(&stopper, folder.path(), &[text(0, 100)]).await;
    let chain = Chain::new(chosen(EvaluatorKind::Component, 1), Vec::new());
    let validator = validator(&chain, Constant(Arc::new(Mutex::new(5))));
    let monitor = Monitor::of(&validator, stopper.subscribe()).await;
    let mut status = validator.status();
    let running = tokio::spawn(validator.run(stopper.subscribe()));
    let mut until = async |name: &str| {
        status.wait_for(|status| status.name() == name).await.unwrap();
    };

    until("abstained").await;
    let (code, told) = monitor.ready().await;
    assert_eq!((code, &told["epoch"]), (503, &json!(0)), "{told}");
    assert!(told["reason"].as_str().unwrap().contains("no miner"), "{told}");
    chain.seal(true);
    until("unreachable").await;
    let (code, told) = monitor.ready().await;
    assert_eq!((code, &told["status"]), (503, &json!("unreachable")), "{told}");
    assert!(told["reason"].as_str().unwrap().contains("connection refused"), "{told}");
    // The chain is back with a miner, and the validator still abstains in this epoch, for the same reason.
    chain.state().entrants = entrants;
    chain.seal(false);
    until("abstained").await;
    assert!(monitor.ready().await.1["reason"].as_str().unwrap().contains("no miner"));
    chain.turn_to(chosen(EvaluatorKind::Component, 1));
    until("committing").await;
    chain.seal(false);
    until("done").await;
    assert_eq!(monitor.ready().await.0, 200);
    stopper.stop();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_evaluator_is_fetched_while_there_is_time_and_what_is_missing_is_told() {
    let (folder, stopper, owner) = (tempfile::tempdir().unwrap(), Stopper::default(), Stopper::default());
    let shelf: Vec<_> = [component()].into_iter().chain(assets()).collect();
    let served = evaluator(serve(&owner, &shelf).await.remove(0));
    let entrants = miners(&stopper, folder.path(), &[text(0, 6_000)]).await;
    let chain = Chain::new(evaluator("http://127.0.0.1:1/dataset.wasm".to_owned()), entrants);
    let mut validator = validator(&chain, common::judge(folder.path()));
    let monitor = Monitor::of(&validator, stopper.subscribe()).await;
    let seal = |now_ms: u64| {
        chain.seal(false);
        chain.state().now_ms = now_ms;
    };
    let hash = json!(hex::encode(digest(&component())));

    // The running epoch's evaluator is not to be had, and nor is the next one, whose owner forgot to serve it.
    let next = |evaluator: &Evaluator| Some(Announced { evaluator: evaluator.clone(), activates_ms: 60_000 });
    chain.state().next = next(&evaluator("http://127.0.0.1:1/later.wasm".to_owned()));
    validator.step().await.unwrap();
    let told = monitor.ready().await.1["next_evaluator"].take();
    assert_eq!((&told["ready"], &told["code_hash"], &told["activates_ms"]), (&json!(false), &hash, &json!(60_000)));
    assert!(told["reason"].as_str().unwrap().contains("unreachable"), "{told}");
    // It takes that back.
    chain.state().next = None;
    seal(1);
    validator.step().await.unwrap();
    assert_eq!(monitor.ready().await.1["next_evaluator"], Value::Null);

    // It announces one that is served, is gone when it takes over, and everything is here.
    chain.state().next = next(&served);
    seal(2);
    validator.step().await.unwrap();
    let told = monitor.ready().await.1["next_evaluator"].take();
    assert_eq!(told, json!({ "ready": true, "code_hash": hash, "activates_ms": 60_000 }));
    owner.stop();
    chain.state().next = None;
    chain.turn_to(served);
    validator.step().await.unwrap();
    seal(3);
    validator.step().await.unwrap();
    assert_eq!(monitor.ready().await, (200, json!({ "ready": true, "status": "done", "epoch": 1 })));
}

/// Cannot judge by any evaluator, and counts how often it was asked.
struct Unprepared(Arc<Mutex<u32>>);

#[async_trait]
impl Judge for Unprepared {
    async fn prepare(&self, _: &Evaluator) -> Result<(), Abstention> {
        *self.0.lock().unwrap() += 1;
        Err(Abstention("not here".to_owned()))
    }

    async fn judge(&self, _: &Assignment, _: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        Err(Abstention("not here".to_owned()))
    }
}

#[tokio::test]
async fn a_next_evaluator_that_cannot_be_had_is_not_asked_for_at_each_block() {
    let (chain, asked) = (Chain::new(chosen(EvaluatorKind::Component, 1), Vec::new()), Arc::new(Mutex::new(0)));
    let announce = |code: u8| Some(Announced { evaluator: chosen(EvaluatorKind::Component, code), activates_ms: 1 });
    let mut validator = validator(&chain, Unprepared(asked.clone()));
    chain.state().next = announce(2);
    for (minute, attempts) in [(0, 1), (1, 1), (9, 1), (10, 2), (11, 2), (20, 3)] {
        chain.state().now_ms = minute * 60_000;
        validator.step().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), attempts, "minute {minute}");
    }
    // Nor does an owner who announces another one, and another one, keep the validator busy.
    for (minute, attempts) in [(21, 3), (22, 3), (30, 4)] {
        chain.state().next = announce(minute);
        chain.state().now_ms = u64::from(minute) * 60_000;
        validator.step().await.unwrap();
        assert_eq!(*asked.lock().unwrap(), attempts, "minute {minute}");
        let upcoming = validator.upcoming().borrow().clone().unwrap();
        let pending = upcoming.trouble.unwrap().contains("announced lately");
        assert_eq!((upcoming.next.evaluator.code_hash, pending), ([minute; 32].into(), attempts == 3));
    }
}
