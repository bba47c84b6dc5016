//! Calls to other contracts. None of them panics, unlike ink!'s `invoke`; what a peer did is undone where it trapped.

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

/// What a peer contract answers; `None` if the call could not be made, the peer trapped or does not know the message.
///
/// Use it as `ask(peer.call().message(…))`. All calls of a contract share the code of one, [`ask_bytes`].
pub fn ask<Args: Encode, T: Decode>(call: Question<Args, T>) -> Option<T> {
    let call = call.params();
    let output = ask_bytes(*call.callee(), &call.exec_input().encode())?;
    T::decode_all(&mut &output[..]).ok()
}

/// As [`ask`], of a message whose selector and arguments are encoded in `input`; the answer is not decoded.
#[inline(never)]
pub fn ask_bytes(callee: AccountId, input: &[u8]) -> Option<Vec<u8>> {
    let (selector, arguments) = input.split_first_chunk()?;
    let call = build_call::<DefaultEnvironment>()
        .call(callee)
        .exec_input(ExecutionInput::new(Selector::new(*selector)).push_arg(Verbatim(arguments)))
        .returns::<Undecoded>();
    call.try_invoke().ok()?.ok().map(|output| output.0)
}

/// Bytes that are encoded already: without a length before them.
struct Verbatim<'a>(&'a [u8]);

impl Encode for Verbatim<'_> {
    fn encode_to<O: scale::Output + ?Sized>(&self, output: &mut O) {
        output.write(self.0);
    }
}

/// All bytes that there are.
struct Undecoded(Vec<u8>);

impl Decode for Undecoded {
    fn decode<I: scale::Input>(input: &mut I) -> Result<Self, scale::Error> {
        let mut bytes = ink::prelude::vec![0; input.remaining_len()?.unwrap_or(0)];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
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

    #[test]
    fn answers_are_taken_wholly_from_under_the_result_of_ink() {
        for answer in [vec![], vec![1], (0_u8, [7_u8; 40]).encode()] {
            let bytes = Ok::<_, LangError>(Verbatim(&answer)).encode();
            let decoded = Result::<Undecoded, LangError>::decode_all(&mut &bytes[..]);
            assert!(matches!(decoded, Ok(Ok(output)) if output.0 == answer));
        }
    }
}
