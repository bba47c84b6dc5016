//! The commits of one validator on one subnet that wait for their reveal.

use ink::{prelude::vec::Vec, primitives::Hash};
use inktensor_primitives::{
    incentive::{IncentiveError, WeightCommit},
    limits::MAX_COMMITS,
};

/// A validator's commits on one subnet, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Commits {
    /// Chain time in ms of the last commit; 0 if there was none.
    pub last_ms: u64,
    /// Those that wait.
    pub waiting: Vec<WeightCommit>,
}

impl Commits {
    /// Adds a commit, after dropping those whose reveal window has passed.
    ///
    /// Errors: `CommitRateLimited`, `TooManyCommits`.
    pub fn add(&mut self, commit: WeightCommit, reveal_period: u64, rate_limit: u64) -> Result<(), IncentiveError> {
        let allowed_from = self.last_ms.saturating_add(rate_limit);
        if self.last_ms > 0 && commit.committed_ms < allowed_from {
            return Err(IncentiveError::CommitRateLimited);
        }
        self.waiting.retain(|waiting| commit.epoch <= waiting.epoch.saturating_add(reveal_period));
        if self.waiting.len() >= MAX_COMMITS {
            return Err(IncentiveError::TooManyCommits);
        }
        self.last_ms = commit.committed_ms;
        self.waiting.push(commit);
        Ok(())
    }

    /// Takes the commit with this hash out, and with it all older ones: a reveal supersedes them.
    ///
    /// Errors: `RevealMismatch`, `RevealTooEarly`, `RevealExpired`.
    pub fn reveal(&mut self, hash: Hash, epoch: u64, reveal_period: u64) -> Result<WeightCommit, IncentiveError> {
        let at = self.waiting.iter().position(|waiting| waiting.hash == hash).ok_or(IncentiveError::RevealMismatch)?;
        let commit = self.waiting.get(at).ok_or(IncentiveError::RevealMismatch)?.clone();
        let window = commit.epoch.saturating_add(reveal_period);
        if epoch < window {
            return Err(IncentiveError::RevealTooEarly);
        }
        if epoch > window {
            return Err(IncentiveError::RevealExpired);
        }
        self.waiting.drain(..=at);
        Ok(commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(n: u8, epoch: u64, ms: u64) -> WeightCommit {
        WeightCommit { hash: Hash::from([n; 32]), epoch, block: 1, committed_ms: ms }
    }

    #[test]
    fn a_commit_is_revealed_in_its_one_epoch() {
        let mut commits = Commits::default();
        commits.add(commit(1, 5, 100), 2, 0).unwrap();
        let hash = Hash::from([1; 32]);
        let before = commits.clone();
        assert_eq!(commits.reveal(hash, 6, 2), Err(IncentiveError::RevealTooEarly));
        assert_eq!(commits.reveal(hash, 8, 2), Err(IncentiveError::RevealExpired));
        assert_eq!(commits.reveal(Hash::from([2; 32]), 7, 2), Err(IncentiveError::RevealMismatch));
        assert_eq!(commits, before, "a refusal changes nothing");
        assert_eq!(commits.reveal(hash, 7, 2).unwrap().epoch, 5);
        assert_eq!(commits.reveal(hash, 7, 2), Err(IncentiveError::RevealMismatch), "once only");
    }

    #[test]
    fn a_reveal_supersedes_older_commits_and_keeps_newer_ones() {
        let mut commits = Commits::default();
        for (n, ms) in [(1, 10), (2, 20), (3, 30)] {
            commits.add(commit(n, 0, ms), 1, 0).unwrap();
        }
        commits.reveal(Hash::from([2; 32]), 1, 1).unwrap();
        assert_eq!(commits.waiting, vec![commit(3, 0, 30)]);
    }

    #[test]
    fn the_eleventh_waiting_commit_is_refused_until_others_expire() {
        let mut commits = Commits::default();
        for n in 0..10 {
            commits.add(commit(n, 0, 1), 1, 0).unwrap();
        }
        assert_eq!(commits.add(commit(11, 0, 1), 1, 0), Err(IncentiveError::TooManyCommits));
        assert_eq!(commits.add(commit(11, 1, 1), 1, 0), Err(IncentiveError::TooManyCommits), "still revealable");
        commits.add(commit(11, 2, 1), 1, 0).unwrap();
        assert_eq!(commits.waiting.len(), 1);
    }

    #[test]
    fn commits_are_rate_limited() {
        let mut commits = Commits::default();
        commits.add(commit(1, 0, 1_000), 1, 500).unwrap();
        assert_eq!(commits.add(commit(2, 0, 1_499), 1, 500), Err(IncentiveError::CommitRateLimited));
        commits.add(commit(2, 0, 1_500), 1, 500).unwrap();
    }
}
