//! Access to storage cells by one copy of the code.
//!
//! ink! makes a copy of its storage access for each kind of key and of value. Here both are encoded first and pass as bytes.
//! What lies in storage, and under which key, is the same as by [`Mapping`] and [`Lazy`] themselves.

use ink::{
    prelude::vec::Vec,
    storage::{
        traits::{Packed, StorageKey},
        Lazy, Mapping,
    },
};
use scale::{Decode, Encode, EncodeLike, Error, Input, Output};

/// A [`Mapping`], accessed by bytes.
pub trait Cells<K: Encode, V: Packed> {
    /// The value of a key.
    fn load<Q: EncodeLike<K>>(&self, key: Q) -> Option<V>;
    /// Stores the value of a key.
    fn save<Q: EncodeLike<K>>(&mut self, key: Q, value: &V);
    /// Removes the value of a key.
    fn clear<Q: EncodeLike<K>>(&mut self, key: Q);
    /// Whether a key has a value.
    fn has<Q: EncodeLike<K>>(&self, key: Q) -> bool;
}

impl<K: Encode, V: Packed, Key: StorageKey> Cells<K, V> for Mapping<K, V, Key> {
    fn load<Q: EncodeLike<K>>(&self, key: Q) -> Option<V> {
        decoded(load(&Place(Key::KEY, encoded(&key)))?)
    }

    fn save<Q: EncodeLike<K>>(&mut self, key: Q, value: &V) {
        save(&Place(Key::KEY, encoded(&key)), Encode::encode(value));
    }

    fn clear<Q: EncodeLike<K>>(&mut self, key: Q) {
        clear(&Place(Key::KEY, encoded(&key)));
    }

    fn has<Q: EncodeLike<K>>(&self, key: Q) -> bool {
        has(&Place(Key::KEY, encoded(&key)))
    }
}

/// A [`Lazy`], accessed by bytes.
pub trait Cell<V: Packed> {
    /// The value.
    fn load(&self) -> Option<V>;
    /// Stores the value.
    fn save(&mut self, value: &V);
}

impl<V: Packed, Key: StorageKey> Cell<V> for Lazy<V, Key> {
    fn load(&self) -> Option<V> {
        decoded(load(&Place(Key::KEY, Vec::new()))?)
    }

    fn save(&mut self, value: &V) {
        save(&Place(Key::KEY, Vec::new()), Encode::encode(value));
    }
}

/// Where a cell lies: the number of its mapping, and its key.
struct Place(u32, Vec<u8>);

impl Encode for Place {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        self.0.encode_to(output);
        output.write(&self.1);
    }
}

#[inline(never)]
fn encoded<K: Encode>(key: &K) -> Vec<u8> {
    key.encode()
}

#[inline(never)]
fn load(place: &Place) -> Option<Vec<u8>> {
    match ink::env::get_contract_storage::<Place, Bytes>(place) {
        Ok(bytes) => bytes.map(|bytes| bytes.0),
        Err(_) => corrupt(),
    }
}

#[inline(never)]
fn save(place: &Place, value: Vec<u8>) {
    ink::env::set_contract_storage(place, &Bytes(value));
}

#[inline(never)]
fn clear(place: &Place) {
    ink::env::clear_contract_storage(place);
}

#[inline(never)]
fn has(place: &Place) -> bool {
    ink::env::contains_contract_storage(place).is_some()
}

fn decoded<V: Decode>(bytes: Vec<u8>) -> Option<V> {
    match V::decode(&mut &bytes[..]) {
        Ok(value) => Some(value),
        Err(_) => corrupt(),
    }
}

/// A cell holds what this code did not write: as in ink!, the message traps and changes nothing.
#[cold]
#[inline(never)]
fn corrupt() -> ! {
    panic!("corrupt storage")
}

/// All bytes of a cell, without a length before them.
struct Bytes(Vec<u8>);

impl Encode for Bytes {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        output.write(&self.0);
    }
}

impl Decode for Bytes {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let mut bytes = ink::prelude::vec![0; input.remaining_len()?.unwrap_or(0)];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::storage::traits::ManualKey;

    #[ink::test]
    fn cells_lie_where_ink_looks_for_them() {
        let mut cells: Mapping<(u16, u32), Vec<u64>, ManualKey<7>> = Mapping::new();
        cells.save((1, 2), &vec![3, 4]);
        assert_eq!(
            (cells.get((1, 2)), cells.load((1, 2)), cells.load((2, 1))),
            (Some(vec![3, 4]), Some(vec![3, 4]), None)
        );
        cells.insert((9, 9), &vec![5]);
        assert_eq!((cells.load((9, 9)), cells.has((9, 9)), cells.has((9, 8))), (Some(vec![5]), true, false));
        cells.clear((9, 9));
        assert!(!cells.contains((9, 9)));

        let mut cell: Lazy<Option<u64>, ManualKey<8>> = Lazy::new();
        assert_eq!(cell.load(), None);
        cell.save(&Some(6));
        assert_eq!((cell.get(), cell.load()), (Some(Some(6)), Some(Some(6))));
    }
}
