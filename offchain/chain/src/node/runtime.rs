//! What a runtime's metadata says: one client serves every chain, whatever its types are.

use super::{
    layout,
    read::Trouble,
    rpc::{Rpc, Version},
};
use crate::ChainError;
use scale::Decode;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use subxt::{
    Metadata,
    ext::{
        frame_decode::storage::encode_storage_key,
        scale_decode::{DecodeAsFields, DecodeAsType, Field},
        scale_encode::EncodeAsFields,
    },
};

/// The pallet that this client is for.
pub(super) const CONTRACTS: &str = "Contracts";
/// Blocks whose runtime version is remembered.
const BLOCKS: usize = 1_024;
/// Runtimes that are remembered: the present one, and those of blocks that are read again.
const RUNTIMES: usize = 4;

/// One version of a chain's runtime.
pub(super) struct Runtime {
    pub(super) version: Version,
    pub(super) metadata: Metadata,
    /// Bytes of a balance: 16, or 8 on Bittensor's chain.
    pub(super) balance_bytes: usize,
}

impl Runtime {
    /// The runtime of this metadata. Errors: `Undecodable`.
    pub(super) fn new(version: Version, bytes: &[u8]) -> Result<Self, ChainError> {
        // Not `Metadata::decode_from`, which tries other forms too, and never returns from bytes that tell their own length.
        let metadata = Metadata::decode(&mut &*bytes).map_err(|error| undecodable("metadata", error))?;
        let mut runtime = Self { version, metadata, balance_bytes: 16 };
        runtime.balance_bytes = runtime.constant::<u128>("Balances", "ExistentialDeposit").map(|(_, bytes)| bytes)?;
        Ok(runtime)
    }

    /// The smallest balance that an account may have.
    pub(super) fn existential_deposit(&self) -> Result<u128, ChainError> {
        self.constant("Balances", "ExistentialDeposit").map(|(value, _)| value)
    }

    /// Whether the runtime has a pallet.
    pub(super) fn has(&self, pallet: &str) -> bool {
        self.metadata.pallet_by_name(pallet).is_some()
    }

    /// A call as bytes: the numbers of pallet and call, then the arguments, shaped as the runtime wants them.
    pub(super) fn call(
        &self,
        pallet: &str,
        name: &str,
        arguments: &impl EncodeAsFields,
    ) -> Result<Vec<u8>, ChainError> {
        let what = format!("call {pallet}.{name}");
        let pallet = self.pallet(pallet)?;
        let call = pallet.call_variant_by_name(name).ok_or_else(|| missing(&what))?;
        let mut bytes = vec![pallet.call_index(), call.index];
        let mut fields = call.fields.iter().map(|field| Field::new(field.ty.id, field.name.as_deref()));
        arguments
            .encode_as_fields_to(&mut fields, self.metadata.types(), &mut bytes)
            .map_err(|error| undecodable(&what, error))?;
        Ok(bytes)
    }

    /// Key of a storage cell that belongs to no account or hash.
    pub(super) fn key(&self, pallet: &str, entry: &str) -> Result<Vec<u8>, ChainError> {
        encode_storage_key(pallet, entry, (), &self.metadata, self.metadata.types())
            .map_err(|error| undecodable(&format!("key of {pallet}.{entry}"), error))
    }

    /// Key of a storage cell of an account or a hash.
    pub(super) fn key_under(&self, pallet: &str, entry: &str, bytes: [u8; 32]) -> Result<Vec<u8>, ChainError> {
        encode_storage_key(pallet, entry, [bytes], &self.metadata, self.metadata.types())
            .map_err(|error| undecodable(&format!("key of {pallet}.{entry}"), error))
    }

    /// A storage cell's value.
    pub(super) fn value<T: DecodeAsType>(&self, pallet: &str, entry: &str, bytes: &[u8]) -> Result<T, ChainError> {
        let name = format!("{pallet}.{entry}");
        let storage = self.pallet(pallet)?.storage().and_then(|storage| storage.entry_by_name(entry));
        let kind = storage.ok_or_else(|| missing(&name))?.value_ty();
        match self.decode(&name, kind, bytes)? {
            (value, []) => Ok(value),
            (_, rest) => Err(undecodable(&name, format!("{} bytes too many", rest.len()))),
        }
    }

    /// Something of a type of the metadata, and what comes after it.
    pub(super) fn decode<'a, T: DecodeAsType>(
        &self,
        name: &str,
        kind: u32,
        bytes: &'a [u8],
    ) -> Result<(T, &'a [u8]), ChainError> {
        let (types, mut rest) = (self.metadata.types(), bytes);
        layout::skip(kind, types, &mut rest).map_err(|error| undecodable(name, error))?;
        let value = T::decode_as_type(&mut &*bytes, kind, types).map_err(|error| undecodable(name, error))?;
        Ok((value, rest))
    }

    /// Fields of one variant of an enum of the metadata.
    pub(super) fn fields<T: DecodeAsFields>(
        &self,
        name: &str,
        fields: &[scale_info::Field<scale_info::form::PortableForm>],
        bytes: &[u8],
    ) -> Result<T, ChainError> {
        let mut fields = fields.iter().map(|field| Field::new(field.ty.id, field.name.as_deref()));
        T::decode_as_fields(&mut &*bytes, &mut fields, self.metadata.types()).map_err(|error| undecodable(name, error))
    }

    /// A constant, and how many bytes it takes.
    fn constant<T: DecodeAsType>(&self, pallet: &str, name: &str) -> Result<(T, usize), ChainError> {
        let constant =
            self.pallet(pallet)?.constant_by_name(name).ok_or_else(|| missing(&format!("{pallet}.{name}")))?;
        let (value, _) = self.decode(name, constant.ty(), constant.value())?;
        Ok((value, constant.value().len()))
    }

    fn pallet(&self, name: &str) -> Result<subxt::metadata::PalletMetadata<'_>, ChainError> {
        self.metadata.pallet_by_name(name).ok_or_else(|| missing(&format!("pallet {name}")))
    }
}

/// Runtimes by their version, and versions by block: metadata is fetched once for each upgrade.
#[derive(Default)]
pub(super) struct Runtimes {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    versions: HashMap<[u8; 32], Version>,
    runtimes: HashMap<u32, Arc<Runtime>>,
}

impl Runtimes {
    /// The runtime in a block's state: the one that makes the block after it.
    pub(super) async fn at(&self, rpc: &impl Rpc, block: [u8; 32]) -> Result<Arc<Runtime>, Trouble> {
        let version = self.version(rpc, block).await?;
        if let Some(runtime) = self.known(|known| known.runtimes.get(&version.spec_version).cloned()) {
            return Ok(runtime);
        }
        let runtime = Arc::new(Runtime::new(version, &rpc.metadata(block).await?)?);
        self.known(|known| {
            if known.runtimes.len() >= RUNTIMES {
                known.runtimes.clear();
            }
            known.runtimes.insert(version.spec_version, runtime.clone());
        });
        Ok(runtime)
    }

    /// Versions of the runtime in a block's state.
    pub(super) async fn version(&self, rpc: &impl Rpc, block: [u8; 32]) -> Result<Version, Trouble> {
        if let Some(version) = self.known(|known| known.versions.get(&block).copied()) {
            return Ok(version);
        }
        let version = rpc.version(block).await?;
        self.known(|known| {
            if known.versions.len() >= BLOCKS {
                known.versions.clear();
            }
            known.versions.insert(block, version);
        });
        Ok(version)
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn undecodable(what: &str, reason: impl ToString) -> ChainError {
    ChainError::Undecodable { what: what.to_owned(), reason: reason.to_string() }
}

fn missing(what: &str) -> ChainError {
    undecodable(what, "the chain's metadata has none")
}
