//! What a registration and a subnet cost at a moment.
//!
//! Prices move in whole steps of 12 s, subtensor's blocks, so that they do not depend on the block time of the chain.

use inktensor_consensus::{
    burn::{decay_factor, BurnSchedule},
    emission::SLOT_MS,
    lock::{LastLock, LockSchedule},
};
use inktensor_primitives::hyperparameters::Hyperparameters;

/// Price of the first registration of a subnet, in rao: 1 TAO.
pub const FIRST_BURN: u64 = 1_000_000_000;

/// Price of a registration, in rao, and the chain time in ms from which it decays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Burn {
    /// The price in rao.
    pub price: u64,
    /// Chain time in ms from which it decays.
    pub since_ms: u64,
}

impl Burn {
    /// The price at `now_ms`. Only whole steps are consumed; what is left of the last one counts toward the next.
    pub fn at(self, now_ms: u64, terms: &Hyperparameters) -> Self {
        let steps = whole_steps(self.since_ms, now_ms);
        Self {
            price: schedule(terms).decayed(self.price, steps),
            since_ms: self.since_ms.saturating_add(steps.saturating_mul(SLOT_MS)),
        }
    }

    /// The price after one registration at this price.
    pub fn raised(self, terms: &Hyperparameters) -> Self {
        Self { price: schedule(terms).increased(self.price), since_ms: self.since_ms }
    }
}

/// What opening a subnet locks at `now_ms`, in rao; `last` is the amount last locked and its chain time in ms. It falls by
/// that amount in `interval_ms`.
pub fn lock_cost(minimum: u64, interval_ms: u64, last: Option<(u64, u64)>, now_ms: u64) -> u64 {
    let schedule = LockSchedule { minimum, interval: interval_ms / SLOT_MS };
    match last {
        None => schedule.cost(None, 0),
        Some((amount, at_ms)) => schedule.cost(Some(LastLock { amount, at: 0 }), whole_steps(at_ms, now_ms)),
    }
}

fn whole_steps(from_ms: u64, to_ms: u64) -> u64 {
    to_ms.saturating_sub(from_ms) / SLOT_MS
}

fn schedule(terms: &Hyperparameters) -> BurnSchedule {
    // A half life below one step is one step: only zero means that the price stays.
    let half_life = terms.burn_half_life.div_ceil(SLOT_MS);
    BurnSchedule {
        factor: decay_factor(u32::try_from(half_life).unwrap_or(u32::MAX)),
        increase: terms.burn_increase,
        minimum: terms.min_burn,
        maximum: terms.max_burn,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

    use super::*;
    use proptest::prelude::*;

    const TAO: u64 = 1_000_000_000;

    #[test]
    fn halves_in_a_half_life_and_rises_by_a_quarter_at_a_registration() {
        let terms = Hyperparameters::default();
        let burn = Burn { price: 8 * TAO, since_ms: 5_000 };
        let later = burn.at(5_000 + terms.burn_half_life, &terms);
        // The factor of one step has 32 fractional bits, and its power is at most one half.
        assert!(later.price <= 4 * TAO && later.price > 4 * TAO - TAO / 1_000);
        assert_eq!(burn.raised(&terms).price, 8 * TAO * 126 / 100);
    }

    #[test]
    fn a_half_life_of_zero_keeps_the_price_and_a_short_one_does_not() {
        let mut terms = Hyperparameters { burn_half_life: 0, ..Default::default() };
        let burn = Burn { price: TAO, since_ms: 0 };
        assert_eq!(burn.at(SLOT_MS * 1_000, &terms).price, TAO);
        terms.burn_half_life = 1;
        assert!(burn.at(SLOT_MS, &terms).price <= TAO / 2);
    }

    #[test]
    fn lock_cost_doubles_and_falls_back_to_the_minimum() {
        let day = 24 * 3_600 * 1_000;
        let cost = |last, now_ms| lock_cost(1_000 * TAO, 14 * day, last, now_ms);
        assert_eq!(cost(None, 77), 1_000 * TAO);
        let last = Some((1_000 * TAO, 50));
        assert_eq!(cost(last, 50), 2_000 * TAO);
        assert!(cost(last, 50 + 7 * day) < 1_501 * TAO);
        assert_eq!(cost(last, 50 + 15 * day), 1_000 * TAO);
        assert_eq!(lock_cost(1_000 * TAO, 0, last, 50 + 15 * day), 2_000 * TAO);
    }

    proptest! {
        #[test]
        fn reading_the_price_often_loses_no_time(pauses in prop::collection::vec(0_u64..40_000, 1..30)) {
            let terms = Hyperparameters { min_burn: 0, ..Default::default() };
            let start = Burn { price: 100 * TAO, since_ms: 1_234 };
            let (mut now, mut often) = (1_234, start);
            for pause in pauses {
                now += pause;
                often = often.at(now, &terms);
            }
            let once = start.at(now, &terms);
            prop_assert_eq!(often.since_ms, once.since_ms);
            // At most 100 steps pass, and the price of each is off by the last bit of the factor, 23 rao of 100 TAO.
            prop_assert!(often.price.abs_diff(once.price) < 100 * 25);
        }

        #[test]
        fn stays_within_its_bounds(price: u64, elapsed: u64, half_life in 0_u64..433_200_000) {
            let terms = Hyperparameters { burn_half_life: half_life, ..Default::default() };
            let burn = Burn { price, since_ms: 0 }.at(elapsed, &terms);
            prop_assert!((terms.min_burn..=terms.max_burn).contains(&burn.price));
            prop_assert!((terms.min_burn..=terms.max_burn).contains(&burn.raised(&terms).price));
        }
    }
}
