//! What the services ask of the chain, in their own terms.
//!
//! The services are written against these traits, so that tests can put a chain of a few lines, with kills at every
//! call, in place of the contracts.

use async_trait::async_trait;
use ink::primitives::{AccountId, Hash};
use inktensor_chain::ChainError;
use inktensor_primitives::{
    Netuid, RegistrationId, Uid,
    incentive::{IncentiveError, WeightCommit},
    registry::{ModelCommitment, ModelFamily, RegistryError},
};
use thiserror::Error;

use crate::journal::{CommitRecord, Scope};

/// Why the chain did not do what was asked.
#[derive(Debug, Error)]
pub enum SubnetError {
    /// The incentive contract refused.
    #[error("the incentive contract refused: {0:?}")]
    Refused(IncentiveError),
    /// The registry refused.
    #[error("the registry refused: {0:?}")]
    Registry(RegistryError),
    /// The subnet does not exist or takes no part in emission.
    #[error(
        "the subnet takes no part in emission. Its owner calls `start` on the registry, anyone `activate` after it"
    )]
    NotActive,
    /// The call did not get as far as an answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl SubnetError {
    /// Whether the same may succeed later without anybody doing anything: the endpoint could not be reached.
    pub fn passing(&self) -> bool {
        matches!(self, Self::Chain(ChainError::Unreachable(_)))
    }
}

/// Where the subnet stands in time, and the validator in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the running epoch.
    pub epoch: u64,
    /// Chain time in ms.
    pub now_ms: u64,
    /// Chain time in ms from which the epoch may be turned.
    pub next_epoch_ms: u64,
    /// Whether the hotkey is registered, so that it may commit.
    pub registered: bool,
}

/// What an epoch asks of its validators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Hash of the block in which the epoch began: it chooses the text.
    pub began_hash: [u8; 32],
    /// Digest of the evaluation data that the subnet's owner named.
    pub data: [u8; 32],
    /// Version that weights must at least carry.
    pub version_key: u64,
    /// Neurons that have committed a model, in order of uid.
    pub entrants: Vec<Entrant>,
}

/// A neuron that has committed a model: a candidate for weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Its uid.
    pub uid: Uid,
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its tenancy of the uid.
    pub registration_id: RegistrationId,
    /// blake2b-256 of the model file.
    pub digest: [u8; 32],
    /// Bytes of the model file.
    pub size: u64,
    /// Family of the model.
    pub family: ModelFamily,
    /// Where to get it.
    pub uri: String,
    /// Block of the commitment: the earlier of two equal models wins; in one block the lower uid.
    pub block: u32,
}

/// A subnet as its validators see it.
#[async_trait]
pub trait ValidatorSubnet: Send + Sync {
    /// Contract, subnet and hotkey.
    fn scope(&self) -> Scope;

    /// The salt of an epoch's commit, derived from the hotkey: the same whenever it is asked.
    fn salt(&self, epoch: u64) -> [u8; 32];

    /// Number of the latest block: while it stays the same, nothing else changes.
    async fn head(&self) -> Result<u32, SubnetError>;

    /// Where things stand now.
    async fn position(&self) -> Result<Position, SubnetError>;

    /// What the running epoch asks of its validators.
    async fn assignment(&self) -> Result<Assignment, SubnetError>;

    /// Whether the hotkey has a validator permit, so that it may reveal.
    async fn permit(&self) -> Result<bool, SubnetError>;

    /// The validator's commits that wait for their reveal.
    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError>;

    /// Commits weights.
    async fn commit(&self, hash: Hash) -> Result<(), SubnetError>;

    /// Reveals weights.
    async fn reveal(&self, commit: &CommitRecord) -> Result<(), SubnetError>;

    /// Turns the epoch.
    async fn turn(&self) -> Result<(), SubnetError>;
}

/// A subnet as its miners see it.
#[async_trait]
pub trait MinerSubnet: Send + Sync {
    /// The miner's hotkey.
    fn hotkey(&self) -> AccountId;

    /// The subnet.
    fn netuid(&self) -> Netuid;

    /// The uid of the hotkey, and the model it has committed; nothing if it is not registered.
    async fn seat(&self) -> Result<Option<(Uid, Option<ModelCommitment>)>, SubnetError>;

    /// Commits a model.
    async fn commit_model(
        &self,
        digest: [u8; 32],
        size: u64,
        family: ModelFamily,
        uri: &str,
    ) -> Result<(), SubnetError>;
}
