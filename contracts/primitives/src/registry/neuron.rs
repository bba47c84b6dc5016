//! Neurons, and the models that they commit to.

use crate::{HotkeyId, RegistrationId, Uid};
use ink::{
    prelude::string::String,
    primitives::{AccountId, Hash},
};

/// One neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Neuron {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The coldkey that owns the hotkey.
    pub coldkey: AccountId,
    /// Number of the hotkey.
    pub hotkey_id: HotkeyId,
    /// This tenancy of the uid.
    pub registration_id: RegistrationId,
    /// Block of registration.
    pub registered_block: u32,
    /// Chain time of registration in ms; immunity counts from here.
    pub registered_ms: u64,
}

/// Where a hotkey stands in a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Seat {
    /// Its uid.
    pub uid: Uid,
    /// The neuron in it.
    pub neuron: Neuron,
}

/// Family of a model, as the evaluators know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum ModelFamily {
    /// Llama: RMSNorm, rotary positions, SwiGLU.
    Llama,
    /// GPT-2.
    Gpt2,
    /// BERT and MiniLM encoders.
    Bert,
    /// Perceptron classifier.
    Mlp,
    /// No model but data: the digest, size and uri of a data set that a miner contributes.
    Dataset,
}

/// A miner's commitment to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct ModelCommitment {
    /// The registration that committed; a later tenant of the uid does not inherit the model.
    pub registration_id: RegistrationId,
    /// blake2b-256 of the file.
    pub digest: Hash,
    /// Bytes of the file.
    pub size: u64,
    /// Family.
    pub family: ModelFamily,
    /// Where to get it.
    pub uri: String,
    /// Block of the commitment: the earlier of two equal models wins.
    pub block: u32,
    /// Chain time of the commitment in ms.
    pub committed_ms: u64,
}
