//! A block with its extrinsics, as a node answers it, held against its hash: the header hashes to it, and the header names
//! the root of the extrinsics.

use super::{
    extrinsic::blake2_256,
    rpc::{BlockHash, Bytes},
};
use ink_sandbox::frame_support::sp_runtime::{
    StateVersion,
    traits::{BlakeTwo256, Hash},
};
use scale::{Compact, Encode};
use serde::Deserialize;

/// What a node answers when it is asked for a block.
#[derive(Deserialize)]
pub(super) struct SignedBlock {
    block: Block,
}

#[derive(Deserialize)]
struct Block {
    header: Header,
    extrinsics: Vec<Bytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    parent_hash: BlockHash,
    number: String,
    state_root: BlockHash,
    extrinsics_root: BlockHash,
    digest: Digest,
}

#[derive(Deserialize)]
struct Digest {
    /// Each is encoded already.
    logs: Vec<Bytes>,
}

impl Header {
    fn hash(&self) -> Result<[u8; 32], std::num::ParseIntError> {
        let digits = self.number.strip_prefix("0x").unwrap_or(&self.number);
        let number = Compact(u32::from_str_radix(digits, 16)?);
        let logs = u32::try_from(self.digest.logs.len()).unwrap_or(u32::MAX);
        let mut bytes = (self.parent_hash.0, number, self.state_root.0, self.extrinsics_root.0, Compact(logs)).encode();
        self.digest.logs.iter().for_each(|log| bytes.extend_from_slice(&log.0));
        Ok(blake2_256(&bytes))
    }
}

impl SignedBlock {
    /// The extrinsics, if they are those of the block with this hash. Errors: what does not fit.
    pub(super) fn extrinsics(self, hash: [u8; 32]) -> Result<Vec<Vec<u8>>, String> {
        let Block { header, extrinsics } = self.block;
        if header.hash().map_err(|error| format!("the block's number: {error}"))? != hash {
            return Err("the header is another block's".to_owned());
        }
        let extrinsics: Vec<_> = extrinsics.into_iter().map(|bytes| bytes.0).collect();
        // Which of the two tries a chain makes is up to its runtime; neither has the root of other extrinsics.
        let root = |version| root(&extrinsics, version) == header.extrinsics_root.0;
        if root(StateVersion::V0) || root(StateVersion::V1) {
            Ok(extrinsics)
        } else {
            Err("the extrinsics are another block's".to_owned())
        }
    }
}

/// Root of the trie of extrinsics by their index.
fn root(extrinsics: &[Vec<u8>], version: StateVersion) -> [u8; 32] {
    BlakeTwo256::ordered_trie_root(extrinsics.to_vec(), version).0
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use serde_json::{Value, json};

    fn hex(bytes: &[u8]) -> String {
        format!("0x{}", hex::encode(bytes))
    }

    /// A block as a node answers it, and its hash; blocks of one number and other `states` differ.
    pub(in super::super) fn block(number: u32, state: &[u8], extrinsics: &[&[u8]]) -> ([u8; 32], Value) {
        sealed(number, state, extrinsics, StateVersion::V1)
    }

    fn sealed(number: u32, state: &[u8], extrinsics: &[&[u8]], version: StateVersion) -> ([u8; 32], Value) {
        let bodies: Vec<_> = extrinsics.iter().map(|bytes| bytes.to_vec()).collect();
        let header = json!({
            "parentHash": hex(&[1; 32]),
            "number": format!("{number:#x}"),
            "stateRoot": hex(&blake2_256(state)),
            "extrinsicsRoot": hex(&root(&bodies, version)),
            "digest": { "logs": ["0x06617572610400", "0x0005"] },
        });
        let hash = serde_json::from_value::<Header>(header.clone()).unwrap().hash().unwrap();
        let bodies: Vec<_> = bodies.iter().map(|bytes| hex(bytes)).collect();
        (hash, json!({ "block": { "header": header, "extrinsics": bodies }, "justifications": null }))
    }

    fn read(block: &Value, hash: [u8; 32]) -> Result<Vec<Vec<u8>>, String> {
        serde_json::from_value::<SignedBlock>(block.clone()).unwrap().extrinsics(hash)
    }

    #[test]
    fn extrinsics_are_taken_in_either_trie() {
        let long = [7; 100];
        for version in [StateVersion::V0, StateVersion::V1] {
            for extrinsics in [vec![], vec![&b"one"[..]], vec![&b"one"[..], &long, &b"three"[..]]] {
                let (hash, block) = sealed(300, b"", &extrinsics, version);
                assert_eq!(read(&block, hash).unwrap(), extrinsics);
            }
        }
    }

    #[test]
    fn what_is_not_of_the_block_is_refused() {
        let (hash, block) = block(3, b"", &[b"one", b"two"]);
        let mut another = block.clone();
        another["block"]["extrinsics"][1] = json!(hex(b"three"));
        assert_eq!(read(&another, hash), Err("the extrinsics are another block's".to_owned()));
        another["block"]["extrinsics"] = json!([]);
        assert_eq!(read(&another, hash), Err("the extrinsics are another block's".to_owned()));
        let mut another = block.clone();
        another["block"]["header"]["digest"]["logs"] = json!([]);
        assert_eq!(read(&another, hash), Err("the header is another block's".to_owned()));
        assert_eq!(read(&block, [0; 32]), Err("the header is another block's".to_owned()));
    }
}
