//! Pools in storage: 16 to a cell, by the numbers of their hotkeys.
//!
//! Dividends touch many pools at once, and in storage cells are dear and bytes are cheap. A pool is a row of 64-bit words, a
//! page is its rows one after the other: SCALE copies that in one piece. A message reads each page once, changes pools in
//! memory, and writes the changed pages at its end.

use crate::{
    pool::{Pool, Position},
    take::Take,
};
use ink::{
    prelude::vec::Vec,
    primitives::AccountId,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::HotkeyId;

/// Pools of a page.
pub const POOLS: u32 = 16;
/// Words of a pool.
const ROW: usize = 12;
/// Set in the last word of a row that holds a pool.
const OPEN: u64 = 1 << 32;

/// Pages by number: words of up to [`POOLS`] rows, as many as the last pool needs.
pub type Pages = Mapping<u32, Vec<u64>, ManualKey<0x5354_4b47>>;

/// The pages that a message works on.
#[derive(Default)]
pub struct Book {
    storage: Pages,
    pages: Vec<Page>,
    opened: Vec<HotkeyId>,
}

struct Page {
    number: u32,
    words: Vec<u64>,
    changed: bool,
}

impl Book {
    /// The pool of a hotkey, if it has one.
    pub fn pool(&mut self, id: HotkeyId) -> Option<Pool> {
        self.row(id).and_then(read)
    }

    /// All stake on a hotkey, in rao.
    pub fn value(&mut self, id: HotkeyId) -> u64 {
        self.row(id).map_or(0, |row| row[0])
    }

    /// Replaces the pool of a hotkey, or opens it.
    pub fn set(&mut self, id: HotkeyId, pool: &Pool) {
        let (page, start) = self.find(id);
        let Some(page) = self.pages.get_mut(page) else { return };
        let end = start.saturating_add(ROW);
        if page.words.len() < end {
            page.words.resize(end, 0);
        }
        let Some(row) = page.words.get_mut(start..end) else { return };
        if row.last().is_none_or(|last| *last & OPEN == 0) {
            self.opened.push(id);
        }
        row.copy_from_slice(&write(pool));
        page.changed = true;
    }

    /// Writes what changed and returns the hotkeys whose pools are new.
    pub fn save(mut self) -> Vec<HotkeyId> {
        for page in self.pages.iter().filter(|page| page.changed) {
            self.storage.insert(page.number, &page.words);
        }
        self.opened
    }

    fn row(&mut self, id: HotkeyId) -> Option<&[u64; ROW]> {
        let (page, start) = self.find(id);
        let words = &self.pages.get(page)?.words;
        words.get(start..start.saturating_add(ROW))?.try_into().ok()
    }

    /// Where a hotkey's row is: its page among those read, and the row's first word.
    fn find(&mut self, id: HotkeyId) -> (usize, usize) {
        let number = id.checked_div(POOLS).unwrap_or(0);
        let slot = usize::try_from(id.checked_rem(POOLS).unwrap_or(0)).unwrap_or(0);
        let page = self.pages.iter().position(|page| page.number == number).unwrap_or_else(|| {
            let words = self.storage.get(number).unwrap_or_default();
            self.pages.push(Page { number, words, changed: false });
            self.pages.len().saturating_sub(1)
        });
        (page, slot.saturating_mul(ROW))
    }
}

fn read(row: &[u64; ROW]) -> Option<Pool> {
    let [value, shares, shares_high, own, own_high, locked_until_ms, a, b, c, d, raised_ms, last] = *row;
    (last & OPEN != 0).then(|| Pool {
        coldkey: AccountId::from(join_key([a, b, c, d])),
        value,
        shares: join(shares, shares_high),
        own: Position { shares: join(own, own_high), locked_until_ms },
        take: Take { before: low(last), after: low(last >> 16), raised_ms },
    })
}

fn write(pool: &Pool) -> [u64; ROW] {
    let (shares, shares_high) = split(pool.shares);
    let (own, own_high) = split(pool.own.shares);
    let [a, b, c, d] = split_key(pool.coldkey.as_ref());
    let last = OPEN | u64::from(pool.take.after) << 16 | u64::from(pool.take.before);
    let locked = pool.own.locked_until_ms;
    [pool.value, shares, shares_high, own, own_high, locked, a, b, c, d, pool.take.raised_ms, last]
}

fn join(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

#[allow(clippy::cast_possible_truncation)] // splitting is what it is for
fn split(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

#[allow(clippy::cast_possible_truncation)] // the lower half is meant
fn low(word: u64) -> u16 {
    word as u16
}

fn join_key(words: [u64; 4]) -> [u8; 32] {
    let mut key = [0; 32];
    for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    key
}

fn split_key(key: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(key.chunks_exact(8)) {
        *word = bytes.try_into().map_or(0, u64::from_le_bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pool(number: u64) -> Pool {
        let mut pool = Pool::new(AccountId::from([7; 32]));
        pool.value = number;
        pool
    }

    proptest! {
        /// A row gives back the pool that was put in, whatever it holds.
        #[test]
        fn rows_keep_pools(
            coldkey: [u8; 32], value: u64, shares: u128, own: u128, locked_until_ms: u64,
            before: u16, after: u16, raised_ms: u64,
        ) {
            let own = Position { shares: own, locked_until_ms };
            let take = Take { before, after, raised_ms };
            let pool = Pool { coldkey: AccountId::from(coldkey), value, shares, own, take };
            prop_assert_eq!(read(&write(&pool)), Some(pool));
        }
    }

    #[ink::test]
    fn what_is_saved_is_read_again_and_neighbours_stay() {
        let mut book = Book::default();
        for id in [5, 900, 4, 15, 16] {
            book.set(id, &pool(u64::from(id)));
            book.set(id, &pool(u64::from(id) + 1));
        }
        assert_eq!(book.save(), [5, 900, 4, 15, 16]);
        let mut book = Book::default();
        for id in [4, 5, 15, 16, 900] {
            assert_eq!(book.pool(id), Some(pool(u64::from(id) + 1)));
            assert_eq!(book.value(id), u64::from(id) + 1);
        }
        for id in [0, 6, 14, 17, 899, 901, u32::MAX] {
            assert_eq!((book.pool(id), book.value(id)), (None, 0));
        }
        book.set(5, &pool(77));
        assert_eq!(book.save(), Vec::<HotkeyId>::new());
        assert_eq!(Book::default().pool(5), Some(pool(77)));
        assert_eq!(Book::default().pool(4), Some(pool(5)));
    }

    #[ink::test]
    fn what_is_not_saved_is_forgotten() {
        Book::default().set(3, &pool(9));
        assert_eq!(Book::default().pool(3), None);
    }
}
