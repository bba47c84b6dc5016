//! One epoch of a subnet, from what is stored to what Yuma decides.

use crate::{entries::Entries, weights::WeightRow};
use ink::prelude::vec::Vec;
use inktensor_consensus::{
    epoch, liquid_alpha::LiquidAlpha, BondRule, ConsensusRule, EpochInput, EpochOutcome, Parameters, Row,
};
use inktensor_primitives::{
    hyperparameters::EpochRules, incentive::IncentiveError, registry::EpochTerms, RegistrationId, Uid,
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

/// Everything that an epoch is computed from. Columns are in the order of uids. Moments are ms of chain time, which count
/// as the blocks of the epoch's formulas: each block has its own.
pub struct Turn<'a> {
    /// The subnet and its neurons.
    pub terms: &'a EpochTerms,
    /// Stake of each, in rao.
    pub stakes: &'a [u64],
    /// Whether each holds a permit.
    pub permits: &'a [bool],
    /// Weights of permitted validators.
    pub weights: &'a [(Uid, WeightRow)],
    /// Bonds that the last epoch left.
    pub bonds: &'a [BondRow],
    /// Beginning of the epoch that ends, in ms.
    pub began_ms: u64,
    /// Now, in ms.
    pub now_ms: u64,
}

impl Turn<'_> {
    /// Runs Yuma. Dividends are for those whose weights count, also where stake stands in for weights that no one set.
    /// Errors: `InconsistentRegistry` for what a healthy registry cannot hold.
    pub fn run(&self) -> Result<EpochOutcome, IncentiveError> {
        let terms = self.terms;
        let mut last_update = terms.registered_ms.clone();
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(self.weights.len().saturating_add(self.bonds.len()));
        for (uid, row) in self.weights {
            if let Some(update) = last_update.get_mut(usize::from(*uid)) {
                *update = row.committed_ms;
            }
            let committed = Some(row.committed_ms);
            rows.push(Row { uid: *uid, weights: row.weights.columns(), bonds: Default::default(), committed });
        }
        for row in self.bonds {
            if terms.registration_ids.get(usize::from(row.uid)) != Some(&row.registration_id) {
                continue;
            }
            let bonds = row.bonds.columns();
            match rows.iter_mut().find(|known| known.uid == row.uid) {
                Some(known) => known.bonds = bonds,
                None => rows.push(Row { uid: row.uid, weights: Default::default(), bonds, committed: None }),
            }
        }
        let input = EpochInput {
            uids: u16::try_from(terms.registration_ids.len()).map_err(|_| IncentiveError::InconsistentRegistry)?,
            current_block: self.now_ms,
            last_epoch_block: self.began_ms,
            stake: self.stakes,
            last_update: &last_update,
            registered: &terms.registered_ms,
            bonds_from: &terms.bonds_from_ms,
            permits: self.permits,
            owner: terms.owner_uid,
            rows: &rows,
            parameters: parameters(&terms.rules),
        };
        let mut outcome = epoch(&input).map_err(|_| IncentiveError::InconsistentRegistry)?;
        for (share, permit) in outcome.validator_share.iter_mut().zip(self.permits) {
            if !permit {
                *share = 0;
            }
        }
        Ok(outcome)
    }
}

/// The rules of a subnet, as consensus takes them.
fn parameters(rules: &EpochRules) -> Parameters {
    Parameters {
        kappa: rules.kappa,
        bonds_moving_average: rules.bonds_moving_average,
        bonds_penalty: rules.bonds_penalty,
        consensus: if rules.null_consensus { ConsensusRule::Null } else { ConsensusRule::Yuma },
        bonds: match (rules.yuma3, rules.liquid_alpha) {
            (false, _) => BondRule::Classic,
            (true, false) => BondRule::Yuma3,
            (true, true) => BondRule::LiquidYuma3(LiquidAlpha {
                low: rules.alpha_low,
                // Both are the owner's, set one by one: where they cross, all bonds move at the low rate.
                high: rules.alpha_high.max(rules.alpha_low),
                steepness: i16::try_from(rules.alpha_sigmoid_steepness).unwrap_or(i16::MAX),
            }),
        },
        activity_cutoff: rules.activity_cutoff,
        stake_threshold: rules.stake_threshold,
        max_validators: rules.max_allowed_validators,
    }
}

/// The bonds to store after an epoch: of validators that keep any.
pub fn bonds(outcome: &EpochOutcome, tenants: &[RegistrationId]) -> Vec<BondRow> {
    let mut bonds = Vec::new();
    for row in outcome.bonds.rows() {
        let tenant = tenants.get(usize::from(row.validator)).filter(|_| !row.uids.is_empty());
        bonds.extend(tenant.map(|registration_id| BondRow {
            uid: row.validator,
            registration_id: *registration_id,
            bonds: Entries::new(row.uids, row.values),
        }));
    }
    bonds
}

#[cfg(test)]
mod tests {
    use super::*;
    use inktensor_primitives::hyperparameters::Hyperparameters;

    /// A subnet of neurons that registered at 1,000 ms, under 1, 2, 3 and so on.
    fn terms(neurons: u32) -> EpochTerms {
        EpochTerms {
            generation: 1,
            started: true,
            owner_uid: None,
            rules: Hyperparameters::default().epoch(),
            hotkeys: (0..neurons).collect(),
            registration_ids: (1..=neurons).collect(),
            registered_ms: (0..neurons).map(|_| 1_000).collect(),
            bonds_from_ms: (0..neurons).map(|_| 1_000).collect(),
        }
    }

    fn row(weights: &[(Uid, u16)]) -> WeightRow {
        WeightRow { registration_id: 1, committed_ms: 2_000, weights: weights.iter().copied().collect() }
    }

    fn held(uid: Uid, registration_id: RegistrationId, bonds: &[(Uid, u16)]) -> BondRow {
        BondRow { uid, registration_id, bonds: bonds.iter().copied().collect() }
    }

    /// Three neurons of which uid 0 is the validator, at 3,000 ms, in an epoch that began at 2,500 ms.
    fn run(
        terms: &EpochTerms,
        weights: &[(Uid, WeightRow)],
        bonds: &[BondRow],
    ) -> Result<EpochOutcome, IncentiveError> {
        let permits = [true, false, false];
        let stakes = [1_000, 0, 0];
        Turn { terms, stakes: &stakes, permits: &permits, weights, bonds, began_ms: 2_500, now_ms: 3_000 }.run()
    }

    #[test]
    fn weights_of_a_validator_pay_the_miner_and_leave_bonds() {
        let terms = terms(3);
        let outcome = run(&terms, &[(0, row(&[(1, 65_535), (2, 6_553)]))], &[]).unwrap();
        assert!(outcome.incentive[1] > 9 * outcome.incentive[2]);
        assert_eq!(outcome.dividends[0], 65_535);
        assert_eq!(outcome.validator_permit, vec![true, false, false]);
        let bonds = bonds(&outcome, &terms.registration_ids);
        assert_eq!((bonds.len(), bonds[0].uid, bonds[0].registration_id), (1, 0, 1));
        assert_eq!(bonds[0].bonds.pairs().iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), vec![1, 2]);
    }

    #[test]
    fn bonds_of_a_former_tenant_are_not_inherited() {
        let terms = terms(3);
        let kept = |tenancy| {
            let outcome = run(&terms, &[(0, row(&[(1, 1)]))], &[held(0, tenancy, &[(1, 65_535)])]).unwrap();
            bonds(&outcome, &terms.registration_ids)[0].bonds.pairs()[0].1
        };
        assert!(kept(1) > 60_000, "its own bond stays near where it was");
        assert!(kept(77) < 10_000, "a successor begins anew");
    }

    #[test]
    fn bonds_toward_a_miner_that_begins_anew_are_dropped() {
        let mut terms = terms(3);
        let kept = |terms: &EpochTerms| {
            let outcome = run(terms, &[(0, row(&[(1, 1)]))], &[held(0, 1, &[(1, 65_535)])]).unwrap();
            bonds(&outcome, &terms.registration_ids)[0].bonds.pairs()[0].1
        };
        assert!(kept(&terms) > 60_000);
        terms.bonds_from_ms[1] = 2_600;
        assert!(kept(&terms) < 10_000);
    }

    #[test]
    fn weights_committed_before_a_uid_was_registered_do_not_count() {
        let mut terms = terms(3);
        terms.registered_ms[1] = 2_000;
        assert_eq!(run(&terms, &[(0, row(&[(1, 65_535)]))], &[]).unwrap().incentive, vec![0; 3]);
    }

    #[test]
    fn without_weights_stake_earns_dividends_where_there_is_a_permit() {
        let terms = terms(3);
        let permits = [false, true, false];
        let turn = Turn {
            terms: &terms,
            stakes: &[900, 100, 0],
            permits: &permits,
            weights: &[],
            bonds: &[],
            began_ms: 2_500,
            now_ms: 3_000,
        };
        let shares = turn.run().unwrap().validator_share;
        assert!(shares[0] == 0 && shares[1] > 0 && shares[2] == 0);
    }

    #[test]
    fn the_rules_of_the_subnet_decide() {
        let mut terms = terms(3);
        let weights = [(0, row(&[(1, 65_535), (2, 65_535)]))];
        terms.rules.null_consensus = true;
        let null = run(&terms, &weights, &[held(0, 1, &[(1, 65_535)])]).unwrap();
        assert!(bonds(&null, &terms.registration_ids).is_empty(), "null consensus keeps no bonds");
        assert_eq!(null.incentive, vec![0, 32_767, 32_767]);
        terms.rules.null_consensus = false;
        terms.rules.stake_threshold = 1_001;
        assert_eq!(run(&terms, &weights, &[]).unwrap().incentive, vec![0; 3]);
        terms.owner_uid = Some(0);
        assert_ne!(run(&terms, &weights, &[]).unwrap().incentive, vec![0; 3], "the owner's stake counts in any case");
        terms.rules.liquid_alpha = true;
        (terms.rules.alpha_low, terms.rules.alpha_high) = (50_000, 40_000);
        assert!(run(&terms, &weights, &[]).is_ok(), "an owner cannot stop its epochs");
    }

    #[test]
    fn columns_that_differ_in_length_are_refused() {
        for spoil in [
            |terms: &mut EpochTerms| terms.registered_ms.truncate(2),
            |terms: &mut EpochTerms| terms.bonds_from_ms.truncate(2),
            |terms: &mut EpochTerms| terms.registration_ids.push(9),
            |terms: &mut EpochTerms| terms.owner_uid = Some(3),
        ] {
            let mut terms = terms(3);
            spoil(&mut terms);
            assert_eq!(run(&terms, &[], &[]), Err(IncentiveError::InconsistentRegistry));
        }
    }
}
