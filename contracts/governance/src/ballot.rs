//! The life of a proposal: voting, timelock, execution or expiry.
//!
//! ```text
//! proposed ── voting ── voting_ends_ms ── timelock ── execution window ── expired
//! ```

use inktensor_primitives::{
    governance::{GovernanceError, GovernanceTerms, Proposal, ProposalState},
    limits::BPS,
};

/// Whether votes are counted and the proposer may cancel. Errors: `Settled`, `VotingClosed`.
pub fn check_open(proposal: &Proposal, now_ms: u64) -> Result<(), GovernanceError> {
    check_pending(proposal)?;
    if now_ms < proposal.voting_ends_ms {
        Ok(())
    } else {
        Err(GovernanceError::VotingClosed)
    }
}

/// Whether it is time to execute. Errors: `Settled`, `VotingOpen`, `Timelocked`, `Expired`.
pub fn check_due(proposal: &Proposal, terms: &GovernanceTerms, now_ms: u64) -> Result<(), GovernanceError> {
    check_pending(proposal)?;
    if now_ms < proposal.voting_ends_ms {
        return Err(GovernanceError::VotingOpen);
    }
    let due_ms = proposal.voting_ends_ms.saturating_add(terms.timelock_ms);
    if now_ms < due_ms {
        return Err(GovernanceError::Timelocked);
    }
    if now_ms >= due_ms.saturating_add(terms.execution_window_ms) {
        return Err(GovernanceError::Expired);
    }
    Ok(())
}

/// Adds a vote of `power` rao. Errors: `Overflow`.
pub fn count(proposal: &mut Proposal, aye: bool, power: u64) -> Result<(), GovernanceError> {
    let side = if aye { &mut proposal.ayes } else { &mut proposal.nays };
    *side = side.checked_add(power).ok_or(GovernanceError::Overflow)?;
    Ok(())
}

/// More stake is for it than against it, and the part of `total_stake` that voted reaches the quorum.
pub fn passes(proposal: &Proposal, terms: &GovernanceTerms, total_stake: u64) -> bool {
    let voted = u128::from(proposal.ayes).saturating_add(u128::from(proposal.nays));
    let quorum = u128::from(total_stake).saturating_mul(u128::from(terms.quorum_bps));
    proposal.ayes > proposal.nays && voted.saturating_mul(u128::from(BPS)) >= quorum
}

fn check_pending(proposal: &Proposal) -> Result<(), GovernanceError> {
    match proposal.state {
        ProposalState::Pending => Ok(()),
        ProposalState::Executed | ProposalState::Cancelled => Err(GovernanceError::Settled),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    const TERMS: GovernanceTerms = GovernanceTerms {
        voting_period_ms: 100,
        timelock_ms: 50,
        execution_window_ms: 30,
        quorum_bps: 2_000,
        threshold: 1,
    };

    fn proposal(ayes: u64, nays: u64) -> Proposal {
        Proposal {
            proposer: [1; 32].into(),
            description: [2; 32].into(),
            target: [3; 32].into(),
            input: vec![0; 4],
            ayes,
            nays,
            voting_ends_ms: 1_000,
            state: ProposalState::Pending,
        }
    }

    #[test]
    fn each_instant_belongs_to_one_phase() {
        let mut proposal = proposal(0, 0);
        let due = |proposal: &Proposal, now| check_due(proposal, &TERMS, now);
        assert_eq!(check_open(&proposal, 999), Ok(()));
        assert_eq!(due(&proposal, 999), Err(GovernanceError::VotingOpen));
        assert_eq!(check_open(&proposal, 1_000), Err(GovernanceError::VotingClosed));
        assert_eq!(due(&proposal, 1_000), Err(GovernanceError::Timelocked));
        assert_eq!(due(&proposal, 1_049), Err(GovernanceError::Timelocked));
        assert_eq!(due(&proposal, 1_050), Ok(()));
        assert_eq!(due(&proposal, 1_079), Ok(()));
        assert_eq!(due(&proposal, 1_080), Err(GovernanceError::Expired));
        for state in [ProposalState::Executed, ProposalState::Cancelled] {
            proposal.state = state;
            assert_eq!(check_open(&proposal, 999), Err(GovernanceError::Settled));
            assert_eq!(due(&proposal, 1_050), Err(GovernanceError::Settled));
        }
    }

    #[test]
    fn a_tie_or_a_missed_quorum_does_not_pass() {
        assert!(passes(&proposal(150, 50), &TERMS, 1_000));
        assert!(!passes(&proposal(150, 49), &TERMS, 1_000));
        assert!(!passes(&proposal(150, 150), &TERMS, 1_000));
        assert!(!passes(&proposal(150, 151), &TERMS, 1_000));
        assert!(!passes(&proposal(0, 0), &TERMS, 0));
        assert!(passes(&proposal(u64::MAX, 0), &TERMS, u64::MAX));
    }

    #[test]
    fn votes_that_leave_the_range_are_refused() {
        let mut proposal = proposal(u64::MAX, 5);
        assert_eq!(count(&mut proposal, true, 1), Err(GovernanceError::Overflow));
        assert_eq!(count(&mut proposal, false, 1), Ok(()));
        assert_eq!((proposal.ayes, proposal.nays), (u64::MAX, 6));
    }

    proptest! {
        #[test]
        fn more_ayes_never_hurt_and_more_nays_never_help_a_proposal_with_a_quorum(
            ayes in 0_u64..1_000, nays in 0_u64..1_000, more in 0_u64..1_000, total in 0_u64..3_000,
        ) {
            let before = proposal(ayes, nays);
            let (mut for_it, mut against_it) = (before.clone(), before.clone());
            count(&mut for_it, true, more).unwrap();
            count(&mut against_it, false, more).unwrap();
            prop_assert!(!passes(&before, &TERMS, total) || passes(&for_it, &TERMS, total));
            let quorum = (ayes + nays) * 10_000 >= total * 2_000;
            prop_assert!(!quorum || passes(&before, &TERMS, total) || !passes(&against_it, &TERMS, total));
        }
    }
}
