//! What a coldkey unstaked and may not withdraw yet.

use ink::prelude::vec::Vec;
use inktensor_primitives::staking::{StakingError, Unbonding};

/// Unbonding time of a new network: 7 days.
pub const DEFAULT_MS: u64 = 7 * 24 * 3_600_000;
/// Longest unbonding time that governance may set: 90 days.
pub const MAXIMUM_MS: u64 = 90 * 24 * 3_600_000;
/// Entries of one coldkey.
pub const MAXIMUM_ENTRIES: usize = 16;

/// Adds an entry. Errors: `TooManyUnbondings`.
pub fn add(entries: &mut Vec<Unbonding>, amount: u64, due_ms: u64) -> Result<(), StakingError> {
    if entries.len() >= MAXIMUM_ENTRIES {
        return Err(StakingError::TooManyUnbondings);
    }
    entries.push(Unbonding { amount, due_ms });
    Ok(())
}

/// All entries as one, due when the last of them is. A coldkey inherits what unbonds so: as separate entries they would
/// let a stranger, by swapping his coldkey for another's, take up the room that its own stake needs to unbond.
/// Errors: `Overflow`.
pub fn sum(entries: &[Unbonding]) -> Result<Unbonding, StakingError> {
    let amount = entries.iter().try_fold(0_u64, |sum, entry| sum.checked_add(entry.amount));
    let due_ms = entries.iter().map(|entry| entry.due_ms).max().unwrap_or(0);
    Ok(Unbonding { amount: amount.ok_or(StakingError::Overflow)?, due_ms })
}

/// Removes the entries that are due and returns their sum in rao. Errors: `NothingToWithdraw`, `Overflow`.
pub fn take_due(entries: &mut Vec<Unbonding>, now_ms: u64) -> Result<u64, StakingError> {
    let is_due = |entry: &&Unbonding| entry.due_ms <= now_ms;
    let due = entries.iter().filter(is_due).try_fold(0_u64, |sum, entry| sum.checked_add(entry.amount));
    match due.ok_or(StakingError::Overflow)? {
        0 => Err(StakingError::NothingToWithdraw),
        due => {
            entries.retain(|entry| entry.due_ms > now_ms);
            Ok(due)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pays_what_is_due_and_keeps_the_rest() {
        let mut entries = Vec::new();
        for (amount, due_ms) in [(5, 100), (7, 90), (11, 101)] {
            assert_eq!(add(&mut entries, amount, due_ms), Ok(()));
        }
        assert_eq!(take_due(&mut entries, 89), Err(StakingError::NothingToWithdraw));
        assert_eq!(entries.len(), 3);
        assert_eq!(take_due(&mut entries, 100), Ok(12));
        assert_eq!(entries, [Unbonding { amount: 11, due_ms: 101 }]);
    }

    #[test]
    fn sums_to_one_entry_due_with_the_last() {
        let entries = [(5, 100), (7, 300), (11, 200)].map(|(amount, due_ms)| Unbonding { amount, due_ms });
        assert_eq!(sum(&entries), Ok(Unbonding { amount: 23, due_ms: 300 }));
        let entries = [Unbonding { amount: u64::MAX, due_ms: 1 }, Unbonding { amount: 1, due_ms: 1 }];
        assert_eq!(sum(&entries), Err(StakingError::Overflow));
    }

    #[test]
    fn holds_sixteen_entries() {
        let mut entries = Vec::new();
        for due_ms in 0..16 {
            assert_eq!(add(&mut entries, 1, due_ms), Ok(()));
        }
        assert_eq!(add(&mut entries, 1, 16), Err(StakingError::TooManyUnbondings));
        assert_eq!(entries.len(), 16);
    }
}
