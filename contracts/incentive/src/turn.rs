//! One epoch of a subnet, from what is stored to what Yuma decides.

use crate::{entries::Entries, standings::Standings, weights::WeightRow};
use ink::prelude::vec::Vec;
use inktensor_consensus::{epoch, liquid_alpha::LiquidAlpha, BondRule, EpochInput, EpochOutcome, Parameters, Row};
use inktensor_primitives::{
    hyperparameters::Hyperparameters,
    incentive::IncentiveError,
    registry::{Neuron, SubnetTerms},
    RegistrationId, Uid,
};

/// One validator's bonds, as the last epoch left them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct BondRow {
    /// The validator.
    pub uid: Uid,
    /// Its tenancy; a later tenant does not inherit the bonds.
    pub registration_id: RegistrationId,
    /// Bonds, uids ascending.
    pub bonds: Entries,
}

/// Everything that an epoch is computed from. Vectors are indexed by uid. Moments are ms of chain time, which count
/// as the blocks of the epoch's formulas: each block has its own.
pub struct Turn<'a> {
    /// The subnet.
    pub terms: &'a SubnetTerms,
    /// Its neurons.
    pub neurons: &'a [Neuron],
    /// Stake of each, in rao.
    pub stakes: &'a [u64],
    /// Whether each holds a permit.
    pub permits: &'a [bool],
    /// Revealed weights of permitted validators.
    pub weights: &'a [(Uid, WeightRow)],
    /// Bonds that the last epoch left.
    pub bonds: &'a [BondRow],
    /// Beginning of the epoch that ends, in ms.
    pub began_ms: u64,
    /// Now, in ms.
    pub now_ms: u64,
}

impl Turn<'_> {
    /// Runs Yuma. Errors: `InconsistentRegistry` for what a healthy registry cannot hold.
    pub fn run(&self) -> Result<EpochOutcome, IncentiveError> {
        let registered: Vec<u64> = self.neurons.iter().map(|neuron| neuron.registered_ms).collect();
        let mut last_update = registered.clone();
        let weights: Vec<_> = self.weights.iter().map(|(_, row)| row.weights.pairs()).collect();
        let bonds: Vec<_> = self.bonds.iter().map(|row| row.bonds.pairs()).collect();
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(weights.len().saturating_add(bonds.len()));
        for ((uid, row), weights) in self.weights.iter().zip(&weights) {
            if let Some(update) = last_update.get_mut(usize::from(*uid)) {
                *update = row.committed_ms;
            }
            rows.push(Row { uid: *uid, weights, bonds: &[], committed: Some(row.committed_ms) });
        }
        for (row, bonds) in self.bonds.iter().zip(&bonds) {
            if !self.is_tenant(row.uid, row.registration_id) {
                continue;
            }
            match rows.iter_mut().find(|known| known.uid == row.uid) {
                Some(known) => known.bonds = bonds,
                None => rows.push(Row { uid: row.uid, weights: &[], bonds, committed: None }),
            }
        }
        let input = EpochInput {
            uids: self.terms.neurons,
            current_block: self.now_ms,
            last_epoch_block: self.began_ms,
            stake: self.stakes,
            last_update: &last_update,
            registered: &registered,
            permits: self.permits,
            owner: self.owner(),
            rows: &rows,
            parameters: parameters(&self.terms.hyperparameters),
        };
        epoch(&input).map_err(|_| IncentiveError::InconsistentRegistry)
    }

    fn is_tenant(&self, uid: Uid, registration_id: RegistrationId) -> bool {
        self.neurons.get(usize::from(uid)).is_some_and(|neuron| neuron.registration_id == registration_id)
    }

    fn owner(&self) -> Option<Uid> {
        let hotkey = self.terms.owner_hotkey?;
        (0..).zip(self.neurons).find(|(_, neuron)| neuron.hotkey == hotkey).map(|(uid, _)| uid)
    }
}

/// The rules of a subnet, as consensus takes them.
fn parameters(rules: &Hyperparameters) -> Parameters {
    Parameters {
        kappa: rules.kappa,
        bonds_moving_average: rules.bonds_moving_average,
        bonds_penalty: rules.bonds_penalty,
        bonds: match (rules.yuma3, rules.liquid_alpha) {
            (false, _) => BondRule::Classic,
            (true, false) => BondRule::Yuma3,
            (true, true) => BondRule::LiquidYuma3(LiquidAlpha {
                low: rules.alpha_low,
                high: rules.alpha_high,
                steepness: i16::try_from(rules.alpha_sigmoid_steepness).unwrap_or(i16::MAX),
            }),
        },
        activity_cutoff: rules.activity_cutoff,
        stake_threshold: rules.stake_threshold,
        max_validators: rules.max_allowed_validators,
    }
}

/// What is stored of an outcome: the standings, and the bonds of those who keep them.
pub fn settle(outcome: EpochOutcome, neurons: &[Neuron]) -> (Standings, Vec<BondRow>) {
    let mut bonds = Vec::new();
    for (uid, row) in outcome.bonds.rows() {
        let row: Entries = row.collect();
        let neuron = neurons.get(usize::from(uid)).filter(|_| !row.is_empty());
        bonds.extend(neuron.map(|neuron| BondRow { uid, registration_id: neuron.registration_id, bonds: row }));
    }
    let mut permits = Vec::new();
    for (uid, permit) in (0..).zip(&outcome.validator_permit) {
        if *permit {
            permits.push(uid);
        }
    }
    let standings = Standings {
        tenants: neurons.iter().map(|neuron| neuron.registration_id).collect(),
        consensus: outcome.consensus,
        validator_trust: outcome.validator_trust,
        incentive: outcome.incentive,
        dividends: outcome.dividends,
        permits,
    };
    (standings, bonds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::primitives::AccountId;

    fn neuron(n: u8) -> Neuron {
        Neuron {
            hotkey: [n; 32].into(),
            coldkey: [100; 32].into(),
            registration_id: u32::from(n) + 1,
            registered_block: 1,
            registered_ms: 1_000,
        }
    }

    fn terms(neurons: u16) -> SubnetTerms {
        SubnetTerms {
            owner: AccountId::from([200; 32]),
            owner_hotkey: None,
            started_ms: Some(0),
            neurons,
            hyperparameters: Hyperparameters::default(),
        }
    }

    fn row(weights: &[(Uid, u16)]) -> WeightRow {
        WeightRow { registration_id: 1, committed_ms: 2_000, weights: weights.iter().copied().collect() }
    }

    #[test]
    fn weights_of_a_validator_pay_the_miner_and_leave_bonds() {
        let terms = terms(3);
        let neurons = [neuron(0), neuron(1), neuron(2)];
        let weights = [(0, row(&[(1, 65_535), (2, 6_553)]))];
        let turn = Turn {
            terms: &terms,
            neurons: &neurons,
            stakes: &[1_000, 0, 0],
            permits: &[true, false, false],
            weights: &weights,
            bonds: &[],
            began_ms: 500,
            now_ms: 3_000,
        };
        let outcome = turn.run().unwrap();
        assert!(outcome.incentive[1] > 9 * outcome.incentive[2]);
        assert_eq!(outcome.dividends[0], 65_535);
        let (standings, bonds) = settle(outcome, &neurons);
        assert!(standings.permit(0, 1) && !standings.permit(0, 2) && !standings.permit(1, 2));
        assert_eq!(bonds.len(), 1);
        assert_eq!(bonds[0].bonds.pairs().iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), vec![1, 2]);
    }

    #[test]
    fn bonds_of_a_former_tenant_are_not_inherited() {
        let terms = terms(3);
        let neurons = [neuron(0), neuron(1), neuron(2)];
        let bonds = [BondRow { uid: 0, registration_id: 77, bonds: [(1, 65_535)].into_iter().collect() }];
        let turn = Turn {
            terms: &terms,
            neurons: &neurons,
            stakes: &[1_000, 0, 0],
            permits: &[true, false, false],
            weights: &[],
            bonds: &bonds,
            began_ms: 2_000,
            now_ms: 3_000,
        };
        let (_, kept) = settle(turn.run().unwrap(), &neurons);
        assert!(kept.is_empty());
    }

    #[test]
    fn weights_committed_before_a_uid_was_registered_do_not_count() {
        let terms = terms(2);
        let mut neurons = [neuron(0), neuron(1)];
        neurons[1].registered_ms = 2_000;
        let weights = [(0, row(&[(1, 65_535)]))];
        let turn = Turn {
            terms: &terms,
            neurons: &neurons,
            stakes: &[1_000, 0],
            permits: &[true, false],
            weights: &weights,
            bonds: &[],
            began_ms: 500,
            now_ms: 3_000,
        };
        assert_eq!(turn.run().unwrap().incentive, vec![0, 0]);
    }
}
