//! What one epoch leaves to the next: revealed weights, bonds and standings.

use crate::{standings::Standings, turn::BondRow, weights::WeightRow};
use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{Netuid, RegistrationId, Uid};

/// Validators whose bonds share one storage value: a full row takes 1,034 bytes, a value with its key may take 16,384.
const BOND_ROWS: usize = 15;
/// Bonds of up to fifteen validators: one storage value.
type BondChunk = Vec<BondRow>;

/// Weights by validator, bonds in chunks of fifteen validators, standings by subnet.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Memory {
    weights: Mapping<(Netuid, Uid), WeightRow, ManualKey<0x494e_4305>>,
    bonds: Mapping<(Netuid, u16), BondChunk, ManualKey<0x494e_4306>>,
    standings: Mapping<Netuid, Standings, ManualKey<0x494e_4307>>,
}

impl Memory {
    /// What the last epoch said of a subnet's neurons.
    pub fn standings(&self, netuid: Netuid) -> Standings {
        self.standings.get(netuid).unwrap_or_default()
    }

    /// The row that stands for a uid, whoever wrote it.
    pub fn weights(&self, netuid: Netuid, uid: Uid) -> Option<WeightRow> {
        self.weights.get((netuid, uid))
    }

    /// The rows of permitted validators, without those that a former tenant of the uid wrote.
    pub fn permitted(&self, netuid: Netuid, tenants: &[RegistrationId], permits: &[bool]) -> Vec<(Uid, WeightRow)> {
        let mut rows = Vec::new();
        for (uid, (tenant, permit)) in (0..).zip(tenants.iter().zip(permits)) {
            let row = if *permit { self.weights(netuid, uid) } else { None };
            rows.extend(row.filter(|row| row.registration_id == *tenant).map(|row| (uid, row)));
        }
        rows
    }

    /// The bonds of all validators that hold any.
    pub fn bonds(&self, netuid: Netuid) -> Vec<BondRow> {
        let mut rows = Vec::new();
        for number in 0..=u16::MAX {
            let Some(mut chunk) = self.bonds.get((netuid, number)) else { break };
            rows.append(&mut chunk);
        }
        rows
    }

    /// Takes the row that a validator wrote, in place of what stood for the uid.
    pub fn keep_weights(&mut self, netuid: Netuid, uid: Uid, row: &WeightRow) {
        self.weights.insert((netuid, uid), row);
    }

    /// Takes what an epoch decided, in place of what the epoch before did.
    pub fn keep(&mut self, netuid: Netuid, standings: &Standings, mut bonds: Vec<BondRow>) {
        self.standings.insert(netuid, standings);
        for number in 0..=u16::MAX {
            let rest = bonds.split_off(bonds.len().min(BOND_ROWS));
            if !bonds.is_empty() {
                self.bonds.insert((netuid, number), &bonds);
            } else if self.bonds.contains((netuid, number)) {
                // What an earlier epoch stored beyond; it ends where the first chunk is missing.
                self.bonds.remove((netuid, number));
            } else {
                break;
            }
            bonds = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Entries;
    use inktensor_primitives::limits::MAX_UIDS;
    use scale::Encode;

    fn row(uid: Uid) -> BondRow {
        BondRow { uid, registration_id: 1, bonds: [(uid, 1)].into_iter().collect() }
    }

    #[ink::test]
    fn fewer_bonds_replace_more() {
        let mut memory = Memory::default();
        let rows = |count: Uid| (0..count).map(row).collect::<Vec<_>>();
        for count in [0, 3, 64, 15, 16, 0, 31] {
            memory.keep(1, &Standings::default(), rows(count));
            assert_eq!(memory.bonds(1), rows(count), "{count} rows");
            assert_eq!(memory.bonds(2), vec![], "another subnet's are its own");
        }
    }

    #[test]
    fn a_chunk_of_full_rows_fits_a_storage_value() {
        let bonds: Entries = (0..MAX_UIDS).map(|uid| (uid, u16::MAX)).collect();
        let chunk = vec![BondRow { uid: 255, registration_id: u32::MAX, bonds }; BOND_ROWS];
        let key = (0x494e_4306_u32, u16::MAX, u16::MAX);
        assert!(chunk.encoded_size() + key.encoded_size() <= 16_384);
    }

    #[ink::test]
    fn rows_of_former_tenants_and_of_the_unpermitted_do_not_count() {
        let mut memory = Memory::default();
        let row = |tenancy| WeightRow { registration_id: tenancy, committed_ms: 1, weights: Entries::default() };
        for (uid, tenancy) in [(0, 10), (1, 11), (2, 12)] {
            memory.keep_weights(1, uid, &row(tenancy));
        }
        let rows = memory.permitted(1, &[10, 99, 12, 13], &[true, true, false, true]);
        assert_eq!(rows, vec![(0, row(10))]);
    }
}
