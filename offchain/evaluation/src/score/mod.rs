//! From losses to weights, in integers from end to end: two validators with the same losses set the same weights.

mod averages;
mod compare;
mod copies;
mod early;
mod fading;
mod loss;
mod weights;

pub use averages::weights_of_losses;
pub use compare::{Margin, beats, champion};
pub use copies::{CopyRule, Disagreement, mark_copies, mark_functional_copies};
pub use early::{hopeless, looks};
pub use fading::{Entrant, FadingMargin, champion_at};
pub use loss::{Loss, MAX_BITS_PER_BYTE, MAX_BYTES, MAX_WINDOWS, Score, ScoreError};
pub use weights::{WeightRule, weights, weights_behind};
