//! Weights: what a row must satisfy, and the form in which it is stored.

use crate::entries::Entries;
use ink::prelude::vec::Vec;
use inktensor_consensus::weights::{max_limited, max_upscale};
use inktensor_primitives::{
    commitment::WeightEntries, hyperparameters::WeightRules, incentive::IncentiveError, RegistrationId, Uid,
};

/// One validator's weights.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct WeightRow {
    /// The validator's tenancy of its uid; a later tenant does not inherit the row.
    pub registration_id: RegistrationId,
    /// Chain time in ms at which they were set, or committed.
    pub committed_ms: u64,
    /// Weights, uids ascending, the highest 65,535.
    pub weights: Entries,
}

/// Checks a row against the subnet's rules, without looking at who holds the uids.
///
/// Errors: `MalformedBatch`, `TooManyWeights`, `TooFewWeights`, `UidsNotAscending`, `UidOutOfRange`, `MaxWeightExceeded`.
pub fn check(uids: &[Uid], values: &[u16], neurons: usize, rules: &WeightRules) -> Result<(), IncentiveError> {
    if uids.len() != values.len() {
        return Err(IncentiveError::MalformedBatch);
    }
    if uids.len() > neurons {
        return Err(IncentiveError::TooManyWeights);
    }
    if uids.len() < usize::from(rules.min_allowed_weights) {
        return Err(IncentiveError::TooFewWeights);
    }
    if uids.iter().zip(uids.iter().skip(1)).any(|(uid, next)| next <= uid) {
        return Err(IncentiveError::UidsNotAscending);
    }
    if uids.last().is_some_and(|last| usize::from(*last) >= neurons) {
        return Err(IncentiveError::UidOutOfRange);
    }
    if rules.max_weight_limit < u16::MAX && !max_limited(values, rules.max_weight_limit) {
        return Err(IncentiveError::MaxWeightExceeded);
    }
    Ok(())
}

/// The row to store: zeros are dropped, and the rest is scaled so that the highest is 65,535.
pub fn settle(uids: &[Uid], mut values: Vec<u16>) -> Entries {
    // Who scaled them already, as the agent does, pays for no division.
    if values.iter().max() != Some(&u16::MAX) {
        max_upscale(&mut values);
    }
    let mut kept = Vec::with_capacity(uids.len());
    for (uid, value) in uids.iter().zip(&values) {
        if *value > 0 {
            kept.push(*uid);
        }
    }
    values.retain(|value| *value > 0);
    Entries::new(kept, values)
}

/// Columns of committed weights: uids, the tenancies they were meant for, values.
pub fn columns(weights: &WeightEntries) -> (Vec<Uid>, Vec<RegistrationId>, Vec<u16>) {
    let mut uids = Vec::with_capacity(weights.len());
    let mut tenancies = Vec::with_capacity(weights.len());
    let mut values = Vec::with_capacity(weights.len());
    for (uid, tenancy, value) in weights.iter() {
        uids.push(uid);
        tenancies.push(tenancy);
        values.push(value);
    }
    (uids, tenancies, values)
}

/// Makes the weights toward uids that have another tenant by now zero: they were meant for somebody else. How many.
pub fn drop_departed(
    uids: &[Uid],
    tenancies: &[RegistrationId],
    values: &mut [u16],
    tenants: &[RegistrationId],
) -> u16 {
    let mut dropped: u16 = 0;
    for (uid, (tenancy, value)) in uids.iter().zip(tenancies.iter().zip(values)) {
        if tenants.get(usize::from(*uid)) != Some(tenancy) {
            *value = 0;
            dropped = dropped.saturating_add(1);
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;
    use inktensor_primitives::{hyperparameters::Hyperparameters, WeightEntry};
    use proptest::prelude::*;

    #[test]
    fn rules_are_named() {
        let rules =
            WeightRules { min_allowed_weights: 2, max_weight_limit: 40_000, ..Hyperparameters::default().weights() };
        let refuse = |uids: &[Uid], values: &[u16]| check(uids, values, 3, &rules).unwrap_err();
        assert_eq!(refuse(&[0, 1], &[1]), IncentiveError::MalformedBatch);
        assert_eq!(refuse(&[0, 1, 2, 3], &[1; 4]), IncentiveError::TooManyWeights);
        assert_eq!(refuse(&[0], &[1]), IncentiveError::TooFewWeights);
        assert_eq!(refuse(&[0, 3], &[1; 2]), IncentiveError::UidOutOfRange);
        assert_eq!(refuse(&[1, 1], &[1; 2]), IncentiveError::UidsNotAscending);
        assert_eq!(refuse(&[2, 1], &[1; 2]), IncentiveError::UidsNotAscending);
        assert_eq!(refuse(&[0, 1], &[9, 1]), IncentiveError::MaxWeightExceeded);
        assert_eq!(check(&[0, 1], &[1; 2], 3, &rules), Ok(()));
    }

    #[test]
    fn a_reused_uid_inherits_no_weight() {
        let committed = WeightEntries::from(vec![(0, 1, 100), (1, 2, 50_000), (2, 3, 200)]);
        let (uids, tenancies, mut values) = columns(&committed);
        assert_eq!(drop_departed(&uids, &tenancies, &mut values, &[1, 9, 3]), 1);
        assert_eq!(settle(&uids, values).pairs(), vec![(0, 32_768), (2, 65_535)]);
        let (uids, tenancies, mut values) = columns(&committed);
        assert_eq!(drop_departed(&uids, &tenancies, &mut values, &[]), 3, "nor one that is gone");
        assert!(settle(&uids, values).is_empty());
    }

    proptest! {
        #[test]
        fn a_stored_row_is_the_scaled_one_without_its_zeros(values in prop::collection::vec(any::<u16>(), 0..50)) {
            let entries: Vec<WeightEntry> = (0..).zip(&values).map(|(uid, value)| (uid, 1, *value)).collect();
            let (uids, _, values) = columns(&entries.into());
            let mut scaled = values.clone();
            max_upscale(&mut scaled);
            let expected: Vec<_> = uids.iter().copied().zip(scaled).filter(|(_, value)| *value > 0).collect();
            prop_assert_eq!(settle(&uids, values).pairs(), expected);
        }
    }
}
