//! The share pool of one hotkey.
//!
//! Every staker holds shares, and all shares together are worth the pool's value. Dividends raise the value, so that
//! one write pays every nominator. Source: subtensor's share pool, in integers.
//!
//! Every conversion rounds against the one who asks: shares are bought rounded down and sold rounded up. What rounding
//! leaves stays in the pool with the others. A share is a tiny part of a rao ([`SCALE`]), so it is less than one rao;
//! whoever holds all shares is worth the whole value, so the last one out leaves nothing behind.

use crate::{
    ratio::{mul_div, mul_div_up},
    take::{Take, MAXIMUM_TAKE},
};
use ink::primitives::AccountId;
use inktensor_primitives::staking::{PoolInfo, StakingError};

/// Least stake that a position is opened, raised or left with, in rao.
pub const MINIMUM_STAKE: u64 = 2_000_000;
/// Shares of one rao in a new pool. Dividends would have to multiply a pool by this before rounding costs a staker more
/// than one rao, and then the pool takes no stake. With it no number of shares passes 2^127.
pub const SCALE: u128 = 1_000_000_000_000_000_000;

/// What one coldkey holds of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Position {
    /// Its shares.
    pub shares: u128,
    /// Chain time in ms until which it cannot be unstaked.
    pub locked_until_ms: u64,
}

/// The pool of one hotkey. How it lies in storage, [`crate::book`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The coldkey whose position `own` is, and which receives the take: the hotkey's owner when the pool was last used.
    pub coldkey: AccountId,
    /// All stake, in rao.
    pub value: u64,
    /// All shares, the owner's included. Zero if and only if `value` is zero.
    pub shares: u128,
    /// The owner's position. The nominators' lie in storage of their own.
    pub own: Position,
    /// Part of dividends that the owner takes first.
    pub take: Take,
}

impl Pool {
    /// An empty pool with the greatest take.
    pub fn new(coldkey: AccountId) -> Self {
        Self { coldkey, value: 0, shares: 0, own: Position::default(), take: Take::of(MAXIMUM_TAKE) }
    }

    /// What shares are worth, in rao, rounded down.
    pub fn worth(&self, shares: u128) -> u64 {
        // Part of a whole: it has no value only where the pool has no shares.
        mul_div(self.value, shares, self.shares).and_then(|worth| u64::try_from(worth).ok()).unwrap_or(0)
    }

    /// Adds `amount` rao to a position of this pool. Errors: `Overflow`.
    pub fn stake(&mut self, position: &mut Position, amount: u64) -> Result<(), StakingError> {
        if u128::from(self.value) > self.shares {
            return Err(StakingError::Overflow);
        }
        let bought = self.price(amount).ok_or(StakingError::Overflow)?;
        let shares = position.shares.checked_add(bought).ok_or(StakingError::Overflow)?;
        self.grow(amount, bought).ok_or(StakingError::Overflow)?;
        position.shares = shares;
        Ok(())
    }

    /// Takes `amount` rao out of a position and returns what left the pool: all of the position where less than
    /// [`MINIMUM_STAKE`] would stay.
    /// Errors: `AmountTooLow` for nothing, `NotEnoughStake`, `StakeLocked`, `Overflow`.
    pub fn unstake(&mut self, position: &mut Position, amount: u64, now_ms: u64) -> Result<u64, StakingError> {
        if amount == 0 {
            return Err(StakingError::AmountTooLow);
        }
        let worth = self.worth(position.shares);
        let rest = worth.checked_sub(amount).ok_or(StakingError::NotEnoughStake)?;
        if now_ms < position.locked_until_ms {
            return Err(StakingError::StakeLocked);
        }
        let (paid, sold) = if rest < MINIMUM_STAKE {
            (worth, position.shares)
        } else {
            (amount, mul_div_up(amount, self.shares, u128::from(self.value)).ok_or(StakingError::Overflow)?)
        };
        let held = position.shares.checked_sub(sold).ok_or(StakingError::Overflow)?;
        let shares = self.shares.checked_sub(sold).ok_or(StakingError::Overflow)?;
        self.value = self.value.checked_sub(paid).ok_or(StakingError::Overflow)?;
        self.shares = shares;
        position.shares = held;
        Ok(paid)
    }

    /// Takes all that a position is worth out of the pool, as [`Self::unstake`] does. Errors: `NotEnoughStake` where it is
    /// worth nothing, `StakeLocked`, `Overflow`.
    pub fn clear(&mut self, position: &mut Position, now_ms: u64) -> Result<u64, StakingError> {
        match self.worth(position.shares) {
            0 => Err(StakingError::NotEnoughStake),
            worth => self.unstake(position, worth, now_ms),
        }
    }

    /// Adds dividends: the owner's take first, as stake of the owner, then the rest to every share. Exactly `amount`
    /// enters the pool. Returns the take; `None` if a sum left its range, and then nothing changed.
    pub fn reward(&mut self, amount: u64, now_ms: u64) -> Option<u64> {
        let take = self.take.part(amount, now_ms);
        if self.own.shares == self.shares {
            self.reward_owner(amount)?;
            return Some(take);
        }
        let bought = self.price(take)?;
        let own = self.own.shares.checked_add(bought)?;
        self.grow(amount, bought)?;
        self.own.shares = own;
        Some(take)
    }

    /// As people see it at `now_ms`.
    pub fn info(&self, now_ms: u64) -> PoolInfo {
        let own = self.worth(self.own.shares);
        PoolInfo { coldkey: self.coldkey, value: self.value, own, take: self.take.info(now_ms) }
    }

    /// Dividends of a pool without nominators are the owner's. As all shares are in one hand, they are counted anew at
    /// [`SCALE`]: a pool that grew from nothing has the precision of any other when its first nominator comes.
    fn reward_owner(&mut self, amount: u64) -> Option<()> {
        let value = self.value.checked_add(amount)?;
        let shares = u128::from(value).checked_mul(SCALE)?;
        self.value = value;
        self.shares = shares;
        self.own.shares = shares;
        Some(())
    }

    /// Shares that `amount` rao buy.
    fn price(&self, amount: u64) -> Option<u128> {
        match self.value {
            0 => u128::from(amount).checked_mul(SCALE),
            value => mul_div(amount, self.shares, u128::from(value)),
        }
    }

    fn grow(&mut self, amount: u64, shares: u128) -> Option<()> {
        let value = self.value.checked_add(amount)?;
        self.shares = self.shares.checked_add(shares)?;
        self.value = value;
        Some(())
    }
}

impl Position {
    /// Adds all that another position of the same pool holds; a lock of either is a lock of both. `None` if the sum left
    /// its range.
    pub fn merge(&mut self, other: Self) -> Option<()> {
        self.shares = self.shares.checked_add(other.shares)?;
        self.locked_until_ms = self.locked_until_ms.max(other.locked_until_ms);
        Some(())
    }
}
