//! The call that a proposal makes: bytes of a selector and its arguments, passed on as they are.

use ink::primitives::AccountId;
use inktensor_primitives::{governance::GovernanceError, limits::MAX_CALL, peer::ask_bytes};

/// Calls `target` and requires that it accepts. Errors: `CallMalformed`, `CallFailed`.
pub fn make(target: AccountId, input: &[u8]) -> Result<(), GovernanceError> {
    parts(input)?;
    match ask_bytes(target, input) {
        Some(answer) if !refused(&answer) => Ok(()),
        _ => Err(GovernanceError::CallFailed),
    }
}

/// Whether a message refused. Any message of the suite that changes state answers a `Result`, whose first byte is 1 if
/// the message refused and so undid what it did. One that answers nothing cannot refuse.
fn refused(answer: &[u8]) -> bool {
    answer.first() == Some(&1)
}

/// Selector and encoded arguments. Errors: `CallMalformed`.
pub fn parts(input: &[u8]) -> Result<([u8; 4], &[u8]), GovernanceError> {
    match input.split_first_chunk() {
        Some((selector, arguments)) if input.len() <= MAX_CALL => Ok((*selector, arguments)),
        _ => Err(GovernanceError::CallMalformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scale::Encode;

    #[test]
    fn refusals_are_told_from_answers() {
        assert!(!refused(&().encode()));
        assert!(!refused(&Ok::<(), GovernanceError>(()).encode()));
        assert!(!refused(&Ok::<[u8; 40], GovernanceError>([1; 40]).encode()));
        assert!(refused(&Err::<(), _>(GovernanceError::NotPassed).encode()));
    }

    #[test]
    fn a_call_has_a_selector_and_a_limit() {
        assert_eq!(parts(&[1, 2, 3]), Err(GovernanceError::CallMalformed));
        assert_eq!(parts(&[1, 2, 3, 4]), Ok(([1, 2, 3, 4], &[][..])));
        assert!(parts(&[0; MAX_CALL]).is_ok());
        assert_eq!(parts(&[0; MAX_CALL + 1]), Err(GovernanceError::CallMalformed));
    }
}
