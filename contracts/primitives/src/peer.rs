//! The answer of a cross-contract call.

use ink::{
    env::{
        self,
        call::{
            build_call,
            utils::{ReturnType, Set},
            Call, CallBuilder, ExecutionInput, Selector,
        },
        DefaultEnvironment,
    },
    prelude::vec::Vec,
    primitives::AccountId,
    LangError,
};
use scale::{Decode, DecodeAll, Encode};

/// What a peer contract answered; `None` if the call could not be made or the peer trapped. Never panics, unlike
/// `invoke`. What the peer did is undone where it trapped.
///
/// Use it as `answer(peer.call().message(…).try_invoke())`.
pub fn answer<T>(outcome: Result<Result<T, LangError>, env::Error>) -> Option<T> {
    outcome.ok().and_then(Result::ok)
}

/// A message to a peer contract, as ink!'s call builders make it.
pub type Question<Args, T> =
    CallBuilder<DefaultEnvironment, Set<Call<DefaultEnvironment>>, Set<ExecutionInput<Args>>, Set<ReturnType<T>>>;

/// As [`answer`], for a contract that makes many calls: all share the code of one, which passes bytes.
///
/// Use it as `ask(peer.call().message(…))`.
pub fn ask<Args: Encode, T: Decode>(call: Question<Args, T>) -> Option<T> {
    let call = call.params();
    let output = ask_bytes(*call.callee(), call.exec_input().encode())?;
    T::decode_all(&mut &output[..]).ok()
}

/// Bytes that are encoded already: without a length in front.
struct Encoded(Vec<u8>);

impl Encode for Encoded {
    fn encode_to<O: scale::Output + ?Sized>(&self, dest: &mut O) {
        dest.write(&self.0);
    }
}

impl Decode for Encoded {
    fn decode<I: scale::Input>(input: &mut I) -> Result<Self, scale::Error> {
        let mut bytes = ink::prelude::vec![0; input.remaining_len()?.unwrap_or(0)];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

#[inline(never)]
fn ask_bytes(callee: AccountId, mut input: Vec<u8>) -> Option<Vec<u8>> {
    let arguments = Encoded(input.split_off(4));
    let selector = Selector::new(input.try_into().ok()?);
    let call = build_call::<DefaultEnvironment>()
        .call(callee)
        .exec_input(ExecutionInput::new(selector).push_arg(arguments))
        .returns::<Encoded>();
    answer(call.try_invoke()).map(|output| output.0)
}
