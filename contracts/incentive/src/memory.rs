//! What one epoch leaves to the next: revealed weights, bonds and standings.

use crate::{standings::Standings, turn::BondRow, weights::WeightRow};
use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Mapping},
};
use inktensor_primitives::{registry::Neuron, Netuid, Uid};

/// Validators whose bonds share one storage value: a full row takes 1 KiB, a value may take 16.
const BOND_ROWS: usize = 8;
/// Bonds of up to eight validators: one storage value.
type BondChunk = Vec<BondRow>;

/// Weights by validator, bonds in chunks of eight validators, standings by subnet.
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

    /// The row that stands for a uid, whoever revealed it.
    pub fn weights(&self, netuid: Netuid, uid: Uid) -> Option<WeightRow> {
        self.weights.get((netuid, uid))
    }

    /// The rows of permitted validators, without those that a former tenant of the uid revealed.
    pub fn permitted(&self, netuid: Netuid, neurons: &[Neuron], permits: &[bool]) -> Vec<(Uid, WeightRow)> {
        let mut rows = Vec::new();
        for (uid, (neuron, permit)) in (0..).zip(neurons.iter().zip(permits)) {
            let row = if *permit { self.weights(netuid, uid) } else { None };
            rows.extend(row.filter(|row| row.registration_id == neuron.registration_id).map(|row| (uid, row)));
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

    /// Takes the row that a validator revealed, in place of what stood for the uid.
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

    fn row(uid: Uid) -> BondRow {
        BondRow { uid, registration_id: 1, bonds: [(uid, 1)].into_iter().collect() }
    }

    #[ink::test]
    fn fewer_bonds_replace_more() {
        let mut memory = Memory::default();
        let rows = |count: Uid| (0..count).map(row).collect::<Vec<_>>();
        for count in [0, 3, 64, 8, 9, 0, 17] {
            memory.keep(1, &Standings::default(), rows(count));
            assert_eq!(memory.bonds(1), rows(count), "{count} rows");
            assert_eq!(memory.bonds(2), vec![], "another subnet's are its own");
        }
    }
}
