//! How the emission of one epoch is divided, to the last rao.

use crate::network::Network;
use ink::{prelude::vec::Vec, primitives::AccountId};
use inktensor_consensus::{payout::pay, split::RewardSplit as Split};
use inktensor_primitives::emission::{EmissionError, RewardSplit};

/// What one subnet's epochs leave to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Purse {
    /// Of the miners' part, what no one could be paid, in rao.
    pub carry_miners: u64,
    /// Of the validators' part, what no one could be paid, in rao.
    pub carry_validators: u64,
    /// What the subnet's owner is owed, in rao.
    pub owner_owed: u64,
    /// Who owned the subnet when it last earned its owner something: who is paid when the subnet is no more.
    pub owner: Option<AccountId>,
}

impl Purse {
    /// Both carries, in rao. `None` if the sum leaves its range.
    pub fn carries(&self) -> Option<u64> {
        self.carry_miners.checked_add(self.carry_validators)
    }
}

/// Division of one epoch's emission, in rao.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What was divided: the pending emission and both carries.
    pub emission: u64,
    /// Credit of each uid as a miner.
    pub miners: Vec<u64>,
    /// Sum of them.
    pub to_miners: u64,
    /// Dividends of each uid as a validator.
    pub validators: Vec<u64>,
    /// Sum of them.
    pub to_validators: u64,
    /// To the protocol reserve.
    pub reserve: u64,
    /// To the subnet's owner.
    pub owner: u64,
}

impl Payment {
    /// What each uid got, as a miner and as a validator.
    pub fn paid(&self) -> Vec<u64> {
        self.miners.iter().zip(&self.validators).map(|(miner, validator)| miner.saturating_add(*validator)).collect()
    }
}

/// Checks that the shares of a split sum to 10,000. Errors: `InvalidSplit`.
pub fn checked(split: RewardSplit) -> Result<Split, EmissionError> {
    Split::new(split.miners, split.validators, split.reserve, split.owner).map_err(|_| EmissionError::InvalidSplit)
}

/// Divides what the subnet at a place of the network's columns has pending. What the carries of earlier epochs hold stays
/// with the party it was meant for. Shares are columns by uid, of which only ratios matter.
///
/// Every rao is in the result or in the purse: emission = miners + validators + reserve + owner + carries.
/// Errors: `NotActive`, `InvalidSplit`, `Overflow`.
pub fn settle(
    network: &mut Network,
    at: usize,
    purse: &mut Purse,
    split: RewardSplit,
    miner_shares: &[u64],
    validator_shares: &[u64],
) -> Result<Payment, EmissionError> {
    let pending = network.draw(at).ok_or(EmissionError::NotActive)?;
    let emission = purse.carries().and_then(|carries| carries.checked_add(pending)).ok_or(EmissionError::Overflow)?;
    let parts = checked(split)?.split(pending);
    // No part is more than all of it.
    let for_miners = parts.miners.saturating_add(purse.carry_miners);
    let for_validators = parts.validators.saturating_add(purse.carry_validators);
    let miners = pay(for_miners, miner_shares);
    let validators = pay(for_validators, validator_shares);
    purse.carry_miners = miners.remainder;
    purse.carry_validators = validators.remainder;
    let payment = Payment {
        emission,
        to_miners: for_miners.saturating_sub(miners.remainder),
        miners: miners.paid,
        to_validators: for_validators.saturating_sub(validators.remainder),
        validators: validators.paid,
        reserve: parts.reserve,
        owner: parts.owner,
    };
    book(network, purse, &payment).ok_or(EmissionError::Overflow)?;
    Ok(payment)
}

/// Enters a payment in the books. `None` if a sum leaves its range.
fn book(network: &mut Network, purse: &mut Purse, payment: &Payment) -> Option<()> {
    let books = &mut network.books;
    books.miners = books.miners.checked_add(payment.to_miners)?;
    books.validators = books.validators.checked_add(payment.to_validators)?;
    books.reserve = books.reserve.checked_add(payment.reserve)?;
    books.owners = books.owners.checked_add(payment.owner)?;
    purse.owner_owed = purse.owner_owed.checked_add(payment.owner)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DEFAULT: RewardSplit = RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 };

    /// A network with one subnet that has `pending` rao.
    fn network(pending: u64) -> Network {
        let mut network = Network::default();
        network.admit(1, 1).unwrap();
        network.receive(pending).unwrap();
        network
    }

    proptest! {
        #[test]
        fn every_rao_is_accounted_for(
            pending in 0u64..1_000_000_000_000_000,
            carry_miners in 0u64..1_000_000_000,
            carry_validators in 0u64..1_000_000_000,
            shares in prop::collection::vec((0u64..=1 << 32, 0u64..=1 << 32), 0..40),
            mut cuts in prop::array::uniform3(0u16..=10_000),
        ) {
            cuts.sort_unstable();
            let [miners, validators, owner] = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1]];
            let split = RewardSplit { miners, validators, reserve: 10_000 - cuts[2], owner };
            let mut purse = Purse { carry_miners, carry_validators, ..Default::default() };
            let (miner_shares, validator_shares): (Vec<u64>, Vec<u64>) = shares.into_iter().unzip();
            let mut network = network(pending);
            let payment = settle(&mut network, 0, &mut purse, split, &miner_shares, &validator_shares).unwrap();
            prop_assert_eq!(payment.miners.iter().sum::<u64>(), payment.to_miners);
            prop_assert_eq!(payment.validators.iter().sum::<u64>(), payment.to_validators);
            let paid = payment.to_miners + payment.to_validators + payment.reserve + payment.owner;
            prop_assert_eq!(paid + purse.carries().unwrap(), payment.emission);
            prop_assert_eq!(payment.emission, pending + carry_miners + carry_validators);
            let books = network.books;
            prop_assert_eq!(books.miners + books.validators + books.reserve + books.owners, paid);
        }
    }

    #[test]
    fn the_default_pays_half_to_miners_and_a_quarter_to_validators_and_reserve() {
        let mut purse = Purse::default();
        let payment = settle(&mut network(1_000), 0, &mut purse, DEFAULT, &[3, 1], &[1, 0]).unwrap();
        assert_eq!((payment.miners, payment.validators), (vec![375, 125], vec![250, 0]));
        assert_eq!((payment.reserve, payment.owner, purse), (250, 0, Purse::default()));
    }

    #[test]
    fn the_owner_is_credited_epoch_by_epoch() {
        let split = RewardSplit { miners: 4_100, validators: 4_100, reserve: 0, owner: 1_800 };
        let (mut network, mut purse) = (network(1_000), Purse::default());
        for owed in [180, 360] {
            settle(&mut network, 0, &mut purse, split, &[1], &[1]).unwrap();
            assert_eq!((purse.owner_owed, network.books.owners), (owed, owed));
            network.receive(1_000).unwrap();
        }
    }

    #[test]
    fn what_no_one_earned_waits_for_its_own_party() {
        let (mut network, mut purse) = (network(1_000), Purse::default());
        let idle = settle(&mut network, 0, &mut purse, DEFAULT, &[0, 0], &[0, 0]).unwrap();
        assert_eq!((purse.carry_miners, purse.carry_validators, idle.reserve), (500, 250, 250));
        network.receive(1_000).unwrap();
        let paid = settle(&mut network, 0, &mut purse, DEFAULT, &[1, 0], &[0, 1]).unwrap();
        assert_eq!((paid.miners, paid.validators, paid.reserve), (vec![1_000, 0], vec![0, 500], 250));
        assert_eq!((paid.emission, purse), (1_750, Purse::default()));
    }

    #[test]
    fn a_split_that_is_not_whole_is_refused() {
        let split = RewardSplit { reserve: 2_499, ..DEFAULT };
        assert_eq!(checked(split).unwrap_err(), EmissionError::InvalidSplit);
    }

    #[test]
    fn sums_out_of_range_are_refused() {
        let mut purse = Purse { carry_miners: u64::MAX, ..Default::default() };
        let refused = settle(&mut network(1), 0, &mut purse, DEFAULT, &[], &[]);
        assert_eq!(refused, Err(EmissionError::Overflow));
        let mut purse = Purse { owner_owed: u64::MAX, ..Default::default() };
        let split = RewardSplit { miners: 0, validators: 0, reserve: 0, owner: 10_000 };
        assert_eq!(settle(&mut network(1), 0, &mut purse, split, &[], &[]), Err(EmissionError::Overflow));
    }
}
