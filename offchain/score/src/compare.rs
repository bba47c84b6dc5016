//! Paired comparison: all models see the same windows, so their differences window by window say more than their means.

use crate::loss::{Score, ScoreError};

/// By how much a later model must be better than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Margin {
    /// Relative improvement of the loss, in basis points, that must be exceeded.
    pub epsilon_bps: u16,
    /// Standard errors, in tenths, that the mean improvement must exceed.
    pub z_tenths: u8,
}

impl Default for Margin {
    /// Half a percent, and two standard errors.
    fn default() -> Self {
        Self { epsilon_bps: 50, z_tenths: 20 }
    }
}

/// Whether `challenger` is better than `holder` by more than the margin.
///
/// With `d` the holder's loss less the challenger's in each of `n` windows, `S` their sum and `Q` the sum of their
/// squares: `S > epsilon · (holder's total)`, and the mean of `d` exceeds `z` standard errors, which without division
/// or root is `S > 0` and `S² (n - 1) > z² (n Q - S²)`. One window alone never suffices.
pub fn beats(challenger: &Score, holder: &Score, margin: &Margin) -> Result<bool, ScoreError> {
    let [own, other] = [challenger, holder].map(|score| score.window_bits().map(i128::from).sum::<i128>());
    let enough = (other - own) * 10_000 > other * i128::from(margin.epsilon_bps);
    Ok(clearly_ahead(challenger, holder, margin.z_tenths)? && enough)
}

/// Whether the mean of `d` is positive and exceeds `z_tenths` tenths of its standard error.
pub(crate) fn clearly_ahead(challenger: &Score, holder: &Score, z_tenths: u8) -> Result<bool, ScoreError> {
    let leads = challenger.lead_over(holder)?;
    // Bounds: |d| <= 2^42 (MAX_BITS_PER_BYTE · 2^16 bytes in Q.20), n <= 2^12, so S² <= 2^108, and both sides stay
    // below 2^127.
    let n = leads.len() as i128;
    let sum: i128 = leads.iter().sum();
    let squares: i128 = leads.iter().map(|d| d * d).sum();
    let z = i128::from(z_tenths);
    Ok(sum > 0 && sum * sum * (n - 1) * 100 > z * z * (n * squares - sum * sum))
}

/// The champion among `scores`, which stand in the order of their commits: the first one holds the place until a later
/// one [`beats`] it, and so on. None if nobody has a score.
pub fn champion(scores: &[Option<&Score>], margin: &Margin) -> Result<Option<usize>, ScoreError> {
    succession(scores, |_| *margin)
}

/// The last in the line of champions, each of whom is beaten by the margin that protects it.
pub(crate) fn succession(
    scores: &[Option<&Score>],
    margin_of: impl Fn(usize) -> Margin,
) -> Result<Option<usize>, ScoreError> {
    let mut holder: Option<(usize, &Score)> = None;
    for (index, score) in scores.iter().enumerate() {
        let Some(score) = *score else { continue };
        let wins = match holder {
            Some((held, best)) => beats(score, best, &margin_of(held))?,
            None => true,
        };
        if wins {
            holder = Some((index, score));
        }
    }
    Ok(holder.map(|(index, _)| index))
}
