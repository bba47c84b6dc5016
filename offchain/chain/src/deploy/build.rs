//! Doing what a blueprint says, step by step, so that it can be interrupted anywhere.

use super::{
    Blueprint, DeployError, Step,
    journal::{Doubt, Entry, Journal},
    standing::is_done,
    step::Ready,
};
use crate::{ChainError, Client, Keypair, Receipt, Stage, node::ERA_BLOCKS};
use std::time::{Duration, Instant};

/// How to treat a step whose fate is unknown after an interruption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How often to look at the chain.
    pub poll: Duration,
    /// How long the chain may make no block.
    pub standstill: Duration,
    /// Sends such a step again without waiting. The chain refuses the second of two, which costs its fee.
    pub resend: bool,
}

impl Default for Patience {
    /// Looks every 2 s, and gives up when the chain makes no block for a minute.
    fn default() -> Self {
        Self { poll: Duration::from_secs(2), standstill: Duration::from_secs(60), resend: false }
    }
}

/// What happens to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The chain shows that it was done before.
    Found,
    /// It was sent before, and is awaited: it may take effect until this block.
    Awaited(u32),
    /// A node has accepted it; this is the hash of its extrinsic.
    Sent([u8; 32]),
    /// It took effect, for good.
    Done(Receipt),
}

/// Does the steps of a blueprint that the chain does not show yet, each when the one before is final, and looks at the
/// chain after each. `told` hears what happens. Interrupted, it is called again with the same journal and goes on.
/// Errors: what the chain or a contract refuses, `OtherCode`, `OtherPeer`, `InDoubt`, `WithoutEffect`, `File`.
pub async fn build(
    client: &Client,
    key: &Keypair,
    blueprint: &Blueprint<'_>,
    journal: &mut Journal,
    patience: Patience,
    told: &mut (dyn FnMut(Step, &Happening) + Send),
) -> Result<(), DeployError> {
    let mut builder = Builder { client, key, blueprint, journal, patience, told };
    for ready in blueprint.steps() {
        builder.take(&ready).await?;
    }
    tracing::info!(deployment = ?blueprint.deployment(), "suite deployed");
    Ok(())
}

struct Builder<'a> {
    client: &'a Client,
    key: &'a Keypair,
    blueprint: &'a Blueprint<'a>,
    journal: &'a mut Journal,
    patience: Patience,
    told: &'a mut (dyn FnMut(Step, &Happening) + Send),
}

impl Builder<'_> {
    async fn take(&mut self, ready: &Ready) -> Result<(), DeployError> {
        let step = ready.step;
        if self.is_there(step).await? {
            if self.journal.doubt(step).is_some() {
                self.journal.record(Entry::Found { step })?;
            }
            (self.told)(step, &Happening::Found);
            return Ok(());
        }
        let receipt = self.send(ready).await?;
        if !is_done(self.client, self.blueprint, step).await? {
            return Err(DeployError::WithoutEffect(step));
        }
        self.journal.record(Entry::Done { step, block: receipt.block, block_hash: receipt.block_hash })?;
        (self.told)(step, &Happening::Done(receipt));
        Ok(())
    }

    /// Whether the chain shows a step, once it is clear what became of it if it was sent before.
    async fn is_there(&mut self, step: Step) -> Result<bool, DeployError> {
        match self.journal.doubt(step).filter(|_| !self.patience.resend) {
            Some(doubt) => self.settle(step, doubt).await,
            None => is_done(self.client, self.blueprint, step).await,
        }
    }

    /// Waits until the chain shows a step or can no longer do so.
    async fn settle(&mut self, step: Step, doubt: Doubt) -> Result<bool, DeployError> {
        let mut head = self.head().await?;
        let until = match doubt.until {
            Some(until) => until,
            None => {
                // The process that may have sent it is gone, so it signed no later than now.
                let until = head.saturating_add(ERA_BLOCKS);
                self.journal.record(Entry::Doubted { step, until })?;
                until
            }
        };
        let mut moved = Instant::now();
        let mut announced = false;
        loop {
            if is_done(self.client, self.blueprint, step).await? {
                return Ok(true);
            }
            if head > until {
                self.journal.record(Entry::Void { step, reason: format!("not in a block until {until}") })?;
                return Ok(false);
            }
            if moved.elapsed() > self.patience.standstill {
                return Err(DeployError::InDoubt { step, until });
            }
            if !std::mem::replace(&mut announced, true) {
                (self.told)(step, &Happening::Awaited(until));
            }
            tokio::time::sleep(self.patience.poll).await;
            let newest = self.head().await?;
            if newest != head {
                (head, moved) = (newest, Instant::now());
            }
        }
    }

    async fn send(&mut self, ready: &Ready) -> Result<Receipt, DeployError> {
        let (step, backend) = (ready.step, self.client.backend());
        let (_, limits) = ready.dry_run(backend, self.blueprint.deployer()).await?;
        self.journal.record(Entry::Sending { step })?;
        let mut submission = match backend.submit(self.key, ready.action(), limits).await {
            Ok(submission) => submission,
            Err(error) => return Err(self.failed(step, error)?),
        };
        let until = self.head().await?.saturating_add(ERA_BLOCKS);
        self.journal.record(Entry::Sent { step, extrinsic: submission.id(), until })?;
        (self.told)(step, &Happening::Sent(submission.id()));
        match submission.reached(Stage::Finalised).await {
            Ok(receipt) => Ok(receipt),
            Err(error) => Err(self.failed(step, error)?),
        }
    }

    /// Writes down what a failure says about the step, and passes it on.
    fn failed(&mut self, step: Step, error: ChainError) -> Result<DeployError, DeployError> {
        match error {
            ChainError::Unsettled { until, .. } => self.journal.record(Entry::Doubted { step, until })?,
            ChainError::Failed { .. }
            | ChainError::Rejected { .. }
            | ChainError::Expired { .. }
            | ChainError::UnknownExtension(_) => {
                self.journal.record(Entry::Void { step, reason: error.to_string() })?;
            }
            // Contact was lost: the step stays in doubt.
            _ => {}
        }
        Ok(error.into())
    }

    async fn head(&self) -> Result<u32, DeployError> {
        Ok(self.client.head().await?.number)
    }
}
