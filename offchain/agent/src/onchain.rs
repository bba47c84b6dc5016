//! The subnet as the contracts know it.

use async_trait::async_trait;
use ink::primitives::{AccountId, Hash};
use inktensor_chain::{CallError, Client, Hotkey, Suite};
use inktensor_primitives::{
    Netuid, Uid,
    hyperparameters::Hyperparameters,
    incentive::{Clock, IncentiveError, WeightCommit},
    limits::PAGE,
    registry::{ModelCommitment, ModelFamily, RegistryError, Seat, Subnet, SubnetRegistry},
};
use scale::Encode;

use crate::journal::{CommitRecord, Scope};
use crate::subnet::{Assignment, Entrant, MinerSubnet, Position, SubnetError, ValidatorSubnet};

/// Uids of one page of the registry's models.
const MODELS_PAGE: u16 = 32;

/// One subnet of a deployed suite, seen and used by one hotkey.
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

    async fn seat_of(&self, hotkey: AccountId) -> Result<Option<Seat>, SubnetError> {
        let netuid = self.netuid;
        Ok(self.client.query(&self.suite.registry.message(|registry| registry.seat(netuid, hotkey))).await?)
    }

    async fn models(&self, page: u16) -> Result<Vec<(Uid, ModelCommitment)>, SubnetError> {
        let netuid = self.netuid;
        Ok(self.client.query(&self.suite.registry.message(|registry| registry.models(netuid, page))).await?)
    }

    async fn clock(&self) -> Result<Clock, SubnetError> {
        let netuid = self.netuid;
        let clock = self.suite.incentive.message(|incentive| incentive.clock(netuid));
        self.client.query(&clock).await?.ok_or(SubnetError::NotActive)
    }

    async fn subnet(&self) -> Result<Subnet, SubnetError> {
        let netuid = self.netuid;
        let subnet = self.suite.registry.message(|registry| registry.subnet(netuid));
        self.client.query(&subnet).await?.ok_or(SubnetError::NotActive)
    }

    async fn rules(&self) -> Result<Hyperparameters, SubnetError> {
        let netuid = self.netuid;
        let rules = self.suite.registry.message(|registry| registry.hyperparameters(netuid));
        self.client.query(&rules).await?.ok_or(SubnetError::NotActive)
    }

    /// Neurons that have committed a model, in order of uid.
    async fn entrants(&self, neurons: u16) -> Result<Vec<Entrant>, SubnetError> {
        let netuid = self.netuid;
        let (mut holders, mut entrants) = (Vec::new(), Vec::new());
        for page in 0..neurons.div_ceil(PAGE) {
            let message = self.suite.registry.message(|registry| registry.neurons(netuid, page));
            holders.extend(self.client.query(&message).await?);
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
        let now_ms = self.client.head().await?.timestamp_ms;
        let clock = self.clock().await?;
        let rules = self.rules().await?;
        Ok(Position {
            epoch: clock.epoch,
            now_ms,
            next_epoch_ms: clock.began_ms.saturating_add(rules.tempo),
            registered: self.seat_of(self.hotkey.account()).await?.is_some(),
        })
    }

    async fn assignment(&self) -> Result<Assignment, SubnetError> {
        let subnet = self.subnet().await?;
        Ok(Assignment {
            began_hash: self.client.block_hash(self.clock().await?.began_block).await?,
            data: subnet.evaluator.code_hash.into(),
            version_key: self.rules().await?.weights_version_key,
            entrants: self.entrants(subnet.neurons).await?,
        })
    }

    async fn permit(&self) -> Result<bool, SubnetError> {
        let hotkey = self.hotkey.account();
        let Some(seat) = self.seat_of(hotkey).await? else { return Ok(false) };
        // The hotkey of the subnet's owner always has one.
        if self.subnet().await?.owner_hotkey == Some(hotkey) {
            return Ok(true);
        }
        let (netuid, page) = (self.netuid, seat.uid / PAGE);
        let metagraph = self.suite.incentive.message(|incentive| incentive.metagraph(netuid, page));
        let standings = self.client.query(&metagraph).await?.map_err(SubnetError::Refused)?;
        Ok(standings.iter().any(|standing| standing.uid == seat.uid && standing.permit))
    }

    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError> {
        let (netuid, hotkey) = (self.netuid, self.hotkey.account());
        Ok(self.client.query(&self.suite.incentive.message(|incentive| incentive.commits(netuid, hotkey))).await?)
    }

    async fn commit(&self, hash: Hash) -> Result<(), SubnetError> {
        let netuid = self.netuid;
        let message = self.suite.incentive.message(|incentive| incentive.commit_weights(netuid, hash));
        self.client.submit(&self.hotkey, &message).await.map(drop).map_err(incentive)
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
        let Some(seat) = self.seat_of(self.hotkey.account()).await? else { return Ok(None) };
        let models = self.models(seat.uid / MODELS_PAGE).await?;
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
