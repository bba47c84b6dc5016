//! Coldkeys that are exchanged: for one that may be stolen, or that is moved to safer hardware.
//!
//! A swap is announced by a hash and made after five days. From its announcement the old coldkey is locked, here and in
//! staking, for good: a thief moves nothing meanwhile, and whoever holds the key and did not announce it disputes it,
//! which stops it until governance decides. What the old coldkey owned is moved afterwards, piece by piece, by anyone.

use crate::{events::emit, refusal::Refusal, store::Cells};
use ink::{
    prelude::boxed::Box,
    primitives::{AccountId, Hash},
    storage::{traits::ManualKey, Mapping},
};
use inktensor_consensus::emission::SLOT_MS;
use inktensor_primitives::registry::{coldkey_hash, ColdkeySwap, ColdkeySwapSet, RegistryError};

/// Time between the announcement of a swap and the swap, in ms: 5 days.
pub const SWAP_DELAY_MS: u64 = 36_000 * SLOT_MS;
/// Time after which another swap can be announced instead, in ms: a day.
pub const REANNOUNCE_MS: u64 = 7_200 * SLOT_MS;
/// Swaps in a row that are followed from a coldkey to the one that owns what it owned.
const MAX_HEIRS: u8 = 8;

/// Announced and made swaps.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Coldkeys {
    swaps: Mapping<AccountId, ColdkeySwap, ManualKey<0x5243_5357>>,
}

impl Coldkeys {
    /// Whether a coldkey has announced a swap, or was swapped.
    pub fn is_locked(&self, coldkey: AccountId) -> bool {
        self.swaps.has(coldkey)
    }

    /// The swap of a coldkey, announced or made.
    pub fn swap_of(&self, coldkey: AccountId) -> Option<Box<ColdkeySwap>> {
        self.swaps.load(coldkey).map(Box::new)
    }

    /// The coldkey that a swapped coldkey became.
    pub fn successor(&self, coldkey: AccountId) -> Option<AccountId> {
        self.swap_of(coldkey)?.successor
    }

    /// Who owns now what `coldkey` owned: the last of its successors, or itself.
    pub fn heir(&self, coldkey: AccountId) -> AccountId {
        let mut heir = coldkey;
        for _ in 0..MAX_HEIRS {
            match self.successor(heir) {
                Some(successor) => heir = successor,
                None => break,
            }
        }
        heir
    }

    /// Announces a swap.
    /// Errors: `KeyInUse` if it was swapped, `SwapDisputed`, `SwapRateLimited`.
    pub fn announce(&mut self, coldkey: AccountId, hash: Hash, now_ms: u64) -> Result<(), Refusal> {
        let due_ms = now_ms.saturating_add(SWAP_DELAY_MS);
        match self.swap_of(coldkey) {
            Some(swap) if swap.successor.is_some() => return Err(RegistryError::KeyInUse.into()),
            Some(swap) if swap.disputed => return Err(RegistryError::SwapDisputed.into()),
            Some(swap) if due_ms.saturating_sub(swap.due_ms) < REANNOUNCE_MS => {
                return Err(RegistryError::SwapRateLimited.into())
            }
            _ => {}
        }
        self.change(coldkey, Some(Box::new(ColdkeySwap { hash, due_ms, disputed: false, successor: None })));
        Ok(())
    }

    /// The announced swap of a coldkey. Errors: `SwapNotAnnounced`.
    fn announced(&self, coldkey: AccountId) -> Result<Box<ColdkeySwap>, Refusal> {
        self.swap_of(coldkey)
            .filter(|swap| swap.successor.is_none())
            .ok_or_else(|| RegistryError::SwapNotAnnounced.into())
    }

    /// Stops an announced swap until governance decides. Errors: `SwapNotAnnounced`, `SwapDisputed`.
    pub fn dispute(&mut self, coldkey: AccountId) -> Result<(), Refusal> {
        let mut swap = self.announced(coldkey)?;
        if swap.disputed {
            return Err(RegistryError::SwapDisputed.into());
        }
        swap.disputed = true;
        self.change(coldkey, Some(swap));
        Ok(())
    }

    /// Takes back an announced swap. Errors: `SwapNotAnnounced`.
    pub fn reset(&mut self, coldkey: AccountId) -> Result<(), Refusal> {
        self.announced(coldkey)?;
        self.change(coldkey, None);
        Ok(())
    }

    /// Makes an announced swap. Errors: `SwapNotAnnounced`, `SwapDisputed`, `SwapNotDue`, `SwapMismatch`, `KeyInUse` if
    /// the new coldkey is the old one, has a swap of its own or had one.
    pub fn swap(&mut self, old: AccountId, new: AccountId, now_ms: u64) -> Result<(), Refusal> {
        let mut swap = self.announced(old)?;
        if swap.disputed {
            return Err(RegistryError::SwapDisputed.into());
        }
        if now_ms < swap.due_ms {
            return Err(RegistryError::SwapNotDue.into());
        }
        if coldkey_hash(new) != swap.hash {
            return Err(RegistryError::SwapMismatch.into());
        }
        // The old one has a swap: so no coldkey comes to succeed itself, not even after many swaps.
        if self.is_locked(new) {
            return Err(RegistryError::KeyInUse.into());
        }
        swap.successor = Some(new);
        self.change(old, Some(swap));
        Ok(())
    }

    /// Stores what became of a swap, and tells it.
    #[inline(never)]
    fn change(&mut self, coldkey: AccountId, swap: Option<Box<ColdkeySwap>>) {
        match &swap {
            Some(swap) => self.swaps.save(coldkey, swap),
            None => self.swaps.clear(coldkey),
        }
        emit(ColdkeySwapSet { coldkey, swap: swap.map(|swap| *swap) });
    }
}
