//! One lane per key: nonces are numbers in a row, so the extrinsics of a key go one after another.

use crate::AccountId;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// What is known of a key's nonces.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The nonce after the last one that was seen in a block. Endpoints that lie behind do not know of it yet.
    pub(super) next: Option<u32>,
}

/// The right to send a key's next extrinsic.
pub(super) type Turn = OwnedMutexGuard<Lane>;

/// The lanes of all keys.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: std::sync::Mutex<HashMap<[u8; 32], Arc<Mutex<Lane>>>>,
}

impl Lanes {
    /// Waits until it is an account's next submission's turn. First come, first served.
    pub(super) async fn enter(&self, account: AccountId) -> Turn {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            lanes.entry(account.0).or_default().clone()
        };
        lane.lock_owned().await
    }
}
