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
    registry::{Evaluator, ModelCommitment, ModelFamily, RegistryError},
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
    /// Whether looking again later may do without anybody doing anything: no endpoint could be reached, or what was asked
    /// for or sent got lost on the way.
    pub fn passing(&self) -> bool {
        let Self::Chain(failure) = self else { return false };
        matches!(
            failure,
            ChainError::Unreachable(_)
                | ChainError::RequestRefused { .. }
                | ChainError::StateGone(_)
                | ChainError::NoSuchBlock(_)
                | ChainError::Expired { .. }
                | ChainError::Unsettled { .. }
        )
    }

    /// Why a message had no effect, where the chain is sound and said no: a refusal of the contract, or of the runtime for
    /// want of funds, for example. What changes may change that.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => Some(format!("{refusal:?}")),
            Self::Registry(refusal) => Some(format!("{refusal:?}")),
            Self::Chain(failure @ (ChainError::Failed { error, .. } | ChainError::Rejected { error, .. })) => {
                Some(format!("{error}: {}", failure.hint()))
            }
            _ => None,
        }
    }

    /// The block up to which a message may still take effect of which nobody knows what became.
    pub fn in_doubt_until(&self) -> Option<u32> {
        match self {
            Self::Chain(ChainError::Unsettled { until, .. }) => Some(*until),
            _ => None,
        }
    }
}

/// Where the subnet stands in time, and the validator in it, in one final block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of that block.
    pub block: u32,
    /// Number of the running epoch.
    pub epoch: u64,
    /// Chain time in ms.
    pub now_ms: u64,
    /// Chain time in ms from which the epoch may be turned.
    pub next_epoch_ms: u64,
    /// Whether the hotkey is registered, so that it may commit.
    pub registered: bool,
}

/// What the newest block says, which another may still replace: whether a commit that is sent now makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Number of the running epoch.
    pub epoch: u64,
    /// The validator's commits that wait for their reveal.
    pub waiting: Vec<WeightCommit>,
    /// Whether a message of the validator's is on its way: sent, and in no block yet.
    pub pending: bool,
}

/// What an epoch asks of its validators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The subnet.
    pub netuid: Netuid,
    /// The epoch.
    pub epoch: u64,
    /// Hash of the block in which the epoch began: the source of chance.
    pub began_hash: [u8; 32],
    /// The subnet's evaluator, the same throughout the epoch.
    pub evaluator: Evaluator,
    /// Version that weights must at least carry.
    pub version_key: u64,
    /// Neurons that have committed a file, in order of uid.
    pub entrants: Vec<Entrant>,
}

/// An evaluator that will take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The evaluator.
    pub evaluator: Evaluator,
    /// It takes over with the first epoch that begins at this chain time in ms or later.
    pub activates_ms: u64,
}

/// A neuron that has committed a model or a data set: a candidate for weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Its uid.
    pub uid: Uid,
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its tenancy of the uid.
    pub registration_id: RegistrationId,
    /// blake2b-256 of the file.
    pub digest: [u8; 32],
    /// Bytes of the file.
    pub size: u64,
    /// What the file is.
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

    /// Where things stand for good.
    async fn position(&self) -> Result<Position, SubnetError>;

    /// What a message that is sent now would find.
    async fn newest(&self) -> Result<Newest, SubnetError>;

    /// What an epoch asks of its validators; nothing if it is over.
    async fn assignment(&self, epoch: u64) -> Result<Option<Assignment>, SubnetError>;

    /// The evaluator that follows this epoch's, if one is announced. May be replaced until it takes over.
    async fn announced(&self) -> Result<Option<Announced>, SubnetError>;

    /// Whether the hotkey has a validator permit, so that it may reveal.
    async fn permit(&self) -> Result<bool, SubnetError>;

    /// The validator's commits that stand for good and wait for their reveal.
    async fn waiting(&self) -> Result<Vec<WeightCommit>, SubnetError>;

    /// Commits weights. Returns the number of the block that holds the commit.
    async fn commit(&self, hash: Hash) -> Result<u32, SubnetError>;

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
