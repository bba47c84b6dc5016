//! One look at the chain, and what is due after it.

use std::time::Duration;

use ink::primitives::Hash;
use inktensor_primitives::incentive::{IncentiveError, WeightCommit};
use tokio::sync::watch;
use tracing::{info, warn};

use super::ahead::Upcoming;
use super::judge::{Abstention, Judge, seed};
use super::plan;
use super::status::Status;
use crate::AgentError;
use crate::config::EvaluationConfig;
use crate::figure::Yardstick;
use crate::journal::{CommitRecord, CommitState, Journal};
use crate::subnet::{Position, SubnetError, ValidatorSubnet};

/// Chain time in ms for which an epoch that nobody turns waits for the judge: if no validator's is in time, nobody turns it.
const OVERTIME_MS: u64 = 3_600_000;

/// A validator of one subnet.
pub struct Validator<S, J> {
    pub(super) subnet: S,
    pub(super) judge: J,
    journal: Journal,
    evaluation: EvaluationConfig,
    /// How often to look at the chain.
    pub(super) poll: Duration,
    /// Epoch for which the validator decided to say nothing, and why.
    abstained: Option<(u64, String)>,
    /// Block from which on the chain's list of commits tells what became of the last one: a second is not sent before.
    told_from: Option<u32>,
    pub(super) status: watch::Sender<Status>,
    pub(super) upcoming: watch::Sender<Option<Upcoming>>,
}

impl<S: ValidatorSubnet, J: Judge> Validator<S, J> {
    /// A validator that goes on from where the journal stands, and looks at the chain every `poll`.
    pub fn new(subnet: S, judge: J, journal: Journal, evaluation: EvaluationConfig, poll: Duration) -> Self {
        let (status, upcoming) = (watch::Sender::new(Status::Starting), watch::Sender::new(None));
        Self { subnet, judge, journal, evaluation, poll, abstained: None, told_from: None, status, upcoming }
    }

    /// An eye on what the validator is doing.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// An eye on the evaluator that takes over next.
    pub fn upcoming(&self) -> watch::Receiver<Option<Upcoming>> {
        self.upcoming.subscribe()
    }

    /// The validator's memory.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Number of the latest block.
    pub(super) async fn head(&self) -> Result<u32, AgentError> {
        Ok(self.subnet.head().await?)
    }

    /// Looks at the chain once and does what is due. May be dropped at any point and called again, also in another
    /// process.
    pub async fn step(&mut self) -> Result<(), AgentError> {
        let position = self.reveal_due().await?;
        self.commit(&position).await?;
        self.turn(&position).await?;
        self.look_ahead(&position).await
    }

    /// The part of a step that cannot wait for another day: a reveal has its one epoch. Returns where things stand.
    pub(super) async fn reveal_due(&self) -> Result<Position, AgentError> {
        let position = self.subnet.position().await?;
        let waiting = self.waiting().await?;
        self.reconcile(&position, &waiting).await?;
        self.reveal(&position, &waiting).await?;
        Ok(position)
    }

    /// The commits that wait on the chain, if there is one to look for.
    async fn waiting(&self) -> Result<Vec<WeightCommit>, AgentError> {
        if self.journal.open_commits()?.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.subnet.waiting().await?)
    }

    /// Brings the journal up to what the chain knows: it decides which of the messages that were sent have arrived.
    async fn reconcile(&self, position: &Position, waiting: &[WeightCommit]) -> Result<(), AgentError> {
        for commit in self.journal.open_commits()? {
            let standing = waiting.iter().find(|waiting| waiting.hash == commit.hash);
            if let Some(state) = settled(&commit, standing, position) {
                if state == CommitState::Expired {
                    warn!(epoch = commit.epoch, was = commit.state.name(), "a commit expired without its reveal");
                }
                self.journal.mark(commit.epoch, state)?;
            }
        }
        Ok(())
    }

    /// Reveals the commit whose epoch has come.
    async fn reveal(&self, position: &Position, waiting: &[WeightCommit]) -> Result<(), AgentError> {
        for commit in self.journal.open_commits()? {
            let stands = matches!(commit.state, CommitState::Committed | CommitState::Revealing);
            let on_chain = waiting.iter().find(|waiting| waiting.hash == commit.hash);
            if !stands || on_chain.is_none_or(|waiting| waiting.reveal_epoch != position.epoch) {
                continue;
            }
            if !self.subnet.permit().await? {
                self.refused(position.epoch, "reveal", SubnetError::Refused(IncentiveError::NoPermit))?;
                continue;
            }
            self.journal.mark(commit.epoch, CommitState::Revealing)?;
            match self.subnet.reveal(&commit).await {
                Ok(()) => {
                    self.journal.mark(commit.epoch, CommitState::Revealed)?;
                    info!(epoch = commit.epoch, "revealed");
                }
                Err(failure) => self.refused(position.epoch, "reveal", failure)?,
            }
        }
        Ok(())
    }

    /// Commits to weights for the running epoch, once.
    async fn commit(&mut self, position: &Position) -> Result<(), AgentError> {
        let epoch = position.epoch;
        if !position.registered {
            self.tell(Status::NotRegistered);
            return Ok(());
        }
        let commit = match self.journal.commit_of(epoch)? {
            Some(commit) if matches!(commit.state, CommitState::Planned | CommitState::Submitted) => commit,
            Some(_) => {
                self.tell(Status::Done { epoch });
                return Ok(());
            }
            None => match self.planned(position).await? {
                Ok(commit) => commit,
                Err(Abstention(reason)) => {
                    self.tell(Status::Abstained { epoch, reason });
                    return Ok(());
                }
            },
        };
        if let Some(block) = self.told_from.filter(|block| position.block < *block) {
            info!(epoch, block, "waits for a final block that tells what became of the commit");
            return Ok(());
        }
        // Evaluation takes time; a commit that lands in the next epoch can never be revealed. One that stands there twice
        // cannot be revealed twice: it may have been sent before a restart and not be final yet.
        let newest = self.subnet.newest().await?;
        if newest.epoch != epoch || newest.waiting.iter().any(|waiting| waiting.hash == commit.hash) {
            return Ok(());
        }
        // Or it may be in no block yet.
        if newest.pending && commit.state == CommitState::Submitted {
            info!(epoch, "waits for a block that takes what is on its way");
            return Ok(());
        }
        self.tell(Status::Committing { epoch });
        self.journal.mark(epoch, CommitState::Submitted)?;
        match self.subnet.commit(commit.hash).await {
            // Whether it landed in time, the chain's list of commits says at the next look.
            Ok(block) => {
                self.told_from = Some(block);
                info!(epoch, block, hash = hex::encode::<&[u8]>(commit.hash.as_ref()), "committed");
            }
            Err(failure) => {
                self.told_from = failure.in_doubt_until();
                self.refused(epoch, "commit", failure)?;
            }
        }
        Ok(())
    }

    /// The commit of the running epoch, which is judged once.
    async fn planned(&mut self, position: &Position) -> Result<Result<CommitRecord, Abstention>, AgentError> {
        let epoch = position.epoch;
        if let Some((_, reason)) = self.abstained.as_ref().filter(|(of, _)| *of == epoch) {
            return Ok(Err(Abstention(reason.clone())));
        }
        let planned = self.plan(position).await?;
        if let Err(Abstention(reason)) = &planned {
            warn!(epoch, reason, "abstains");
            self.abstained = Some((epoch, reason.clone()));
        }
        Ok(planned)
    }

    /// Judges the epoch's contributions and writes down what follows from it.
    async fn plan(&self, position: &Position) -> Result<Result<CommitRecord, Abstention>, AgentError> {
        let epoch = position.epoch;
        self.tell(Status::Evaluating { epoch });
        let Some(assignment) = self.subnet.assignment(epoch).await? else {
            return Ok(Err(Abstention("the epoch was over before its contributions were looked up".to_owned())));
        };
        let seed = seed(&assignment.began_hash, self.journal.scope().netuid, epoch);
        let findings = match plan::may_judge(&assignment) {
            Ok(()) => tokio::select! {
                biased;
                findings = self.judge.judge(&assignment, seed) => findings,
                // What else is due must not wait for a judge who is too late, reveals above all.
                () = self.over(position) => Err(Abstention("the epoch was over before it was judged".to_owned())),
            },
            Err(abstention) => Err(abstention),
        };
        let findings = match findings {
            Ok(findings) => findings,
            Err(abstention) => return Ok(Err(abstention)),
        };
        let (entrants, yardstick) = (&assignment.entrants, Yardstick::of(&assignment.evaluator));
        let responsiveness = self.evaluation.responsiveness;
        let verdicts = match plan::verdicts(&self.journal, yardstick, entrants, findings, responsiveness)? {
            Ok(verdicts) => verdicts,
            Err(abstention) => return Ok(Err(abstention)),
        };
        let weights = verdicts.iter().map(|verdict| (verdict.uid, verdict.registration_id, verdict.weight)).collect();
        let transcript = Hash::from(plan::transcript(&seed, &yardstick, entrants, &verdicts));
        let salt = self.subnet.salt(epoch);
        let scope = self.journal.scope();
        let commit = CommitRecord::plan(scope, epoch, weights, plan::EVALUATOR_VERSION, transcript, salt);
        self.journal.plan(&commit, &verdicts)?;
        for (uid, reason) in
            verdicts.iter().filter_map(|verdict| verdict.fault.as_ref().map(|fault| (verdict.uid, fault)))
        {
            info!(epoch, uid, reason, "earns nothing");
        }
        Ok(Ok(commit))
    }

    /// Returns when it is too late for weights of an epoch: another runs, or nobody turns this one.
    pub(super) async fn over(&self, position: &Position) {
        let last_ms = position.next_epoch_ms.max(position.now_ms).saturating_add(OVERTIME_MS);
        let mut seen = None;
        loop {
            tokio::time::sleep(self.poll).await;
            // Where the chain cannot be reached, the judge goes on.
            let Ok(head) = self.subnet.head().await else { continue };
            if seen != Some(head)
                && let Ok(now) = self.subnet.position().await
            {
                if now.epoch != position.epoch || now.now_ms > last_ms {
                    return;
                }
                seen = Some(head);
            }
        }
    }

    /// Turns the epoch when its time is over. Another may be faster, which is as good.
    async fn turn(&self, position: &Position) -> Result<(), AgentError> {
        if position.now_ms < position.next_epoch_ms {
            return Ok(());
        }
        match self.subnet.turn().await {
            Ok(()) => info!(epoch = position.epoch, "turned the epoch"),
            Err(SubnetError::Refused(IncentiveError::EpochNotDue)) => {}
            Err(failure) => self.refused(position.epoch, "turn of the epoch", failure)?,
        }
        Ok(())
    }

    /// Publishes a refusal and lives with it: the next look tries again. Other failures are returned.
    fn refused(&self, epoch: u64, what: &str, failure: SubnetError) -> Result<(), AgentError> {
        let reason = failure.refusal().ok_or(failure)?;
        self.tell(Status::Refused { epoch, reason: format!("{what}: {reason}") });
        Ok(())
    }

    /// Publishes what the validator is doing; a refusal is logged when it is new, not at each look.
    pub(super) fn tell(&self, status: Status) {
        self.status.send_if_modified(|last| {
            let new = *last != status;
            if new {
                if let Status::Refused { epoch, reason } = &status {
                    warn!(epoch, reason, "the chain refuses");
                }
                *last = status;
            }
            new
        });
    }
}

/// What an unsettled commit has become, if that changed: `standing` is what the chain lists under its hash.
fn settled(commit: &CommitRecord, standing: Option<&WeightCommit>, position: &Position) -> Option<CommitState> {
    match (commit.state, standing) {
        // It landed too late: its hash is for another epoch than the chain expects.
        (CommitState::Planned | CommitState::Submitted, Some(standing)) if standing.epoch != commit.epoch => {
            Some(CommitState::Expired)
        }
        (CommitState::Planned | CommitState::Submitted, Some(_)) => Some(CommitState::Committed),
        (CommitState::Planned | CommitState::Submitted, None) => {
            (position.epoch > commit.epoch).then_some(CommitState::Expired)
        }
        // The chain takes a revealed commit off its list, and drops an expired one no sooner than at a later commit of
        // ours, which comes after this look.
        (CommitState::Revealing, None) => Some(CommitState::Revealed),
        (CommitState::Committed, None) => Some(CommitState::Expired),
        (_, Some(standing)) => (position.epoch > standing.reveal_epoch).then_some(CommitState::Expired),
        (CommitState::Revealed | CommitState::Expired, None) => None,
    }
}
