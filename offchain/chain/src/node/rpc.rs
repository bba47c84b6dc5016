//! The few calls of a node that the client needs. Everything here comes from a node, so nothing is believed to be well
//! formed.

use super::block::SignedBlock;
use crate::{AccountId, ChainError, ss58};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::future::Future;

/// Why a node gave no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RpcError {
    /// It answered with an error.
    Refused { method: &'static str, code: i32, message: String },
    /// It did not answer: the request may have been served or not.
    Lost(String),
    /// It answered something else.
    Malformed { method: &'static str, reason: String },
}

impl RpcError {
    /// Whether the node does not have the block that was asked about, or not its state.
    pub(super) fn lacks_block(&self) -> bool {
        let Self::Refused { message, .. } = self else { return false };
        let message = message.to_lowercase();
        ["unknown block", "unknownblock", "already discarded", "header was not found"]
            .iter()
            .any(|words| message.contains(words))
    }
}

impl From<RpcError> for ChainError {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::Refused { method, code, message } => {
                Self::RequestRefused { method, error: format!("{message} ({code})") }
            }
            RpcError::Lost(reason) => Self::Unreachable(reason),
            RpcError::Malformed { method, reason } => Self::Undecodable { what: format!("answer to {method}"), reason },
        }
    }
}

/// Bytes as nodes write them: hexadecimal after `0x`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        hex::decode(text.strip_prefix("0x").unwrap_or(&text)).map(Self)
    }
}

/// A hash as nodes write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct BlockHash(pub(super) [u8; 32]);

impl TryFrom<String> for BlockHash {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(&text), &mut hash)?;
        Ok(Self(hash))
    }
}

/// What is read of a block's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawHeader")]
pub(super) struct Header {
    pub(super) number: u32,
    pub(super) parent: [u8; 32],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawHeader {
    number: String,
    parent_hash: BlockHash,
}

impl TryFrom<RawHeader> for Header {
    type Error = std::num::ParseIntError;

    fn try_from(raw: RawHeader) -> Result<Self, Self::Error> {
        let digits = raw.number.strip_prefix("0x").unwrap_or(&raw.number);
        Ok(Self { number: u32::from_str_radix(digits, 16)?, parent: raw.parent_hash.0 })
    }
}

/// Versions of a runtime that extrinsics are signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    pub(super) spec_version: u32,
    pub(super) transaction_version: u32,
}

/// Something that can be asked as a node is: one connection, or all endpoints of a chain.
pub(super) trait Rpc: Sync {
    /// Sends one request and waits for the answer.
    fn ask<R: DeserializeOwned + Send>(
        &self,
        method: &'static str,
        params: Vec<Value>,
    ) -> impl Future<Output = Result<R, RpcError>> + Send;

    /// Hash of the newest block.
    fn best_hash(&self) -> impl Future<Output = Result<[u8; 32], RpcError>> + Send {
        async { self.ask::<BlockHash>("chain_getBlockHash", vec![]).await.map(|hash| hash.0) }
    }

    /// Hash of the newest block that is final.
    fn final_hash(&self) -> impl Future<Output = Result<[u8; 32], RpcError>> + Send {
        async { self.ask::<BlockHash>("chain_getFinalizedHead", vec![]).await.map(|hash| hash.0) }
    }

    /// Hashes of blocks of the best chain, `None` beyond its end.
    fn hashes(&self, numbers: Vec<u32>) -> impl Future<Output = Result<Vec<Option<[u8; 32]>>, RpcError>> + Send {
        async move {
            let (method, asked) = ("chain_getBlockHash", numbers.len());
            if asked == 0 {
                return Ok(Vec::new());
            }
            let hashes: Vec<Option<BlockHash>> = self.ask(method, vec![json!(numbers)]).await?;
            if hashes.len() != asked {
                let reason = format!("{} hashes of {asked} blocks", hashes.len());
                return Err(RpcError::Malformed { method, reason });
            }
            Ok(hashes.into_iter().map(|hash| hash.map(|hash| hash.0)).collect())
        }
    }

    /// Header of a block. Errors: a refusal where the node does not have it.
    fn header(&self, hash: [u8; 32]) -> impl Future<Output = Result<Header, RpcError>> + Send {
        async move { self.ask::<Option<Header>>("chain_getHeader", vec![block(hash)]).await?.ok_or_else(|| lacking(hash)) }
    }

    /// Extrinsics of a block, which its hash vouches for. Errors: a refusal where the node does not have it, `Malformed`
    /// where they are another block's.
    fn body(&self, hash: [u8; 32]) -> impl Future<Output = Result<Vec<Vec<u8>>, RpcError>> + Send {
        async move {
            let method = "chain_getBlock";
            let block =
                self.ask::<Option<SignedBlock>>(method, vec![block(hash)]).await?.ok_or_else(|| lacking(hash))?;
            block.extrinsics(hash).map_err(|reason| RpcError::Malformed { method, reason })
        }
    }

    /// Value of a storage cell in a block's state.
    fn storage(&self, key: &[u8], at: [u8; 32]) -> impl Future<Output = Result<Option<Vec<u8>>, RpcError>> + Send {
        let key = json!(text(key));
        async move {
            let value = self.ask::<Option<Bytes>>("state_getStorage", vec![key, block(at)]).await?;
            Ok(value.map(|bytes| bytes.0))
        }
    }

    /// Whether a storage cell of a block's state holds something.
    fn stored(&self, key: &[u8], at: [u8; 32]) -> impl Future<Output = Result<bool, RpcError>> + Send {
        let key = json!(text(key));
        async move {
            let hash = self.ask::<Option<BlockHash>>("state_getStorageHash", vec![key, block(at)]).await?;
            Ok(hash.is_some())
        }
    }

    /// What a function of the runtime answers on a block's state.
    fn runtime_call(
        &self,
        function: &str,
        input: &[u8],
        at: [u8; 32],
    ) -> impl Future<Output = Result<Vec<u8>, RpcError>> + Send {
        let params = vec![json!(function), json!(text(input)), block(at)];
        async move { self.ask::<Bytes>("state_call", params).await.map(|bytes| bytes.0) }
    }

    /// Versions of the runtime in a block's state: the one that makes the next block.
    fn version(&self, at: [u8; 32]) -> impl Future<Output = Result<Version, RpcError>> + Send {
        async move { self.ask("state_getRuntimeVersion", vec![block(at)]).await }
    }

    /// Metadata of the runtime in a block's state.
    fn metadata(&self, at: [u8; 32]) -> impl Future<Output = Result<Vec<u8>, RpcError>> + Send {
        async move { self.ask::<Bytes>("state_getMetadata", vec![block(at)]).await.map(|bytes| bytes.0) }
    }

    /// Nonce of an account's next extrinsic, after those that wait in the node's pool.
    fn next_nonce(&self, account: AccountId) -> impl Future<Output = Result<u32, RpcError>> + Send {
        async move { self.ask("system_accountNextIndex", vec![json!(ss58(&account))]).await }
    }

    /// Nonce of an account in a block's state.
    fn nonce(&self, account: AccountId, at: [u8; 32]) -> impl Future<Output = Result<u32, RpcError>> + Send {
        async move {
            let answer = self.runtime_call("AccountNonceApi_account_nonce", &account.0, at).await?;
            let nonce = <[u8; 4]>::try_from(answer.as_slice()).map_err(|_| RpcError::Malformed {
                method: "state_call",
                reason: format!("a nonce of {} bytes", answer.len()),
            })?;
            Ok(u32::from_le_bytes(nonce))
        }
    }

    /// Hands an extrinsic to the node's pool.
    fn send(&self, extrinsic: &[u8]) -> impl Future<Output = Result<(), RpcError>> + Send {
        let params = vec![json!(text(extrinsic))];
        async move { self.ask::<BlockHash>("author_submitExtrinsic", params).await.map(drop) }
    }
}

fn text(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn block(hash: [u8; 32]) -> Value {
    json!(text(&hash))
}

fn lacking(hash: [u8; 32]) -> RpcError {
    RpcError::Refused { method: "chain_getBlock", code: 0, message: format!("unknown block {}", text(&hash)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert_eq, proptest};

    fn refused(message: &str) -> RpcError {
        RpcError::Refused { method: "state_call", code: 4003, message: message.to_owned() }
    }

    #[test]
    fn a_block_that_a_node_lacks_is_told_from_other_refusals() {
        for message in [
            "Client error: UnknownBlock: Expect block number from id: Hash(0x11)",
            "Client error: UnknownBlock: Header was not found in the database: 0x11",
            "Client error: Api called for an unknown Block: Header was not found in the database: 0x11",
            "Client error: UnknownBlock: State already discarded for 0x11",
        ] {
            assert!(refused(message).lacks_block(), "{message}");
        }
        assert!(!refused("Client error: Execution failed").lacks_block());
        assert!(!RpcError::Lost("unknown block".into()).lacks_block());
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader(number in "\\PC{0,20}", parent in "(0x)?[0-9a-f]{0,70}") {
            let text = json!({ "number": number, "parentHash": parent });
            let read = serde_json::from_value::<Header>(text).ok().map(|header| header.number);
            let digits = number.strip_prefix("0x").unwrap_or(&number);
            let well_formed = parent.trim_start_matches("0x").len() == 64;
            prop_assert_eq!(read, u32::from_str_radix(digits, 16).ok().filter(|_| well_formed));
        }
    }
}
