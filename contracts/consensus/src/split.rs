//! Division of a reward between the four parties of a subnet.

use core::fmt;

/// All of it, in basis points.
pub const WHOLE: u32 = 10_000;

/// Shares in basis points; they sum to [`WHOLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardSplit {
    miners: u16,
    validators: u16,
    reserve: u16,
    owner: u16,
}

/// Amounts in rao, by party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Parts {
    /// To miners, by incentive.
    pub miners: u64,
    /// To validators and those who stake with them, by dividends.
    pub validators: u64,
    /// To the protocol reserve.
    pub reserve: u64,
    /// To the owner of the subnet.
    pub owner: u64,
}

/// The shares do not sum to [`WHOLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotWhole {
    /// What they sum to, in basis points.
    pub sum: u32,
}

impl fmt::Display for NotWhole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shares sum to {} basis points; they must sum to {WHOLE}", self.sum)
    }
}

impl core::error::Error for NotWhole {}

impl RewardSplit {
    /// Half to miners, a quarter each to validators and reserve.
    pub const DEFAULT: Self = Self { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 };
    /// Bittensor's: 41 % each to miners and validators, 18 % to the owner.
    pub const BITTENSOR: Self = Self { miners: 4_100, validators: 4_100, reserve: 0, owner: 1_800 };

    /// Shares in basis points.
    ///
    /// # Errors
    /// [`NotWhole`] unless they sum to [`WHOLE`].
    pub fn new(miners: u16, validators: u16, reserve: u16, owner: u16) -> Result<Self, NotWhole> {
        let sum = [miners, validators, reserve, owner]
            .into_iter()
            .fold(0, |sum: u32, share| sum.saturating_add(u32::from(share)));
        if sum != WHOLE {
            return Err(NotWhole { sum });
        }
        Ok(Self { miners, validators, reserve, owner })
    }

    /// Shares in basis points, in the order of [`RewardSplit::new`].
    #[must_use]
    pub const fn shares(&self) -> [u16; 4] {
        [self.miners, self.validators, self.reserve, self.owner]
    }

    /// Divides `amount` rao. Miners, validators and owner get their share rounded down, the reserve gets the rest: its
    /// own share and the up to three rao that rounding leaves. The parts sum to `amount`.
    #[must_use]
    pub fn split(&self, amount: u64) -> Parts {
        let share = |points: u16| {
            // amount * points / 10,000, in parts that fit.
            let (points, rest) = (u64::from(points), amount % 10_000);
            (amount / 10_000).saturating_mul(points).saturating_add(rest.saturating_mul(points) / 10_000)
        };
        let (miners, validators, owner) = (share(self.miners), share(self.validators), share(self.owner));
        let reserve = amount.saturating_sub(miners).saturating_sub(validators).saturating_sub(owner);
        Parts { miners, validators, reserve, owner }
    }
}

impl Default for RewardSplit {
    fn default() -> Self {
        Self::DEFAULT
    }
}
