//! Scores of losses in floats.

use inktensor_score::{Score, ScoreError};

use crate::window::WindowResult;

/// Rounds each window's loss to the nearest 2^-32 bit, ties to even; slightly negative sums, which rounding of a perfect
/// prediction can give, become zero. Fails with [`ScoreError::NotFinite`] or [`ScoreError::Windows`].
pub fn from_floats(results: &[WindowResult]) -> Result<Score, ScoreError> {
    let convert = |(window, result): (usize, &WindowResult)| {
        if !result.nll_nats.is_finite() {
            return Err(ScoreError::NotFinite { window });
        }
        let bits = result.nll_nats / std::f64::consts::LN_2;
        // The cast saturates at zero and at the largest integer.
        Ok(((bits * (1u64 << 32) as f64).round_ties_even() as u64, result.bytes))
    };
    Score::of_bits(results.iter().enumerate().map(convert).collect::<Result<_, _>>()?)
}
