//! Staking: TAO behind hotkeys.
//!
//! Anyone stakes on a hotkey; its pool shares dividends between the owner, who takes a part first, and the nominators.
//! Stake counts at once and leaves through an unbonding time, so nobody borrows stake for one epoch or one vote. Pools
//! are network-wide: a hotkey has the same stake on every subnet, less what it lends to child hotkeys there.
//!
//! Plain rules: [`pool`] holds the arithmetic of shares, [`take`] what owners keep, [`links`] child hotkeys,
//! [`unbonding`] the way out. Storage: [`book`] for pools, [`settings`] for what the
//! deployer and governance set. [`stakes`], `withdrawals`, `dividends` and `family` are what messages do, `events` how they
//! tell of it, [`peers`] the calls to other contracts.
//!
//! The contract's TAO is at least the sum of all pools and of what unbonds. It is more only by what somebody sent here
//! without staking it.
//!
//! A pause stops everything that moves stake, `withdraw` included: a fault in the shares would be cashed there. It ends
//! by itself after 7 days at most. Votes are counted all the while, since a vote may be what repairs the fault.
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

pub mod book;
mod dividends;
mod events;
mod family;
pub mod links;
pub mod peers;
pub mod pool;
mod ratio;
pub mod settings;
pub mod stakes;
pub mod take;
pub mod unbonding;
mod withdrawals;

#[cfg(test)]
mod tests;

pub use self::staking::{Staking, StakingRef};

/// The contract.
#[ink::contract]
pub mod staking {
    use crate::{
        book::{Book, Pages},
        links::{self, Links},
        peers,
        pool::{Position, MINIMUM_STAKE},
        settings::{Config, Peers},
        stakes::{Place, Totals},
        take::Take,
        unbonding,
    };
    use ink::{
        prelude::vec::Vec,
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        answer::settled,
        limits::{MAX_BATCH, PAGE},
        rao,
        staking::{
            PendingChildren, PoolInfo, PositionInfo, StakeLedger, StakeMoved, Staked, StakingError, TakeInfo,
            Unbonding, UnbondingInherited, UnbondingSet, Withdrawn,
        },
        upkeep::{check_pause, exchange_code, Pausable, Paused, Upgradable, UpkeepError},
        HotkeyId, Netuid,
    };

    /// Storage of staking.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Staking {
        pub(crate) config: Lazy<Config, ManualKey<0x5354_4b43>>,
        pub(crate) totals: Lazy<Totals, ManualKey<0x5354_4b41>>,
        /// Pools, 16 to a page. Messages reach them through a [`Book`], which shares the key.
        pub(crate) pages: Pages,
        /// By number of the hotkey, and coldkey. The owner's position lies in the pool.
        pub(crate) positions: Mapping<(HotkeyId, AccountId), Position, ManualKey<0x5354_4b4e>>,
        /// By coldkey.
        pub(crate) unbondings: Mapping<AccountId, Vec<Unbonding>, ManualKey<0x5354_4b55>>,
        pub(crate) links: Mapping<Netuid, Links, ManualKey<0x5354_4b48>>,
        pub(crate) pending_children: Mapping<(Netuid, HotkeyId), PendingChildren, ManualKey<0x5354_4b51>>,
        /// What children keep of their parents' dividends.
        pub(crate) childkey_takes: Mapping<(Netuid, HotkeyId), Take, ManualKey<0x5354_4b4b>>,
    }

    impl Staking {
        /// Staking for the network of `governance`, `token` and `registry`. What is unstaked unbonds for 7 days.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId, registry: AccountId) -> Self {
            let mut staking = Self::default();
            staking.config.set(&Config {
                deployer: Self::env().caller(),
                governance,
                token,
                registry,
                emission: None,
                unbonding_ms: unbonding::DEFAULT_MS,
                paused_until_ms: 0,
            });
            staking
        }

        /// Sets the contract that distributes dividends. Only the deployer, once. Stake can be placed before.
        /// Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        #[inline(never)]
        pub fn wire(&mut self, emission: AccountId) -> Result<(), StakingError> {
            let config = self.config()?;
            if self.env().caller() != config.deployer {
                return Err(StakingError::NotAuthorised);
            }
            if config.emission.is_some() {
                return Err(StakingError::AlreadyWired);
            }
            self.config.set(&Config { emission: Some(emission), ..config });
            Ok(())
        }

        /// Stakes `amount` rao of the caller's on `hotkey`. Approve this contract for the amount in the token first.
        /// Errors: `Paused`, `AmountTooLarge`, `AmountTooLow`, `HotkeyNotAssociated`, `ColdkeyLocked`, `Transfer`,
        /// `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn stake(&mut self, hotkey: AccountId, amount: u128) -> Result<(), StakingError> {
            let config = self.active()?;
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            if amount < MINIMUM_STAKE {
                return Err(StakingError::AmountTooLow);
            }
            let place = self.place(&config, hotkey)?;
            self.add(place, amount)?;
            peers::collect(config.token, place.coldkey, self.env().account_id(), amount)?;
            self.env().emit_event(Staked { coldkey: place.coldkey, hotkey, amount });
            settled(Ok(()))
        }

        /// Takes `amount` rao of the caller's stake off `hotkey` and returns what begins to unbond, in rao: everything,
        /// where less than the minimum stake would stay.
        /// Errors: `Paused`, `AmountTooLarge`, `AmountTooLow` for nothing, `HotkeyNotAssociated`, `ColdkeyLocked`,
        /// `NotEnoughStake`, `StakeLocked`, `TooManyUnbondings`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn unstake(&mut self, hotkey: AccountId, amount: u128) -> Result<u128, StakingError> {
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            settled(self.leave(hotkey, Some(amount)))
        }

        /// Takes all of the caller's stake off `hotkey` and returns what begins to unbond, in rao.
        /// Errors: `Paused`, `HotkeyNotAssociated`, `ColdkeyLocked`, `NotEnoughStake`, `StakeLocked`,
        /// `TooManyUnbondings`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn unstake_all(&mut self, hotkey: AccountId) -> Result<u128, StakingError> {
            settled(self.leave(hotkey, None))
        }

        /// Pays the caller all unbonded stake that is due and returns its amount in rao.
        /// Errors: `Paused`, `NothingToWithdraw`, `ColdkeyLocked`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn withdraw(&mut self) -> Result<u128, StakingError> {
            let config = self.active()?;
            let coldkey = self.env().caller();
            let amount = self.pay_due(&config, coldkey)?;
            self.env().emit_event(Withdrawn { coldkey, amount });
            settled(Ok(u128::from(amount)))
        }

        /// Moves `amount` rao of the caller's stake from hotkey `from` to hotkey `to`, at once and without a fee, and
        /// returns what moved, in rao: everything, where less than the minimum stake would stay. Stake that a vote locks
        /// does not move. Errors: `Paused`, `SamePlace`, `AmountTooLarge`, `AmountTooLow`, `HotkeyNotAssociated`,
        /// `ColdkeyLocked`, `NotEnoughStake`, `StakeLocked`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn move_stake(&mut self, from: AccountId, to: AccountId, amount: u128) -> Result<u128, StakingError> {
            let config = self.active()?;
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            if from == to {
                return Err(StakingError::SamePlace);
            }
            let origin = self.place(&config, from)?;
            let destination = Place { hotkey: peers::hotkey(config.registry, to)?, ..origin };
            let amount = self.shift(origin, destination, amount)?;
            self.env().emit_event(StakeMoved { coldkey: origin.coldkey, from, to, amount });
            settled(Ok(u128::from(amount)))
        }

        /// Gives `amount` rao of the caller's stake on `hotkey` to the coldkey `to`, on the same hotkey, at once and
        /// without a fee, and returns what it got, in rao: everything, where less than the minimum stake would stay.
        /// Stake that a vote locks is not given away. Errors: as of `move_stake`.
        #[ink(message)]
        #[inline(never)]
        pub fn transfer_stake(&mut self, to: AccountId, hotkey: AccountId, amount: u128) -> Result<u128, StakingError> {
            let config = self.active()?;
            let amount = rao(amount).ok_or(StakingError::AmountTooLarge)?;
            let from = self.env().caller();
            if from == to {
                return Err(StakingError::SamePlace);
            }
            let origin = self.place(&config, hotkey)?;
            let amount = self.shift(origin, Place { coldkey: to, ..origin }, amount)?;
            self.transferred(from, to, hotkey, amount);
            settled(Ok(u128::from(amount)))
        }

        /// Passes the stake of the swapped coldkey `old` on `hotkey` to the coldkey that it became, and returns what it
        /// is worth, in rao. Anyone may. A vote's lock must have ended, so that stake votes once.
        /// Errors: `Paused`, `NotSwapped`, `HotkeyNotAssociated`, `NotEnoughStake`, `StakeLocked`, `PeerUnreachable`,
        /// `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn inherit_position(&mut self, hotkey: AccountId, old: AccountId) -> Result<u128, StakingError> {
            let config = self.active()?;
            let new = peers::successor(config.registry, old)?;
            let place = Place { hotkey: peers::hotkey(config.registry, hotkey)?, coldkey: old };
            let amount = self.hand_over(place, new)?;
            self.transferred(old, new, hotkey, amount);
            Ok(u128::from(amount))
        }

        /// Passes what unbonds for the swapped coldkey `old` to the coldkey that it became, as one amount that is due when
        /// the last of it was. Anyone may. Errors: `Paused`, `NotSwapped`, `NothingToWithdraw` where nothing unbonds,
        /// `TooManyUnbondings`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn inherit_unbonding(&mut self, old: AccountId) -> Result<(), StakingError> {
            let config = self.active()?;
            let (new, amount) = self.pass_on(&config, old)?;
            self.env().emit_event(UnbondingInherited { from: old, to: new, amount });
            Ok(())
        }

        /// Sets the part of dividends, out of 65,535, that the owner of `hotkey` takes before nominators share the
        /// rest: 11,796 at most. Only the owner. A lower take counts at once; a higher one may be set once in 30 days
        /// and counts a day later. Errors: `Paused`, `HotkeyNotAssociated`, `ColdkeyLocked`, `NotHotkeyOwner`,
        /// `TakeTooHigh`, `TakeRateLimited`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_take(&mut self, hotkey: AccountId, take: u16) -> Result<(), StakingError> {
            let config = self.active()?;
            let place = self.own_place(&config, hotkey)?;
            let from_ms = self.change_take(place, take)?;
            self.take_set(None, hotkey, take, from_ms);
            Ok(())
        }

        /// Announces that `hotkey` lends `proportions` of its stake, out of 2^64 - 1, to `children` on subnet `netuid`:
        /// five at most, none for an end of all. Only the owner, once in 30 minutes. `activate_children` makes it count
        /// a day later. Errors: `Paused`, `WrongLength`, `TooManyChildren`, `MalformedChildren`, `HotkeyNotAssociated`,
        /// `ColdkeyLocked`, `NotHotkeyOwner`, `ChildrenRateLimited`, `UnknownSubnet`, `ParentAndChild`,
        /// `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_children(
            &mut self,
            netuid: Netuid,
            hotkey: AccountId,
            children: Vec<AccountId>,
            proportions: Vec<u64>,
        ) -> Result<(), StakingError> {
            let config = self.active()?;
            let due_ms = self.announce_children(&config, netuid, hotkey, &children, proportions)?;
            self.children_set(netuid, hotkey, Some(due_ms));
            Ok(())
        }

        /// Makes the announced children of `hotkey` on subnet `netuid` count, in place of those before. Anyone may, a day
        /// after they were announced. Who has children is no child of others any more; where the subnet has 256 links,
        /// parents with less stake lose theirs. Errors: `Paused`, `HotkeyNotAssociated`, `ChildrenNotDue`,
        /// `UnknownSubnet`, `ParentAndChild`, `TooManyChildren`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn activate_children(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<(), StakingError> {
            let config = self.active()?;
            self.replace_children(&config, netuid, hotkey)?;
            self.children_set(netuid, hotkey, None);
            Ok(())
        }

        /// Sets the part, out of 65,535, that `hotkey` keeps of the dividends of parents with other owners on subnet
        /// `netuid`: 11,796 at most, 0 where it was never set. Only the owner. A lower one counts at once; a higher one
        /// may be set once in 30 days and counts a day later. Errors: as of `set_take`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_childkey_take(&mut self, netuid: Netuid, hotkey: AccountId, take: u16) -> Result<(), StakingError> {
            let config = self.active()?;
            let from_ms = self.change_childkey_take(&config, netuid, hotkey, take)?;
            self.take_set(Some(netuid), hotkey, take, from_ms);
            Ok(())
        }

        /// Sets how long unstaked stake unbonds from now on, in ms: 90 days at most. Only governance.
        /// Errors: `NotGovernance`, `UnbondingTooLong`.
        #[ink(message)]
        #[inline(never)]
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
        #[inline(never)]
        pub fn position(&self, hotkey: AccountId, coldkey: AccountId) -> PositionInfo {
            self.find(hotkey, coldkey).unwrap_or(PositionInfo { value: 0, locked_until_ms: 0 })
        }

        /// What `coldkey` unstaked and has not withdrawn yet.
        #[ink(message)]
        #[inline(never)]
        pub fn unbonding(&self, coldkey: AccountId) -> Vec<Unbonding> {
            self.unbondings.get(coldkey).unwrap_or_default()
        }

        /// The pool of `hotkey`, if anyone staked on it or it earned dividends.
        #[ink(message)]
        #[inline(never)]
        pub fn pool(&self, hotkey: AccountId) -> Option<PoolInfo> {
            let pool = Book::default().pool(self.number(hotkey)?)?;
            Some(pool.info(self.env().block_timestamp()))
        }

        /// Pools of the hotkeys with the numbers `64 * page` to `64 * page + 63`, each with its number; those without a pool
        /// are left out. `delegate_pages` tells how many pages there are, the registry's `hotkey_by_id` the hotkeys.
        #[ink(message)]
        #[inline(never)]
        pub fn delegates(&self, page: u32) -> Vec<(HotkeyId, PoolInfo)> {
            let mut book = Book::default();
            let first = page.saturating_mul(u32::from(PAGE));
            let now_ms = self.env().block_timestamp();
            let ids = first..first.saturating_add(u32::from(PAGE));
            ids.filter_map(|id| Some((id, book.pool(id)?.info(now_ms)))).collect()
        }

        /// Pages of `delegates` up to the last that is not empty.
        #[ink(message)]
        #[inline(never)]
        pub fn delegate_pages(&self) -> u32 {
            self.totals.get().map_or(0, |totals| totals.end.div_ceil(u32::from(PAGE)))
        }

        /// Hotkeys with a pool.
        #[ink(message)]
        #[inline(never)]
        pub fn delegate_count(&self) -> u32 {
            self.totals.get().map_or(0, |totals| totals.pools)
        }

        /// Children of `hotkey` on a subnet: the numbers of their hotkeys, and the proportion of its stake that it lends
        /// to each, out of 2^64 - 1.
        #[ink(message)]
        #[inline(never)]
        pub fn children(&self, netuid: Netuid, hotkey: AccountId) -> Vec<(HotkeyId, u64)> {
            self.relatives(netuid, hotkey, |link| (link.parent, link.child))
        }

        /// Parents of `hotkey` on a subnet: the numbers of their hotkeys, and the proportion of its stake that each lends
        /// to it, out of 2^64 - 1.
        #[ink(message)]
        #[inline(never)]
        pub fn parents(&self, netuid: Netuid, hotkey: AccountId) -> Vec<(HotkeyId, u64)> {
            self.relatives(netuid, hotkey, |link| (link.child, link.parent))
        }

        /// Children of `hotkey` on a subnet that were announced and are not activated.
        #[ink(message)]
        #[inline(never)]
        pub fn pending_children(&self, netuid: Netuid, hotkey: AccountId) -> Option<PendingChildren> {
            self.pending_children.get((netuid, self.number(hotkey)?))
        }

        /// The part that `hotkey` keeps of the dividends of parents with other owners on a subnet.
        #[ink(message)]
        #[inline(never)]
        pub fn childkey_take(&self, netuid: Netuid, hotkey: AccountId) -> TakeInfo {
            let take = self.number(hotkey).and_then(|id| self.childkey_takes.get((netuid, id)));
            take.unwrap_or_default().info(self.env().block_timestamp())
        }

        /// Least amount to stake, and least that stays on a hotkey, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn minimum_stake(&self) -> u64 {
            MINIMUM_STAKE
        }

        /// How long unstaked stake unbonds, in ms.
        #[ink(message)]
        #[inline(never)]
        pub fn unbonding_ms(&self) -> Option<u64> {
            self.config.get().map(|config| config.unbonding_ms)
        }

        /// Addresses of the other contracts.
        #[ink(message)]
        #[inline(never)]
        pub fn peers(&self) -> Option<Peers> {
            self.config.get().map(|config| config.peers())
        }

        /// Chain time in ms until which the contract is paused; not in the future if it is not.
        #[ink(message)]
        #[inline(never)]
        pub fn paused_until(&self) -> u64 {
            self.config.get().map_or(0, |config| config.paused_until_ms)
        }
    }

    impl StakeLedger for Staking {
        /// Stake that counts for each hotkey on a subnet, in rao, in the order asked; 0 for one without any. Its own,
        /// less what it lends to children there, plus what parents lend to it. At most 256 hotkeys, each once; more are
        /// cut off.
        #[ink(message)]
        #[inline(never)]
        fn stakes_of(&self, netuid: Netuid, hotkeys: Vec<HotkeyId>) -> Vec<u64> {
            let mut book = Book::default();
            let mut stakes: Vec<u64> = hotkeys.iter().take(MAX_BATCH).map(|id| book.value(*id)).collect();
            let links = self.links_of(netuid);
            links::inherit(&links.loans(|id| book.value(id)), &hotkeys, &mut stakes);
            stakes
        }

        /// Adds dividends of a subnet to pools: `amounts` rao for `hotkeys`, at most 256. Parents get their part of a
        /// child's first, less the child's take. The owner's take is credited, the rest raises the value of every share.
        /// A hotkey without a pool gets one whose only share holder is its owner. Only the emission contract, which has
        /// sent the sum before. Errors: `Paused`, `NotWired`, `NotEmission`, `WrongLength`, `BatchTooLarge`,
        /// `HotkeyNotAssociated`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        fn distribute(
            &mut self,
            netuid: Netuid,
            hotkeys: Vec<HotkeyId>,
            amounts: Vec<u64>,
        ) -> Result<(), StakingError> {
            let config = self.active()?;
            if self.env().caller() != config.emission.ok_or(StakingError::NotWired)? {
                return Err(StakingError::NotEmission);
            }
            if hotkeys.len() != amounts.len() {
                return Err(StakingError::WrongLength);
            }
            if hotkeys.len() > MAX_BATCH {
                return Err(StakingError::BatchTooLarge);
            }
            settled(self.reward(&config, netuid, &self.links_of(netuid), &hotkeys, &amounts))
        }

        /// Locks `coldkey`'s position on `hotkey` until `until_ms`, or longer where it is locked longer already. Returns
        /// the hotkey's number and the position's value in rao: its voting power. Only governance, also in a pause.
        /// Errors: `NotGovernance`, `NotEnoughStake`, `ColdkeyLocked`, `HotkeyNotAssociated`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        fn lock_votes(
            &mut self,
            coldkey: AccountId,
            hotkey: AccountId,
            until_ms: u64,
        ) -> Result<(HotkeyId, u64), StakingError> {
            let config = self.config()?;
            if self.env().caller() != config.governance {
                return Err(StakingError::NotGovernance);
            }
            let hotkey = peers::stake_terms(config.registry, hotkey, coldkey)?;
            let power = self.lock(Place { hotkey, coldkey }, until_ms)?;
            settled(Ok((hotkey.id, power)))
        }

        /// Stake of the whole network in rao.
        #[ink(message)]
        #[inline(never)]
        fn total_stake(&self) -> u64 {
            self.totals.get().map_or(0, |totals| totals.staked)
        }
    }

    impl Upgradable for Staking {
        /// Exchanges the contract's code for uploaded code with this hash. Only governance.
        /// Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError> {
            self.governed()?;
            exchange_code(code_hash)
        }
    }

    impl Pausable for Staking {
        /// Refuses every message that moves stake until `until_ms` (chain time), 7 days from now at most; a time that is
        /// not in the future ends the pause. Only governance. Errors: `NotGovernance`, `PauseTooLong`.
        #[ink(message)]
        #[inline(never)]
        fn pause(&mut self, until_ms: u64) -> Result<(), UpkeepError> {
            let config = self.governed()?;
            check_pause(self.env().block_timestamp(), until_ms)?;
            self.config.set(&Config { paused_until_ms: until_ms, ..config });
            self.env().emit_event(Paused { until_ms });
            Ok(())
        }
    }
}
