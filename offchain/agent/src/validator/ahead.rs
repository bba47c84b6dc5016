//! The evaluator that takes over next, got hold of while there is time: what is missing or does not work shows before the
//! validator would have to abstain for it.

use tracing::{info, warn};

use super::cycle::Validator;
use super::judge::{Abstention, Judge};
use super::status::Status;
use crate::AgentError;
use crate::subnet::{Announced, Position, ValidatorSubnet};

/// Chain time in ms between two attempts: to get what could not be had, or what was announced since. An owner who announces
/// one evaluator after the other must not keep its validators busy.
const AGAIN_MS: u64 = 600_000;

/// An evaluator that will take over, and whether this validator is prepared for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upcoming {
    /// What is announced.
    pub next: Announced,
    /// Why the validator could not judge by it, if so.
    pub trouble: Option<String>,
    /// Chain time in ms of the last attempt.
    tried_ms: u64,
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
        let lately = |known: &Upcoming| position.now_ms < known.tried_ms.saturating_add(AGAIN_MS);
        let known = self.upcoming.borrow().clone();
        match known {
            Some(known) if known.next == next && (known.trouble.is_none() || lately(&known)) => return Ok(()),
            Some(known) if lately(&known) => {
                let trouble = Some("it was announced lately and is got hold of soon".to_owned());
                self.upcoming.send_replace(Some(Upcoming { next, trouble, ..known }));
                return Ok(());
            }
            _ => {}
        }
        let prepared = tokio::select! {
            biased;
            prepared = self.judge.prepare(&next.evaluator) => prepared,
            () = self.over(position) => Err(Abstention("it was not here when the epoch ended".to_owned())),
        };
        let hash = hex::encode::<&[u8]>(next.evaluator.code_hash.as_ref());
        match &prepared {
            Ok(()) => info!(hash, next.activates_ms, "is prepared for the next evaluator"),
            Err(Abstention(reason)) => warn!(hash, next.activates_ms, reason, "could not judge by the next evaluator"),
        }
        let trouble = prepared.err().map(|Abstention(reason)| reason);
        self.upcoming.send_replace(Some(Upcoming { next, trouble, tried_ms: position.now_ms }));
        Ok(())
    }
}
