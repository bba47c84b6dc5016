//! Calls to other contracts. None of them panics, unlike ink!'s `invoke`; what a peer did is undone where it trapped.

use core::marker::PhantomData;
use ink::{
    env::{
        call::{
            build_call,
            utils::{ReturnType, Set},
            Call, CallBuilder, ExecutionInput, Selector,
        },
        DefaultEnvironment,
    },
    prelude::vec::Vec,
    primitives::AccountId,
};
use scale::{Decode, DecodeAll, Encode};

/// A message to a peer contract, as ink!'s call builders make it.
pub type Question<Args, T> =
    CallBuilder<DefaultEnvironment, Set<Call<DefaultEnvironment>>, Set<ExecutionInput<Args>>, Set<ReturnType<T>>>;

/// A peer's error inside an error of one's own. On chain it stays as the peer encoded it: to decode the errors of all peers,
/// only to encode them again for the caller, would take much code.
#[cfg(feature = "std")]
pub type Refusal<E> = E;
/// A peer's error inside an error of one's own: as the peer encoded it.
#[cfg(not(feature = "std"))]
pub type Refusal<E> = Undecoded<E>;

/// What a peer contract answers; `None` if the call could not be made, the peer trapped or does not know the message.
///
/// Use it as `ask(peer.call().message(…))`. All calls of a contract share the code of one, [`ask_bytes`].
pub fn ask<Args: Encode, T: Decode>(call: Question<Args, T>) -> Option<T> {
    T::decode_all(&mut &output_of(call)?[..]).ok()
}

/// As [`ask`], of a message that may refuse. The refusal is for passing on, as part of an error of one's own.
pub fn demand<Args: Encode, T: Decode, E: Decode>(call: Question<Args, Result<T, E>>) -> Option<Result<T, Refusal<E>>> {
    Result::decode_all(&mut &output_of(call)?[..]).ok()
}

fn output_of<Args: Encode, T>(call: Question<Args, T>) -> Option<Vec<u8>> {
    let call = call.params();
    ask_bytes(*call.callee(), &call.exec_input().encode())
}

/// As [`ask`], of a message whose selector and arguments are encoded in `input`; the answer is not decoded.
#[inline(never)]
pub fn ask_bytes(callee: AccountId, input: &[u8]) -> Option<Vec<u8>> {
    let (selector, arguments) = input.split_first_chunk()?;
    let call = build_call::<DefaultEnvironment>()
        .call(callee)
        .exec_input(ExecutionInput::new(Selector::new(*selector)).push_arg(Verbatim(arguments)))
        .returns::<Undecoded<()>>();
    call.try_invoke().ok()?.ok().map(|output| output.0)
}

/// Bytes that are encoded already: without a length before them.
pub(crate) struct Verbatim<'a>(pub(crate) &'a [u8]);

impl Encode for Verbatim<'_> {
    fn encode_to<O: scale::Output + ?Sized>(&self, output: &mut O) {
        output.write(self.0);
    }
}

/// An encoded `T` that nobody looks into: all bytes that there are, so it must be the last of what is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecoded<T>(Vec<u8>, PhantomData<T>);

impl<T> Encode for Undecoded<T> {
    fn encode_to<O: scale::Output + ?Sized>(&self, output: &mut O) {
        output.write(&self.0);
    }
}

impl<T> Decode for Undecoded<T> {
    fn decode<I: scale::Input>(input: &mut I) -> Result<Self, scale::Error> {
        let mut bytes = ink::prelude::vec![0; input.remaining_len()?.unwrap_or(0)];
        input.read(&mut bytes)?;
        Ok(Self(bytes, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::psp22::PSP22Error;
    use ink::LangError;

    #[test]
    fn arguments_are_passed_on_as_they_are() {
        let arguments = (7_u16, [1_u8; 32], 9_u64).encode();
        assert_eq!(Verbatim(&arguments).encode(), arguments);
        let input = ExecutionInput::new(Selector::new([1, 2, 3, 4])).push_arg(Verbatim(&arguments));
        assert_eq!(input.encode(), [vec![1, 2, 3, 4], arguments].concat());
    }

    #[test]
    fn answers_are_taken_wholly_from_under_the_result_of_ink() {
        for answer in [vec![], vec![1], (0_u8, [7_u8; 40]).encode()] {
            let bytes = Ok::<_, LangError>(Verbatim(&answer)).encode();
            let decoded = Result::<Undecoded<()>, LangError>::decode_all(&mut &bytes[..]);
            assert!(matches!(decoded, Ok(Ok(output)) if output.0 == answer));
        }
    }

    #[test]
    fn an_error_passes_through_as_it_was_encoded() {
        let answer = Result::<u64, PSP22Error>::Err(PSP22Error::Custom("why".into())).encode();
        let decoded = Result::<u64, Undecoded<PSP22Error>>::decode_all(&mut &answer[..]);
        assert_eq!(decoded.map(|decoded| decoded.encode()), Ok(answer));
        let granted = Result::<u64, PSP22Error>::Ok(7).encode();
        assert_eq!(Result::<u64, Undecoded<PSP22Error>>::decode_all(&mut &granted[..]), Ok(Ok(7)));
    }
}
