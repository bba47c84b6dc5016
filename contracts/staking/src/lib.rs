//! Staking: TAO behind hotkeys.
//!
//! Anyone stakes on a hotkey; its pool shares dividends between the owner, who takes a part first, and the nominators.
//! Stake counts at once and leaves through an unbonding time. Pools are network-wide: a hotkey has the same stake on
//! every subnet. [`pool`] holds the arithmetic, [`unbonding`] the way out, [`peers`] the calls to other contracts.
//!
//! The contract's TAO is at least the sum of all pools and of what unbonds. It is more only by what somebody sent here
//! without staking it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]

pub mod peers;
pub mod pool;
mod ratio;
pub mod unbonding;

pub use self::staking::{Staking, StakingRef};

/// The contract.
#[ink::contract]
pub mod staking {
    use crate::{
        peers,
        pool::{Pool, Position, MINIMUM_STAKE},
        unbonding,
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        limits::{MAX_BATCH, PAGE},
        rao,
        staking::{
            Distributed, PoolInfo, PositionInfo, StakeLedger, Staked, StakingError, TakeSet, Unbonding, UnbondingSet,
            Unstaked, Withdrawn,
        },
    };

    /// The other contracts, and what governance sets.
    #[derive(Debug, Clone)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Config {
        deployer: AccountId,
        governance: AccountId,
        token: AccountId,
        registry: AccountId,
        incentive: Option<AccountId>,
        unbonding_ms: u64,
    }

    /// Storage of staking.
    #[ink(storage)]
    pub struct Staking {
        config: Lazy<Config, ManualKey<0x5354_4b43>>,
        /// Sum of the values of all pools, in rao.
        staked: Lazy<u64, ManualKey<0x5354_4b54>>,
        pools: Mapping<AccountId, Pool, ManualKey<0x5354_4b50>>,
        /// By hotkey and coldkey. The owner's position lies in the pool's own record.
        positions: Mapping<(AccountId, AccountId), Position, ManualKey<0x5354_4b4e>>,
        /// By coldkey.
        unbondings: Mapping<AccountId, Vec<Unbonding>, ManualKey<0x5354_4b55>>,
        /// Hotkeys with a pool, in the order of the pools' creation.
        directory: Mapping<u32, AccountId, ManualKey<0x5354_4b44>>,
        directory_length: Lazy<u32, ManualKey<0x5354_4b4c>>,
    }

    impl Staking {
        /// Staking for the network of `governance`, `token` and `registry`. What is unstaked unbonds for 7 days.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId, registry: AccountId) -> Self {
            let mut staking = Self {
                config: Lazy::new(),
                staked: Lazy::new(),
                pools: Mapping::new(),
                positions: Mapping::new(),
                unbondings: Mapping::new(),
                directory: Mapping::new(),
                directory_length: Lazy::new(),
            };
            staking.config.set(&Config {
                deployer: Self::env().caller(),
                governance,
                token,
                registry,
                incentive: None,
                unbonding_ms: unbonding::DEFAULT_MS,
            });
            staking
        }

        /// Sets the contract that distributes dividends. Only the deployer, once.
        /// Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        pub fn wire(&mut self, incentive: AccountId) -> Result<(), StakingError> {
            let config = self.config()?;
            if self.env().caller() != config.deployer {
                return Err(StakingError::NotAuthorised);
            }
            if config.incentive.is_some() {
                return Err(StakingError::AlreadyWired);
            }
            self.config.set(&Config { incentive: Some(incentive), ..config });
            Ok(())
        }

        /// Stakes `amount` rao of the caller's on `hotkey`. Approve this contract for the amount in the token first.
        /// Errors: `AmountTooLarge`, `AmountTooLow`, `HotkeyNotAssociated`, `Transfer`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        pub fn stake(&mut self, hotkey: AccountId, amount: u128) -> Result<(), StakingError> {
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            let config = self.config()?;
            let coldkey = self.env().caller();
            let mut pool = self.open(&config, hotkey)?;
            let mut position = self.load(&pool, hotkey, coldkey);
            pool.stake(&mut position, amount)?;
            self.store(pool, hotkey, coldkey, position);
            self.staked.set(&self.total_stake().checked_add(amount).ok_or(StakingError::Overflow)?);
            peers::collect(config.token, coldkey, self.env().account_id(), amount)?;
            self.env().emit_event(Staked { coldkey, hotkey, amount });
            Ok(())
        }

        /// Takes `amount` rao of the caller's stake off `hotkey` and returns what begins to unbond: everything, where
        /// less than the minimum stake would stay.
        /// Errors: `AmountTooLarge`, `AmountTooLow`, `NotEnoughStake`, `StakeLocked`, `TooManyUnbondings`, `Overflow`.
        #[ink(message)]
        pub fn unstake(&mut self, hotkey: AccountId, amount: u128) -> Result<u128, StakingError> {
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            let coldkey = self.env().caller();
            let now_ms = self.env().block_timestamp();
            let mut pool = self.pools.get(hotkey).ok_or(StakingError::NotEnoughStake)?;
            let mut position = self.load(&pool, hotkey, coldkey);
            let left = pool.unstake(&mut position, amount, now_ms)?;
            let due_ms = now_ms.saturating_add(self.config()?.unbonding_ms);
            let mut entries = self.unbonding(coldkey);
            unbonding::add(&mut entries, left, due_ms)?;
            self.unbondings.insert(coldkey, &entries);
            self.store(pool, hotkey, coldkey, position);
            self.staked.set(&self.total_stake().checked_sub(left).ok_or(StakingError::Overflow)?);
            self.env().emit_event(Unstaked { coldkey, hotkey, amount: left, due_ms });
            Ok(u128::from(left))
        }

        /// Pays the caller all unbonded stake that is due and returns its amount in rao.
        /// Errors: `NothingToWithdraw`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        pub fn withdraw(&mut self) -> Result<u128, StakingError> {
            let coldkey = self.env().caller();
            let mut entries = self.unbonding(coldkey);
            let amount = unbonding::take_due(&mut entries, self.env().block_timestamp())?;
            if entries.is_empty() {
                self.unbondings.remove(coldkey);
            } else {
                self.unbondings.insert(coldkey, &entries);
            }
            peers::pay(self.config()?.token, coldkey, amount)?;
            self.env().emit_event(Withdrawn { coldkey, amount });
            Ok(u128::from(amount))
        }

        /// Sets the part of dividends, out of 65,535, that the owner of `hotkey` takes before nominators share the
        /// rest. Only the owner; lower at any time, higher once in 30 days.
        /// Errors: `HotkeyNotAssociated`, `NotHotkeyOwner`, `TakeTooHigh`, `TakeRateLimited`, `PeerUnreachable`.
        #[ink(message)]
        pub fn set_take(&mut self, hotkey: AccountId, take: u16) -> Result<(), StakingError> {
            let mut pool = self.open(&self.config()?, hotkey)?;
            if self.env().caller() != pool.coldkey {
                return Err(StakingError::NotHotkeyOwner);
            }
            pool.set_take(take, self.env().block_timestamp())?;
            self.pools.insert(hotkey, &pool);
            self.env().emit_event(TakeSet { hotkey, take });
            Ok(())
        }

        /// Sets how long unstaked stake unbonds from now on, in ms: 90 days at most. Only governance.
        /// Errors: `NotGovernance`, `UnbondingTooLong`.
        #[ink(message)]
        pub fn set_unbonding(&mut self, unbonding_ms: u64) -> Result<(), StakingError> {
            let config = self.config()?;
            if self.env().caller() != config.governance {
                return Err(StakingError::NotGovernance);
            }
            if unbonding_ms > unbonding::MAXIMUM_MS {
                return Err(StakingError::UnbondingTooLong);
            }
            self.config.set(&Config { unbonding_ms, ..config });
            self.env().emit_event(UnbondingSet { unbonding_ms });
            Ok(())
        }

        /// What `coldkey` has on `hotkey`.
        #[ink(message)]
        pub fn position(&self, hotkey: AccountId, coldkey: AccountId) -> PositionInfo {
            let Some(pool) = self.pools.get(hotkey) else {
                return PositionInfo { value: 0, locked_until_ms: 0 };
            };
            let position = self.load(&pool, hotkey, coldkey);
            PositionInfo { value: pool.worth(position.shares), locked_until_ms: position.locked_until_ms }
        }

        /// What `coldkey` unstaked and has not withdrawn yet.
        #[ink(message)]
        pub fn unbonding(&self, coldkey: AccountId) -> Vec<Unbonding> {
            self.unbondings.get(coldkey).unwrap_or_default()
        }

        /// The pool of `hotkey`, if anyone staked on it or it earned dividends.
        #[ink(message)]
        pub fn pool(&self, hotkey: AccountId) -> Option<PoolInfo> {
            self.pools.get(hotkey).map(|pool| PoolInfo {
                coldkey: pool.coldkey,
                value: pool.value,
                own: pool.worth(pool.own.shares),
                take: pool.take,
            })
        }

        /// Up to 64 hotkeys with their pools, in the order of the pools' creation: those from `64 * page` onward.
        #[ink(message)]
        pub fn delegates(&self, page: u32) -> Vec<(AccountId, PoolInfo)> {
            let first = page.saturating_mul(u32::from(PAGE));
            let end = first.saturating_add(u32::from(PAGE)).min(self.delegate_count());
            (first..end)
                .filter_map(|index| {
                    let hotkey = self.directory.get(index)?;
                    Some((hotkey, self.pool(hotkey)?))
                })
                .collect()
        }

        /// Hotkeys with a pool.
        #[ink(message)]
        pub fn delegate_count(&self) -> u32 {
            self.directory_length.get_or_default()
        }

        /// Least amount to stake, and least that stays on a hotkey, in rao.
        #[ink(message)]
        pub fn minimum_stake(&self) -> u64 {
            MINIMUM_STAKE
        }

        /// How long unstaked stake unbonds, in ms.
        #[ink(message)]
        pub fn unbonding_ms(&self) -> Option<u64> {
            self.config.get().map(|config| config.unbonding_ms)
        }

        fn config(&self) -> Result<Config, StakingError> {
            self.config.get().ok_or(StakingError::NotWired)
        }

        /// The pool of a hotkey; a new one, entered in the directory, if it has none. The caller stores it.
        fn open(&mut self, config: &Config, hotkey: AccountId) -> Result<Pool, StakingError> {
            if let Some(pool) = self.pools.get(hotkey) {
                return Ok(pool);
            }
            let pool = Pool::new(peers::coldkey_of(config.registry, hotkey)?);
            let index = self.delegate_count();
            self.directory.insert(index, &hotkey);
            self.directory_length.set(&index.checked_add(1).ok_or(StakingError::Overflow)?);
            Ok(pool)
        }

        fn load(&self, pool: &Pool, hotkey: AccountId, coldkey: AccountId) -> Position {
            if coldkey == pool.coldkey {
                return pool.own;
            }
            self.positions.get((hotkey, coldkey)).unwrap_or_default()
        }

        fn store(&mut self, mut pool: Pool, hotkey: AccountId, coldkey: AccountId, position: Position) {
            if coldkey == pool.coldkey {
                pool.own = position;
            } else if position.shares == 0 {
                self.positions.remove((hotkey, coldkey));
            } else {
                self.positions.insert((hotkey, coldkey), &position);
            }
            self.pools.insert(hotkey, &pool);
        }
    }

    impl StakeLedger for Staking {
        /// Stake on each hotkey, in rao, in the order asked; 0 for an unknown one. At most 256 hotkeys; more are cut
        /// off.
        #[ink(message)]
        fn stakes_of(&self, hotkeys: Vec<AccountId>) -> Vec<u64> {
            hotkeys.iter().take(MAX_BATCH).map(|hotkey| self.pools.get(hotkey).map_or(0, |pool| pool.value)).collect()
        }

        /// Adds dividends to pools: (hotkey, rao) each, at most 256. Only the incentive contract, which has sent the
        /// sum before. The owner's take is credited first, the rest raises the value of every share. A hotkey without
        /// a pool gets one whose only share holder is its owner.
        /// Errors: `NotWired`, `NotIncentive`, `BatchTooLarge`, `HotkeyNotAssociated`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        fn distribute(&mut self, dividends: Vec<(AccountId, u64)>) -> Result<(), StakingError> {
            let config = self.config()?;
            if self.env().caller() != config.incentive.ok_or(StakingError::NotWired)? {
                return Err(StakingError::NotIncentive);
            }
            if dividends.len() > MAX_BATCH {
                return Err(StakingError::BatchTooLarge);
            }
            let (mut amount, mut pools, mut take) = (0_u64, 0_u16, 0_u64);
            for (hotkey, dividend) in dividends.into_iter().filter(|(_, dividend)| *dividend > 0) {
                let mut pool = self.open(&config, hotkey)?;
                take = take.saturating_add(pool.reward(dividend).ok_or(StakingError::Overflow)?);
                self.pools.insert(hotkey, &pool);
                amount = amount.checked_add(dividend).ok_or(StakingError::Overflow)?;
                pools = pools.saturating_add(1);
            }
            self.staked.set(&self.total_stake().checked_add(amount).ok_or(StakingError::Overflow)?);
            self.env().emit_event(Distributed { amount, pools, take });
            Ok(())
        }

        /// Locks `coldkey`'s position on `hotkey` until `until_ms`, or longer where it is locked longer already, and
        /// returns its value in rao: its voting power. Only governance. Errors: `NotGovernance`, `NotEnoughStake`.
        #[ink(message)]
        fn lock_votes(&mut self, coldkey: AccountId, hotkey: AccountId, until_ms: u64) -> Result<u64, StakingError> {
            if self.env().caller() != self.config()?.governance {
                return Err(StakingError::NotGovernance);
            }
            let pool = self.pools.get(hotkey).ok_or(StakingError::NotEnoughStake)?;
            let mut position = self.load(&pool, hotkey, coldkey);
            let power = pool.worth(position.shares);
            if power == 0 {
                return Err(StakingError::NotEnoughStake);
            }
            position.locked_until_ms = position.locked_until_ms.max(until_ms);
            self.store(pool, hotkey, coldkey, position);
            Ok(power)
        }

        /// Stake of the whole network in rao.
        #[ink(message)]
        fn total_stake(&self) -> u64 {
            self.staked.get_or_default()
        }
    }
}
