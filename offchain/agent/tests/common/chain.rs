//! A chain for tests of the validator's cycle.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use ink::primitives::{AccountId, Hash};
use inktensor_agent::journal::{CommitRecord, Scope};
use inktensor_agent::subnet::{Announced, Assignment, Entrant, Newest, Position, SubnetError, ValidatorSubnet};
use inktensor_chain::ChainError;
use inktensor_primitives::incentive::WeightCommit;
use inktensor_primitives::registry::Evaluator;

/// Chain time in ms at which epochs are due.
pub const TEMPO: u64 = 60_000;

/// A chain whose epochs and evaluator the test sets. It takes every commit, and nothing is ever revealed.
#[derive(Clone)]
pub struct Chain(Arc<Mutex<State>>);

pub struct State {
    pub epoch: u64,
    pub block: u32,
    pub now_ms: u64,
    pub down: bool,
    pub evaluator: Evaluator,
    pub next: Option<Announced>,
    pub entrants: Vec<Entrant>,
    pub waiting: Vec<WeightCommit>,
    /// How often somebody asked where things stand.
    pub looks: u32,
}

impl Chain {
    pub fn new(evaluator: Evaluator, entrants: Vec<Entrant>) -> Self {
        Self(Arc::new(Mutex::new(State {
            epoch: 0,
            block: 1,
            now_ms: 0,
            down: false,
            evaluator,
            next: None,
            entrants,
            waiting: Vec::new(),
            looks: 0,
        })))
    }

    /// The chain's insides.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn look<T>(&self, see: impl FnOnce(&mut State) -> T) -> Result<T, SubnetError> {
        let mut state = self.state();
        if state.down {
            return Err(ChainError::Unreachable("connection refused".to_owned()).into());
        }
        Ok(see(&mut state))
    }

    /// Begins the next epoch.
    pub fn turn_to(&self, evaluator: Evaluator) {
        let mut state = self.state();
        state.epoch += 1;
        state.block += 1;
        state.evaluator = evaluator;
    }

    /// Makes the next block, in which nodes may answer or not.
    pub fn seal(&self, down: bool) {
        let mut state = self.state();
        state.block += 1;
        state.down = down;
    }
}

pub fn scope() -> Scope {
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
        self.look(|state| {
            state.looks += 1;
            let State { block, epoch, now_ms, .. } = *state;
            Position { block, epoch, now_ms, next_epoch_ms: TEMPO, registered: true }
        })
    }

    async fn newest(&self) -> Result<Newest, SubnetError> {
        self.look(|state| Newest { epoch: state.epoch, waiting: state.waiting.clone(), pending: false })
    }

    async fn assignment(&self, epoch: u64) -> Result<Option<Assignment>, SubnetError> {
        self.look(|state| {
            Some(Assignment { epoch, ..super::assignment(state.evaluator.clone(), state.entrants.clone()) })
        })
    }

    async fn announced(&self) -> Result<Option<Announced>, SubnetError> {
        self.look(|state| state.next.clone())
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
