//! The validator is killed at every call that it makes to the chain, before and after the call took effect, and must
//! lose no reveal and commit to nothing twice.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ink::primitives::{AccountId, Hash};
use inktensor_agent::config::EvaluationConfig;
use inktensor_agent::figure::Figure;
use inktensor_agent::journal::{CommitRecord, CommitState, Journal, Scope};
use inktensor_agent::subnet::{Announced, Assignment, Entrant, Newest, Position, SubnetError, ValidatorSubnet};
use inktensor_agent::validator::{Abstention, Finding, Judge, Status, Validator};
use inktensor_agent::{AgentError, Stopper};
use inktensor_chain::ChainError;
use inktensor_primitives::commitment::Commitment;
use inktensor_primitives::incentive::{IncentiveError, WeightCommit};
use inktensor_primitives::registry::{Evaluator, EvaluatorKind, ModelFamily};

const TEMPO: u64 = 1_000;
const EPOCHS: u64 = 5;

/// A chain with one validator, as the incentive contract treats it.
#[derive(Default)]
struct Chain {
    epoch: u64,
    began_ms: u64,
    now_ms: u64,
    block: u32,
    waiting: Vec<WeightCommit>,
    /// Accepted commits by epoch.
    commits: BTreeMap<u64, u32>,
    /// Accepted reveals by epoch of their commit.
    reveals: BTreeMap<u64, u32>,
    /// Reveals that matched no commit.
    mismatches: u32,
    calls: u32,
    kill: Option<Kill>,
    /// Whether the newest commits are not final yet.
    lags: bool,
    /// What the chain says to the next commit instead of taking it.
    refusal: Option<ChainError>,
    /// What becomes of the next commit, of which the validator is told that nobody knows.
    doubt: Option<Doubt>,
    /// A commit on its way, and the block from which it stands.
    underway: Option<(u32, WeightCommit)>,
}

/// A commit that nobody can tell of until two blocks have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It lands in the last of them.
    Lands,
    /// It never lands.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kill {
    /// Number of the call.
    at: u32,
    /// Whether the call still takes effect.
    after: bool,
}

impl Chain {
    /// Takes a commit.
    fn stand(&mut self, commit: WeightCommit) {
        *self.commits.entry(commit.epoch).or_default() += 1;
        self.waiting.retain(|waiting| commit.epoch <= waiting.epoch + 1);
        self.waiting.push(commit);
    }

    /// Makes the next block.
    fn seal(&mut self) {
        self.block += 1;
        if let Some((_, commit)) = self.underway.take_if(|(block, _)| *block <= self.block) {
            self.stand(commit);
        }
    }
}

/// The validator's hand on the chain.
#[derive(Clone)]
struct Hand(Arc<Mutex<Chain>>);

fn scope() -> Scope {
    Scope { contract: AccountId::from([1; 32]), netuid: 1, hotkey: AccountId::from([2; 32]) }
}

fn killed() -> SubnetError {
    SubnetError::Chain(ChainError::Broken("killed".to_owned()))
}

impl Hand {
    /// Makes one call, unless the process dies of it.
    fn call<T>(&self, effect: impl FnOnce(&mut Chain) -> Result<T, SubnetError>) -> Result<T, SubnetError> {
        let mut chain = self.0.lock().unwrap();
        let number = chain.calls;
        chain.calls += 1;
        match chain.kill {
            Some(kill) if kill.at == number => {
                chain.kill = None;
                if kill.after {
                    // The answer is lost with the process.
                    let _ = effect(&mut chain);
                }
                Err(killed())
            }
            _ => effect(&mut chain),
        }
    }
}

#[async_trait]
impl ValidatorSubnet for Hand {
    fn scope(&self) -> Scope {
        scope()
    }

    fn salt(&self, epoch: u64) -> [u8; 32] {
        [epoch as u8; 32]
    }

    async fn head(&self) -> Result<u32, SubnetError> {
        self.call(|chain| Ok(chain.block))
    }

    async fn position(&self) -> Result<Position, SubnetError> {
        self.call(|chain| {
            Ok(Position {
                block: chain.block,
                epoch: chain.epoch,
                now_ms: chain.now_ms,
                next_epoch_ms: chain.began_ms + TEMPO,
                registered: true,
            })
        })
    }

    async fn newest(&self) -> Result<Newest, SubnetError> {
        self.call(|chain| {
            let pending = chain.underway.is_some();
            Ok(Newest { epoch: chain.epoch, waiting: chain.waiting.clone(), pending })
        })
    }

    async fn assignment(&self, epoch: u64) -> Result<Option<Assignment>, SubnetError> {
        let entrant = |uid: u16| Entrant {
            uid,
            hotkey: AccountId::from([uid as u8; 32]),
            registration_id: u32::from(uid) + 1,
            digest: [uid as u8; 32],
            size: 1,
            family: ModelFamily::Llama,
            uri: "http://127.0.0.1/".to_owned(),
            block: 1,
        };
        self.call(|chain| {
            let entrants = vec![entrant(3), entrant(4)];
            let evaluator = Evaluator {
                kind: EvaluatorKind::LanguageModel,
                code_hash: [0; 32].into(),
                uri: String::new(),
                parameters: String::new(),
            };
            let began_hash = [0; 32];
            let assignment = Assignment { netuid: 1, epoch, began_hash, evaluator, version_key: 0, entrants };
            Ok((chain.epoch == epoch).then_some(assignment))
        })
    }

    async fn announced(&self) -> Result<Option<Announced>, SubnetError> {
        self.call(|_| Ok(None))
    }

    async fn permit(&self) -> Result<bool, SubnetError> {
        self.call(|chain| Ok(chain.epoch > 0))
    }

    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError> {
        self.call(|chain| Ok(if chain.lags { Vec::new() } else { chain.waiting.clone() }))
    }

    async fn commit(&self, hash: Hash) -> Result<u32, SubnetError> {
        self.call(|chain| {
            let (epoch, block, committed_ms) = (chain.epoch, chain.block, chain.now_ms);
            let reveal_epoch = epoch + 1;
            let commit = WeightCommit { hash, hotkey: scope().hotkey, epoch, reveal_epoch, block, committed_ms };
            if let Some(refusal) = chain.refusal.take() {
                return Err(refusal.into());
            }
            if let Some(doubt) = chain.doubt.take() {
                let until = block + 2;
                chain.underway = (doubt == Doubt::Lands).then_some((until, commit));
                return Err(SubnetError::Chain(ChainError::Unsettled { contract: "incentive", until }));
            }
            chain.stand(commit);
            Ok(block)
        })
    }

    async fn reveal(&self, commit: &CommitRecord) -> Result<(), SubnetError> {
        let CommitRecord { epoch, weights, version_key, transcript, salt, .. } = commit.clone();
        let Scope { contract, netuid, hotkey } = scope();
        let weights = weights.into();
        let hash = Commitment { contract, netuid, epoch, hotkey, weights, version_key, transcript, salt }.hash();
        self.call(|chain| {
            let Some(at) = chain.waiting.iter().position(|waiting| waiting.hash == hash) else {
                chain.mismatches += 1;
                return Err(SubnetError::Refused(IncentiveError::RevealMismatch));
            };
            let window = chain.waiting[at].reveal_epoch;
            if chain.epoch != window {
                let early = chain.epoch < window;
                let refusal = if early { IncentiveError::RevealTooEarly } else { IncentiveError::RevealExpired };
                return Err(SubnetError::Refused(refusal));
            }
            chain.waiting.drain(..=at);
            *chain.reveals.entry(epoch).or_default() += 1;
            Ok(())
        })
    }

    async fn turn(&self) -> Result<(), SubnetError> {
        self.call(|chain| {
            if chain.now_ms < chain.began_ms + TEMPO {
                return Err(SubnetError::Refused(IncentiveError::EpochNotDue));
            }
            chain.epoch += 1;
            chain.began_ms = chain.now_ms;
            Ok(())
        })
    }
}

struct Constant;

#[async_trait]
impl Judge for Constant {
    async fn prepare(&self, _: &Evaluator) -> Result<(), Abstention> {
        Ok(())
    }

    async fn judge(&self, assignment: &Assignment, _seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        let loss = |index: usize| Ok(Figure(((index as u64) + 2) << 32));
        Ok((0..assignment.entrants.len()).map(loss).collect())
    }
}

/// Everything that a process holds, and that is gone when it is killed.
fn start(hand: &Hand, path: &Path) -> Validator<Hand, Constant> {
    let journal = Journal::open(path, scope()).unwrap();
    Validator::new(hand.clone(), Constant, journal, EvaluationConfig::default(), Duration::from_secs(3600))
}

/// Runs the validator through all epochs. After a kill it is started again, once `downtime` epochs have passed.
async fn live(kill: Option<Kill>, downtime: u64) -> (Hand, Vec<Option<CommitState>>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let hand = Hand(Arc::new(Mutex::new(Chain { kill, ..Chain::default() })));
    let mut validator = start(&hand, &path);
    while hand.0.lock().unwrap().epoch < EPOCHS {
        // A few looks in each epoch, then time is up, and somebody turns the epoch.
        for look in 0..5 {
            if look == 4 {
                hand.0.lock().unwrap().now_ms += TEMPO;
            }
            hand.0.lock().unwrap().seal();
            match validator.step().await {
                Ok(()) => {}
                Err(AgentError::Subnet(SubnetError::Chain(ChainError::Broken(_)))) => {
                    drop(validator);
                    let mut chain = hand.0.lock().unwrap();
                    chain.epoch += downtime;
                    chain.now_ms += downtime * TEMPO;
                    chain.began_ms = chain.began_ms.max(chain.now_ms.saturating_sub(TEMPO));
                    drop(chain);
                    validator = start(&hand, &path);
                }
                Err(failure) => panic!("{failure}"),
            }
        }
    }
    let state = |epoch| validator.journal().commit_of(epoch).unwrap().map(|commit| commit.state);
    let states = (0..EPOCHS).map(state).collect();
    (hand, states)
}

fn every_kill(calls: u32) -> impl Iterator<Item = Kill> {
    (0..calls).flat_map(|at| [false, true].map(|after| Kill { at, after }))
}

#[tokio::test]
async fn an_undisturbed_validator_commits_and_reveals_each_epoch() {
    let (hand, states) = live(None, 0).await;
    let chain = hand.0.lock().unwrap();
    assert_eq!(chain.commits.keys().copied().collect::<Vec<_>>(), (0..EPOCHS).collect::<Vec<_>>());
    assert_eq!(chain.reveals.keys().copied().collect::<Vec<_>>(), (0..EPOCHS - 1).collect::<Vec<_>>());
    assert!(states[..4].iter().all(|state| *state == Some(CommitState::Revealed)), "{states:?}");
}

#[tokio::test]
async fn a_kill_at_any_call_loses_no_reveal() {
    let calls = live(None, 0).await.0.0.lock().unwrap().calls;
    assert!(calls > 50, "the run must be long enough to be worth killing");
    for kill in every_kill(calls) {
        let (hand, states) = live(Some(kill), 0).await;
        let chain = hand.0.lock().unwrap();
        assert!(chain.kill.is_none(), "{kill:?} was not reached");
        for epoch in 0..EPOCHS {
            assert_eq!(chain.commits.get(&epoch), Some(&1), "commits of epoch {epoch} after {kill:?}");
        }
        for epoch in 0..EPOCHS - 1 {
            assert_eq!(chain.reveals.get(&epoch), Some(&1), "reveals of epoch {epoch} after {kill:?}");
            assert_eq!(states[epoch as usize], Some(CommitState::Revealed), "journal of epoch {epoch} after {kill:?}");
        }
        assert_eq!(chain.mismatches, 0, "{kill:?}");
    }
}

#[tokio::test]
async fn a_validator_that_was_away_for_epochs_goes_on() {
    let calls = live(None, 0).await.0.0.lock().unwrap().calls;
    for kill in every_kill(calls) {
        for downtime in [1, 3] {
            let (hand, states) = live(Some(kill), downtime).await;
            let chain = hand.0.lock().unwrap();
            assert_eq!(chain.mismatches, 0, "{kill:?}, {downtime} epochs away");
            assert!(chain.commits.values().all(|count| *count == 1), "{kill:?}: {:?}", chain.commits);
            // What the journal believes is what happened.
            for (epoch, state) in (0..EPOCHS).zip(&states) {
                let revealed = chain.reveals.contains_key(&epoch);
                assert_eq!(
                    *state == Some(CommitState::Revealed),
                    revealed,
                    "{kill:?}, {downtime}: epoch {epoch} is {state:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_commit_in_doubt_is_looked_for_before_it_is_sent_again() {
    for doubt in [Doubt::Lands, Doubt::Lost] {
        let folder = tempfile::tempdir().unwrap();
        let chain = Chain { doubt: Some(doubt), ..Chain::default() };
        let hand = Hand(Arc::new(Mutex::new(chain)));
        let mut validator = start(&hand, &folder.path().join("journal.sqlite"));
        let failure = validator.step().await.unwrap_err();
        assert!(matches!(&failure, AgentError::Subnet(lost) if lost.passing()), "{failure}");
        for _ in 0..4 {
            assert!(hand.0.lock().unwrap().commits.values().all(|count| *count == 1), "{doubt:?}: committed twice");
            hand.0.lock().unwrap().seal();
            validator.step().await.unwrap();
        }
        assert_eq!(hand.0.lock().unwrap().commits, BTreeMap::from([(0, 1)]), "{doubt:?}");
        hand.0.lock().unwrap().epoch = 1;
        validator.step().await.unwrap();
        assert_eq!(hand.0.lock().unwrap().reveals, BTreeMap::from([(0, 1)]), "{doubt:?}");
    }
}

#[tokio::test]
async fn a_commit_that_is_not_final_yet_is_not_sent_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let hand = Hand(Arc::new(Mutex::new(Chain { lags: true, ..Chain::default() })));
    start(&hand, &path).step().await.unwrap();
    let mut validator = start(&hand, &path);
    validator.step().await.unwrap();
    assert_eq!(hand.0.lock().unwrap().commits, BTreeMap::from([(0, 1)]));
    hand.0.lock().unwrap().lags = false;
    validator.step().await.unwrap();
    assert_eq!(validator.journal().commit_of(0).unwrap().unwrap().state, CommitState::Committed);
}

#[tokio::test]
async fn a_commit_that_is_in_no_block_yet_is_not_sent_again_after_a_restart() {
    for doubt in [Doubt::Lands, Doubt::Lost] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let hand = Hand(Arc::new(Mutex::new(Chain { doubt: Some(doubt), ..Chain::default() })));
        start(&hand, &path).step().await.unwrap_err();
        let mut validator = start(&hand, &path);
        for _ in 0..4 {
            validator.step().await.unwrap();
            hand.0.lock().unwrap().seal();
        }
        validator.step().await.unwrap();
        assert_eq!(hand.0.lock().unwrap().commits, BTreeMap::from([(0, 1)]), "{doubt:?}");
        assert_eq!(validator.journal().commit_of(0).unwrap().unwrap().state, CommitState::Committed, "{doubt:?}");
    }
}

#[tokio::test]
async fn a_validator_that_is_told_to_stop_reveals_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand(Arc::new(Mutex::new(Chain::default())));
    let mut validator = start(&hand, &folder.path().join("journal.sqlite"));
    validator.step().await.unwrap();
    hand.0.lock().unwrap().epoch = 1;
    let stopper = Stopper::default();
    stopper.stop();
    validator.run(stopper.subscribe()).await.unwrap();
    let chain = hand.0.lock().unwrap();
    assert_eq!(chain.reveals, BTreeMap::from([(0, 1)]));
    assert_eq!(chain.commits, BTreeMap::from([(0, 1)]), "nothing new is begun");
}

#[tokio::test]
async fn a_chain_that_says_no_does_not_end_the_validator() {
    for failure in [
        ChainError::Rejected { contract: "incentive", error: "Payment".to_owned() },
        ChainError::Failed { contract: "incentive", error: "OutOfGas".to_owned() },
    ] {
        let folder = tempfile::tempdir().unwrap();
        let hand = Hand(Arc::new(Mutex::new(Chain { refusal: Some(failure.clone()), ..Chain::default() })));
        let mut validator = start(&hand, &folder.path().join("journal.sqlite"));
        let status = validator.status();
        validator.step().await.unwrap();
        assert!(matches!(&*status.borrow(), Status::Refused { epoch: 0, .. }), "{failure}: {:?}", *status.borrow());
        validator.step().await.unwrap();
        assert_eq!(hand.0.lock().unwrap().commits, BTreeMap::from([(0, 1)]), "{failure}");
    }
}
