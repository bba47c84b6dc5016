//! Weights of miners from the scores of their models.

use alloc::vec;
use alloc::vec::Vec;

use crate::compare::Margin;
use crate::loss::{Loss, Score};

/// How weights fall off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightRule {
    /// What it takes to unseat an earlier model.
    pub margin: Margin,
    /// Loss behind the champion that halves a weight.
    pub half_life: Loss,
}

impl Default for WeightRule {
    /// The default margin, and a quarter of a bit per byte.
    fn default() -> Self {
        Self { margin: Margin::default(), half_life: Loss(1 << 30) }
    }
}

/// Weights as u16 proportions of `u16::MAX`, one for each of `scores`, behind the champion with this index among them. All
/// are 0 without one.
///
/// The champion gets 65,535. A model whose loss is `g` above the champion's gets `32,767 · 2^-(g / half_life)`, where `2^-f`
/// of the fractional part `f` is `1 - f / 2`; so nobody else reaches half of the champion, not even a model with a slightly
/// lower loss that did not beat it by the margin. None, which is a faulty model, gets 0. A model that was given up as
/// [`crate::hopeless`] has a score of the first windows alone, and is held against the champion's loss on these.
pub fn weights_behind(scores: &[Option<&Score>], champion: Option<usize>, half_life: Loss) -> Vec<u16> {
    let holder = champion.and_then(|index| Some((index, scores.get(index).copied().flatten()?)));
    let Some((best, holder)) = holder else {
        return vec![0; scores.len()];
    };
    let behind = |score: &Score| score.loss().0.saturating_sub(holder.first(score.windows()).loss().0);
    let weigh = |(index, score): (usize, &Option<&Score>)| match score {
        None => 0,
        Some(_) if index == best => u16::MAX,
        Some(score) => halved(behind(score), half_life.0.max(1)),
    };
    scores.iter().enumerate().map(weigh).collect()
}

/// `32,767 · 2^-(gap / half_life)`, linear between whole half-lives.
pub(crate) fn halved(gap: u64, half_life: u64) -> u16 {
    let half_life = u128::from(half_life);
    let (halvings, rest) = (u128::from(gap) / half_life, u128::from(gap) % half_life);
    let part = 32_767 * (2 * half_life - rest) / (2 * half_life);
    let shift = u32::try_from(halvings).unwrap_or(u32::MAX);
    // `part` is at most 32,767.
    part.checked_shr(shift).unwrap_or(0) as u16
}
