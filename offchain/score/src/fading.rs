//! Margins that shrink: a new model is protected against small improvements, an old one no longer.

use alloc::vec::Vec;

use crate::compare::{Margin, succession};
use crate::loss::{Score, ScoreError};

/// A [`Margin`] whose epsilon falls in a straight line with the age of the model to be beaten, then stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FadingMargin {
    /// The margin of a model of age 0.
    pub fresh: Margin,
    /// Epsilon from the age of `blocks` on, in basis points. More than the fresh one's is taken as equal to it.
    pub faded_bps: u16,
    /// Blocks over which epsilon falls.
    pub blocks: u64,
}

impl FadingMargin {
    /// The margin that protects a model `age` blocks after its commit:
    /// `epsilon = fresh - ⌊(fresh - faded) · min(age, blocks) / blocks⌋` basis points, and the faded one if `blocks` is 0.
    pub fn at(&self, age: u64) -> Margin {
        let span = self.fresh.epsilon_bps.saturating_sub(self.faded_bps);
        let fallen = match self.blocks {
            0 => span,
            // At most `span`.
            blocks => (u128::from(span) * u128::from(age.min(blocks)) / u128::from(blocks)) as u16,
        };
        Margin { epsilon_bps: self.fresh.epsilon_bps - fallen, ..self.fresh }
    }
}

/// A model in a contest.
#[derive(Debug, Clone, Copy)]
pub struct Entrant<'a> {
    /// Block of its commit.
    pub commit: u64,
    /// Its score; None at fault.
    pub score: Option<&'a Score>,
}

/// The champion at block `now`, as [`crate::champion`] but with the margin of the holder's age. Fails with
/// [`ScoreError::Order`] unless the entrants stand in the order of their commits (those of one block in their order in
/// it), and with [`ScoreError::DifferentWindows`].
pub fn champion_at(entrants: &[Entrant<'_>], margin: &FadingMargin, now: u64) -> Result<Option<usize>, ScoreError> {
    if !entrants.is_sorted_by_key(|entrant| entrant.commit) {
        return Err(ScoreError::Order);
    }
    let scores: Vec<Option<&Score>> = entrants.iter().map(|entrant| entrant.score).collect();
    succession(&scores, |holder| margin.at(now.saturating_sub(entrants[holder].commit)))
}
