//! How the emission of one epoch is divided, to the last rao.

use ink::prelude::vec::Vec;
use inktensor_consensus::{payout::pay, split::RewardSplit as Split};
use inktensor_primitives::incentive::{IncentiveError, RewardSplit, SubnetEmission};

/// Division of one epoch's emission, in rao.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What was divided: the pending emission and both carries.
    pub emission: u64,
    /// Credit of each uid as a miner.
    pub miners: Vec<u64>,
    /// Dividends of each uid as a validator.
    pub validators: Vec<u64>,
    /// To the protocol reserve.
    pub reserve: u64,
    /// To the subnet's owner.
    pub owner: u64,
    /// Miners' part that no one could be paid.
    pub carry_miners: u64,
    /// Validators' part that no one could be paid.
    pub carry_validators: u64,
}

/// Checks that the shares of a split sum to 10,000. Errors: `InvalidSplit`.
pub fn checked(split: RewardSplit) -> Result<Split, IncentiveError> {
    Split::new(split.miners, split.validators, split.reserve, split.owner).map_err(|_| IncentiveError::InvalidSplit)
}

/// Divides a subnet's pending emission. The carries of earlier epochs stay with the party they were meant for.
///
/// Every rao is in the result: emission = miners + validators + reserve + owner + carries.
/// Errors: `InvalidSplit`, `Overflow`.
pub fn divide(
    subnet: &SubnetEmission,
    split: RewardSplit,
    incentive: &[u64],
    dividends: &[u64],
) -> Result<Payment, IncentiveError> {
    let carries = subnet.carry_miners.checked_add(subnet.carry_validators);
    let emission = carries.and_then(|carries| carries.checked_add(subnet.pending)).ok_or(IncentiveError::Overflow)?;
    let parts = checked(split)?.split(subnet.pending);
    // No part is more than all of it.
    let miners = pay(parts.miners.saturating_add(subnet.carry_miners), incentive);
    let validators = pay(parts.validators.saturating_add(subnet.carry_validators), dividends);
    Ok(Payment {
        emission,
        miners: miners.paid,
        validators: validators.paid,
        reserve: parts.reserve,
        owner: parts.owner,
        carry_miners: miners.remainder,
        carry_validators: validators.remainder,
    })
}

/// Sum of what was paid out of one amount.
pub fn total(paid: &[u64]) -> u64 {
    inktensor_consensus::fixed::sum(paid.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_rao_is_accounted_for(
            pending in 0u64..1_000_000_000_000_000,
            carry_miners in 0u64..1_000_000_000,
            carry_validators in 0u64..1_000_000_000,
            shares in prop::collection::vec((0u64..=1 << 32, 0u64..=1 << 32), 0..40),
            miners in 0u16..=10_000,
            validators in 0u16..=10_000,
        ) {
            prop_assume!(miners + validators <= 10_000);
            let split = RewardSplit { miners, validators, reserve: 10_000 - miners - validators, owner: 0 };
            let subnet = SubnetEmission { pending, carry_miners, carry_validators, ..Default::default() };
            let (incentive, dividends): (Vec<u64>, Vec<u64>) = shares.into_iter().unzip();
            let payment = divide(&subnet, split, &incentive, &dividends).unwrap();
            let paid = total(&payment.miners) + total(&payment.validators);
            let kept = payment.reserve + payment.owner + payment.carry_miners + payment.carry_validators;
            prop_assert_eq!(paid + kept, payment.emission);
            prop_assert_eq!(payment.emission, pending + carry_miners + carry_validators);
        }
    }

    #[test]
    fn the_default_pays_half_to_miners_and_a_quarter_to_validators_and_reserve() {
        let subnet = SubnetEmission { pending: 1_000, ..Default::default() };
        let split = RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 };
        let payment = divide(&subnet, split, &[3, 1], &[1, 0]).unwrap();
        assert_eq!((payment.miners, payment.validators), (vec![375, 125], vec![250, 0]));
        assert_eq!((payment.reserve, payment.owner), (250, 0));
    }

    #[test]
    fn what_no_one_earned_waits_for_its_own_party() {
        let subnet = SubnetEmission { pending: 1_000, ..Default::default() };
        let split = RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 };
        let idle = divide(&subnet, split, &[0, 0], &[0, 0]).unwrap();
        assert_eq!((idle.carry_miners, idle.carry_validators, idle.reserve), (500, 250, 250));
        let next = SubnetEmission {
            pending: 1_000,
            carry_miners: idle.carry_miners,
            carry_validators: idle.carry_validators,
            ..Default::default()
        };
        let paid = divide(&next, split, &[1, 0], &[0, 1]).unwrap();
        assert_eq!((paid.miners, paid.validators, paid.reserve), (vec![1_000, 0], vec![0, 500], 250));
    }

    #[test]
    fn a_split_that_is_not_whole_is_refused() {
        let split = RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_499, owner: 0 };
        assert_eq!(checked(split).unwrap_err(), IncentiveError::InvalidSplit);
    }
}
