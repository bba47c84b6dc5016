//! The issuance schedule: 1 TAO in 12 seconds at first, halved whenever half of what was missing to the cap is issued.
//!
//! Source: subtensor's block emission, which depends on the issuance alone: `10^9 >> h` with `h` halvings passed. A
//! halving `k` is passed when the issuance reaches `cap - cap / 2^(k+1)`. Blocks become slots of 12 seconds here, so
//! that the schedule is the same on chains with other block times.

/// No more rao than this are ever issued.
pub const CAP: u64 = 21_000_000_000_000_000;
/// Rao of a slot before the first halving.
pub const FIRST_EMISSION: u64 = 1_000_000_000;
/// Milliseconds of a slot.
pub const SLOT_MS: u64 = 12_000;

/// What [`issue`] found due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Rao to issue.
    pub amount: u64,
    /// Milliseconds this pays for: whole slots. The caller lets the rest count toward its next call.
    pub consumed_ms: u64,
}

/// Rao of one slot at this issuance; zero at the cap and in the last 20 million rao before it.
#[must_use]
pub fn slot_emission(issuance: u64) -> u64 {
    if issuance >= CAP {
        return 0;
    }
    FIRST_EMISSION.checked_shr(halvings(issuance)).unwrap_or(0)
}

/// Rao due at this issuance when `elapsed_ms` have passed, exactly as if every slot had been issued by itself.
///
/// Takes one round for each halving on the way. `issuance + amount` is at most [`CAP`].
#[must_use]
pub fn issue(issuance: u64, elapsed_ms: u64) -> Issue {
    let mut slots = elapsed_ms / SLOT_MS;
    let consumed_ms = slots.saturating_mul(SLOT_MS);
    let mut reached = issuance;
    while slots > 0 {
        let emission = slot_emission(reached);
        // A round ends at the next halving or with the last slot; without emission none follows.
        let Some(missing) = threshold(halvings(reached)).checked_sub(reached) else {
            break;
        };
        let Some(to_halving) = missing.saturating_add(emission.saturating_sub(1)).checked_div(emission) else {
            break;
        };
        let taken = slots.min(to_halving);
        reached = reached.saturating_add(taken.saturating_mul(emission));
        slots = slots.saturating_sub(taken);
    }
    Issue { amount: reached.min(CAP).saturating_sub(issuance), consumed_ms }
}

/// The issuance at which halving `k` (from zero) happens.
fn threshold(k: u32) -> u64 {
    CAP.saturating_sub(CAP.checked_shr(k.saturating_add(1)).unwrap_or(0))
}

/// Halvings passed at this issuance; no more than it takes to shift every emission to zero.
fn halvings(issuance: u64) -> u32 {
    let mut passed = 0;
    while passed < u64::BITS && issuance >= threshold(passed) {
        passed = passed.saturating_add(1);
    }
    passed
}
