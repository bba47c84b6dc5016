//! From losses to weights. Floats end here: what is decided on is integers, which `inktensor-score` compares.

mod copies;
mod floats;

pub use copies::{mark_copies, mark_functional_copies};
pub use floats::from_floats;
pub use inktensor_score::{
    CopyRule, Disagreement, Entrant, FadingMargin, Loss, MAX_BITS_PER_BYTE, MAX_BYTES, MAX_WINDOWS, Margin, Score,
    ScoreError, WeightRule, beats, champion, champion_at, hopeless, looks, weights_behind, weights_of_losses,
};

use crate::task::MinerFault;

/// Weights as in [`weights_behind`], of models in the order of their commits, behind the [`champion`].
///
/// A model that the validator could not evaluate has neither score nor fault: leave it out, or pass its last score.
pub fn weights(models: &[Result<Score, MinerFault>], rule: &WeightRule) -> Result<Vec<u16>, ScoreError> {
    let scores: Vec<Option<&Score>> = models.iter().map(|model| model.as_ref().ok()).collect();
    Ok(weights_behind(&scores, champion(&scores, &rule.margin)?, rule.half_life))
}
