//! Weights: what a reveal must satisfy, and the form in which they are stored.

use crate::entries::Entries;
use ink::prelude::vec::Vec;
use inktensor_consensus::weights::{max_limited, max_upscale};
use inktensor_primitives::{
    hyperparameters::Hyperparameters, incentive::IncentiveError, registry::Neuron, RegistrationId, WeightEntry,
};

/// One validator's weights.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct WeightRow {
    /// The validator's tenancy of its uid; a later tenant does not inherit the row.
    pub registration_id: RegistrationId,
    /// Chain time in ms of the commit behind it.
    pub committed_ms: u64,
    /// Weights, uids ascending, the highest 65,535.
    pub weights: Entries,
}

/// Checks revealed weights against the subnet's rules, without looking at who holds the uids.
///
/// Errors: `TooManyWeights`, `TooFewWeights`, `UidOutOfRange`, `UidsNotAscending`, `MaxWeightExceeded`.
pub fn check(weights: &[WeightEntry], neurons: u16, rules: &Hyperparameters) -> Result<(), IncentiveError> {
    if weights.len() > usize::from(neurons) {
        return Err(IncentiveError::TooManyWeights);
    }
    if weights.len() < usize::from(rules.min_allowed_weights) {
        return Err(IncentiveError::TooFewWeights);
    }
    let mut last = None;
    for (uid, _, _) in weights {
        if *uid >= neurons {
            return Err(IncentiveError::UidOutOfRange);
        }
        if last.is_some_and(|last| *uid <= last) {
            return Err(IncentiveError::UidsNotAscending);
        }
        last = Some(*uid);
    }
    let values: Vec<u16> = weights.iter().map(|(_, _, weight)| *weight).collect();
    if rules.max_weight_limit < u16::MAX && !max_limited(&values, rules.max_weight_limit) {
        return Err(IncentiveError::MaxWeightExceeded);
    }
    Ok(())
}

/// The row to store: weights toward uids that have another tenant now are dropped, zeros too, and the rest is scaled so
/// that the highest is 65,535. Also how many were dropped for their tenant.
pub fn settle(weights: &[WeightEntry], neurons: &[Neuron]) -> (Entries, u16) {
    let mut dropped: u16 = 0;
    let mut uids = Vec::with_capacity(weights.len());
    let mut values = Vec::with_capacity(weights.len());
    for (uid, registration_id, weight) in weights {
        let tenant = neurons.get(usize::from(*uid)).map(|neuron| neuron.registration_id);
        if tenant != Some(*registration_id) {
            dropped = dropped.saturating_add(1);
        } else if *weight > 0 {
            uids.push(*uid);
            values.push(*weight);
        }
    }
    max_upscale(&mut values);
    (Entries::new(uids, values), dropped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neurons(n: u32) -> Vec<Neuron> {
        (1..=n)
            .map(|registration_id| Neuron {
                hotkey: [1; 32].into(),
                coldkey: [2; 32].into(),
                registration_id,
                registered_block: 0,
                registered_ms: 0,
            })
            .collect()
    }

    #[test]
    fn rules_are_named() {
        let rules = Hyperparameters { min_allowed_weights: 2, max_weight_limit: 40_000, ..Default::default() };
        let refuse = |weights: &[WeightEntry]| check(weights, 3, &rules).unwrap_err();
        assert_eq!(refuse(&[(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1)]), IncentiveError::TooManyWeights);
        assert_eq!(refuse(&[(0, 1, 1)]), IncentiveError::TooFewWeights);
        assert_eq!(refuse(&[(0, 1, 1), (3, 1, 1)]), IncentiveError::UidOutOfRange);
        assert_eq!(refuse(&[(1, 1, 1), (1, 1, 1)]), IncentiveError::UidsNotAscending);
        assert_eq!(refuse(&[(2, 1, 1), (1, 1, 1)]), IncentiveError::UidsNotAscending);
        assert_eq!(refuse(&[(0, 1, 9), (1, 2, 1)]), IncentiveError::MaxWeightExceeded);
        assert_eq!(check(&[(0, 1, 1), (1, 2, 1)], 3, &rules), Ok(()));
    }

    #[test]
    fn a_reused_uid_inherits_no_weight() {
        let mut neurons = neurons(3);
        neurons[1].registration_id = 9;
        let (row, dropped) = settle(&[(0, 1, 100), (1, 2, 50_000), (2, 3, 200)], &neurons);
        assert_eq!((row.pairs(), dropped), (vec![(0, 32_768), (2, 65_535)], 1));
    }
}
