//! Where an extrinsic is, by looking into the blocks that may hold it.

use super::{
    bodies::Bodies,
    extrinsic::Extrinsic,
    receipt::Place,
    rpc::{Rpc, RpcError},
};
use crate::AccountId;
use std::collections::BTreeMap;

/// What one look at a chain finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// In no block, so far.
    Nowhere,
    /// In a block that may still be replaced.
    InBlock(Place),
    /// In a block for good.
    Final(Place),
    /// Never to be in a block: all that could hold it are final without it.
    Expired,
    /// Never to be in a block: another extrinsic with its nonce is final.
    Overtaken,
}

/// Looks for one extrinsic. What was seen is remembered by the blocks' hashes, so a look costs what has changed.
pub(super) struct Tracker {
    hash: [u8; 32],
    signer: AccountId,
    nonce: u32,
    /// Last block that can hold it.
    last: u32,
    /// Up to this block the chain is final and does not hold it.
    without: u32,
    /// Later blocks that were looked at: their hash, and where in them it is.
    looked: BTreeMap<u32, ([u8; 32], Option<u32>)>,
}

impl Tracker {
    pub(super) fn new(extrinsic: &Extrinsic) -> Self {
        Self {
            hash: extrinsic.hash,
            signer: extrinsic.signer,
            nonce: extrinsic.nonce,
            last: extrinsic.era.last(),
            without: extrinsic.era.birth,
            looked: BTreeMap::new(),
        }
    }

    /// Looks at the chain as one node sees it.
    pub(super) async fn look(&mut self, node: &impl Rpc, bodies: &Bodies) -> Result<Sight, RpcError> {
        let final_hash = node.final_hash().await?;
        let finalised = node.header(final_hash).await?.number;
        let best = node.header(node.best_hash().await?).await?.number;
        let numbers: Vec<u32> = (self.without.saturating_add(1)..=best.min(self.last)).collect();
        let hashes = node.hashes(numbers.clone()).await?;
        for (block, hash) in numbers.into_iter().zip(hashes) {
            // The chain became shorter meanwhile: the next look finds more.
            let Some(block_hash) = hash else { return Ok(Sight::Nowhere) };
            if let Some(index) = self.find(node, bodies, block, block_hash).await? {
                let place = Place { block, block_hash, index };
                return Ok(if block <= finalised { Sight::Final(place) } else { Sight::InBlock(place) });
            }
            if block <= finalised {
                self.without = block;
                self.looked.remove(&block);
            }
        }
        if self.without >= self.last {
            return Ok(Sight::Expired);
        }
        let used = self.without >= finalised && node.nonce(self.signer, final_hash).await? > self.nonce;
        Ok(if used { Sight::Overtaken } else { Sight::Nowhere })
    }

    /// Index of the extrinsic in a block.
    async fn find(
        &mut self,
        node: &impl Rpc,
        bodies: &Bodies,
        block: u32,
        hash: [u8; 32],
    ) -> Result<Option<u32>, RpcError> {
        if let Some((looked, index)) = self.looked.get(&block)
            && *looked == hash
        {
            return Ok(*index);
        }
        let extrinsics = bodies.of(node, hash).await?;
        let index = extrinsics.iter().position(|found| *found == self.hash);
        let index = index.and_then(|index| u32::try_from(index).ok());
        self.looked.insert(block, (hash, index));
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::super::{block::tests::block, era::Era, extrinsic::blake2_256};
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};
    use std::collections::HashMap;

    const OURS: &[u8] = b"ours";

    /// A node with a chain that tests write: blocks by hash, the best chain, how much of it is final.
    #[derive(Default)]
    struct Chain {
        blocks: HashMap<String, Value>,
        best: Vec<String>,
        finalised: usize,
        nonce: u32,
    }

    fn hex(bytes: &[u8]) -> String {
        format!("0x{}", hex::encode(bytes))
    }

    impl Chain {
        fn new() -> Self {
            let mut chain = Self::default();
            chain.add("main", &[]);
            chain
        }

        /// Adds a block that only the named fork has.
        fn add(&mut self, fork: &str, extrinsics: &[&[u8]]) {
            let number = u32::try_from(self.best.len()).unwrap();
            let (hash, block) = block(number, fork.as_bytes(), extrinsics);
            self.blocks.insert(hex(&hash), block);
            self.best.push(hex(&hash));
        }

        fn answer(&self, method: &str, params: &[Value]) -> Value {
            let number = |hash: &Value| self.best.iter().position(|found| hash == found);
            match (method, params) {
                ("chain_getBlockHash", []) => json!(self.best.last()),
                ("chain_getBlockHash", [numbers]) => {
                    let hash = |number: &Value| self.best.get(number.as_u64().unwrap() as usize).cloned();
                    json!(numbers.as_array().unwrap().iter().map(hash).collect::<Vec<_>>())
                }
                ("chain_getFinalizedHead", []) => json!(self.best[self.finalised]),
                ("chain_getHeader", [hash]) => {
                    json!({ "number": format!("{:#x}", number(hash).unwrap()), "parentHash": self.best[0] })
                }
                ("chain_getBlock", [hash]) => self.blocks[hash.as_str().unwrap()].clone(),
                ("state_call", [_, _, _]) => json!(hex(&self.nonce.to_le_bytes())),
                other => panic!("{other:?} was not expected"),
            }
        }
    }

    impl Rpc for Chain {
        async fn ask<R: DeserializeOwned + Send>(
            &self,
            method: &'static str,
            params: Vec<Value>,
        ) -> Result<R, RpcError> {
            serde_json::from_value(self.answer(method, &params))
                .map_err(|error| RpcError::Malformed { method, reason: error.to_string() })
        }
    }

    fn tracker() -> Tracker {
        let (signer, era) = (AccountId::from([1; 32]), Era { birth: 0 });
        Tracker::new(&Extrinsic { bytes: OURS.to_vec(), hash: blake2_256(OURS), signer, nonce: 0, era })
    }

    async fn look(tracker: &mut Tracker, chain: &Chain) -> Sight {
        tracker.look(chain, &Bodies::default()).await.unwrap()
    }

    #[tokio::test]
    async fn it_is_found_and_becomes_final() {
        let (mut chain, mut tracker) = (Chain::new(), tracker());
        assert_eq!(look(&mut tracker, &chain).await, Sight::Nowhere);
        chain.add("main", &[b"other"]);
        chain.add("main", &[b"other still", OURS]);
        let Sight::InBlock(place) = look(&mut tracker, &chain).await else { panic!("it is in a block") };
        assert_eq!((place.block, place.index), (2, 1));
        chain.finalised = 1;
        assert_eq!(look(&mut tracker, &chain).await, Sight::InBlock(place));
        (chain.finalised, chain.nonce) = (2, 1);
        assert_eq!(look(&mut tracker, &chain).await, Sight::Final(place));
    }

    #[tokio::test]
    async fn a_block_that_is_replaced_takes_it_along() {
        let (mut chain, mut tracker) = (Chain::new(), tracker());
        chain.add("main", &[OURS]);
        assert!(matches!(look(&mut tracker, &chain).await, Sight::InBlock(_)));
        chain.best.truncate(1);
        chain.add("fork", &[]);
        chain.add("fork", &[]);
        assert_eq!(look(&mut tracker, &chain).await, Sight::Nowhere);
        chain.add("fork", &[OURS]);
        assert!(matches!(look(&mut tracker, &chain).await, Sight::InBlock(Place { block: 3, .. })));
    }

    #[tokio::test]
    async fn it_expires_when_its_last_block_is_final() {
        let (mut chain, mut tracker) = (Chain::new(), tracker());
        (0..70).for_each(|_| chain.add("main", &[]));
        chain.finalised = 62;
        assert_eq!(look(&mut tracker, &chain).await, Sight::Nowhere);
        chain.finalised = 63;
        assert_eq!(look(&mut tracker, &chain).await, Sight::Expired);
    }

    #[tokio::test]
    async fn a_used_nonce_settles_it_only_where_the_blocks_were_seen() {
        let (mut chain, mut tracker) = (Chain::new(), tracker());
        chain.nonce = 1;
        chain.add("main", &[OURS]);
        assert!(matches!(look(&mut tracker, &chain).await, Sight::InBlock(_)));
        chain.best.truncate(1);
        chain.nonce = 0;
        chain.add("fork", &[b"another"]);
        assert_eq!(look(&mut tracker, &chain).await, Sight::Nowhere);
        (chain.finalised, chain.nonce) = (1, 1);
        assert_eq!(look(&mut tracker, &chain).await, Sight::Overtaken);
    }
}
