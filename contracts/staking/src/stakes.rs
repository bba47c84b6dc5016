//! How stake moves between positions and pools.
//!
//! The owner's position lies in the pool itself, so that dividends find it; all others lie in storage by hotkey number
//! and coldkey. When the registry names another owner than a pool knows, the two change places: each keeps what is his.

use crate::{
    book::Book,
    peers,
    pool::{Pool, Position, MINIMUM_STAKE},
    settings::Config,
    staking::Staking,
    unbonding,
};
use ink::{codegen::Env, primitives::AccountId};
use inktensor_primitives::{
    registry::Hotkey,
    staking::{PositionInfo, StakingError, Unstaked},
};

/// One coldkey's stake on one hotkey.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The hotkey, its number and its owner.
    pub hotkey: Hotkey,
    /// Whose stake.
    pub coldkey: AccountId,
}

/// What the network's pools add up to.
#[derive(Debug, Clone, Copy, Default)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Totals {
    /// Sum of the values of all pools, in rao.
    pub staked: u64,
    /// Pools that were ever opened.
    pub pools: u32,
    /// The number behind the highest that any hotkey with a pool has.
    pub end: u32,
}

impl Staking {
    /// The caller's place on `hotkey`. Errors: `ColdkeyLocked`, `HotkeyNotAssociated`, `PeerUnreachable`.
    pub(crate) fn place(&self, config: &Config, hotkey: AccountId) -> Result<Place, StakingError> {
        let coldkey = self.env().caller();
        Ok(Place { hotkey: peers::stake_terms(config.registry, hotkey, coldkey)?, coldkey })
    }

    /// The caller's place on a hotkey of its own. Errors: those of [`Self::place`], `NotHotkeyOwner`.
    pub(crate) fn own_place(&self, config: &Config, hotkey: AccountId) -> Result<Place, StakingError> {
        let place = self.place(config, hotkey)?;
        if place.hotkey.coldkey != place.coldkey {
            return Err(StakingError::NotHotkeyOwner);
        }
        Ok(place)
    }

    /// Adds `amount` rao from outside. Errors: `AmountTooLow`, `Overflow`.
    pub(crate) fn add(&mut self, place: Place, amount: u64) -> Result<(), StakingError> {
        let mut book = Book::default();
        let (mut pool, mut position) = self.open(&mut book, &place);
        if amount < MINIMUM_STAKE {
            return Err(StakingError::AmountTooLow);
        }
        pool.stake(&mut position, amount)?;
        self.close(&mut book, &place, pool, position);
        self.save(book, amount, 0)
    }

    /// Takes `amount` rao, or all, of the caller's off `hotkey` and returns what left.
    pub(crate) fn leave(&mut self, hotkey: AccountId, amount: Option<u64>) -> Result<u128, StakingError> {
        let config = self.active()?;
        let place = self.place(&config, hotkey)?;
        let (amount, due_ms) = self.release(&config, place, amount)?;
        self.env().emit_event(Unstaked { coldkey: place.coldkey, hotkey, amount, due_ms });
        Ok(u128::from(amount))
    }

    /// Takes `amount` rao, or all, off a place and lets it unbond. Returns what left, and when it is due.
    /// Errors: `AmountTooLow`, `NotEnoughStake`, `StakeLocked`, `TooManyUnbondings`, `Overflow`.
    pub(crate) fn release(
        &mut self,
        config: &Config,
        place: Place,
        amount: Option<u64>,
    ) -> Result<(u64, u64), StakingError> {
        let now_ms = self.env().block_timestamp();
        let mut book = Book::default();
        let (mut pool, mut position) = self.open(&mut book, &place);
        let left = match amount {
            Some(amount) => pool.unstake(&mut position, amount, now_ms)?,
            None => pool.clear(&mut position, now_ms)?,
        };
        let due_ms = now_ms.saturating_add(config.unbonding_ms);
        let mut entries = self.unbondings.get(place.coldkey).unwrap_or_default();
        unbonding::add(&mut entries, left, due_ms)?;
        self.unbondings.insert(place.coldkey, &entries);
        self.close(&mut book, &place, pool, position);
        self.save(book, 0, left)?;
        Ok((left, due_ms))
    }

    /// Moves `amount` rao from one place to another and returns what moved: all, where less than the minimum stake
    /// would stay. Errors: `AmountTooLow`, `NotEnoughStake`, `StakeLocked`, `Overflow`.
    pub(crate) fn shift(&mut self, from: Place, to: Place, amount: u64) -> Result<u64, StakingError> {
        let mut book = Book::default();
        let (mut pool, mut position) = self.open(&mut book, &from);
        let moved = pool.unstake(&mut position, amount, self.env().block_timestamp())?;
        // What moves wholly may have lost a rao to rounding since it was the minimum.
        if position.shares > 0 && moved < MINIMUM_STAKE {
            return Err(StakingError::AmountTooLow);
        }
        self.close(&mut book, &from, pool, position);
        let (mut pool, mut position) = self.open(&mut book, &to);
        pool.stake(&mut position, moved)?;
        self.close(&mut book, &to, pool, position);
        self.save(book, 0, 0)?;
        Ok(moved)
    }

    /// Hands all shares of one place to another on the same hotkey, and returns what they are worth in rao.
    /// Errors: `NotEnoughStake` where there are none, `StakeLocked`, `Overflow`.
    pub(crate) fn hand_over(&mut self, from: Place, coldkey: AccountId) -> Result<u64, StakingError> {
        let mut book = Book::default();
        let to = Place { coldkey, ..from };
        let (pool, given) = self.open(&mut book, &from);
        if given.shares == 0 {
            return Err(StakingError::NotEnoughStake);
        }
        if self.env().block_timestamp() < given.locked_until_ms {
            return Err(StakingError::StakeLocked);
        }
        self.close(&mut book, &from, pool, Position::default());
        let (pool, mut position) = self.open(&mut book, &to);
        position.merge(given).ok_or(StakingError::Overflow)?;
        let worth = pool.worth(given.shares);
        self.close(&mut book, &to, pool, position);
        self.save(book, 0, 0)?;
        Ok(worth)
    }

    /// Locks a place until `until_ms`, or longer where it is locked longer already, and returns its worth in rao.
    /// Errors: `NotEnoughStake`, `Overflow`.
    pub(crate) fn lock(&mut self, place: Place, until_ms: u64) -> Result<u64, StakingError> {
        let mut book = Book::default();
        let (pool, mut position) = self.open(&mut book, &place);
        let power = pool.worth(position.shares);
        if power == 0 {
            return Err(StakingError::NotEnoughStake);
        }
        position.locked_until_ms = position.locked_until_ms.max(until_ms);
        self.close(&mut book, &place, pool, position);
        self.save(book, 0, 0)?;
        Ok(power)
    }

    /// Sets the take of a hotkey's pool and returns the chain time in ms from which it counts.
    /// Errors: `TakeTooHigh`, `TakeRateLimited`, `Overflow`.
    pub(crate) fn change_take(&mut self, place: Place, take: u16) -> Result<u64, StakingError> {
        let mut book = Book::default();
        let (mut pool, position) = self.open(&mut book, &place);
        let from_ms = pool.take.set(take, self.env().block_timestamp())?;
        self.close(&mut book, &place, pool, position);
        self.save(book, 0, 0)?;
        Ok(from_ms)
    }

    /// What a coldkey has on a hotkey; nothing if the hotkey has no pool.
    pub(crate) fn find(&self, hotkey: AccountId, coldkey: AccountId) -> Option<PositionInfo> {
        let hotkey = peers::hotkey(self.config().ok()?.registry, hotkey).ok()?;
        let pool = Book::default().pool(hotkey.id)?;
        let position = self.held(&pool, &Place { hotkey, coldkey });
        Some(PositionInfo { value: pool.worth(position.shares), locked_until_ms: position.locked_until_ms })
    }

    /// What the coldkey of a place holds of the hotkey's pool.
    pub(crate) fn held(&self, pool: &Pool, place: &Place) -> Position {
        if place.coldkey == pool.coldkey {
            return pool.own;
        }
        self.positions.get((place.hotkey.id, place.coldkey)).unwrap_or_default()
    }

    /// Writes a book, and brings the totals up to date. Errors: `Overflow`.
    pub(crate) fn save(&mut self, book: Book, gained: u64, lost: u64) -> Result<(), StakingError> {
        let opened = book.save();
        if opened.is_empty() && gained == lost {
            return Ok(());
        }
        let mut totals = self.totals.get().unwrap_or_default();
        let staked = totals.staked.checked_add(gained).and_then(|staked| staked.checked_sub(lost));
        totals.staked = staked.ok_or(StakingError::Overflow)?;
        for id in opened {
            totals.end = totals.end.max(id.saturating_add(1));
            totals.pools = totals.pools.checked_add(1).ok_or(StakingError::Overflow)?;
        }
        self.totals.set(&totals);
        Ok(())
    }

    /// The pool at a place, a new one if the hotkey has none, and the position there.
    fn open(&mut self, book: &mut Book, place: &Place) -> (Pool, Position) {
        let (id, owner) = (place.hotkey.id, place.hotkey.coldkey);
        let mut pool = book.pool(id).unwrap_or_else(|| Pool::new(owner));
        if pool.coldkey != owner {
            self.put(place, pool.coldkey, pool.own);
            pool.own = self.positions.take((id, owner)).unwrap_or_default();
            pool.coldkey = owner;
        }
        let position = self.held(&pool, place);
        (pool, position)
    }

    fn close(&mut self, book: &mut Book, place: &Place, mut pool: Pool, position: Position) {
        if place.coldkey == pool.coldkey {
            pool.own = position;
        } else {
            self.put(place, place.coldkey, position);
        }
        book.set(place.hotkey.id, &pool);
    }

    fn put(&mut self, place: &Place, coldkey: AccountId, position: Position) {
        let key = (place.hotkey.id, coldkey);
        if position.shares == 0 {
            self.positions.remove(key);
        } else {
            self.positions.insert(key, &position);
        }
    }
}
