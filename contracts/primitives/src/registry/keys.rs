//! Hotkeys with their numbers, and the swap of coldkeys.

use crate::HotkeyId;
use ink::{
    env::hash::{Blake2x256, HashOutput},
    primitives::{AccountId, Hash},
};

/// A hotkey and who owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Hotkey {
    /// Its number.
    pub id: HotkeyId,
    /// The key itself.
    pub hotkey: AccountId,
    /// The coldkey that owns it.
    pub coldkey: AccountId,
}

/// The swap of a coldkey.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct ColdkeySwap {
    /// blake2b-256 of the 32 bytes of the new coldkey.
    pub hash: Hash,
    /// Chain time in ms from which the swap can be made.
    pub due_ms: u64,
    /// Whether it is disputed: then it waits for governance.
    pub disputed: bool,
    /// The new coldkey, once the swap is made.
    pub successor: Option<AccountId>,
}

/// What a coldkey announces of the one that will take its place: blake2b-256 of its 32 bytes.
pub fn coldkey_hash(coldkey: AccountId) -> Hash {
    let mut output = <Blake2x256 as HashOutput>::Type::default();
    ink::env::hash_encoded::<Blake2x256, _>(&coldkey, &mut output);
    Hash::from(output)
}
