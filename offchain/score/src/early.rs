//! Clear losers need not be measured to the end.

use crate::compare::clearly_ahead;
use crate::loss::{Score, ScoreError};

/// Windows before the first look.
const FIRST: usize = 16;

/// Standard errors, in tenths, behind which a model is given up. Four, since every look is another chance to be wrong.
const HOPELESS: u8 = 40;

/// How many windows a model has been measured on when it is looked at, if `windows` are to be measured: 16, 32, 64 and so
/// on below `windows`. Fixed, so that all validators stop at the same one.
pub fn looks(windows: usize) -> impl Iterator<Item = usize> {
    core::iter::successors(Some(FIRST), |look| look.checked_mul(2)).take_while(move |&look| look < windows)
}

/// Whether a challenger, measured on the first windows of the holder's alone, is behind by more than four standard errors
/// of the mean difference. It loses then: nothing that is left to measure could make it the champion but by chance. Fails
/// with [`ScoreError::DifferentWindows`].
pub fn hopeless(challenger: &Score, holder: &Score) -> Result<bool, ScoreError> {
    clearly_ahead(&holder.first(challenger.windows()), challenger, HOPELESS)
}
