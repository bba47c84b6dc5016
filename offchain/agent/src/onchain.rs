//! The subnet as the contracts know it.

use async_trait::async_trait;
use ink::primitives::{AccountId, Hash};
use inktensor_chain::{CallError, Client, Hotkey, Pinned, Suite};
use inktensor_primitives::{
    Netuid, Uid,
    hyperparameters::Hyperparameters,
    incentive::{Clock, IncentiveError, WeightCommit},
    limits::PAGE,
    registry::{ModelCommitment, ModelFamily, RegistryError, Seat, Subnet, SubnetRegistry},
};
use scale::Encode;

use crate::journal::{CommitRecord, Scope};
use crate::subnet::{Announced, Assignment, Entrant, MinerSubnet, Newest, Position, SubnetError, ValidatorSubnet};

/// Uids of one page of the registry's models.
const MODELS_PAGE: u16 = 32;

/// One subnet of a deployed suite, seen and used by one hotkey.
///
/// What it sees is final: a model or an epoch that another chain of blocks undoes was never there. Only whether a message
/// still makes sense is asked of the newest block, by [`ValidatorSubnet::newest`] and the dry run of each message.
#[derive(Clone)]
pub struct OnChain {
    client: Client,
    suite: Suite,
    netuid: Netuid,
    hotkey: Hotkey,
}

impl OnChain {
    /// The subnet `netuid` of `suite`, used by `hotkey`.
    pub fn new(client: Client, suite: Suite, netuid: Netuid, hotkey: Hotkey) -> Self {
        Self { client, suite, netuid, hotkey }
    }

    /// The newest final state: all that is read from one view belongs together.
    async fn view(&self) -> Result<View, SubnetError> {
        Ok(View { state: self.client.pin_final().await?, suite: self.suite, netuid: self.netuid })
    }
}

/// The subnet in the state of one block.
struct View {
    state: Pinned,
    suite: Suite,
    netuid: Netuid,
}

impl View {
    async fn seat_of(&self, hotkey: AccountId) -> Result<Option<Seat>, SubnetError> {
        let netuid = self.netuid;
        Ok(self.state.query(&self.suite.registry.message(|registry| registry.seat(netuid, hotkey))).await?)
    }

    async fn models(&self, page: u16) -> Result<Vec<(Uid, ModelCommitment)>, SubnetError> {
        let netuid = self.netuid;
        Ok(self.state.query(&self.suite.registry.message(|registry| registry.models(netuid, page))).await?)
    }

    async fn clock(&self) -> Result<Clock, SubnetError> {
        let netuid = self.netuid;
        let clock = self.suite.incentive.message(|incentive| incentive.clock(netuid));
        self.state.query(&clock).await?.ok_or(SubnetError::NotActive)
    }

    async fn subnet(&self) -> Result<Subnet, SubnetError> {
        let netuid = self.netuid;
        let subnet = self.suite.registry.message(|registry| registry.subnet(netuid));
        self.state.query(&subnet).await?.ok_or(SubnetError::NotActive)
    }

    async fn rules(&self) -> Result<Hyperparameters, SubnetError> {
        let netuid = self.netuid;
        let rules = self.suite.registry.message(|registry| registry.hyperparameters(netuid));
        self.state.query(&rules).await?.ok_or(SubnetError::NotActive)
    }

    async fn commits(&self, hotkey: AccountId) -> Result<Vec<WeightCommit>, SubnetError> {
        let netuid = self.netuid;
        Ok(self.state.query(&self.suite.incentive.message(|incentive| incentive.commits(netuid, hotkey))).await?)
    }

    /// Neurons that have committed a model, in order of uid.
    async fn entrants(&self, neurons: u16) -> Result<Vec<Entrant>, SubnetError> {
        let netuid = self.netuid;
        let (mut holders, mut entrants) = (Vec::new(), Vec::new());
        for page in 0..neurons.div_ceil(PAGE) {
            let message = self.suite.registry.message(|registry| registry.neurons(netuid, page));
            holders.extend(self.state.query(&message).await?);
        }
        for page in 0..neurons.div_ceil(MODELS_PAGE) {
            for (uid, model) in self.models(page).await? {
                // A model stays with the registration that committed it.
                let holder = holders.get(usize::from(uid));
                let Some(neuron) = holder.filter(|neuron| neuron.registration_id == model.registration_id) else {
                    continue;
                };
                entrants.push(Entrant {
                    uid,
                    hotkey: neuron.hotkey,
                    registration_id: model.registration_id,
                    digest: model.digest.into(),
                    size: model.size,
                    family: model.family,
                    uri: model.uri,
                    block: model.block,
                });
            }
        }
        Ok(entrants)
    }
}

#[async_trait]
impl ValidatorSubnet for OnChain {
    fn scope(&self) -> Scope {
        Scope { contract: self.suite.incentive.address(), netuid: self.netuid, hotkey: self.hotkey.account() }
    }

    fn salt(&self, epoch: u64) -> [u8; 32] {
        let scope = self.scope();
        let contract: &[u8] = scope.contract.as_ref();
        self.hotkey.derive_secret(&("weights", contract, scope.netuid, epoch).encode())
    }

    async fn head(&self) -> Result<u32, SubnetError> {
        Ok(self.client.head().await?.number)
    }

    async fn position(&self) -> Result<Position, SubnetError> {
        let view = self.view().await?;
        let clock = view.clock().await?;
        let rules = view.rules().await?;
        Ok(Position {
            block: view.state.head().number,
            epoch: clock.epoch,
            now_ms: view.state.head().timestamp_ms,
            next_epoch_ms: clock.began_ms.saturating_add(rules.tempo),
            registered: view.seat_of(self.hotkey.account()).await?.is_some(),
        })
    }

    async fn newest(&self) -> Result<Newest, SubnetError> {
        let hotkey = self.hotkey.account();
        // Asked before the state: what is on its way no more is in that state.
        let pending = self.client.backend().has_pending(hotkey).await?;
        let view = View { state: self.client.pin().await?, suite: self.suite, netuid: self.netuid };
        Ok(Newest { epoch: view.clock().await?.epoch, waiting: view.commits(hotkey).await?, pending })
    }

    async fn assignment(&self, epoch: u64) -> Result<Option<Assignment>, SubnetError> {
        let view = self.view().await?;
        let clock = view.clock().await?;
        if clock.epoch != epoch {
            return Ok(None);
        }
        let subnet = view.subnet().await?;
        Ok(Some(Assignment {
            // The block is not above a final one, so the best chain's is the only one of this number.
            began_hash: self.client.block_hash(clock.began_block).await?,
            netuid: self.netuid,
            epoch,
            evaluator: subnet.evaluator,
            version_key: view.rules().await?.weights_version_key,
            entrants: view.entrants(subnet.neurons).await?,
        }))
    }

    async fn announced(&self) -> Result<Option<Announced>, SubnetError> {
        let subnet = self.view().await?.subnet().await?;
        let activates_ms = subnet.next_evaluator_ms;
        Ok(subnet.next_evaluator.map(|evaluator| Announced { evaluator, activates_ms }))
    }

    async fn permit(&self) -> Result<bool, SubnetError> {
        let (view, hotkey) = (self.view().await?, self.hotkey.account());
        let Some(seat) = view.seat_of(hotkey).await? else { return Ok(false) };
        // The hotkey of the subnet's owner always has one.
        if view.subnet().await?.owner_hotkey == Some(hotkey) {
            return Ok(true);
        }
        let (netuid, page) = (self.netuid, seat.uid / PAGE);
        let metagraph = self.suite.incentive.message(|incentive| incentive.metagraph(netuid, page));
        let standings = view.state.read(&metagraph).await.map_err(incentive)?;
        Ok(standings.iter().any(|standing| standing.uid == seat.uid && standing.permit))
    }

    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError> {
        self.view().await?.commits(self.hotkey.account()).await
    }

    async fn commit(&self, hash: Hash) -> Result<u32, SubnetError> {
        let netuid = self.netuid;
        let message = self.suite.incentive.message(|incentive| incentive.commit_weights(netuid, hash));
        let (_, receipt) = self.client.submit(&self.hotkey, &message).await.map_err(incentive)?;
        Ok(receipt.block)
    }

    async fn reveal(&self, commit: &CommitRecord) -> Result<(), SubnetError> {
        let netuid = self.netuid;
        let CommitRecord { epoch, weights, version_key, transcript, salt, .. } = commit.clone();
        let message = self.suite.incentive.message(|incentive| {
            incentive.reveal_weights(netuid, epoch, weights.into(), version_key, transcript, salt)
        });
        self.client.submit(&self.hotkey, &message).await.map(drop).map_err(incentive)
    }

    async fn turn(&self) -> Result<(), SubnetError> {
        let netuid = self.netuid;
        let message = self.suite.incentive.message(|incentive| incentive.run_epoch(netuid));
        self.client.submit(&self.hotkey, &message).await.map(drop).map_err(incentive)
    }
}

#[async_trait]
impl MinerSubnet for OnChain {
    fn hotkey(&self) -> AccountId {
        self.hotkey.account()
    }

    fn netuid(&self) -> Netuid {
        self.netuid
    }

    async fn seat(&self) -> Result<Option<(Uid, Option<ModelCommitment>)>, SubnetError> {
        let view = self.view().await?;
        let Some(seat) = view.seat_of(self.hotkey.account()).await? else { return Ok(None) };
        let models = view.models(seat.uid / MODELS_PAGE).await?;
        let own = models
            .into_iter()
            .find(|(uid, model)| *uid == seat.uid && model.registration_id == seat.neuron.registration_id);
        Ok(Some((seat.uid, own.map(|(_, model)| model))))
    }

    async fn commit_model(
        &self,
        digest: [u8; 32],
        size: u64,
        family: ModelFamily,
        uri: &str,
    ) -> Result<(), SubnetError> {
        let netuid = self.netuid;
        let message = self
            .suite
            .registry
            .message(|registry| registry.commit_model(netuid, digest.into(), size, family, uri.to_owned()));
        self.client.submit(&self.hotkey, &message).await.map(drop).map_err(registry)
    }
}

fn incentive(failure: CallError<IncentiveError>) -> SubnetError {
    match failure {
        CallError::Refused { error, .. } => SubnetError::Refused(error),
        CallError::Chain(failure) => SubnetError::Chain(failure),
    }
}

fn registry(failure: CallError<RegistryError>) -> SubnetError {
    match failure {
        CallError::Refused { error, .. } => SubnetError::Registry(error),
        CallError::Chain(failure) => SubnetError::Chain(failure),
    }
}
