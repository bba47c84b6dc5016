//! A judge who is late keeps the validator from nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::chain::{Chain, TEMPO, scope};
use common::{miners, text};
use inktensor_agent::Stopper;
use inktensor_agent::config::EvaluationConfig;
use inktensor_agent::figure::Figure;
use inktensor_agent::journal::Journal;
use inktensor_agent::subnet::Assignment;
use inktensor_agent::validator::{Abstention, Finding, Judge, Status, Validator};
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

const HOUR_MS: u64 = 3_600_000;

/// Judges once the test says so.
struct Patient(Arc<Notify>);

#[async_trait]
impl Judge for Patient {
    async fn prepare(&self, _: &Evaluator) -> Result<(), Abstention> {
        Ok(())
    }

    async fn judge(&self, assignment: &Assignment, _seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        self.0.notified().await;
        Ok(assignment.entrants.iter().map(|_| Ok(Figure(2 << 32))).collect())
    }
}

type Slow = Validator<Chain, Patient>;

/// A validator whose judge is at work.
struct Scene {
    chain: Chain,
    judge: Arc<Notify>,
    step: JoinHandle<Slow>,
    _miner: (tempfile::TempDir, Stopper),
}

impl Scene {
    async fn open() -> Self {
        let (folder, stopper) = (tempfile::tempdir().unwrap(), Stopper::default());
        let entrants = miners(&stopper, folder.path(), &[text(0, 100)]).await;
        let (kind, code_hash) = (EvaluatorKind::LanguageModel, [0; 32].into());
        let evaluator = Evaluator { kind, code_hash, uri: String::new(), parameters: String::new() };
        let (chain, judge) = (Chain::new(evaluator, entrants), Arc::new(Notify::new()));
        let journal = Journal::in_memory(scope()).unwrap();
        let evaluation = EvaluationConfig::default();
        let poll = Duration::from_millis(1);
        let mut validator = Validator::new(chain.clone(), Patient(judge.clone()), journal, evaluation, poll);
        let mut status = validator.status();
        let step = tokio::spawn(async move {
            validator.step().await.unwrap();
            validator
        });
        status.wait_for(|status| *status == Status::Evaluating { epoch: 0 }).await.unwrap();
        Self { chain, judge, step, _miner: (folder, stopper) }
    }

    /// Makes a block at a time and waits until the validator has seen it.
    async fn pass(&self, now_ms: u64) {
        let before = self.chain.state().looks;
        self.chain.state().now_ms = now_ms;
        self.chain.seal(false);
        // One look may have begun before the block was there.
        while self.chain.state().looks < before + 2 && !self.step.is_finished() {
            tokio::task::yield_now().await;
            self.chain.seal(false);
        }
    }

    async fn status(self) -> Status {
        let validator = self.step.await.unwrap();
        validator.status().borrow().clone()
    }
}

fn abstained() -> Status {
    Status::Abstained { epoch: 0, reason: "the epoch was over before it was judged".to_owned() }
}

#[tokio::test]
async fn the_judge_has_until_the_epoch_is_turned() {
    let scene = Scene::open().await;
    scene.pass(TEMPO - 1).await;
    assert!(!scene.step.is_finished());
    let evaluator = scene.chain.state().evaluator.clone();
    scene.chain.turn_to(evaluator);
    assert_eq!(scene.status().await, abstained());
}

#[tokio::test]
async fn the_judge_has_an_hour_where_nobody_turns_the_epoch() {
    let scene = Scene::open().await;
    scene.pass(TEMPO + HOUR_MS).await;
    assert!(!scene.step.is_finished());
    scene.pass(TEMPO + HOUR_MS + 1).await;
    assert_eq!(scene.status().await, abstained());
}

#[tokio::test]
async fn a_judge_who_is_in_time_is_heard() {
    for now_ms in [TEMPO - 1, TEMPO + HOUR_MS] {
        let scene = Scene::open().await;
        scene.pass(now_ms).await;
        scene.judge.notify_one();
        let (chain, status) = (scene.chain.clone(), scene.status().await);
        assert_eq!(status, Status::Committing { epoch: 0 });
        assert_eq!(chain.state().waiting.len(), 1, "at {now_ms}");
    }
}
