//! Which fingerprints were seen, and where first.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

/// Where something stood first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In what the subnet's owner calls known.
    Known,
    /// In the contribution of this uid.
    Uid(u16),
}

/// Bits of a slot that hold the origin: 0 of an empty slot, 1 of what is known, 2 and more of uids.
const ORIGIN: u64 = (1 << 17) - 1;

/// A set of fingerprints with their origins, open addressing in slots of eight bytes: it is the evaluator's memory and most
/// of its work. Of a hash 47 bits count: two of four million hashes are taken for one in one case of ten.
#[derive(Debug)]
pub(crate) struct Seen {
    slots: Vec<u64>,
    used: usize,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self { slots: vec![0; 1 << 10], used: 0 }
    }

    /// Where `hash` was seen before; where it was not, it has been seen at `origin` now.
    pub(crate) fn see(&mut self, hash: u64, origin: Origin) -> Option<Origin> {
        let code = match origin {
            Origin::Known => 1,
            Origin::Uid(uid) => u64::from(uid) + 2,
        };
        let slot = self.find(hash);
        if self.slots[slot] != 0 {
            return Some(match self.slots[slot] & ORIGIN {
                1 => Origin::Known,
                // A uid and two.
                code => Origin::Uid((code - 2) as u16),
            });
        }
        self.slots[slot] = hash & !ORIGIN | code;
        self.used += 1;
        if self.used > self.slots.len() / 4 * 3 {
            self.grow();
        }
        None
    }

    /// The slot that has `hash`, or that would have it.
    fn find(&self, hash: u64) -> usize {
        let last = self.slots.len() - 1;
        let mut slot = (hash >> 17) as usize & last;
        // A slot is empty: a quarter of them are.
        while self.slots[slot] != 0 && (self.slots[slot] ^ hash) & !ORIGIN != 0 {
            slot = (slot + 1) & last;
        }
        slot
    }

    fn grow(&mut self) {
        let slots = vec![0; self.slots.len() * 2];
        for entry in mem::replace(&mut self.slots, slots) {
            if entry != 0 {
                let slot = self.find(entry);
                self.slots[slot] = entry;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_origin_is_kept(entries in proptest::collection::vec((0u64..2000, any::<u16>()), 0..3000)) {
            let mut seen = Seen::new();
            let mut expected = BTreeMap::new();
            for (hash, uid) in entries {
                let origin = if uid % 7 == 0 { Origin::Known } else { Origin::Uid(uid) };
                // Few places for many hashes.
                let hash = hash << 17 | u64::from(uid);
                prop_assert_eq!(seen.see(hash, origin), expected.get(&(hash >> 17)).copied());
                expected.entry(hash >> 17).or_insert(origin);
            }
        }
    }
}
