//! What a validator can find out about the contributions of an epoch, and what it means when it cannot.

use async_trait::async_trait;
use blake2::Digest as _;
use inktensor_primitives::Netuid;
use inktensor_primitives::registry::Evaluator;

use super::cache::Blake2b256;
use crate::figure::Figure;
use crate::subnet::Assignment;

/// What was found out about one contribution: what it comes to in the measure of the subnet's evaluator, or why it earns
/// nothing.
pub type Finding = Result<Figure, String>;

/// Why a validator does not judge this epoch. Its own fault, or nobody's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Abstention(pub String);

/// Judges contributions.
#[async_trait]
pub trait Judge: Send + Sync {
    /// Gets hold of what it takes to judge by an evaluator, and tries it as far as that goes without contributions.
    async fn prepare(&self, evaluator: &Evaluator) -> Result<(), Abstention>;

    /// One finding for each entrant, in their order. `seed` is the source of chance.
    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention>;
}

/// The seed of an epoch: blake2b-256 of the hash of the block in which it began, the netuid and the epoch's number (both
/// little-endian). No miner knew that hash when it committed a model before the epoch, and all validators get the same.
pub fn seed(began_hash: &[u8; 32], netuid: Netuid, epoch: u64) -> [u8; 32] {
    let parts = Blake2b256::new().chain_update(began_hash).chain_update(netuid.to_le_bytes());
    parts.chain_update(epoch.to_le_bytes()).finalize().into()
}
