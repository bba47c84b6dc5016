//! The evaluator that takes over next, got hold of while there is time: what is missing or does not work shows before the
//! validator would have to abstain for it.

use inktensor_primitives::registry::Evaluator;
use tracing::{info, warn};

use super::cycle::Validator;
use super::judge::{Abstention, Judge};
use super::status::Status;
use crate::AgentError;
use crate::subnet::{Announced, Position, ValidatorSubnet};

/// Chain time in ms after which what could not be had is asked for again.
const AGAIN_MS: u64 = 600_000;

/// An evaluator that will take over, and whether this validator is prepared for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    /// The evaluator.
    pub evaluator: Evaluator,
    /// It takes over with the first epoch that begins at this chain time in ms or later.
    pub activates_ms: u64,
    /// Why the validator could not judge by it, if so.
    pub trouble: Option<String>,
    /// Chain time in ms of the last attempt.
    tried_ms: u64,
}

impl Upcoming {
    /// Whether there is nothing new to find out about `next`.
    fn settles(&self, next: &Announced, now_ms: u64) -> bool {
        let waits = self.trouble.is_none() || now_ms < self.tried_ms.saturating_add(AGAIN_MS);
        self.evaluator == next.evaluator && self.activates_ms == next.activates_ms && waits
    }
}

impl<S: ValidatorSubnet, J: Judge> Validator<S, J> {
    /// Prepares for the evaluator that takes over next, once the running epoch asks for nothing more.
    pub(super) async fn look_ahead(&self, position: &Position) -> Result<(), AgentError> {
        let at_leisure = matches!(&*self.status.borrow(), Status::Done { .. } | Status::Abstained { .. });
        if !at_leisure {
            return Ok(());
        }
        let Some(next) = self.subnet.announced().await? else {
            self.upcoming.send_if_modified(|upcoming| upcoming.take().is_some());
            return Ok(());
        };
        if self.upcoming.borrow().as_ref().is_some_and(|known| known.settles(&next, position.now_ms)) {
            return Ok(());
        }
        let prepared = tokio::select! {
            biased;
            prepared = self.judge.prepare(&next.evaluator) => prepared,
            () = self.over(position) => Err(Abstention("it was not here when the epoch ended".to_owned())),
        };
        let Announced { evaluator, activates_ms } = next;
        let hash = hex::encode::<&[u8]>(evaluator.code_hash.as_ref());
        match &prepared {
            Ok(()) => info!(hash, activates_ms, "is prepared for the next evaluator"),
            Err(Abstention(reason)) => warn!(hash, activates_ms, reason, "could not judge by the next evaluator"),
        }
        let trouble = prepared.err().map(|Abstention(reason)| reason);
        self.upcoming.send_replace(Some(Upcoming { evaluator, activates_ms, trouble, tried_ms: position.now_ms }));
        Ok(())
    }
}
