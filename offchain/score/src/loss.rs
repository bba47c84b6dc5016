//! Losses as integers.

use alloc::vec::Vec;
use core::fmt;

/// Fractional bits of a loss.
const FRACTION: u32 = 32;

/// A window's loss is capped at this many bits for each of its bytes (a uniform guess costs 8), which bounds every sum.
pub const MAX_BITS_PER_BYTE: u64 = 64;

/// Windows of a score at most.
pub const MAX_WINDOWS: usize = 4096;

/// Bytes that a window's predictions stand for at most, so that comparisons cannot overflow.
pub const MAX_BYTES: u32 = 1 << 16;

/// `2^62 / ln 2` to the nearest integer: bits in a nat.
const BITS_IN_NAT: i128 = 6_653_256_548_922_161_246;

/// Bits per byte in Q32.32: the integer is `2^32` times the value. Lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Loss(pub u64);

impl fmt::Display for Loss {
    /// Four decimals, rounded down.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = ((self.0 & u64::from(u32::MAX)) * 10_000) >> FRACTION;
        write!(f, "{}.{fraction:04}", self.0 >> FRACTION)
    }
}

/// Results that make no score, or scores that cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreError {
    /// A window's loss is not a finite number: said by those who make scores of floats.
    NotFinite {
        /// Index of the window.
        window: usize,
    },
    /// No window, or too many or too long ones.
    Windows,
    /// The scores were not made on the same windows.
    DifferentWindows,
    /// Models do not stand in the order of their commits.
    Order,
}

impl fmt::Display for ScoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { window } => write!(f, "the loss of window {window} is not finite"),
            Self::Windows => write!(f, "a score needs 1 to {MAX_WINDOWS} windows of 1 to {MAX_BYTES} bytes"),
            Self::DifferentWindows => {
                f.write_str("scores on different windows cannot be compared. Evaluate all models on the same windows")
            }
            Self::Order => f.write_str(
                "models must stand in the order of their commits. Sort them by block, and by place within a block",
            ),
        }
    }
}

impl core::error::Error for ScoreError {}

/// What a model lost on each window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// (bits in Q32.32, predicted bytes) of each window.
    windows: Vec<(u64, u32)>,
}

impl Score {
    /// A score of integers: each window's negative log-likelihood in nats, Q32.32, and the bytes it stands for.
    ///
    /// A window's bits are `⌊(nats · 6653256548922161246 + 2^61) / 2^62⌋`, the factor being `2^62 / ln 2`; negative
    /// ones become zero.
    pub fn from_canonical(results: &[(i64, u32)]) -> Result<Self, ScoreError> {
        let convert = |&(nats, bytes): &(i64, u32)| {
            // At most 2^63 · 2^63: no overflow.
            let bits = (i128::from(nats) * BITS_IN_NAT + (1 << 61)) >> 62;
            (u64::try_from(bits.max(0)).unwrap_or(u64::MAX), bytes)
        };
        Self::of_bits(results.iter().map(convert).collect())
    }

    /// A score of each window's loss in bits, Q32.32, and the bytes it stands for; capped at [`MAX_BITS_PER_BYTE`]. Fails
    /// with [`ScoreError::Windows`].
    pub fn of_bits(mut windows: Vec<(u64, u32)>) -> Result<Self, ScoreError> {
        if windows.is_empty() || windows.len() > MAX_WINDOWS {
            return Err(ScoreError::Windows);
        }
        for (bits, bytes) in &mut windows {
            if !(1..=MAX_BYTES).contains(bytes) {
                return Err(ScoreError::Windows);
            }
            *bits = (*bits).min((u64::from(*bytes) * MAX_BITS_PER_BYTE) << FRACTION);
        }
        Ok(Self { windows })
    }

    /// Mean bits per byte over all windows, rounded down.
    pub fn loss(&self) -> Loss {
        let bits: u128 = self.windows.iter().map(|&(bits, _)| u128::from(bits)).sum();
        // At least one byte, and at most MAX_BITS_PER_BYTE of bits for each: the quotient fits.
        Loss((bits / u128::from(self.bytes())) as u64)
    }

    /// Number of windows.
    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    /// The score of the first `count` windows; of all, if there are no more.
    pub(crate) fn first(&self, count: usize) -> Self {
        Self { windows: self.windows.iter().take(count).copied().collect() }
    }

    /// Predicted bytes of all windows.
    pub fn bytes(&self) -> u64 {
        self.windows.iter().map(|&(_, bytes)| u64::from(bytes)).sum()
    }

    /// Loss of each window in bits, Q32.32.
    pub fn window_bits(&self) -> impl Iterator<Item = u64> + '_ {
        self.windows.iter().map(|&(bits, _)| bits)
    }

    /// Differences `other - self` of each window in bits, Q.20 rounded down.
    pub(crate) fn lead_over(&self, other: &Self) -> Result<Vec<i128>, ScoreError> {
        let same = self.windows.iter().map(|w| w.1).eq(other.windows.iter().map(|w| w.1));
        if !same {
            return Err(ScoreError::DifferentWindows);
        }
        let pairs = self.window_bits().zip(other.window_bits());
        Ok(pairs.map(|(own, other)| (i128::from(other) - i128::from(own)) >> (FRACTION - 20)).collect())
    }
}
