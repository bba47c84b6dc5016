//! What governance may do to every contract: exchange its code. And to those that take decisions: pause it.
//!
//! All contracts offer these by the same selectors, so one kind of proposal serves them all. A pause ends by itself and
//! moves no funds; it is for the hours between the discovery of a fault and the vote on its repair.

use ink::{env::DefaultEnvironment, primitives::Hash};

/// Longest pause, in ms: 7 days.
pub const MAX_PAUSE_MS: u64 = 7 * 24 * 3_600_000;

/// Why a message of upkeep refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum UpkeepError {
    /// Only the governance contract may do this.
    NotGovernance,
    /// No code with this hash is on the chain. Upload it first.
    UnknownCode,
    /// A pause may last 7 days at most.
    PauseTooLong,
}

/// The contract runs other code from the next message on. Its address, storage and balances stay.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct CodeChanged {
    /// Hash of the code from now on.
    pub code_hash: Hash,
}

/// The contract is paused, or resumed where the time is not in the future.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct Paused {
    /// Chain time in ms until which it refuses messages that change something.
    pub until_ms: u64,
}

/// A contract whose code governance can exchange.
#[ink::trait_definition]
pub trait Upgradable {
    /// Exchanges the contract's code for uploaded code with this hash. Only governance.
    /// Errors: `NotGovernance`, `UnknownCode`.
    #[ink(message)]
    fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError>;
}

/// A contract that governance can pause.
#[ink::trait_definition]
pub trait Pausable {
    /// Refuses every message that changes something until `until_ms` (chain time), 7 days from now at most; a time that
    /// is not in the future ends the pause. Only governance. Errors: `NotGovernance`, `PauseTooLong`.
    #[ink(message)]
    fn pause(&mut self, until_ms: u64) -> Result<(), UpkeepError>;
}

/// Checks the time of a pause that begins at `now_ms`. Errors: `PauseTooLong`.
pub fn check_pause(now_ms: u64, until_ms: u64) -> Result<(), UpkeepError> {
    if until_ms > now_ms.saturating_add(MAX_PAUSE_MS) {
        return Err(UpkeepError::PauseTooLong);
    }
    Ok(())
}

/// Exchanges the code of the contract that runs this, which has checked its caller, and tells of it. Errors: `UnknownCode`.
// Inlined, so that each contract optimises it with its own code: as a function of this crate it made some of them larger.
#[inline]
pub fn exchange_code(code_hash: Hash) -> Result<(), UpkeepError> {
    ink::env::set_code_hash::<DefaultEnvironment>(&code_hash).map_err(|_| UpkeepError::UnknownCode)?;
    ink::env::emit_event::<DefaultEnvironment, _>(CodeChanged { code_hash });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_within_seven_days_whatever_the_clock() {
        for now_ms in [0, 1_000_000, u64::MAX - MAX_PAUSE_MS] {
            assert_eq!(check_pause(now_ms, 0), Ok(()));
            assert_eq!(check_pause(now_ms, now_ms + MAX_PAUSE_MS), Ok(()));
        }
        assert_eq!(check_pause(0, MAX_PAUSE_MS + 1), Err(UpkeepError::PauseTooLong));
        assert_eq!(check_pause(1_000_000, u64::MAX), Err(UpkeepError::PauseTooLong));
    }
}
