//! Approval by signature: what makes a permit valid, and what keeps it from being used twice.
//!
//! A permit names the token by its domain, so that it is worth nothing to another contract or on another chain, and
//! carries the owner's nonce, so that it works once. Contracts are not told which chain they are on: the domain holds the
//! block and the moment of deployment instead, which chains do not share by chance even where the address is the same.
//! (A fork of the chain shares them, as it shares a genesis hash: a deadline is the remedy.)

use ink::{
    env::hash::{Blake2x256, HashOutput},
    primitives::AccountId,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_primitives::psp22::{PSP22Error, Permit};
use scale::Encode;

/// First field of the domain: what is permitted, and by which version of these rules.
const NAME: [u8; 13] = *b"TAO permit v1";

/// The account whose id is all zeros. Its id is also the one sr25519 key for which anyone can sign.
const NOBODY: [u8; 32] = [0; 32];

/// What browser wallets put around the bytes they sign, so that none can pass for a transaction.
const OPEN: &[u8] = b"<Bytes>";
const CLOSE: &[u8] = b"</Bytes>";

/// What is remembered of permits.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Permits {
    domain: Lazy<[u8; 32], ManualKey<0x544f_4b44>>,
    nonces: Mapping<AccountId, u64, ManualKey<0x544f_4b4e>>,
}

impl Permits {
    /// Fixes the domain of a contract that is deployed in block `block` at chain time `now_ms`: the blake2b-256 of the
    /// characters `TAO permit v1`, the contract's address, the block number and the time, one after another in SCALE.
    pub fn open(&mut self, contract: AccountId, block: u32, now_ms: u64) {
        let mut domain = <Blake2x256 as HashOutput>::Type::default();
        ink::env::hash_encoded::<Blake2x256, _>(&(NAME, contract, block, now_ms), &mut domain);
        self.domain.set(&domain);
    }

    /// What binds a permit to this contract on this chain.
    pub fn domain(&self) -> [u8; 32] {
        self.domain.get_or_default()
    }

    /// The nonce of `owner`'s next permit.
    pub fn nonce(&self, owner: AccountId) -> u64 {
        self.nonces.get(owner).unwrap_or_default()
    }

    /// Checks a permit that is handed in at chain time `now_ms`, and uses it up. The allowance is left to the caller.
    /// Errors: `PermitExpired`, `PermitInvalidSignature`.
    pub fn redeem(
        &mut self,
        owner: AccountId,
        spender: AccountId,
        value: u128,
        deadline: u64,
        signature: &[u8; 64],
        now_ms: u64,
    ) -> Result<(), PSP22Error> {
        if now_ms > deadline {
            return Err(PSP22Error::PermitExpired);
        }
        let nonce = self.nonce(owner);
        let permit = Permit { domain: self.domain(), owner, spender, value, deadline, nonce };
        if !signed(&permit, signature) {
            return Err(PSP22Error::PermitInvalidSignature);
        }
        self.nonces.insert(owner, &nonce.saturating_add(1));
        Ok(())
    }
}

/// Whether the owner signed the permit, bare or in the envelope of browser wallets.
fn signed(permit: &Permit, signature: &[u8; 64]) -> bool {
    let owner: &[u8; 32] = permit.owner.as_ref();
    if *owner == NOBODY {
        return false;
    }
    let bare = permit.encode();
    let by_owner = |message: &[u8]| ink::env::sr25519_verify(signature, message, owner).is_ok();
    by_owner(&bare) || by_owner(&[OPEN, &bare, CLOSE].concat())
}
