//! Accounts as people write them: SS58 with the generic prefix 42.
//!
//! base58 of `prefix ‖ account ‖ checksum`, the checksum being the first two bytes of
//! blake2b-512(`"SS58PRE" ‖ prefix ‖ account`).

use crate::AccountId;
use blake2::{Blake2b512, Digest};

const PREFIX: u8 = 42;

/// Why a text is no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not base58.
    #[error("not an SS58 address: a character is outside base58")]
    NotBase58,
    /// Not one prefix byte, 32 bytes of account and two of checksum.
    #[error("not an SS58 address of a 32-byte account: wrong length")]
    WrongLength,
    /// Written for another network.
    #[error("address has the network prefix {0}; expected 42")]
    WrongPrefix(u8),
    /// Mistyped.
    #[error("address checksum does not match: mistyped?")]
    WrongChecksum,
}

/// The address of an account.
pub fn ss58(account: &AccountId) -> String {
    let mut bytes = Vec::with_capacity(35);
    bytes.push(PREFIX);
    bytes.extend_from_slice(&account.0);
    bytes.extend_from_slice(&checksum(&account.0));
    bs58::encode(bytes).into_string()
}

/// The account of an address.
pub fn parse_ss58(text: &str) -> Result<AccountId, KeyError> {
    // 35 bytes are at most 48 characters; anything longer is not worth decoding.
    if text.len() > 48 {
        return Err(KeyError::WrongLength);
    }
    let bytes = bs58::decode(text).into_vec().map_err(|_| KeyError::NotBase58)?;
    let [prefix, rest @ ..] = bytes.as_slice() else { return Err(KeyError::WrongLength) };
    let (account, sum) = rest.split_at_checked(32).ok_or(KeyError::WrongLength)?;
    let account: [u8; 32] = account.try_into().map_err(|_| KeyError::WrongLength)?;
    if sum.len() != 2 {
        return Err(KeyError::WrongLength);
    }
    if *prefix != PREFIX {
        return Err(KeyError::WrongPrefix(*prefix));
    }
    if sum != checksum(&account) {
        return Err(KeyError::WrongChecksum);
    }
    Ok(AccountId::from(account))
}

fn checksum(account: &[u8; 32]) -> [u8; 2] {
    let hash = Blake2b512::new().chain_update(b"SS58PRE").chain_update([PREFIX]).chain_update(account).finalize();
    [hash[0], hash[1]]
}

/// For `#[serde(with = ...)]`: an account as its address.
pub(crate) mod text {
    use super::{AccountId, parse_ss58, ss58};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(account: &AccountId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&ss58(account))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountId, D::Error> {
        parse_ss58(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;
    use proptest::{prop_assert_eq, prop_assert_ne, prop_assume, proptest};

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn an_address_survives_the_round_trip() {
        let account = parse_ss58(ALICE).unwrap();
        assert_eq!(hex::encode(account.0), "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
        assert_eq!(ss58(&account), ALICE);
    }

    #[test]
    fn bad_addresses_are_named() {
        let mistyped = ALICE.replace("Ktt", "Kut").replace("utQY", "utQZ");
        assert_eq!(parse_ss58(&mistyped), Err(KeyError::WrongChecksum));
        assert_eq!(parse_ss58("0OIl"), Err(KeyError::NotBase58));
        assert_eq!(parse_ss58(""), Err(KeyError::WrongLength));
        assert_eq!(parse_ss58(&"5".repeat(1_000_000)), Err(KeyError::WrongLength));
        // Alice on Polkadot, prefix 0.
        assert_eq!(parse_ss58("15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"), Err(KeyError::WrongPrefix(0)));
    }

    proptest! {
        #[test]
        fn every_account_survives_the_round_trip(account: [u8; 32]) {
            let account = AccountId::from(account);
            prop_assert_eq!(parse_ss58(&ss58(&account)), Ok(account));
        }

        #[test]
        fn no_text_breaks_the_parser(text in "\\PC{0,60}") {
            if let Ok(account) = parse_ss58(&text) {
                prop_assert_eq!(ss58(&account), text);
            }
        }

        #[test]
        fn a_changed_character_is_noticed(account: [u8; 32], at in 0usize..48, to in 0usize..58) {
            let address = ss58(&AccountId::from(account));
            let mut changed = address.clone().into_bytes();
            let at = at % changed.len();
            let digits = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
            prop_assume!(changed[at] != digits[to]);
            changed[at] = digits[to];
            // Two bytes of checksum miss one change in 65,536: then it is another account, never this one.
            let parsed = parse_ss58(std::str::from_utf8(&changed).unwrap());
            prop_assert_ne!(parsed, Ok(AccountId::from(account)));
        }
    }
}
