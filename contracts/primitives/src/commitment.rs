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

/// Weights as they are committed and revealed: on the wire a vector of [`WeightEntry`], and the metadata says so.
///
/// An entry's SCALE encoding is eight bytes, here held as one number: a vector of numbers is decoded, hashed and passed on
/// in bulk, one of tuples field by field, which would be most of what a reveal costs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode)]
pub struct WeightEntries(Vec<u64>);

impl WeightEntries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in their order.
    pub fn iter(&self) -> impl Iterator<Item = WeightEntry> + '_ {
        self.0.iter().map(|packed| {
            let [u0, u1, r0, r1, r2, r3, w0, w1] = packed.to_le_bytes();
            (u16::from_le_bytes([u0, u1]), u32::from_le_bytes([r0, r1, r2, r3]), u16::from_le_bytes([w0, w1]))
        })
    }
}

impl FromIterator<WeightEntry> for WeightEntries {
    fn from_iter<T: IntoIterator<Item = WeightEntry>>(entries: T) -> Self {
        let pack = |(uid, registration_id, weight): WeightEntry| {
            let ([u0, u1], [w0, w1]) = (uid.to_le_bytes(), weight.to_le_bytes());
            let [r0, r1, r2, r3] = registration_id.to_le_bytes();
            u64::from_le_bytes([u0, u1, r0, r1, r2, r3, w0, w1])
        };
        Self(entries.into_iter().map(pack).collect())
    }
}

impl From<Vec<WeightEntry>> for WeightEntries {
    fn from(entries: Vec<WeightEntry>) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(feature = "std")]
impl ink::scale_info::TypeInfo for WeightEntries {
    type Identity = Vec<WeightEntry>;

    fn type_info() -> ink::scale_info::Type {
        <Vec<WeightEntry> as ink::scale_info::TypeInfo>::type_info()
    }
}

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
    /// Who commits. A hotkey that is swapped afterwards reveals under its new account what it committed under this one.
    pub hotkey: AccountId,
    /// The weights.
    pub weights: WeightEntries,
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

#[cfg(test)]
mod tests {
    use super::*;
    use scale::{DecodeAll, Encode};

    #[test]
    fn packed_entries_are_a_vector_of_tuples_on_the_wire() {
        for entries in [vec![], vec![(1, 2, 3), (0xABCD, 0x1234_5678, 0xFFFF), (u16::MAX, u32::MAX, 0)]] {
            let packed = WeightEntries::from(entries.clone());
            assert_eq!(packed.encode(), entries.encode());
            assert_eq!(WeightEntries::decode_all(&mut &entries.encode()[..]), Ok(packed.clone()));
            assert_eq!((packed.len(), packed.is_empty()), (entries.len(), entries.is_empty()));
            assert_eq!(packed.iter().collect::<Vec<_>>(), entries);
        }
    }
}
