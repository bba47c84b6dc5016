//! The course of the demo. The driver moves chain time, and only when all validators have done the epoch's work, which
//! it sees on chain; everything else the services do by themselves.

use std::time::Duration;

use inktensor_agent::validator::Status;
use inktensor_primitives::Uid;
use inktensor_primitives::emission::EpochPaid;
use inktensor_primitives::incentive::{IncentiveError, WeightCommit};
use tokio::time::{Instant, sleep};

use super::network::Network;
use super::outcome::{Killed, refused};
use super::stage::{RunningValidator, Services};
use crate::error::CliError;

/// How often the driver looks.
const LOOK: Duration = Duration::from_millis(25);
/// How long the driver waits for anything before it gives up.
const PATIENCE: Duration = Duration::from_secs(180);
/// Epochs after which the driver gives up on weights that pay.
const MAX_IDLE_EPOCHS: u64 = 5;

/// Watches the services while it waits for the chain.
pub struct Driver<'a> {
    /// The network.
    pub network: &'a Network,
    /// The services.
    pub services: Box<dyn Services>,
    /// The validators among them, in order of uid from 0 on.
    pub validators: Vec<RunningValidator>,
    /// Whether to kill one validator in each epoch, in turn, between its commit and its reveal.
    pub kills: bool,
    /// Those that were killed.
    pub killed: Vec<Killed>,
}

impl Driver<'_> {
    /// Runs epochs until `paid` of them have paid miners by weights. `tell` hears of each epoch that ended.
    pub async fn run_epochs(
        &mut self,
        paid: u64,
        mut tell: impl FnMut(&EpochPaid),
    ) -> Result<Vec<EpochPaid>, CliError> {
        let mut turned: Vec<EpochPaid> = Vec::new();
        loop {
            let epoch = self.epoch().await?;
            self.wait_for_work(epoch).await?;
            if self.kills {
                self.kill_one(epoch).await?;
            }
            let event = self.turn(epoch).await?;
            tell(&event);
            turned.push(event);
            let count = turned.iter().filter(|event| event.miners > 0).count() as u64;
            if count >= paid {
                return Ok(turned);
            }
            if turned.len() as u64 > paid + MAX_IDLE_EPOCHS {
                return Err(CliError::Check(format!("{paid} paid epochs in {} turns", turned.len())));
            }
        }
    }

    /// Waits until the registry lists a model of `uid`.
    pub async fn wait_for_model(&mut self, uid: Uid) -> Result<(), CliError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (registry, netuid) = (self.network.suite.registry, self.network.netuid);
            let models = self.network.client.query(&registry.message(|registry| registry.models(netuid, 0))).await?;
            if models.iter().any(|(of, _)| *of == uid) {
                return Ok(());
            }
            self.pause(deadline, &format!("the model commitment of uid {uid}")).await?;
        }
    }

    /// Waits until each validator has committed in `epoch` and revealed what it committed one epoch before.
    async fn wait_for_work(&mut self, epoch: u64) -> Result<(), CliError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut idle = None;
            for validator in &self.validators {
                if let Status::Abstained { epoch: of, reason } = &*validator.status.borrow()
                    && *of == epoch
                {
                    let (validator, reason) = (validator.player.name.to_owned(), reason.clone());
                    return Err(CliError::Abstained { validator, reason });
                }
                if !done(&self.commits(validator).await?, epoch) {
                    idle = Some(validator.player.name);
                }
            }
            let Some(idle) = idle else { return Ok(()) };
            self.pause(deadline, &format!("the work of {idle} in epoch {epoch}")).await?;
        }
    }

    /// Kills a validator and starts it again.
    async fn kill_one(&mut self, epoch: u64) -> Result<(), CliError> {
        let turn = self.killed.len() % self.validators.len().max(1);
        for (uid, validator) in (0..).zip(&self.validators).skip(turn).take(1) {
            self.services.kill(&validator.player).await?;
            self.killed.push(Killed { epoch, uid });
        }
        Ok(())
    }

    /// Moves time to the end of the epoch and waits until a validator has turned it.
    async fn turn(&mut self, epoch: u64) -> Result<EpochPaid, CliError> {
        let Network { stage, client, suite, netuid, .. } = self.network;
        let netuid = *netuid;
        let head = client.head().await?;
        let due = client.query(&suite.incentive.message(|incentive| incentive.next_epoch_ms(netuid))).await?;
        let due = due.map_err(|error| refused("incentive", &error))?;
        stage.advance_ms(due.saturating_sub(head.timestamp_ms)).await?;
        let deadline = Instant::now() + PATIENCE;
        while self.epoch().await? == epoch {
            self.pause(deadline, &format!("the turn of epoch {epoch}")).await?;
        }
        let events = client.events_since(head.number).await?.from(suite.emission.address()).of::<EpochPaid>()?;
        let mut ours = events.into_iter().filter(|event| event.netuid == netuid && event.epoch == epoch);
        ours.next().ok_or_else(|| CliError::Check(format!("an event for the turn of epoch {epoch}")))
    }

    /// Number of the running epoch.
    async fn epoch(&self) -> Result<u64, CliError> {
        let netuid = self.network.netuid;
        let message = self.network.suite.incentive.message(|incentive| incentive.clock(netuid));
        let clock = self.network.client.query(&message).await?;
        Ok(clock.ok_or_else(|| refused("incentive", &IncentiveError::NotActive))?.epoch)
    }

    async fn commits(&self, validator: &RunningValidator) -> Result<Vec<WeightCommit>, CliError> {
        let (netuid, hotkey) = (self.network.netuid, validator.player.hotkey.account());
        let message = self.network.suite.incentive.message(|incentive| incentive.commits(netuid, hotkey));
        Ok(self.network.client.query(&message).await?)
    }

    /// Waits a moment; ends with an error if a service failed or the deadline passed.
    async fn pause(&mut self, deadline: Instant, what: &str) -> Result<(), CliError> {
        if Instant::now() >= deadline {
            let says = |validator: &RunningValidator| {
                format!("; {} says: {:?}", validator.player.name, *validator.status.borrow())
            };
            let mut details: String = self.validators.iter().map(says).collect();
            details.push_str(&self.services.last_words());
            return Err(CliError::Stuck { what: what.to_owned(), seconds: PATIENCE.as_secs(), details });
        }
        tokio::select! {
            failure = self.services.failure() => Err(failure),
            () = sleep(LOOK) => Ok(()),
        }
    }
}

/// Whether a validator with these waiting commits has nothing left to do in `epoch`.
fn done(waiting: &[WeightCommit], epoch: u64) -> bool {
    waiting.iter().any(|commit| commit.epoch == epoch) && waiting.iter().all(|commit| commit.epoch >= epoch)
}
