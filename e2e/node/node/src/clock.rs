//! What time it is on the chain.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::ValueEnum;
use thiserror::Error;

/// What moves the chain's time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// The machine's clock, plus what `dev_advanceTime` added.
    Real,
    /// Nothing but `dev_advanceTime` and `dev_setTime`.
    Manual,
}

/// Why the clock was not moved.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ClockError {
    /// Time does not run backwards.
    #[error("time_in_the_past: the chain's time is {now} ms already. Hint: ask for a later time than {asked} ms")]
    Past {
        /// The chain's time.
        now: u64,
        /// What was asked for.
        asked: u64,
    },
    /// The time does not fit 64 bits.
    #[error("time_too_far: {ms} ms more is beyond the end of time. Hint: advance by less")]
    TooFar {
        /// By how much to advance.
        ms: u64,
    },
}

/// The chain's clock, in milliseconds since 1970. It starts at the latest block's time at the earliest.
pub struct Clock {
    source: Source,
    /// What is added to the source's time.
    offset: AtomicU64,
}

impl Clock {
    /// A clock of a chain whose latest block has this time.
    pub fn starting_at(source: Source, latest: u64) -> Self {
        Self { source, offset: AtomicU64::new(latest.saturating_sub(source.time())) }
    }

    /// The chain's time.
    pub fn now(&self) -> u64 {
        self.source.time().saturating_add(self.offset.load(Ordering::SeqCst))
    }

    /// The time of a block whose parent has that time: now, and never before the parent.
    pub fn time_after(&self, parent: u64) -> u64 {
        self.now().max(parent)
    }

    /// Moves time by so many milliseconds, for good.
    ///
    /// # Errors
    /// [`ClockError::TooFar`]; time is as before.
    pub fn advance(&self, ms: u64) -> Result<(), ClockError> {
        let moved =
            |offset: u64| offset.checked_add(ms).filter(|offset| offset.checked_add(self.source.time()).is_some());
        let outcome = self.offset.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
        outcome.map(drop).map_err(|_| ClockError::TooFar { ms })
    }

    /// Sets the time.
    ///
    /// # Errors
    /// [`ClockError::Past`]; time is as before.
    pub fn set(&self, asked: u64) -> Result<(), ClockError> {
        let moved = |offset| asked.checked_sub(self.source.time()).filter(|moved| *moved >= offset);
        let outcome = self.offset.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
        outcome.map(drop).map_err(|_| ClockError::Past { now: self.now(), asked })
    }
}

impl Source {
    /// Its own time: the machine's, in milliseconds since 1970, or none that runs.
    fn time(self) -> u64 {
        match self {
            // A machine that believes it is before 1970 has no time either.
            Self::Real => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            Self::Manual => 0,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
mod tests {
    use super::*;

    const LATER_THAN_ANY_MACHINE: u64 = 10_000_000_000_000;

    #[test]
    fn a_manual_clock_stands_still_until_moved() {
        let clock = Clock::starting_at(Source::Manual, 1_000);
        assert_eq!(clock.time_after(1_000), 1_000);
        clock.advance(500).unwrap();
        clock.set(2_000).unwrap();
        assert_eq!(clock.time_after(1_000), 2_000);
        assert_eq!(clock.time_after(3_000), 3_000, "a block is never before its parent");
    }

    #[test]
    fn a_real_clock_runs_and_goes_on_from_the_latest_block() {
        let clock = Clock::starting_at(Source::Real, 0);
        assert!(clock.now() >= Source::Real.time() - 1_000, "the machine's time");
        let ahead = Clock::starting_at(Source::Real, LATER_THAN_ANY_MACHINE);
        assert!(ahead.now() >= LATER_THAN_ANY_MACHINE);
        let before = ahead.now();
        ahead.advance(86_400_000).unwrap();
        assert!(ahead.now() >= before + 86_400_000);
    }

    #[test]
    fn time_is_not_set_back_nor_beyond_its_end() {
        let clock = Clock::starting_at(Source::Manual, 1_000);
        assert_eq!(clock.set(999), Err(ClockError::Past { now: 1_000, asked: 999 }));
        assert_eq!(clock.advance(u64::MAX), Err(ClockError::TooFar { ms: u64::MAX }));
        assert_eq!(clock.now(), 1_000, "a refusal changes nothing");
        let ahead = Clock::starting_at(Source::Real, LATER_THAN_ANY_MACHINE);
        assert!(matches!(ahead.set(LATER_THAN_ANY_MACHINE - 1), Err(ClockError::Past { .. })));
        assert!(ahead.now() >= LATER_THAN_ANY_MACHINE);
    }
}
