//! The call that a proposal makes: bytes of a selector and its arguments, passed on as they are.

use ink::{
    env::{
        call::{build_call, ExecutionInput, Selector},
        DefaultEnvironment,
    },
    primitives::AccountId,
};
use inktensor_primitives::{governance::GovernanceError, limits::MAX_CALL, peer::answer};
use scale::{Decode, DecodeAll, Encode, Error, Input, Output};

/// Selector of the message `pay` of governance.
pub const PAY: [u8; 4] = ink::selector_bytes!("pay");

/// Calls `target` and requires that it accepts. Errors: `CallMalformed`, `CallFailed`.
pub fn make(target: AccountId, input: &[u8]) -> Result<(), GovernanceError> {
    let (selector, arguments) = parts(input)?;
    let call = build_call::<DefaultEnvironment>()
        .call(target)
        .exec_input(ExecutionInput::new(Selector::new(selector)).push_arg(Verbatim(arguments)))
        .returns::<Answer>();
    match answer(call.try_invoke()) {
        Some(Answer { refused: false }) => Ok(()),
        _ => Err(GovernanceError::CallFailed),
    }
}

/// The receiver and the rao of a call of `pay`. Errors: `CallMalformed` for any other call.
pub fn payment(input: &[u8]) -> Result<(AccountId, u128), GovernanceError> {
    match parts(input)? {
        (PAY, mut arguments) => DecodeAll::decode_all(&mut arguments).map_err(|_| GovernanceError::CallMalformed),
        _ => Err(GovernanceError::CallMalformed),
    }
}

/// Selector and encoded arguments. Errors: `CallMalformed`.
pub fn parts(input: &[u8]) -> Result<([u8; 4], &[u8]), GovernanceError> {
    match input.split_first_chunk() {
        Some((selector, arguments)) if input.len() <= MAX_CALL => Ok((*selector, arguments)),
        _ => Err(GovernanceError::CallMalformed),
    }
}

/// Bytes that are encoded as they are, without a length before them.
struct Verbatim<'a>(&'a [u8]);

impl Encode for Verbatim<'_> {
    fn size_hint(&self) -> usize {
        self.0.len()
    }

    fn encode_to<T: Output + ?Sized>(&self, output: &mut T) {
        output.write(self.0);
    }
}

/// What any message of the suite that changes state answers: a `Result`, whose first byte is 1 if the message refused
/// and so undid what it did. What follows is left unread.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    refused: bool,
}

impl Decode for Answer {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        // A message that answers nothing cannot refuse.
        let mut first = None;
        while input.remaining_len()?.is_some_and(|left| left > 0) {
            let byte = input.read_byte()?;
            first.get_or_insert(byte);
        }
        Ok(Self { refused: first == Some(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ink::LangError;

    #[test]
    fn arguments_are_passed_on_as_they_are() {
        let arguments = (7_u16, [1_u8; 32], 9_u64).encode();
        assert_eq!(Verbatim(&arguments).encode(), arguments);
        let input = ExecutionInput::new(Selector::new([1, 2, 3, 4])).push_arg(Verbatim(&arguments));
        assert_eq!(input.encode(), [vec![1, 2, 3, 4], arguments].concat());
    }

    /// Decodes what a contract answers as a call does: wholly, under ink's own result.
    fn refused<T: Encode>(answered: T) -> Option<bool> {
        let bytes = Ok::<T, LangError>(answered).encode();
        let decoded: Result<Answer, LangError> = DecodeAll::decode_all(&mut &bytes[..]).ok()?;
        decoded.ok().map(|answer| answer.refused)
    }

    #[test]
    fn refusals_are_told_from_answers() {
        assert_eq!(refused(()), Some(false));
        assert_eq!(refused(Ok::<(), GovernanceError>(())), Some(false));
        assert_eq!(refused(Ok::<[u8; 40], GovernanceError>([1; 40])), Some(false));
        assert_eq!(refused(Err::<(), _>(GovernanceError::NotPassed)), Some(true));
    }

    #[test]
    fn a_call_has_a_selector_and_a_limit() {
        assert_eq!(parts(&[1, 2, 3]), Err(GovernanceError::CallMalformed));
        assert_eq!(parts(&[1, 2, 3, 4]), Ok(([1, 2, 3, 4], &[][..])));
        assert!(parts(&[0; MAX_CALL]).is_ok());
        assert_eq!(parts(&[0; MAX_CALL + 1]), Err(GovernanceError::CallMalformed));
    }

    #[test]
    fn a_payment_is_read_to_its_last_byte() {
        let to = AccountId::from([5; 32]);
        let input = (PAY, to, 12_u128).encode();
        assert_eq!(payment(&input), Ok((to, 12)));
        assert_eq!(payment(&[&input[..], &[0]].concat()), Err(GovernanceError::CallMalformed));
        assert_eq!(payment(&input[..input.len() - 1]), Err(GovernanceError::CallMalformed));
        assert_eq!(payment(&([0_u8; 4], to, 12_u128).encode()), Err(GovernanceError::CallMalformed));
    }
}
