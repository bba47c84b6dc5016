//! What a neuron publishes: the model it commits to and the axon where it serves.
//!
//! Both belong to one tenancy of a uid: they are removed when the uid is taken, and the first ones of a tenancy are not
//! rate limited.

use crate::Moment;
use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{
    limits::{MAX_AXON, MAX_URI},
    registry::{ModelCommitment, RegistryError},
    Netuid, Uid,
};

/// Models in one answer, which so stays below the 16 KiB that an answer may have.
pub const MODELS_PAGE: u16 = 32;

/// Models and axons by subnet and uid.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Serving {
    models: Mapping<(Netuid, Uid), ModelCommitment, ManualKey<0x524D_4F44>>,
    axons: Mapping<(Netuid, Uid), Axon, ManualKey<0x5241_584F>>,
}

/// An axon record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Axon {
    /// Chain time in ms at which it was written.
    pub served_ms: u64,
    /// The record, opaque to the chain.
    pub record: Vec<u8>,
}

impl Serving {
    /// Stores a model. Errors: `Empty`, `TooLong`, `ServingRateLimited`.
    pub fn commit(
        &mut self,
        netuid: Netuid,
        uid: Uid,
        model: &ModelCommitment,
        rate_limit_ms: u64,
    ) -> Result<(), RegistryError> {
        if model.size == 0 {
            return Err(RegistryError::Empty);
        }
        check_length(model.uri.as_bytes(), MAX_URI)?;
        let last = self.models.get((netuid, uid)).map(|last| last.committed_ms);
        check_rate(last, model.committed_ms, rate_limit_ms)?;
        self.models.insert((netuid, uid), model);
        Ok(())
    }

    /// Stores an axon record. Errors: `Empty`, `TooLong`, `ServingRateLimited`.
    pub fn serve(
        &mut self,
        netuid: Netuid,
        uid: Uid,
        record: Vec<u8>,
        rate_limit_ms: u64,
        now: Moment,
    ) -> Result<(), RegistryError> {
        check_length(&record, MAX_AXON)?;
        let last = self.axons.get((netuid, uid)).map(|last| last.served_ms);
        check_rate(last, now.time_ms, rate_limit_ms)?;
        self.axons.insert((netuid, uid), &Axon { served_ms: now.time_ms, record });
        Ok(())
    }

    /// Forgets what the tenant of a uid published.
    pub fn clear(&mut self, netuid: Netuid, uid: Uid) {
        self.models.remove((netuid, uid));
        self.axons.remove((netuid, uid));
    }

    /// The models of uids `32 * page` onward, up to 32 uids; uids without one are left out.
    pub fn models(&self, netuid: Netuid, page: u16, neurons: u16) -> Vec<(Uid, ModelCommitment)> {
        let first = page.saturating_mul(MODELS_PAGE);
        let end = first.saturating_add(MODELS_PAGE).min(neurons);
        (first..end).filter_map(|uid| Some((uid, self.models.get((netuid, uid))?))).collect()
    }

    /// The axon record of a uid.
    pub fn axon(&self, netuid: Netuid, uid: Uid) -> Option<Vec<u8>> {
        self.axons.get((netuid, uid)).map(|axon| axon.record)
    }
}

fn check_length(bytes: &[u8], limit: usize) -> Result<(), RegistryError> {
    match bytes.len() {
        0 => Err(RegistryError::Empty),
        length if length > limit => Err(RegistryError::TooLong),
        _ => Ok(()),
    }
}

fn check_rate(last_ms: Option<u64>, now_ms: u64, limit_ms: u64) -> Result<(), RegistryError> {
    match last_ms {
        Some(last_ms) if now_ms.saturating_sub(last_ms) < limit_ms => Err(RegistryError::ServingRateLimited),
        _ => Ok(()),
    }
}
