//! The cost of opening a subnet: it doubles with every opening and falls linearly after it.
//!
//! Source: subtensor's network lock cost. Its integer division comes first, so the fall is a whole number of rao for
//! each unit of time; that is kept.

/// Bounds and speed of the lock cost. Time has any one unit: milliseconds or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockSchedule {
    /// Least cost, in rao; also the cost of the very first subnet.
    pub minimum: u64,
    /// Time in which the cost falls by the amount last locked. Zero: it does not fall.
    pub interval: u64,
}

/// The last opening of a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastLock {
    /// Rao that were locked.
    pub amount: u64,
    /// When.
    pub at: u64,
}

impl LockSchedule {
    /// Rao that opening a subnet costs at `now`.
    #[must_use]
    pub fn cost(&self, last: Option<LastLock>, now: u64) -> u64 {
        let Some(last) = last else {
            return self.minimum;
        };
        let fall = last.amount.checked_div(self.interval).unwrap_or(0).saturating_mul(now.saturating_sub(last.at));
        last.amount.saturating_mul(2).saturating_sub(fall).max(self.minimum)
    }
}
