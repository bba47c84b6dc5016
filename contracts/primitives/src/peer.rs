//! The answer of a cross-contract call.

use ink::{env, LangError};

/// What a peer contract answered; `None` if the call could not be made or the peer trapped. Never panics, unlike
/// `invoke`. What the peer did is undone where it trapped.
///
/// Use it as `answer(peer.call().message(…).try_invoke())`.
pub fn answer<T>(outcome: Result<Result<T, LangError>, env::Error>) -> Option<T> {
    outcome.ok().and_then(Result::ok)
}
