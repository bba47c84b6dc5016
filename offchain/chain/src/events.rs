//! Events of contracts.

use crate::{AccountId, ChainError};
use ink::env::Event;
use scale::{Decode, DecodeAll};

/// An event as the chain stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// Block in which it was emitted.
    pub block: u32,
    /// Contract that emitted it.
    pub contract: AccountId,
    /// Its topics: the signature first, then the indexed fields.
    pub topics: Vec<[u8; 32]>,
    /// All fields, SCALE-encoded.
    pub data: Vec<u8>,
}

/// An event and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// Block in which it was emitted.
    pub block: u32,
    /// Contract that emitted it.
    pub contract: AccountId,
    /// The event.
    pub event: T,
}

/// Events in the order in which they were emitted.
///
/// Anyone can deploy a contract that emits events like the suite's: take those of one contract by [`Events::from`]
/// before believing them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events(pub Vec<RawEvent>);

impl Events {
    /// Those that `contract` emitted.
    pub fn from(&self, contract: AccountId) -> Self {
        Self(self.0.iter().filter(|event| event.contract == contract).cloned().collect())
    }

    /// Those of one type, recognised by its signature topic.
    pub fn of<T: Event + Decode>(&self) -> Result<Vec<T>, ChainError> {
        Ok(self.located::<T>()?.into_iter().map(|located| located.event).collect())
    }

    /// Those of one type with block and contract.
    pub fn located<T: Event + Decode>(&self) -> Result<Vec<Located<T>>, ChainError> {
        self.0.iter().filter(|event| event.is::<T>()).map(RawEvent::decode).collect()
    }
}

impl RawEvent {
    fn is<T: Event>(&self) -> bool {
        T::SIGNATURE_TOPIC.is_some() && self.topics.first().copied() == T::SIGNATURE_TOPIC
    }

    fn decode<T: Decode>(&self) -> Result<Located<T>, ChainError> {
        let event = T::decode_all(&mut self.data.as_slice()).map_err(|error| ChainError::Undecodable {
            what: format!("event {}", std::any::type_name::<T>()),
            reason: error.to_string(),
        })?;
        Ok(Located { block: self.block, contract: self.contract, event })
    }
}
