//! Pauses between attempts.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// Pauses that double from a tenth of a second to ten seconds, each shortened by up to a half at random, so that clients
/// of a node that comes back do not all come at once.
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { next: FIRST }
    }

    /// The next pause.
    pub(super) fn pause(&mut self) -> Duration {
        let full = self.next;
        self.next = (full * 2).min(LONGEST);
        // The standard library seeds each hasher anew: that is random enough for a pause.
        let share = RandomState::new().hash_one(()) % 512;
        full - full * u32::try_from(share).unwrap_or(0) / 1_024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_differ() {
        let mut backoff = Backoff::new();
        let pauses: Vec<Duration> = (0..20).map(|_| backoff.pause()).collect();
        assert!(pauses[0] <= FIRST && pauses[0] >= FIRST / 2);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST));
        let late = &pauses[8..];
        assert!(late.iter().all(|pause| *pause >= LONGEST / 2));
        assert!(late.iter().any(|pause| *pause != late[0]));
    }
}
