//! Events of a block, as the runtime that made it stored them.

use super::{
    layout,
    runtime::{CONTRACTS, Runtime, undecodable},
};
use crate::{AccountId, ChainError, RawEvent};
use scale::{Compact, Decode};
use scale_info::{Variant, form::PortableForm};
use subxt::{
    ext::scale_decode::{self, DecodeAsFields, DecodeAsType},
    utils::AccountId32,
};

/// One event of a block.
pub(super) struct Record<'a> {
    /// Index in the block of the extrinsic that it belongs to, if it belongs to one.
    pub(super) extrinsic: Option<u32>,
    pub(super) pallet: &'a str,
    pub(super) topics: Vec<[u8; 32]>,
    kind: &'a Variant<PortableForm>,
    fields: &'a [u8],
}

#[derive(Decode)]
enum Phase {
    ApplyExtrinsic(u32),
    Finalization,
    Initialization,
}

impl<'a> Record<'a> {
    /// Takes the value of `System.Events` apart.
    pub(super) fn all(mut bytes: &'a [u8], runtime: &'a Runtime) -> Result<Vec<Self>, ChainError> {
        let input = &mut bytes;
        let Compact(count) = Compact::<u32>::decode(input).map_err(|error| undecodable("events", error))?;
        // Not with the capacity that a node claims.
        let mut records = Vec::new();
        for _ in 0..count {
            records.push(Self::next(input, runtime).map_err(|error| undecodable("events", error))?);
        }
        Ok(records)
    }

    fn next(input: &mut &'a [u8], runtime: &'a Runtime) -> Result<Self, String> {
        let text = |error: scale::Error| error.to_string();
        let extrinsic = match Phase::decode(input).map_err(text)? {
            Phase::ApplyExtrinsic(index) => Some(index),
            Phase::Finalization | Phase::Initialization => None,
        };
        let (pallet, kind) = <(u8, u8)>::decode(input).map_err(text)?;
        let pallet = runtime.metadata.pallet_by_event_index(pallet).ok_or("an event of an unknown pallet")?;
        let kind = pallet.event_variant_by_index(kind).ok_or("an event that its pallet does not have")?;
        let start = *input;
        for field in &kind.fields {
            layout::skip(field.ty.id, runtime.metadata.types(), input)?;
        }
        let fields = &start[..start.len() - input.len()];
        let topics = Vec::decode(input).map_err(text)?;
        Ok(Self { extrinsic, pallet: pallet.name(), topics, kind, fields })
    }

    /// Name of the event.
    pub(super) fn name(&self) -> &'a str {
        &self.kind.name
    }

    /// Its fields by their names.
    pub(super) fn decode<T: DecodeAsFields>(&self, runtime: &Runtime) -> Result<T, ChainError> {
        runtime.fields(&format!("event {}.{}", self.pallet, self.name()), &self.kind.fields, self.fields)
    }

    /// What a contract emitted, if this is that.
    pub(super) fn emitted(&self, block: u32, runtime: &Runtime) -> Result<Option<RawEvent>, ChainError> {
        if (self.pallet, self.name()) != (CONTRACTS, "ContractEmitted") {
            return Ok(None);
        }
        let Emitted { contract, data } = self.decode(runtime)?;
        Ok(Some(RawEvent { block, contract: AccountId::from(contract.0), topics: self.topics.clone(), data }))
    }
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct Emitted {
    contract: AccountId32,
    data: Vec<u8>,
}
