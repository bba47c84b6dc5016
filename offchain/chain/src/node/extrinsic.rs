//! Extrinsics: what is called, by whom, and under which conditions.

use super::{
    era::Era,
    extension::{Added, Bound},
    runtime::{CONTRACTS, Runtime, undecodable},
};
use crate::{AccountId, Action, ChainError, Keypair, Limits, RawCall, RawCode};
use blake2::{Blake2b, Digest, digest::consts::U32};
use scale::Encode;
use subxt::{
    ext::scale_encode::{self, EncodeAsType},
    utils::{AccountId32, MultiAddress},
};

/// A signed extrinsic of version 4.
const SIGNED: u8 = 0x84;
/// The variant of `MultiAddress` that is an account.
const ID: u8 = 0;
/// The variant of `MultiSignature` that is sr25519.
const SR25519: u8 = 1;
/// Longest payload that is signed as it is; of longer ones the hash is.
const PAYLOAD: usize = 256;

/// An extrinsic that was signed once. It can be sent as often as needed: a chain takes it once.
#[derive(Debug, Clone)]
pub(super) struct Extrinsic {
    /// As it is sent and as blocks hold it.
    pub(super) bytes: Vec<u8>,
    /// Its blake2b-256, by which it is found.
    pub(super) hash: [u8; 32],
    pub(super) signer: AccountId,
    pub(super) nonce: u32,
    pub(super) era: Era,
}

impl Extrinsic {
    /// Signs a call.
    pub(super) fn sign(signer: &Keypair, call: &[u8], runtime: &Runtime, bound: &Bound) -> Result<Self, ChainError> {
        let added = added(runtime, bound)?;
        let mut payload = [call, &added.sent, &added.implied].concat();
        if payload.len() > PAYLOAD {
            payload = blake2_256(&payload).to_vec();
        }
        Ok(Self::assemble(signer.account(), signer.sign(&payload), call, &added, bound))
    }

    /// The same with a signature that nobody made: as long as a good one, so that fees can be asked for.
    pub(super) fn unsigned(call: &[u8], runtime: &Runtime, bound: &Bound) -> Result<Self, ChainError> {
        Ok(Self::assemble(AccountId::from([0; 32]), [0; 64], call, &added(runtime, bound)?, bound))
    }

    fn assemble(signer: AccountId, signature: [u8; 64], call: &[u8], added: &Added, bound: &Bound) -> Self {
        let mut body = (SIGNED, ID, signer.0, SR25519, signature).encode();
        body.extend_from_slice(&added.sent);
        body.extend_from_slice(call);
        let bytes = body.encode();
        Self { hash: blake2_256(&bytes), bytes, signer, nonce: bound.nonce, era: bound.era }
    }
}

fn added(runtime: &Runtime, bound: &Bound) -> Result<Added, ChainError> {
    let types = runtime.metadata.types();
    let mut added = Added::default();
    let extrinsic = runtime.metadata.extrinsic();
    // Extrinsics of version 4 carry the first set of extensions.
    let extensions = extrinsic.transaction_extensions_by_version(0);
    for extension in extensions.ok_or_else(|| undecodable("metadata", "it has no signed extrinsics of version 4"))? {
        let kinds = (extension.extra_ty(), extension.additional_ty());
        added.extension(extension.identifier(), kinds, types, bound)?;
    }
    Ok(added)
}

/// The call of an action. `stored` is the hash of an action's code where the chain has it.
pub(super) fn call(
    action: &Action,
    limits: Limits,
    stored: Option<[u8; 32]>,
    runtime: &Runtime,
) -> Result<Vec<u8>, ChainError> {
    let gas_limit = Weight { ref_time: limits.gas.ref_time, proof_size: limits.gas.proof_size };
    let storage_deposit_limit = limits.deposit;
    match action {
        Action::Call(RawCall { contract, value, data, .. }) => {
            let dest = MultiAddress::Id(AccountId32(contract.0));
            runtime.call(CONTRACTS, "call", &Call { dest, value: *value, gas_limit, storage_deposit_limit, data })
        }
        Action::Instantiate(RawCode { code, data, salt, .. }) => match stored {
            Some(code_hash) => {
                let arguments = Instantiate { value: 0, gas_limit, storage_deposit_limit, code_hash, data, salt };
                runtime.call(CONTRACTS, "instantiate", &arguments)
            }
            None => {
                let arguments = InstantiateWithCode { value: 0, gas_limit, storage_deposit_limit, code, data, salt };
                runtime.call(CONTRACTS, "instantiate_with_code", &arguments)
            }
        },
        Action::Upload(RawCode { code, .. }) => {
            let arguments = UploadCode { code, storage_deposit_limit, determinism: Determinism::Enforced };
            runtime.call(CONTRACTS, "upload_code", &arguments)
        }
        Action::Transfer { to, amount } => {
            let dest = MultiAddress::Id(AccountId32(to.0));
            runtime.call("Balances", "transfer_keep_alive", &Transfer { dest, value: *amount })
        }
    }
}

/// blake2b-256: the hash of extrinsics and of codes.
pub(super) fn blake2_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

// Arguments by the names that the pallet gives them. Numbers become what the chain's metadata says: an amount that does
// not fit into its balances is an error.

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct Weight {
    ref_time: u64,
    proof_size: u64,
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct Call<'a> {
    dest: MultiAddress<AccountId32, ()>,
    value: u128,
    gas_limit: Weight,
    storage_deposit_limit: Option<u128>,
    data: &'a [u8],
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct Instantiate<'a> {
    value: u128,
    gas_limit: Weight,
    storage_deposit_limit: Option<u128>,
    code_hash: [u8; 32],
    data: &'a [u8],
    salt: &'a [u8],
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct InstantiateWithCode<'a> {
    value: u128,
    gas_limit: Weight,
    storage_deposit_limit: Option<u128>,
    code: &'a [u8],
    data: &'a [u8],
    salt: &'a [u8],
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct UploadCode<'a> {
    code: &'a [u8],
    storage_deposit_limit: Option<u128>,
    determinism: Determinism,
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
enum Determinism {
    Enforced,
}

#[derive(EncodeAsType)]
#[encode_as_type(crate_path = "scale_encode")]
struct Transfer {
    dest: MultiAddress<AccountId32, ()>,
    value: u128,
}
