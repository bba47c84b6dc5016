//! The terms of voting and their bounds.
//!
//! Without bounds one bad vote could end governance for ever: nobody could propose, or a vote would lock stake without end.

use inktensor_primitives::{
    governance::{GovernanceError, GovernanceTerms},
    rao,
};

/// Longest voting period, in ms: 5 days. That is the time between the announcement of a coldkey's swap and the swap, and a
/// coldkey that announced one does not vote: so no stake passes to another coldkey and votes again.
pub const MAX_VOTING_MS: u64 = 5 * 24 * 3_600_000;
/// Longest timelock, in ms: 30 days.
pub const MAX_TIMELOCK_MS: u64 = 30 * 24 * 3_600_000;
/// Greatest quorum, in basis points: half of all stake.
pub const MAX_QUORUM_BPS: u16 = 5_000;
/// Greatest stake that a proposer may need, in rao: 210,000 TAO, a hundredth of all that can exist.
pub const MAX_THRESHOLD: u64 = 210_000_000_000_000;
/// Time in which a proposal can be executed, in ms: 14 days.
pub const EXECUTION_WINDOW_MS: u64 = 14 * 24 * 3_600_000;

/// Checked terms. Errors: `AmountTooLarge`, and `InvalidTerms` for no time to vote or a value above its bound.
pub fn checked(
    voting_period_ms: u64,
    timelock_ms: u64,
    quorum_bps: u16,
    threshold: u128,
) -> Result<GovernanceTerms, GovernanceError> {
    let threshold = rao(threshold).ok_or(GovernanceError::AmountTooLarge)?;
    let in_bounds = (1..=MAX_VOTING_MS).contains(&voting_period_ms)
        && timelock_ms <= MAX_TIMELOCK_MS
        && quorum_bps <= MAX_QUORUM_BPS
        && threshold <= MAX_THRESHOLD;
    if !in_bounds {
        return Err(GovernanceError::InvalidTerms);
    }
    let execution_window_ms = EXECUTION_WINDOW_MS;
    Ok(GovernanceTerms { voting_period_ms, timelock_ms, execution_window_ms, quorum_bps, threshold })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_and_is_reached() {
        let threshold = u128::from(MAX_THRESHOLD);
        assert!(checked(1, 0, 0, 0).is_ok());
        let most = GovernanceTerms {
            voting_period_ms: MAX_VOTING_MS,
            timelock_ms: MAX_TIMELOCK_MS,
            execution_window_ms: EXECUTION_WINDOW_MS,
            quorum_bps: MAX_QUORUM_BPS,
            threshold: MAX_THRESHOLD,
        };
        assert_eq!(checked(MAX_VOTING_MS, MAX_TIMELOCK_MS, MAX_QUORUM_BPS, threshold), Ok(most));
        for refused in [
            checked(0, 0, 0, 0),
            checked(MAX_VOTING_MS + 1, 0, 0, 0),
            checked(1, MAX_TIMELOCK_MS + 1, 0, 0),
            checked(1, 0, MAX_QUORUM_BPS + 1, 0),
            checked(1, 0, 0, threshold + 1),
        ] {
            assert_eq!(refused, Err(GovernanceError::InvalidTerms));
        }
        assert_eq!(checked(1, 0, 0, 1 << 64), Err(GovernanceError::AmountTooLarge));
    }
}
