//! Functional copies: other weights that compute nearly the same.

use crate::compare::{Margin, beats};
use crate::loss::{Score, ScoreError};

/// How differently two models predict, in bits² a byte, Q32.32.
///
/// Two models that were trained apart disagree window by window, even where their means are equal; a model with its units
/// in another order, scaled back and forth, rounded or with a little noise does not. With `d` the difference of two
/// models' bits in each of `n` windows of `B` bytes together, this is the variance of `d` over the bytes of a window:
/// `(n Σd² - (Σd)²) / (n B)`. Errors of tokens hardly depend on each other, so that it does not grow with the window's
/// length; and unlike the correlation of losses it does not depend on how much easier one window is than another. It is 0
/// for models that differ by the same in all windows.
///
/// Measured with `strong` of the shipped ladder on windows of held-out text (20 of 128 bytes; where a span is given, also
/// 64 of 256 and 64 of 64). Noise is even, up to a share of each tensor's root mean square:
///
/// | held against `strong` | bits² a byte |
/// |---|---|
/// | units and heads permuted; gains and matrices scaled | below 10⁻¹¹ in floats, 10⁻⁷ in integers |
/// | noise of 0.1 % | 2 to 5 · 10⁻⁶ |
/// | rounded from F16 to BF16 | 4 · 10⁻⁵ |
/// | noise of 1 %; permuted, scaled and noise of 1 % | 2 to 5 · 10⁻⁴ |
/// | final gain times 1.02 | 0.001 to 0.003 |
/// | noise of 3 % | 0.002 to 0.005 |
/// | **the default limit, 1/64** | **0.016** |
/// | trained on, 5 and 20 steps at a rate of 10⁻⁴ | 0.021 and 0.042 |
/// | noise of 10 %, which costs 0.5 to 0.8 % of the loss | 0.03 to 0.06 |
/// | trained on, 20 and 60 steps at a rate of 10⁻³ | 0.31 and 0.29 |
/// | `sibling` and a third model like them, trained apart, each against each | 0.76 to 1.4 |
/// | `medium`, `weak` | 3 to 11 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Disagreement(pub u64);

impl Disagreement {
    /// Of two models on the same windows, rounded down. Fails with [`ScoreError::DifferentWindows`].
    pub fn of(one: &Score, other: &Score) -> Result<Self, ScoreError> {
        let leads = one.lead_over(other)?;
        // |d| <= 2^42 in Q.20 and n <= 2^12: at most 2^108. Over n B it is at most 2^84 / B in Q.40, and B at least n.
        let n = leads.len() as i128;
        let sum: i128 = leads.iter().sum();
        let squares: i128 = leads.iter().map(|d| d * d).sum();
        let variance = (n * squares - sum * sum) / (n * i128::from(one.bytes()));
        Ok(Self(u64::try_from(variance >> 8).unwrap_or(u64::MAX)))
    }
}

/// When a later model counts as a functional copy of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRule {
    /// Disagreement below which it does.
    pub limit: Disagreement,
    /// Windows without which nothing is said.
    pub windows: usize,
    /// A model that beats the earlier one by this is an improvement and no copy, however alike they are.
    pub margin: Margin,
}

impl Default for CopyRule {
    /// 1/64 bit² a byte over at least 16 windows, and the default margin.
    fn default() -> Self {
        Self { limit: Disagreement(1 << 26), windows: 16, margin: Margin::default() }
    }
}

impl CopyRule {
    /// Whether `later` is a functional copy of `earlier`. Fails with [`ScoreError::DifferentWindows`].
    pub fn copies(&self, later: &Score, earlier: &Score) -> Result<bool, ScoreError> {
        let alike = Disagreement::of(later, earlier)? < self.limit && later.windows() >= self.windows;
        Ok(alike && !beats(later, earlier, &self.margin)?)
    }
}
