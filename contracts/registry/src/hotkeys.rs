//! Hotkeys: their numbers, their coldkeys, and how either is exchanged.
//!
//! A hotkey gets a number when it gets an owner. Neurons, stake and root membership are filed under the number, so that
//! exchanging the key, or its owner, changes one entry here and nothing anywhere else.
//!
//! Whose is a hotkey? As in subtensor, any coldkey may associate a hotkey that nobody owns, and the key itself is not
//! asked. What was done without the key, the key may correct: for seven days after its association it can name another
//! coldkey, once. After that, or after it consented, only its owner can move it; a hotkey lies on a machine that serves,
//! and who breaks into that shall not take what the coldkey owns.

use crate::{
    refusal::Refusal,
    store::{Cell, Cells},
};
use ink::{
    prelude::vec::Vec,
    primitives::AccountId,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_consensus::emission::SLOT_MS;
use inktensor_primitives::{
    registry::{Hotkey, RegistryError},
    HotkeyId,
};

/// Time after an association in which the hotkey may name another coldkey, in ms: 7 days.
pub const CONSENT_MS: u64 = 50_400 * SLOT_MS;
/// Least time between two swaps of hotkeys by one coldkey, in ms: a day.
pub const SWAP_INTERVAL_MS: u64 = 7_200 * SLOT_MS;
/// What a swap of a hotkey recycles, in rao: 0.1 TAO.
pub const SWAP_COST: u64 = 100_000_000;

/// Entries of a page.
const PAGE: u32 = 32;
/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of an entry: the hotkey and its coldkey.
const ENTRY: usize = 64;

/// Up to 32 hotkeys with consecutive numbers, packed, so that pages of neurons are shown with few reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct KeyPage {
    /// Hotkey and coldkey of each, 64 bytes.
    keys: Vec<u8>,
    /// Chain time in ms until which each may name another coldkey; 0 once it may not.
    open_until_ms: Vec<u64>,
}

/// All hotkeys.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Hotkeys {
    ids: Mapping<AccountId, HotkeyId, ManualKey<0x5248_4944>>,
    pages: Mapping<u32, KeyPage, ManualKey<0x5248_4B50>>,
    count: Lazy<HotkeyId, ManualKey<0x5248_4354>>,
    /// When a coldkey last swapped a hotkey, in ms of chain time.
    swapped: Mapping<AccountId, u64, ManualKey<0x5248_5357>>,
}

impl KeyPage {
    fn entry(&self, id: HotkeyId) -> Option<Hotkey> {
        let (_, slot) = place(id);
        let entry = self.keys.chunks_exact(ENTRY).nth(slot)?;
        let (hotkey, coldkey) = entry.split_at_checked(KEY)?;
        Some(Hotkey { id, hotkey: key(hotkey)?, coldkey: key(coldkey)? })
    }

    /// Stores an entry, which exists or is the next one.
    fn put(&mut self, entry: &Hotkey, open_until_ms: u64) {
        let (_, slot) = place(entry.id);
        let start = slot.saturating_mul(ENTRY);
        if self.keys.len() <= start {
            self.keys.resize(start.saturating_add(ENTRY), 0);
            self.open_until_ms.resize(slot.saturating_add(1), 0);
        }
        let mut keys = self.keys.chunks_exact_mut(KEY).skip(slot.saturating_mul(2));
        for new in [entry.hotkey, entry.coldkey] {
            if let Some(old) = keys.next() {
                old.copy_from_slice(new.as_ref());
            }
        }
        if let Some(open) = self.open_until_ms.get_mut(slot) {
            *open = open_until_ms;
        }
    }
}

impl Hotkeys {
    /// The number of a hotkey, if it has an owner.
    pub fn id(&self, hotkey: AccountId) -> Option<HotkeyId> {
        self.ids.load(hotkey)
    }

    /// A hotkey's number and owner, if it has one.
    pub fn by_key(&self, hotkey: AccountId) -> Option<Hotkey> {
        self.by_id(self.id(hotkey)?)
    }

    /// The hotkey with a number.
    pub fn by_id(&self, id: HotkeyId) -> Option<Hotkey> {
        self.page(id).entry(id)
    }

    /// The hotkeys with these numbers, in their order. Each page of keys is read once.
    pub fn list(&self, ids: &[HotkeyId]) -> Vec<Hotkey> {
        let mut pages: Vec<(u32, KeyPage)> = Vec::new();
        let mut hotkeys = Vec::with_capacity(ids.len());
        for id in ids {
            let number = place(*id).0;
            let read = pages.iter().position(|page| page.0 == number);
            let at = read.unwrap_or(pages.len());
            if read.is_none() {
                pages.push((number, self.page(*id)));
            }
            if let Some(entry) = pages.get(at).and_then(|page| page.1.entry(*id)) {
                hotkeys.push(entry);
            }
        }
        hotkeys
    }

    /// Deals the next number to a hotkey that has none. Errors: `Overflow`.
    pub fn deal(&mut self, hotkey: AccountId, coldkey: AccountId, open_until_ms: u64) -> Result<HotkeyId, Refusal> {
        let id = self.count.load().unwrap_or_default();
        self.count.save(&id.checked_add(1).ok_or(RegistryError::Overflow)?);
        self.ids.save(hotkey, &id);
        self.put(&Hotkey { id, hotkey, coldkey }, open_until_ms);
        Ok(id)
    }

    /// Lets a hotkey that has an owner settle who that is. Errors: `NotHotkeyOwner` if it is another and the time to
    /// correct it is over.
    pub fn settle(&mut self, entry: &mut Hotkey, coldkey: AccountId, now_ms: u64) -> Result<(), Refusal> {
        let open_until_ms = self.page(entry.id).open_until_ms.get(place(entry.id).1).copied().unwrap_or(0);
        if entry.coldkey != coldkey && now_ms >= open_until_ms {
            return Err(RegistryError::NotHotkeyOwner.into());
        }
        entry.coldkey = coldkey;
        self.put(entry, 0);
        Ok(())
    }

    /// Puts another key in the place of one, for its owner. Errors: `KeyInUse`, `SwapRateLimited`.
    pub fn swap(&mut self, entry: &mut Hotkey, new: AccountId, now_ms: u64) -> Result<(), Refusal> {
        if self.ids.has(new) {
            return Err(RegistryError::KeyInUse.into());
        }
        let last = self.swapped.load(entry.coldkey);
        if last.is_some_and(|last| now_ms.saturating_sub(last) < SWAP_INTERVAL_MS) {
            return Err(RegistryError::SwapRateLimited.into());
        }
        self.swapped.save(entry.coldkey, &now_ms);
        self.ids.clear(entry.hotkey);
        self.ids.save(new, &entry.id);
        entry.hotkey = new;
        self.put(entry, 0);
        Ok(())
    }

    /// Stores an entry. Until `open_until_ms` the hotkey may name another coldkey.
    pub fn put(&mut self, entry: &Hotkey, open_until_ms: u64) {
        let mut page = self.page(entry.id);
        page.put(entry, open_until_ms);
        self.pages.save(place(entry.id).0, &page);
    }

    fn page(&self, id: HotkeyId) -> KeyPage {
        self.pages.load(place(id).0).unwrap_or_default()
    }
}

/// Page and slot of a number.
fn place(id: HotkeyId) -> (u32, usize) {
    (id / PAGE, usize::try_from(id % PAGE).unwrap_or(0))
}

fn key(bytes: &[u8]) -> Option<AccountId> {
    <[u8; KEY]>::try_from(bytes).ok().map(AccountId::from)
}
