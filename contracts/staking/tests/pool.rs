//! What stakers rely on: a pool pays out what came in to the last rao, nobody's stake shrinks because of others, and
//! dividends are shared by stake after the owner's take.

use ink::primitives::AccountId;
use inktensor_primitives::staking::StakingError;
use proptest::prelude::*;
use staking::{
    pool::{Pool, Position, MINIMUM_STAKE},
    take::{Take, MAXIMUM_TAKE},
};

const NOMINATORS: usize = 3;
const TAO: u64 = 1_000_000_000;
/// More than dividends can ever be: the cap of the token.
const CAP: u64 = 21_000_000 * TAO;

/// A pool, and its nominators' positions as the contract keeps them beside it. Number 0 is the owner.
struct Suite {
    pool: Pool,
    nominators: [Position; NOMINATORS],
    paid_in: u128,
    paid_out: u128,
}

impl Suite {
    fn new(take: u16) -> Self {
        let mut pool = Pool::new(AccountId::from([0; 32]));
        pool.take = Take::of(take);
        Self { pool, nominators: Default::default(), paid_in: 0, paid_out: 0 }
    }

    fn position(&self, who: usize) -> Position {
        who.checked_sub(1).map_or(self.pool.own, |nominator| self.nominators[nominator])
    }

    fn with<T>(&mut self, who: usize, change: impl FnOnce(&mut Pool, &mut Position) -> T) -> T {
        let mut position = self.position(who);
        let result = change(&mut self.pool, &mut position);
        match who.checked_sub(1) {
            None => self.pool.own = position,
            Some(nominator) => self.nominators[nominator] = position,
        }
        result
    }

    fn stake(&mut self, who: usize, amount: u64) -> Result<(), StakingError> {
        self.with(who, |pool, position| pool.stake(position, amount))?;
        self.paid_in += u128::from(amount);
        Ok(())
    }

    fn unstake(&mut self, who: usize, amount: u64) -> Result<u64, StakingError> {
        let paid = self.with(who, |pool, position| pool.unstake(position, amount, 0))?;
        self.paid_out += u128::from(paid);
        Ok(paid)
    }

    fn reward(&mut self, amount: u64) -> u64 {
        let take = self.pool.reward(amount, 0).unwrap();
        self.paid_in += u128::from(amount);
        take
    }

    fn worth(&self, who: usize) -> u64 {
        self.pool.worth(self.position(who).shares)
    }

    fn worths(&self) -> [u64; NOMINATORS + 1] {
        std::array::from_fn(|who| self.worth(who))
    }
}

#[derive(Debug, Clone)]
enum Operation {
    Stake {
        who: usize,
        amount: u64,
    },
    /// Unstakes a part of what the position is worth, out of 255.
    Unstake {
        who: usize,
        part: u8,
    },
    Reward {
        amount: u64,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let who = || 0..=NOMINATORS;
    let amount = || prop_oneof![MINIMUM_STAKE - 1..MINIMUM_STAKE + 10, MINIMUM_STAKE..1_000 * TAO, 1..CAP / 100];
    let dividend = prop_oneof![1_u64..10, 1..TAO, 1..CAP / 100];
    prop_oneof![
        3 => (who(), amount()).prop_map(|(who, amount)| Operation::Stake { who, amount }),
        3 => (who(), prop_oneof![any::<u8>(), Just(255), Just(254)])
            .prop_map(|(who, part)| Operation::Unstake { who, part }),
        3 => dividend.prop_map(|amount| Operation::Reward { amount }),
    ]
}

/// What rounding may move between stakers: one rao, or one share where dividends made a share dearer than that.
fn rounding(pool: &Pool) -> u64 {
    u128::from(pool.value).checked_div(pool.shares).unwrap_or(0) as u64 + 1
}

proptest! {
    #[test]
    fn conserves_every_rao(take in 0..=MAXIMUM_TAKE, operations in prop::collection::vec(operation(), 1..80)) {
        let mut suite = Suite::new(take);
        for operation in &operations {
            let before = suite.worths();
            let value = suite.pool.value;
            match *operation {
                Operation::Stake { who, amount } => {
                    suite.stake(who, amount).unwrap();
                    prop_assert_eq!(suite.pool.value, value + amount);
                    let expected = before[who] + amount;
                    prop_assert!((expected - 1..=expected).contains(&suite.worth(who)));
                    others_kept(&suite, &before, who)?;
                }
                Operation::Unstake { who, part } => {
                    let amount = (u128::from(before[who]) * u128::from(part) / 255) as u64;
                    prop_assert_eq!(suite.unstake(who, before[who] + 1), Err(StakingError::NotEnoughStake));
                    if amount == 0 {
                        prop_assert_eq!(suite.unstake(who, 0), Err(StakingError::AmountTooLow));
                        prop_assert_eq!(suite.worths(), before);
                        continue;
                    }
                    let paid = suite.unstake(who, amount).unwrap();
                    prop_assert_eq!(suite.pool.value, value - paid);
                    if before[who] - amount < MINIMUM_STAKE {
                        prop_assert_eq!(paid, before[who]);
                        prop_assert_eq!(suite.position(who).shares, 0);
                    } else {
                        prop_assert_eq!(paid, amount);
                        let expected = before[who] - amount;
                        prop_assert!((expected - rounding(&suite.pool)..=expected).contains(&suite.worth(who)));
                    }
                    others_kept(&suite, &before, who)?;
                }
                Operation::Reward { amount } => {
                    let take_due = (u128::from(amount) * u128::from(take) / 65_535) as u64;
                    prop_assert_eq!(suite.reward(amount), take_due);
                    prop_assert_eq!(suite.pool.value, value + amount);
                    shared_by_stake(&suite, &before, value, amount, take_due)?;
                }
            }
            let shares = (0..=NOMINATORS).map(|who| suite.position(who).shares).sum::<u128>();
            prop_assert_eq!(suite.pool.shares, shares);
            prop_assert_eq!(suite.pool.value == 0, shares == 0);
            prop_assert_eq!(u128::from(suite.pool.value), suite.paid_in - suite.paid_out);
            let worths = suite.worths().iter().sum::<u64>();
            prop_assert!(worths <= suite.pool.value && suite.pool.value - worths <= NOMINATORS as u64);
        }
        // Whoever leaves last takes what rounding left: the pool pays out all that came in.
        for who in 0..=NOMINATORS {
            if suite.position(who).shares > 0 && suite.worth(who) > 0 {
                suite.unstake(who, suite.worth(who)).unwrap();
            }
        }
        if suite.pool.shares == 0 {
            prop_assert_eq!(suite.paid_in, suite.paid_out);
        } else {
            // Dividends so small that the owner's take of them is worth less than a rao: only the owner's can be.
            prop_assert_eq!(suite.pool.shares, suite.pool.own.shares);
        }
    }
}

/// Nobody else lost anything or gained more than rounding.
fn others_kept(suite: &Suite, before: &[u64], who: usize) -> Result<(), TestCaseError> {
    for (other, before) in before.iter().enumerate().filter(|(other, _)| *other != who) {
        let after = suite.worth(other);
        prop_assert!((*before..=before + rounding(&suite.pool)).contains(&after), "{}: {} to {}", other, before, after);
    }
    Ok(())
}

/// The owner has the take, and all hold of the rest what they held of the pool when the take was in it.
fn shared_by_stake(suite: &Suite, before: &[u64], value: u64, amount: u64, take: u64) -> Result<(), TestCaseError> {
    if suite.pool.shares == suite.pool.own.shares {
        prop_assert_eq!(suite.worth(0), value + amount);
        return Ok(());
    }
    let grown = |worth: u64| u128::from(worth) * u128::from(value + amount) / u128::from(value + take);
    for (who, before) in before.iter().enumerate().filter(|(who, before)| **before > 0 || *who == 0) {
        let held = if who == 0 { before + take } else { *before };
        let after = u128::from(suite.worth(who));
        prop_assert!(grown(held.saturating_sub(1)) <= after, "{}: {} to {}", who, before, after);
        prop_assert!(after <= grown(held + 1) + 1, "{}: {} to {}", who, before, after);
    }
    Ok(())
}

#[test]
fn a_pool_grown_from_nothing_takes_stake_without_loss() {
    // One rao of dividends opens the pool; a million TAO follow before the first nominator comes.
    for take in [0, MAXIMUM_TAKE] {
        let mut suite = Suite::new(take);
        suite.reward(1);
        suite.reward(1_000_000 * TAO);
        suite.stake(1, MINIMUM_STAKE).unwrap();
        assert!(suite.worth(1) >= MINIMUM_STAKE - 1);
        assert_eq!(suite.unstake(1, suite.worth(1)).unwrap(), suite.paid_out as u64);
        assert_eq!(suite.worth(0), suite.pool.value);
    }
}

#[test]
fn dividends_pay_the_take_first() {
    let mut suite = Suite::new(MAXIMUM_TAKE);
    suite.stake(0, 100 * TAO).unwrap();
    suite.stake(1, 300 * TAO).unwrap();
    // 18 % of 100 TAO, out of 65,535, are 17.999542229 TAO; 500 TAO are then held 117.999542229 to 300.
    assert_eq!(suite.reward(100 * TAO), 17_999_542_229);
    assert_eq!(suite.worth(1), 358_852_067_636);
    assert_eq!(suite.worth(0), 141_147_932_363);
}

#[test]
fn a_locked_position_stays() {
    let mut pool = Pool::new(AccountId::from([0; 32]));
    let mut position = Position { shares: 0, locked_until_ms: 1_000 };
    pool.stake(&mut position, TAO).unwrap();
    assert_eq!(pool.unstake(&mut position, TAO, 999), Err(StakingError::StakeLocked));
    assert_eq!(pool.unstake(&mut position, TAO, 1_000), Ok(TAO));
}

#[test]
fn a_pool_whose_shares_are_dear_takes_no_stake() {
    // Dividends would have to multiply a pool by 10^18 for this; then a share would buy less than it costs.
    let mut pool = Pool { value: 2, shares: 1, ..Pool::new(AccountId::from([0; 32])) };
    let before = pool.clone();
    let mut position = Position::default();
    assert_eq!(pool.stake(&mut position, TAO), Err(StakingError::Overflow));
    assert_eq!((pool, position), (before, Position::default()));
}

#[test]
fn all_of_a_position_leaves_at_once() {
    let mut suite = Suite::new(0);
    suite.stake(0, TAO).unwrap();
    suite.stake(1, TAO).unwrap();
    suite.reward(3);
    let worth = suite.worth(1);
    assert_eq!(suite.with(1, |pool, position| pool.clear(position, 0)), Ok(worth));
    assert_eq!(suite.with(1, |pool, position| pool.clear(position, 0)), Err(StakingError::NotEnoughStake));
    assert_eq!(suite.worth(0), suite.pool.value);
}
