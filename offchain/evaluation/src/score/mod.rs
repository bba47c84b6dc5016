//! From losses to weights, in integers from end to end: two validators with the same losses set the same weights.

mod averages;
mod compare;
mod copies;
mod loss;
mod weights;

pub use averages::weights_of_losses;
pub use compare::{Margin, beats, champion};
pub use copies::mark_copies;
pub use loss::{Loss, MAX_BITS_PER_BYTE, MAX_WINDOWS, Score, ScoreError};
pub use weights::{WeightRule, weights};
