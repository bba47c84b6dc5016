//! The commits of one validator on one subnet that wait for their reveal, and the bond that stands for them.
//!
//! A commit that is not revealed in its one epoch, or that a later reveal leaves behind, forfeits a part of the bond: who
//! commits to several rows and reveals the one that suits it best pays for the others. What time decided is settled when
//! the record is next touched, by whomever; sooner or later makes no difference to the amount.

use ink::{
    prelude::vec::Vec,
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    incentive::{IncentiveError, WeightCommit},
    limits::{BPS, MAX_COMMITS},
    RegistrationId,
};

const WHOLE: u64 = BPS as u64;

/// A validator's commits on one subnet, oldest first, and its bond.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Commits {
    /// Standing bond in rao.
    pub bond: u64,
    /// Chain time in ms of the last commit; 0 if there was none.
    pub last_ms: u64,
    /// Tenancy in which those that wait were made. Whoever lost it cannot reveal them: they are void and forfeit nothing.
    pub tenancy: RegistrationId,
    /// Those that wait.
    pub waiting: Vec<WeightCommit>,
}

impl Commits {
    /// Drops what can no longer be revealed in `epoch`, and takes `forfeit` basis points of the bond for each commit whose
    /// epoch passed. `tenancy` is the validator's present one, if it has any. Returns what was forfeited, in rao.
    pub fn settle(&mut self, tenancy: Option<RegistrationId>, epoch: u64, forfeit: u16) -> u64 {
        if tenancy != Some(self.tenancy) {
            self.waiting.clear();
        }
        let before = self.waiting.len();
        self.waiting.retain(|commit| commit.reveal_epoch >= epoch);
        self.forfeit(before.saturating_sub(self.waiting.len()), forfeit)
    }

    /// Adds a commit of a tenancy; the record has been settled. Errors: `CommitRateLimited`, `TooManyCommits`.
    pub fn add(
        &mut self,
        commit: WeightCommit,
        tenancy: RegistrationId,
        rate_limit: u64,
    ) -> Result<(), IncentiveError> {
        if self.last_ms > 0 && commit.committed_ms < self.last_ms.saturating_add(rate_limit) {
            return Err(IncentiveError::CommitRateLimited);
        }
        if self.waiting.len() >= MAX_COMMITS {
            return Err(IncentiveError::TooManyCommits);
        }
        self.last_ms = commit.committed_ms;
        self.tenancy = tenancy;
        self.waiting.push(commit);
        Ok(())
    }

    /// Takes out the commit that was made in epoch `made` and has the hash that `hash_of` gives for the account that made
    /// it, to be revealed in `epoch`; and all older ones with it: the reveal supersedes them. Returns it, and what was
    /// forfeited for them and for others whose epoch passed, in rao.
    /// Errors: `RevealMismatch`, `RevealTooEarly`, `RevealExpired`.
    pub fn reveal(
        &mut self,
        (tenancy, made, epoch): (RegistrationId, u64, u64),
        forfeit: u16,
        mut hash_of: impl FnMut(AccountId) -> Hash,
    ) -> Result<(WeightCommit, u64), IncentiveError> {
        let mut found = |commit: &WeightCommit| commit.epoch == made && hash_of(commit.hotkey) == commit.hash;
        let at = self.waiting.iter().position(&mut found).filter(|_| self.tenancy == tenancy);
        let commit = at.and_then(|at| self.waiting.get(at)).cloned().ok_or(IncentiveError::RevealMismatch)?;
        if epoch < commit.reveal_epoch {
            return Err(IncentiveError::RevealTooEarly);
        }
        if epoch > commit.reveal_epoch {
            return Err(IncentiveError::RevealExpired);
        }
        // Of the older ones, those whose epoch is still to come (the reveal period was longer then) go for nothing.
        let gone = self.waiting.drain(..=at.unwrap_or_default()).filter(|older| older.reveal_epoch <= epoch).count();
        let forfeited = self.forfeit(gone.saturating_sub(1), forfeit);
        Ok((commit, forfeited.saturating_add(self.settle(Some(tenancy), epoch, forfeit))))
    }

    /// Adds to the bond. Errors: `NoBond` for an amount of zero, `Overflow`.
    pub fn deposit(&mut self, amount: u64) -> Result<(), IncentiveError> {
        if amount == 0 {
            return Err(IncentiveError::NoBond);
        }
        self.bond = self.bond.checked_add(amount).ok_or(IncentiveError::Overflow)?;
        Ok(())
    }

    /// Takes the whole bond out; the record has been settled. Errors: `CommitsWaiting`, `NoBond`.
    pub fn withdraw(&mut self) -> Result<u64, IncentiveError> {
        if !self.waiting.is_empty() {
            return Err(IncentiveError::CommitsWaiting);
        }
        match core::mem::take(&mut self.bond) {
            0 => Err(IncentiveError::NoBond),
            bond => Ok(bond),
        }
    }

    /// Takes `forfeit` basis points of what is left of the bond, rounded up, `count` times; in all, in rao.
    fn forfeit(&mut self, count: usize, forfeit: u16) -> u64 {
        let before = self.bond;
        let forfeit = u64::from(forfeit.min(BPS));
        for _ in 0..count {
            // bond * forfeit may pass 64 bits; the quotient and the rest by themselves do not.
            let (quotient, rest) = (self.bond / WHOLE, self.bond % WHOLE);
            let part = rest.saturating_mul(forfeit).div_ceil(WHOLE);
            self.bond = self.bond.saturating_sub(quotient.saturating_mul(forfeit).saturating_add(part));
        }
        before.saturating_sub(self.bond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TENANCY: RegistrationId = 7;

    fn commit(n: u8, epoch: u64, ms: u64) -> WeightCommit {
        WeightCommit {
            hash: [n; 32].into(),
            hotkey: [100; 32].into(),
            epoch,
            reveal_epoch: epoch + 1,
            block: 1,
            committed_ms: ms,
        }
    }

    fn with(bond: u64, commits: &[WeightCommit]) -> Commits {
        let mut record = Commits { bond, ..Default::default() };
        for commit in commits {
            record.add(commit.clone(), TENANCY, 0).unwrap();
        }
        record
    }

    fn reveal(record: &mut Commits, n: u8, made: u64, epoch: u64) -> Result<(WeightCommit, u64), IncentiveError> {
        record.reveal((TENANCY, made, epoch), 2_000, |_| [n; 32].into())
    }

    #[test]
    fn a_commit_is_revealed_in_its_one_epoch() {
        let mut record = with(100, &[commit(1, 5, 100)]);
        let before = record.clone();
        assert_eq!(reveal(&mut record, 1, 5, 5), Err(IncentiveError::RevealTooEarly));
        assert_eq!(reveal(&mut record, 1, 5, 7), Err(IncentiveError::RevealExpired));
        assert_eq!(reveal(&mut record, 2, 5, 6), Err(IncentiveError::RevealMismatch));
        assert_eq!(reveal(&mut record, 1, 4, 6), Err(IncentiveError::RevealMismatch), "another epoch");
        let successor = record.reveal((TENANCY + 1, 5, 6), 2_000, |_| [1; 32].into());
        assert_eq!(successor, Err(IncentiveError::RevealMismatch), "another tenancy");
        assert_eq!(record, before, "a refusal changes nothing");
        assert_eq!(reveal(&mut record, 1, 5, 6), Ok((commit(1, 5, 100), 0)));
        assert_eq!(record.bond, 100);
        assert_eq!(reveal(&mut record, 1, 5, 6), Err(IncentiveError::RevealMismatch), "once only");
    }

    #[test]
    fn a_swapped_hotkey_reveals_what_it_committed_before() {
        let (old, new) = (AccountId::from([1; 32]), AccountId::from([2; 32]));
        let of = |hotkey: AccountId| {
            let bytes: &[u8; 32] = hotkey.as_ref();
            Hash::from(bytes.map(|byte| byte + 40))
        };
        let (first, second) = (
            WeightCommit { hotkey: old, hash: of(old), ..commit(0, 0, 1) },
            WeightCommit { hotkey: new, hash: of(new), ..commit(0, 0, 2) },
        );
        let mut record = with(0, &[first.clone(), second.clone()]);
        assert_eq!(record.reveal((TENANCY, 0, 1), 0, of), Ok((first, 0)));
        assert_eq!(record.reveal((TENANCY, 0, 1), 0, of), Ok((second, 0)));
    }

    #[test]
    fn a_reveal_supersedes_older_commits_at_a_price_and_keeps_newer_ones() {
        let mut record = with(1_000, &[commit(1, 0, 10), commit(2, 0, 20), commit(3, 0, 30)]);
        assert_eq!(reveal(&mut record, 2, 0, 1), Ok((commit(2, 0, 20), 200)));
        assert_eq!((record.bond, record.waiting), (800, vec![commit(3, 0, 30)]));
    }

    #[test]
    fn a_shorter_reveal_period_costs_nobody_a_bond() {
        let long = WeightCommit { reveal_epoch: 8, ..commit(1, 5, 10) };
        let mut record = with(1_000, &[long, commit(2, 6, 20)]);
        assert_eq!(reveal(&mut record, 2, 6, 7), Ok((commit(2, 6, 20), 0)));
        assert_eq!((record.bond, record.waiting.len()), (1_000, 0), "the older one is superseded all the same");
    }

    #[test]
    fn a_missed_reveal_forfeits_once_whenever_it_is_settled() {
        let fresh = || with(1_001, &[commit(1, 0, 1), commit(2, 1, 2), commit(3, 2, 3)]);
        let (mut late, mut early) = (fresh(), fresh());
        assert_eq!(early.settle(Some(TENANCY), 1, 2_000), 0, "still revealable");
        assert_eq!(early.settle(Some(TENANCY), 2, 2_000), 201, "rounded up");
        assert_eq!(early.settle(Some(TENANCY), 2, 2_000), 0);
        assert_eq!(early.settle(Some(TENANCY), 3, 2_000), 160);
        assert_eq!(late.settle(Some(TENANCY), 3, 2_000), 361);
        assert_eq!(early, late);
        assert_eq!(late.waiting, vec![commit(3, 2, 3)]);
    }

    #[test]
    fn who_lost_its_uid_forfeits_nothing() {
        for tenancy in [None, Some(TENANCY + 1)] {
            let mut record = with(1_000, &[commit(1, 0, 1), commit(2, 9, 2)]);
            assert_eq!(record.settle(tenancy, 8, 10_000), 0);
            assert_eq!(record.withdraw(), Ok(1_000));
        }
    }

    #[test]
    fn a_bond_stands_while_commits_wait() {
        let mut record = with(0, &[commit(1, 0, 1)]);
        assert_eq!(record.deposit(0), Err(IncentiveError::NoBond));
        record.deposit(10).unwrap();
        record.deposit(5).unwrap();
        assert_eq!(record.deposit(u64::MAX), Err(IncentiveError::Overflow));
        assert_eq!(record.withdraw(), Err(IncentiveError::CommitsWaiting));
        assert_eq!(record.settle(Some(TENANCY), 2, 10_000), 15);
        assert_eq!(record.withdraw(), Err(IncentiveError::NoBond), "all of it was forfeited");
    }

    #[test]
    fn the_eleventh_waiting_commit_is_refused() {
        let mut record = with(0, &[0; 10].map(|_| commit(1, 0, 1)));
        assert_eq!(record.add(commit(11, 0, 1), TENANCY, 0), Err(IncentiveError::TooManyCommits));
        record.settle(Some(TENANCY), 2, 0);
        assert_eq!(record.add(commit(11, 2, 1), TENANCY, 0), Ok(()));
    }

    #[test]
    fn commits_are_rate_limited() {
        let mut record = with(0, &[commit(1, 0, 1_000)]);
        assert_eq!(record.add(commit(2, 0, 1_499), TENANCY, 500), Err(IncentiveError::CommitRateLimited));
        assert_eq!(record.add(commit(2, 0, 1_500), TENANCY, 500), Ok(()));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Deposit(u64),
        Commit,
        Reveal(usize),
        Settle,
        Epoch,
        Withdraw,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..1_000_000_000_u64).prop_map(Step::Deposit),
            Just(Step::Commit),
            (0..10_usize).prop_map(Step::Reveal),
            Just(Step::Settle),
            Just(Step::Epoch),
            Just(Step::Withdraw),
        ]
    }

    proptest! {
        #[test]
        fn every_rao_of_a_bond_is_held_paid_back_or_forfeited(
            steps in prop::collection::vec(step(), 0..60),
            forfeit in 0..=10_000_u16,
        ) {
            let mut record = Commits::default();
            let (mut deposited, mut paid, mut forfeited, mut epoch) = (0_u64, 0_u64, 0_u64, 0_u64);
            for (n, step) in (0..).zip(steps) {
                match step {
                    Step::Deposit(amount) => deposited += record.deposit(amount).map_or(0, |()| amount),
                    Step::Commit => {
                        forfeited += record.settle(Some(TENANCY), epoch, forfeit);
                        let _ = record.add(commit(n, epoch, 1), TENANCY, 0);
                    }
                    Step::Reveal(at) => {
                        if let Some(WeightCommit { hash, epoch: made, .. }) = record.waiting.get(at).cloned() {
                            let done = record.reveal((TENANCY, made, epoch), forfeit, |_| hash);
                            forfeited += done.map_or(0, |(_, forfeited)| forfeited);
                        }
                    }
                    Step::Settle => forfeited += record.settle(Some(TENANCY), epoch, forfeit),
                    Step::Epoch => epoch += 1,
                    Step::Withdraw => paid += record.withdraw().unwrap_or(0),
                }
                prop_assert_eq!(deposited, record.bond + paid + forfeited);
                prop_assert!(record.waiting.len() <= MAX_COMMITS);
            }
        }

        #[test]
        fn a_forfeited_part_is_exact_and_rounded_against_the_validator(bond in any::<u64>(), forfeit in 0..=10_000_u16) {
            let mut record = with(bond, &[commit(1, 0, 1)]);
            let exact = (u128::from(bond) * u128::from(forfeit)).div_ceil(10_000);
            prop_assert_eq!(u128::from(record.settle(Some(TENANCY), 2, forfeit)), exact);
        }
    }
}
