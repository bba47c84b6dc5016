//! The life of a proposal: voting, timelock, execution or expiry.
//!
//! ```text
//! proposed ── voting ── voting_ends_ms ── timelock ── due_ms ── execution window ── expires_ms
//! ```
//!
//! Times and quorum are fixed when the proposal is made. Stake that comes or goes later, and terms that change later, do
//! not move the goal of a vote that has begun.

use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    governance::{GovernanceError, GovernanceTerms, Proposal, ProposalState},
    limits::BPS,
};

/// What a proposer asks for.
pub struct Request {
    /// Who asks.
    pub proposer: AccountId,
    /// Hash of the description.
    pub description: Hash,
    /// Contract to call.
    pub target: AccountId,
    /// Selector and arguments.
    pub input: Vec<u8>,
}

/// Opens the vote on a request at `now_ms`, when all stake is `total_stake` rao.
pub fn open(request: Request, terms: &GovernanceTerms, total_stake: u64, now_ms: u64) -> Proposal {
    let Request { proposer, description, target, input } = request;
    let voting_ends_ms = now_ms.saturating_add(terms.voting_period_ms);
    let due_ms = voting_ends_ms.saturating_add(terms.timelock_ms);
    Proposal {
        proposer,
        description,
        target,
        input,
        quorum: quorum(total_stake, terms.quorum_bps),
        ayes: 0,
        nays: 0,
        voting_ends_ms,
        due_ms,
        expires_ms: due_ms.saturating_add(terms.execution_window_ms),
        state: ProposalState::Pending,
    }
}

/// The part of all stake that must vote, in rao, rounded up.
fn quorum(total_stake: u64, quorum_bps: u16) -> u64 {
    let part = u128::from(total_stake).saturating_mul(u128::from(quorum_bps)).div_ceil(u128::from(BPS));
    u64::try_from(part).unwrap_or(u64::MAX)
}

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
pub fn check_due(proposal: &Proposal, now_ms: u64) -> Result<(), GovernanceError> {
    check_pending(proposal)?;
    if now_ms < proposal.voting_ends_ms {
        return Err(GovernanceError::VotingOpen);
    }
    if now_ms < proposal.due_ms {
        return Err(GovernanceError::Timelocked);
    }
    if now_ms >= proposal.expires_ms {
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

/// More stake is for it than against it, and the stake that voted reaches the quorum.
pub fn passes(proposal: &Proposal) -> bool {
    proposal.ayes > proposal.nays && proposal.ayes.saturating_add(proposal.nays) >= proposal.quorum
}

fn check_pending(proposal: &Proposal) -> Result<(), GovernanceError> {
    match proposal.state {
        ProposalState::Pending => Ok(()),
        ProposalState::Executed | ProposalState::Cancelled => Err(GovernanceError::Settled),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)] // a test fails by panicking

    use super::*;
    use proptest::prelude::*;

    const TERMS: GovernanceTerms = GovernanceTerms {
        voting_period_ms: 100,
        timelock_ms: 50,
        execution_window_ms: 30,
        quorum_bps: 2_000,
        threshold: 1,
    };

    fn proposal(ayes: u64, nays: u64, total_stake: u64) -> Proposal {
        let (proposer, description, target) = ([1; 32].into(), [2; 32].into(), [3; 32].into());
        let request = Request { proposer, description, target, input: vec![0; 4] };
        Proposal { ayes, nays, ..open(request, &TERMS, total_stake, 900) }
    }

    #[test]
    fn each_instant_belongs_to_one_phase() {
        let mut proposal = proposal(0, 0, 0);
        assert_eq!(check_open(&proposal, 999), Ok(()));
        assert_eq!(check_due(&proposal, 999), Err(GovernanceError::VotingOpen));
        assert_eq!(check_open(&proposal, 1_000), Err(GovernanceError::VotingClosed));
        assert_eq!(check_due(&proposal, 1_000), Err(GovernanceError::Timelocked));
        assert_eq!(check_due(&proposal, 1_049), Err(GovernanceError::Timelocked));
        assert_eq!(check_due(&proposal, 1_050), Ok(()));
        assert_eq!(check_due(&proposal, 1_079), Ok(()));
        assert_eq!(check_due(&proposal, 1_080), Err(GovernanceError::Expired));
        for state in [ProposalState::Executed, ProposalState::Cancelled] {
            proposal.state = state;
            assert_eq!(check_open(&proposal, 999), Err(GovernanceError::Settled));
            assert_eq!(check_due(&proposal, 1_050), Err(GovernanceError::Settled));
        }
    }

    #[test]
    fn a_tie_or_a_missed_quorum_does_not_pass() {
        assert!(passes(&proposal(150, 50, 1_000)));
        assert!(!passes(&proposal(150, 50, 1_001)), "a fifth of 1,001 is more than 200");
        assert!(!passes(&proposal(150, 49, 1_000)));
        assert!(!passes(&proposal(150, 150, 1_000)));
        assert!(!passes(&proposal(150, 151, 1_000)));
        assert!(!passes(&proposal(0, 0, 0)));
        assert!(passes(&proposal(u64::MAX, 0, u64::MAX)));
    }

    #[test]
    fn votes_that_leave_the_range_are_refused() {
        let mut proposal = proposal(u64::MAX, 5, 0);
        assert_eq!(count(&mut proposal, true, 1), Err(GovernanceError::Overflow));
        assert_eq!(count(&mut proposal, false, 1), Ok(()));
        assert_eq!((proposal.ayes, proposal.nays), (u64::MAX, 6));
    }

    proptest! {
        #[test]
        fn the_quorum_is_the_least_stake_that_reaches_its_part(total: u64, bps in 0..=BPS) {
            let (quorum, whole) = (u128::from(quorum(total, bps)), u128::from(total) * u128::from(bps));
            prop_assert!(quorum * 10_000 >= whole && quorum <= u128::from(total));
            prop_assert!(quorum == 0 || (quorum - 1) * 10_000 < whole);
        }

        #[test]
        fn more_ayes_never_hurt_and_more_nays_never_help_a_proposal_with_a_quorum(
            ayes in 0_u64..1_000, nays in 0_u64..1_000, more in 0_u64..1_000, total in 0_u64..3_000,
        ) {
            let before = proposal(ayes, nays, total);
            let (mut for_it, mut against_it) = (before.clone(), before.clone());
            count(&mut for_it, true, more).unwrap();
            count(&mut against_it, false, more).unwrap();
            prop_assert!(!passes(&before) || passes(&for_it));
            let quorum = (ayes + nays) * 10_000 >= total * 2_000;
            prop_assert!(!quorum || passes(&before) || !passes(&against_it));
        }
    }
}
