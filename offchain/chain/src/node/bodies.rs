//! Which extrinsics blocks hold, remembered for all submissions that are followed. A block's hash vouches for them, so it does
//! not matter which endpoint told of them first.

use super::{extrinsic::blake2_256, rpc::Rpc, rpc::RpcError};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Blocks that are remembered: more than may be replaced.
const BLOCKS: usize = 256;

/// Hashes of a block's extrinsics, in their order.
type Hashes = Arc<[[u8; 32]]>;

/// What blocks hold, by their hash.
#[derive(Default)]
pub(super) struct Bodies {
    known: Mutex<HashMap<[u8; 32], Hashes>>,
}

impl Bodies {
    /// Hashes of a block's extrinsics, in their order.
    pub(super) async fn of(&self, rpc: &impl Rpc, block: [u8; 32]) -> Result<Hashes, RpcError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&block).cloned();
        if let Some(hashes) = known {
            return Ok(hashes);
        }
        let hashes: Hashes = rpc.body(block).await?.iter().map(|bytes| blake2_256(bytes)).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= BLOCKS {
            known.clear();
        }
        known.insert(block, hashes.clone());
        Ok(hashes)
    }
}
