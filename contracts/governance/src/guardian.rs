//! How often a guardian may pause.
//!
//! A pause lasts 7 days at most, which the paused contract checks. A guardian that could pause again at once would hold
//! the network for ever, so each contract has a rest from it.

use inktensor_primitives::governance::GovernanceError;

/// Time from a pause of a contract by the guardian to the next of the same contract, in ms: 30 days.
pub const REST_MS: u64 = 30 * 24 * 3_600_000;

/// Whether the guardian may pause a contract that it paused at `last_ms`, if ever. Errors: `PausedRecently`.
pub fn check_rest(last_ms: Option<u64>, now_ms: u64) -> Result<(), GovernanceError> {
    match last_ms {
        Some(last_ms) if now_ms < last_ms.saturating_add(REST_MS) => Err(GovernanceError::PausedRecently),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inktensor_primitives::upkeep::MAX_PAUSE_MS;

    #[test]
    fn a_guardian_rests_longer_than_it_pauses() {
        assert_eq!(check_rest(None, 0), Ok(()));
        assert_eq!(check_rest(Some(5), 5), Err(GovernanceError::PausedRecently));
        assert_eq!(check_rest(Some(5), 5 + MAX_PAUSE_MS), Err(GovernanceError::PausedRecently));
        assert_eq!(check_rest(Some(5), 4 + REST_MS), Err(GovernanceError::PausedRecently));
        assert_eq!(check_rest(Some(5), 5 + REST_MS), Ok(()));
    }
}
