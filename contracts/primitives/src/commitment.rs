//! The hash that a validator commits before it reveals its weights.
//!
//! It binds everything that could be reused or swapped: the contract, the subnet, the epoch, the hotkey, the version of
//! the weights, the root of the evaluation transcript, the salt and, entry by entry, the registration behind each uid, so
//! that a reused uid does not inherit a weight.

use crate::{Netuid, WeightEntry};
use ink::{
    env::hash::{Blake2x256, HashOutput},
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};

/// Salt of a commit, 32 random bytes.
pub type Salt = [u8; 32];

/// What a commit hash stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Commitment {
    /// Address of the incentive contract.
    pub contract: AccountId,
    /// Subnet.
    pub netuid: Netuid,
    /// Epoch of the commit, as the subnet counts them.
    pub epoch: u64,
    /// Who commits.
    pub hotkey: AccountId,
    /// The weights.
    pub weights: Vec<WeightEntry>,
    /// Version of the evaluator that made them.
    pub version_key: u64,
    /// Root of the evaluation transcript; zeros if there is none.
    pub transcript: Hash,
    /// Salt.
    pub salt: Salt,
}

impl Commitment {
    /// blake2b-256 of the SCALE encoding.
    pub fn hash(&self) -> Hash {
        let mut output = <Blake2x256 as HashOutput>::Type::default();
        ink::env::hash_encoded::<Blake2x256, _>(self, &mut output);
        Hash::from(output)
    }
}
