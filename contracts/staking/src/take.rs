//! A take: what the owner of a hotkey keeps of the dividends of others' stake.
//!
//! It falls at once. It rises once in 30 days, and a day after the raise was announced: whoever stakes on a low take can
//! move before the higher one counts, and no take changes between the end of an epoch and its payout. Source of the
//! bounds and of the rate: subtensor; the delay is this project's.

use inktensor_primitives::{
    limits::PROPORTION,
    staking::{StakingError, TakeInfo},
};

/// Greatest take: 18 %, out of 65,535.
pub const MAXIMUM_TAKE: u16 = 11_796;
/// A take may be raised once in this time: 30 days.
pub const TAKE_PERIOD_MS: u64 = 30 * 24 * 3_600_000;
/// A raise counts this long after it was announced: one day.
pub const RAISE_DELAY_MS: u64 = 24 * 3_600_000;

/// A take, and the raise that was announced last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Take {
    /// Counts until the raise does.
    pub before: u16,
    /// Counts from [`RAISE_DELAY_MS`] after `raised_ms` on.
    pub after: u16,
    /// Chain time in ms at which the last raise was announced; 0 if none ever was.
    pub raised_ms: u64,
}

impl Take {
    /// A take that counts at once.
    pub fn of(take: u16) -> Self {
        Self { before: take, after: take, raised_ms: 0 }
    }

    /// What counts at `now_ms`, out of 65,535.
    pub fn at(&self, now_ms: u64) -> u16 {
        if now_ms < self.raised_ms.saturating_add(RAISE_DELAY_MS) {
            self.before
        } else {
            self.after
        }
    }

    /// The take's part of `amount`, in the same unit, rounded down.
    pub fn part(&self, amount: u64, now_ms: u64) -> u64 {
        let part = u128::from(amount).saturating_mul(u128::from(self.at(now_ms)));
        // No part is above the whole: no take is above 65,535.
        u64::try_from(part.checked_div(u128::from(PROPORTION)).unwrap_or(0)).unwrap_or(amount).min(amount)
    }

    /// Changes the take and returns the chain time in ms from which the change counts. A fall calls off a raise that
    /// was announced. Errors: `TakeTooHigh`, `TakeRateLimited`.
    pub fn set(&mut self, take: u16, now_ms: u64) -> Result<u64, StakingError> {
        if take > MAXIMUM_TAKE {
            return Err(StakingError::TakeTooHigh);
        }
        let current = self.at(now_ms);
        if take <= current {
            (self.before, self.after) = (take, take);
            return Ok(now_ms);
        }
        if self.raised_ms > 0 && now_ms < self.raised_ms.saturating_add(TAKE_PERIOD_MS) {
            return Err(StakingError::TakeRateLimited);
        }
        *self = Self { before: current, after: take, raised_ms: now_ms };
        Ok(now_ms.saturating_add(RAISE_DELAY_MS))
    }

    /// As people see it at `now_ms`.
    pub fn info(&self, now_ms: u64) -> TakeInfo {
        let next_ms = if self.raised_ms == 0 { 0 } else { self.raised_ms.saturating_add(RAISE_DELAY_MS) };
        TakeInfo { now: self.at(now_ms), next: self.after, next_ms }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_000_000;

    #[test]
    fn a_raise_counts_a_day_after_it_was_announced() {
        let mut take = Take::of(100);
        assert_eq!(take.set(500, NOW), Ok(NOW + RAISE_DELAY_MS));
        assert_eq!(take.info(NOW), TakeInfo { now: 100, next: 500, next_ms: NOW + RAISE_DELAY_MS });
        assert_eq!((take.at(NOW + RAISE_DELAY_MS - 1), take.at(NOW + RAISE_DELAY_MS)), (100, 500));
    }

    #[test]
    fn a_fall_counts_at_once_and_calls_off_a_raise() {
        let mut take = Take::of(100);
        assert_eq!(take.set(500, NOW), Ok(NOW + RAISE_DELAY_MS));
        assert_eq!(take.set(90, NOW + 1), Ok(NOW + 1));
        assert_eq!((take.at(NOW + 1), take.at(NOW + RAISE_DELAY_MS)), (90, 90));
    }

    #[test]
    fn it_rises_once_in_thirty_days_and_never_above_the_maximum() {
        let mut take = Take::of(100);
        assert_eq!(take.set(MAXIMUM_TAKE + 1, NOW), Err(StakingError::TakeTooHigh));
        assert_eq!(take.set(500, NOW), Ok(NOW + RAISE_DELAY_MS));
        let before = take;
        assert_eq!(take.set(501, NOW + TAKE_PERIOD_MS - 1), Err(StakingError::TakeRateLimited));
        assert_eq!(take, before);
        assert_eq!(take.set(501, NOW + TAKE_PERIOD_MS), Ok(NOW + TAKE_PERIOD_MS + RAISE_DELAY_MS));
        assert_eq!(take.at(NOW + TAKE_PERIOD_MS), 500);
    }

    proptest! {
        /// Whatever is set, and when: what counts within a day is never more than it would have been.
        #[test]
        fn nobody_is_surprised(
            changes in prop::collection::vec((0..=MAXIMUM_TAKE, 1..40 * RAISE_DELAY_MS), 1..20),
            amount: u64,
        ) {
            let (mut take, mut now_ms) = (Take::of(5_000), NOW);
            for (value, passed) in changes {
                now_ms += passed;
                let before = take;
                let _ = take.set(value, now_ms);
                for within in [0, 1, RAISE_DELAY_MS / 2, RAISE_DELAY_MS - 1] {
                    prop_assert!(take.at(now_ms + within) <= before.at(now_ms + within));
                }
                prop_assert!(take.part(amount, now_ms) <= amount);
            }
        }
    }
}
