//! From losses to weights, in integers from end to end: two validators with the same losses set the same weights.
//!
//! Without a standard library and without dependencies, so that evaluators in a sandbox decide as the agent does.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod averages;
mod compare;
mod copies;
mod early;
mod fading;
mod loss;
mod ranking;
mod weights;

pub use averages::weights_of_losses;
pub use compare::{Margin, beats, champion};
pub use copies::{CopyRule, Disagreement};
pub use early::{hopeless, looks};
pub use fading::{Entrant, FadingMargin, champion_at};
pub use loss::{Loss, MAX_BITS_PER_BYTE, MAX_BYTES, MAX_WINDOWS, Score, ScoreError};
pub use ranking::{cosine, ndcg};
pub use weights::{WeightRule, weights_behind};
