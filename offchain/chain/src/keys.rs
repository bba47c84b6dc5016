//! sr25519 keys.
//!
//! A key is a 32-byte mini secret, expanded as Substrate does (Ed25519 expansion, signing context `substrate`), or derived
//! from such a key, so the same secret gives the same account in every wallet of that world.

use crate::{AccountId, ss58};
use blake2::{
    Blake2b, Blake2bMac, Digest,
    digest::{FixedOutput, KeyInit, Update, consts::U32},
};
use scale::Encode;
use schnorrkel::{
    ExpansionMode, MiniSecretKey, PublicKey, Signature,
    derive::{ChainCode, Derivation},
};
use std::fmt;

/// Substrate's public development phrase, the root of `//Alice` and others.
pub(crate) const DEVELOPMENT: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
/// Mini secret of that phrase.
const DEVELOPMENT_SEED: [u8; 32] = [
    0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c, 0x3c, 0x8d, 0x65, 0x30, 0xf2, 0x02, 0xb0, 0x2f,
    0xd8, 0xf9, 0xf5, 0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e,
];
const CONTEXT: &[u8] = b"substrate";

/// A key that signs. Secrets are wiped when it is dropped, and `Debug` shows the address alone.
#[derive(Clone)]
pub struct Keypair {
    /// None of a key that was derived softly: it has no mini secret.
    seed: Option<MiniSecretKey>,
    pair: schnorrkel::Keypair,
}

/// One derivation of a key from another.
pub(crate) enum Junction {
    /// The new key tells nothing of the old one.
    Hard(ChainCode),
    /// The new public key follows from the old public key.
    Soft(ChainCode),
}

impl Junction {
    pub(crate) fn hard(name: &str) -> Self {
        Self::Hard(chain_code(name))
    }

    pub(crate) fn soft(name: &str) -> Self {
        Self::Soft(chain_code(name))
    }
}

/// The key of a neuron, as the field calls it.
pub type Hotkey = Keypair;

impl Keypair {
    /// The key of a 32-byte seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        // Any 32 bytes are a mini secret: only another length is refused.
        match MiniSecretKey::from_bytes(&seed) {
            Ok(seed) => Self::expand(seed),
            Err(_) => unreachable!("32 bytes are a mini secret"),
        }
    }

    /// The development key `//name`: a hard derivation from Substrate's development phrase. `from_name("Alice")` is the
    /// well-known Alice. Everyone has these keys.
    pub fn from_name(name: &str) -> Self {
        Self::from_seed(DEVELOPMENT_SEED).derive(&Junction::hard(name))
    }

    /// The account that the key signs for.
    pub fn account(&self) -> AccountId {
        AccountId::from(self.pair.public.to_bytes())
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign_simple(CONTEXT, message).to_bytes()
    }

    /// A secret that only this key can make again: keyed blake2b-256 of the context under the mini secret, or under the
    /// scalar of a key that has none. Different contexts give unrelated secrets.
    pub fn derive_secret(&self, context: &[u8]) -> [u8; 32] {
        let mut key = [0; 64];
        match &self.seed {
            Some(seed) => key[..32].copy_from_slice(seed.as_bytes()),
            // The other half is a random nonce, different each time that the key is derived.
            None => key[..32].copy_from_slice(&self.pair.secret.to_bytes()[..32]),
        }
        let mut mac = <Blake2bMac<U32> as KeyInit>::new(&key.into());
        mac.update(b"inktensor/derive/1");
        mac.update(context);
        mac.finalize_fixed().into()
    }

    pub(crate) fn derive(&self, junction: &Junction) -> Self {
        match junction {
            Junction::Hard(code) => Self::expand(self.pair.secret.hard_derive_mini_secret_key(Some(*code), b"").0),
            Junction::Soft(code) => Self { seed: None, pair: self.pair.derived_key_simple(*code, b"").0 },
        }
    }

    pub(crate) fn expand(seed: MiniSecretKey) -> Self {
        let pair = seed.expand_to_keypair(ExpansionMode::Ed25519);
        Self { seed: Some(seed), pair }
    }
}

impl fmt::Debug for Keypair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keypair({})", ss58(&self.account()))
    }
}

/// Whether `account` signed `message`.
pub fn verify(account: &AccountId, message: &[u8], signature: &[u8; 64]) -> bool {
    let (Ok(key), Ok(signature)) = (PublicKey::from_bytes(&account.0), Signature::from_bytes(signature)) else {
        return false;
    };
    key.verify_simple(CONTEXT, message, &signature).is_ok()
}

/// The chain code of a derivation: the SCALE encoding of the number (`u64`) or the name, padded with zeros to 32 bytes, or
/// its blake2b-256 when it is longer.
fn chain_code(name: &str) -> ChainCode {
    let encoded = name.parse().map_or_else(|_| name.encode(), |number: u64| number.encode());
    let mut code = [0; 32];
    match code.get_mut(..encoded.len()) {
        Some(head) => head.copy_from_slice(&encoded),
        None => code = <Blake2b<U32> as Digest>::digest(&encoded).into(),
    }
    ChainCode(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_keys_are_the_well_known_ones() {
        for (name, address) in [
            ("Alice", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"),
            ("Bob", "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"),
        ] {
            assert_eq!(ss58(&Keypair::from_name(name).account()), address);
        }
    }

    #[test]
    fn a_seed_gives_the_account_that_wallets_give() {
        // The development phrase itself: `subkey inspect` prints this account for it.
        assert_eq!(
            ss58(&Keypair::from_seed(DEVELOPMENT_SEED).account()),
            "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
        );
    }

    #[test]
    fn long_names_are_names_too() {
        let long = "a name of a key that is much longer than 32 bytes".to_owned();
        assert_ne!(Keypair::from_name(&long).account(), Keypair::from_name(&(long.clone() + "!")).account());
    }

    #[test]
    fn a_signature_is_bound_to_key_and_message() {
        let alice = Keypair::from_name("Alice");
        let signature = alice.sign(b"weights");
        assert!(verify(&alice.account(), b"weights", &signature));
        assert!(!verify(&alice.account(), b"weight", &signature));
        assert!(!verify(&Keypair::from_name("Bob").account(), b"weights", &signature));
        assert!(!verify(&alice.account(), b"weights", &[0; 64]));
        assert!(!verify(&AccountId::from([0xff; 32]), b"weights", &signature));
    }

    #[test]
    fn derived_secrets_are_repeatable_and_apart() {
        let alice = Keypair::from_name("Alice");
        assert_eq!(alice.derive_secret(b"1/7"), Keypair::from_name("Alice").derive_secret(b"1/7"));
        assert_ne!(alice.derive_secret(b"1/7"), alice.derive_secret(b"1/8"));
        assert_ne!(alice.derive_secret(b"1/7"), Keypair::from_name("Bob").derive_secret(b"1/7"));
        let soft = || alice.derive(&Junction::soft("hot"));
        assert_eq!(soft().derive_secret(b"1/7"), soft().derive_secret(b"1/7"), "also of a key without a mini secret");
        assert_ne!(soft().derive_secret(b"1/7"), alice.derive_secret(b"1/7"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = Keypair::from_name("Alice");
        assert_eq!(format!("{key:?}"), format!("Keypair({})", ss58(&key.account())));
    }
}
