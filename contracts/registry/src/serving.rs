//! What a neuron publishes: the model it commits to, and the axon where it serves.
//!
//! Both belong to one tenancy of a uid: they count while the uid has the registration that wrote them, and the first ones
//! of a tenancy are not rate limited.

use crate::{chain::Moment, neurons::Tenants, refusal::Refusal, store::Cells};
use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{
    limits::{MAX_AXON, MAX_URI},
    registry::{ModelCommitment, RegistryError},
    Netuid, RegistrationId, Uid,
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
    /// The registration that wrote it.
    pub registration_id: RegistrationId,
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
    ) -> Result<(), Refusal> {
        if model.size == 0 {
            return Err(RegistryError::Empty.into());
        }
        check_length(model.uri.len(), MAX_URI)?;
        let last = self.models.load((netuid, uid)).filter(|last| last.registration_id == model.registration_id);
        check_rate(last.map(|last| last.committed_ms), model.committed_ms, rate_limit_ms)?;
        self.models.save((netuid, uid), model);
        Ok(())
    }

    /// Stores an axon record. Errors: `Empty`, `TooLong`, `ServingRateLimited`.
    pub fn serve(
        &mut self,
        netuid: Netuid,
        (uid, registration_id): (Uid, RegistrationId),
        record: Vec<u8>,
        rate_limit_ms: u64,
        now: Moment,
    ) -> Result<(), Refusal> {
        check_length(record.len(), MAX_AXON)?;
        let last = self.axons.load((netuid, uid)).filter(|last| last.registration_id == registration_id);
        check_rate(last.map(|last| last.served_ms), now.time_ms, rate_limit_ms)?;
        self.axons.save((netuid, uid), &Axon { registration_id, served_ms: now.time_ms, record });
        Ok(())
    }

    /// The models of uids `32 * page` onward, up to 32 uids; uids whose tenant has none are left out.
    pub fn models(&self, netuid: Netuid, page: u16, tenants: &Tenants) -> Vec<(Uid, ModelCommitment)> {
        let first = page.saturating_mul(MODELS_PAGE);
        let end = first.saturating_add(MODELS_PAGE).min(tenants.count());
        let mut models = Vec::new();
        for uid in first..end {
            let model = self.models.load((netuid, uid));
            if let Some(model) = model.filter(|model| tenants.is_tenant(uid, model.registration_id)) {
                models.push((uid, model));
            }
        }
        models
    }

    /// The axon record of a uid's tenant.
    pub fn axon(&self, netuid: Netuid, uid: Uid, tenants: &Tenants) -> Option<Vec<u8>> {
        let axon = self.axons.load((netuid, uid))?;
        tenants.is_tenant(uid, axon.registration_id).then_some(axon.record)
    }
}

/// Errors: `Empty`, `TooLong`.
pub fn check_length(length: usize, limit: usize) -> Result<(), Refusal> {
    match length {
        0 => Err(RegistryError::Empty.into()),
        length if length > limit => Err(RegistryError::TooLong.into()),
        _ => Ok(()),
    }
}

fn check_rate(last_ms: Option<u64>, now_ms: u64, limit_ms: u64) -> Result<(), Refusal> {
    match last_ms {
        Some(last_ms) if now_ms.saturating_sub(last_ms) < limit_ms => Err(RegistryError::ServingRateLimited.into()),
        _ => Ok(()),
    }
}
