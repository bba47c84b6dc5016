//! A sparse row of u16 values, packed for storage.

use ink::prelude::vec::Vec;
use inktensor_primitives::Uid;

/// Values by uid, as two columns: SCALE copies a column of numbers in one go, pairs one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Entries {
    uids: Vec<Uid>,
    values: Vec<u16>,
}

impl Entries {
    /// Values by uid, each uid with the value at the same place.
    pub fn new(uids: Vec<Uid>, values: Vec<u16>) -> Self {
        Self { uids, values }
    }

    /// As consensus takes them.
    pub fn columns(&self) -> inktensor_consensus::Entries<'_> {
        inktensor_consensus::Entries::new(&self.uids, &self.values)
    }

    /// Uids, and the value of each in the same order.
    pub fn into_columns(self) -> (Vec<Uid>, Vec<u16>) {
        (self.uids, self.values)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.uids.is_empty()
    }
}

#[cfg(test)]
impl Entries {
    /// As pairs, in the order in which they came.
    pub fn pairs(&self) -> Vec<(Uid, u16)> {
        self.uids.iter().copied().zip(self.values.iter().copied()).collect()
    }
}

#[cfg(test)]
impl FromIterator<(Uid, u16)> for Entries {
    fn from_iter<T: IntoIterator<Item = (Uid, u16)>>(pairs: T) -> Self {
        let (uids, values) = pairs.into_iter().unzip();
        Self { uids, values }
    }
}
