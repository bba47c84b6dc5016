//! What messages do once the registry has answered: stake in places, moved, handed over, rewarded.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)] // a test fails by panicking

use crate::{
    book::Book,
    links::{self, Links},
    pool::MINIMUM_STAKE,
    stakes::Place,
    staking::Staking,
    take::{Take, MAXIMUM_TAKE},
    unbonding,
};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    registry::Hotkey,
    staking::{Distributed, StakeLedger, StakingError},
    HotkeyId,
};
use proptest::prelude::*;
use scale::Encode;

const TAO: u64 = 1_000_000_000;
const NETUID: u16 = 3;

fn coldkey(number: u8) -> AccountId {
    AccountId::from([number; 32])
}

/// Where coldkey `who` stakes on hotkey `id`, which coldkey `owner` owns.
fn place(id: HotkeyId, owner: u8, who: u8) -> Place {
    let hotkey = Hotkey { id, hotkey: AccountId::from([0xee; 32]), coldkey: coldkey(owner) };
    Place { hotkey, coldkey: coldkey(who) }
}

fn staking() -> Staking {
    Staking::new(coldkey(0xe0), coldkey(0xe1), coldkey(0xe2))
}

fn worth(staking: &Staking, place: Place) -> u64 {
    Book::default().pool(place.hotkey.id).map_or(0, |pool| pool.worth(staking.held(&pool, &place).shares))
}

fn value(id: HotkeyId) -> u64 {
    Book::default().value(id)
}

/// Pays dividends on a subnet with these links.
fn reward(staking: &mut Staking, links: &Links, hotkeys: &[HotkeyId], amounts: &[u64]) {
    let config = staking.config().unwrap();
    staking.reward(&config, NETUID, links, hotkeys, amounts).unwrap();
}

#[ink::test]
fn stake_comes_and_unbonds() {
    let mut staking = staking();
    let (owner, nominator) = (place(40, 1, 1), place(40, 1, 2));
    staking.add(owner, 5 * TAO).unwrap();
    staking.add(nominator, 3 * TAO).unwrap();
    assert_eq!(staking.add(nominator, MINIMUM_STAKE - 1), Err(StakingError::AmountTooLow));
    assert_eq!((staking.total_stake(), value(40), staking.delegate_count()), (8 * TAO, 8 * TAO, 1));
    assert_eq!(staking.stakes_of(NETUID, vec![39, 40, 41]), [0, 8 * TAO, 0]);
    let delegates = staking.delegates(0);
    assert_eq!((delegates[0].0, delegates[0].1.coldkey, delegates[0].1.own), (40, coldkey(1), 5 * TAO));

    let config = staking.config().unwrap();
    let stranger = place(40, 1, 9);
    assert_eq!(staking.release(&config, stranger, Some(1)), Err(StakingError::NotEnoughStake));
    assert_eq!(staking.release(&config, stranger, None), Err(StakingError::NotEnoughStake));
    assert_eq!(staking.release(&config, nominator, Some(0)), Err(StakingError::AmountTooLow));
    assert_eq!(staking.release(&config, nominator, Some(TAO)), Ok((TAO, unbonding::DEFAULT_MS)));
    assert_eq!(staking.release(&config, owner, None), Ok((5 * TAO, unbonding::DEFAULT_MS)));
    assert_eq!((staking.total_stake(), value(40)), (2 * TAO, 2 * TAO));
    assert_eq!(staking.unbonding(coldkey(2))[0].amount, TAO);
    assert_eq!((worth(&staking, owner), worth(&staking, nominator)), (0, 2 * TAO));
}

#[ink::test]
fn sixteen_amounts_unbond_at_a_time() {
    let mut staking = staking();
    let (config, place) = (staking.config().unwrap(), place(1, 1, 2));
    staking.add(place, 100 * TAO).unwrap();
    for _ in 0..unbonding::MAXIMUM_ENTRIES {
        staking.release(&config, place, Some(TAO)).unwrap();
    }
    assert_eq!(staking.release(&config, place, Some(TAO)), Err(StakingError::TooManyUnbondings));
    assert_eq!(staking.total_stake(), 84 * TAO);
}

#[ink::test]
fn stake_moves_between_hotkeys_and_coldkeys() {
    let mut staking = staking();
    // Of one page, of another page, and to another coldkey: the total stays, and nothing unbonds.
    for to in [place(6, 2, 3), place(900, 2, 3), place(5, 1, 4), place(5, 1, 1)] {
        let from = place(5, 1, 3);
        staking.add(from, 4 * TAO).unwrap();
        let (total, before) = (staking.total_stake(), worth(&staking, to));
        assert_eq!(staking.shift(from, to, TAO), Ok(TAO));
        assert_eq!((worth(&staking, from), worth(&staking, to)), (3 * TAO, before + TAO));
        assert_eq!(staking.shift(from, to, MINIMUM_STAKE - 1), Err(StakingError::AmountTooLow));
        assert_eq!(staking.shift(from, to, 3 * TAO + 1), Err(StakingError::NotEnoughStake));
        // All goes where less than the minimum would stay.
        assert_eq!(staking.shift(from, to, 3 * TAO - MINIMUM_STAKE + 1), Ok(3 * TAO));
        assert_eq!((worth(&staking, from), worth(&staking, to)), (0, before + 4 * TAO));
        assert_eq!(staking.total_stake(), total);
    }
    assert!(staking.unbonding(coldkey(3)).is_empty());
}

#[ink::test]
fn a_position_that_rounding_made_small_still_moves() {
    let mut staking = staking();
    let from = place(5, 1, 3);
    staking.add(place(5, 1, 1), 7 * TAO).unwrap();
    staking.add(place(5, 1, 2), TAO).unwrap();
    reward(&mut staking, &Links::default(), &[5], &[TAO / 3]);
    staking.add(from, MINIMUM_STAKE).unwrap();
    let held = worth(&staking, from);
    assert!(held < MINIMUM_STAKE);
    assert_eq!(staking.shift(from, place(6, 2, 3), held), Ok(held));
}

#[ink::test]
fn locked_stake_stays_where_it_votes() {
    let mut staking = staking();
    let (config, voter) = (staking.config().unwrap(), place(5, 1, 3));
    assert_eq!(staking.lock(voter, 100), Err(StakingError::NotEnoughStake));
    staking.add(voter, 4 * TAO).unwrap();
    assert_eq!(staking.lock(voter, 100), Ok(4 * TAO));
    assert_eq!(staking.lock(voter, 50), Ok(4 * TAO));
    test::set_block_timestamp::<DefaultEnvironment>(99);
    let refused = Err(StakingError::StakeLocked);
    assert_eq!(staking.shift(voter, place(6, 2, 3), TAO), refused);
    assert_eq!(staking.shift(voter, place(5, 1, 4), TAO), refused);
    assert_eq!(staking.hand_over(voter, coldkey(4)), refused);
    assert_eq!(staking.release(&config, voter, None), Err(StakingError::StakeLocked));
    assert_eq!(worth(&staking, voter), 4 * TAO);
    test::set_block_timestamp::<DefaultEnvironment>(100);
    assert_eq!(staking.shift(voter, place(6, 2, 3), TAO), Ok(TAO));
}

#[ink::test]
fn a_successor_inherits_stake() {
    let mut staking = staking();
    // Coldkey 1 owns hotkey 5 and becomes coldkey 7, which has staked there too. Coldkey 2 only nominates.
    staking.add(place(5, 1, 1), 10 * TAO).unwrap();
    staking.add(place(5, 1, 2), 20 * TAO).unwrap();
    staking.add(place(5, 1, 7), 30 * TAO).unwrap();
    assert_eq!(staking.hand_over(place(5, 1, 2), coldkey(8)), Ok(20 * TAO));
    assert_eq!(staking.hand_over(place(5, 1, 2), coldkey(8)), Err(StakingError::NotEnoughStake));
    assert_eq!((worth(&staking, place(5, 1, 2)), worth(&staking, place(5, 1, 8))), (0, 20 * TAO));
    // Before and after the registry has handed on the hotkey.
    assert_eq!(staking.hand_over(place(5, 1, 1), coldkey(7)), Ok(10 * TAO));
    assert_eq!(worth(&staking, place(5, 1, 7)), 40 * TAO);
    staking.add(place(5, 7, 9), TAO).unwrap();
    assert_eq!(Book::default().pool(5).unwrap().info(0).own, 40 * TAO);
    assert_eq!(Book::default().pool(5).unwrap().coldkey, coldkey(7));
}

#[ink::test]
fn a_new_owner_of_a_hotkey_gets_no_stake_of_the_former() {
    let mut staking = staking();
    staking.add(place(5, 1, 1), 10 * TAO).unwrap();
    staking.add(place(5, 1, 2), 20 * TAO).unwrap();
    // Coldkey 2 owns the hotkey from now on: its take, but each keeps his stake.
    staking.add(place(5, 2, 3), TAO).unwrap();
    assert_eq!((worth(&staking, place(5, 2, 1)), worth(&staking, place(5, 2, 2))), (10 * TAO, 20 * TAO));
    reward(&mut staking, &Links::default(), &[5], &[31 * TAO]);
    assert!(worth(&staking, place(5, 2, 2)) > 2 * worth(&staking, place(5, 2, 1)));
    assert_eq!(staking.hand_over(place(5, 2, 1), coldkey(2)).map(|amount| amount > 10 * TAO), Ok(true));
}

#[ink::test]
fn dividends_reach_every_pool_and_are_announced() {
    let mut staking = staking();
    let caller = test::callee::<DefaultEnvironment>();
    test::set_caller::<DefaultEnvironment>(staking.config().unwrap().deployer);
    staking.wire(caller).unwrap();
    test::set_caller::<DefaultEnvironment>(caller);
    for id in [5, 6, 90] {
        staking.add(place(id, 1, 1), TAO).unwrap();
        staking.add(place(id, 1, 2), TAO).unwrap();
    }
    assert_eq!(staking.distribute(NETUID, vec![90, 5, 6], vec![700, 0, 65_535]), Ok(()));
    assert_eq!([5, 6, 90].map(value), [2 * TAO, 2 * TAO + 65_535, 2 * TAO + 700]);
    assert_eq!(staking.total_stake(), 6 * TAO + 66_235);
    let take = 125 + u64::from(MAXIMUM_TAKE);
    let announced = test::recorded_events().last().unwrap();
    assert_eq!(announced.data, Distributed { amount: 66_235, pools: 2, take }.encode());
    assert_eq!(staking.distribute(NETUID, vec![5, 6], vec![u64::MAX, 1]), Err(StakingError::Overflow));
}

#[ink::test]
fn parents_get_their_part_of_a_childs_dividends() {
    let mut staking = staking();
    // Parents 1 (of the child's owner) and 2 (of another) lend all of theirs to child 20.
    for (id, owner, stake) in [(1, 1, 10), (2, 2, 30), (20, 1, 60)] {
        staking.add(place(id, owner, owner), stake * TAO).unwrap();
    }
    let mut links = Links::new(1);
    links.replace(1, &[20], &[u64::MAX], |_| 0).unwrap();
    links.replace(2, &[20], &[u64::MAX], |_| 0).unwrap();
    reward(&mut staking, &links, &[20], &[TAO]);
    assert_eq!([1, 2, 20].map(value), [10_100_000_000, 30_300_000_000, 60_600_000_000]);
    // A take is charged of parents with other owners only.
    staking.childkey_takes.insert((NETUID, 20), &Take::of(MAXIMUM_TAKE));
    reward(&mut staking, &links, &[20], &[TAO]);
    let kept = Take::of(MAXIMUM_TAKE).part(300_000_000, 0);
    assert_eq!([1, 2].map(value), [10_200_000_000, 30_600_000_000 - kept]);
    assert_eq!(staking.total_stake(), 102 * TAO);
}

/// The adversary who raises the take between an epoch and its payout.
#[ink::test]
fn a_take_raised_before_a_payout_does_not_count() {
    let mut staking = staking();
    let (owner, nominator) = (place(5, 1, 1), place(5, 1, 2));
    staking.change_take(owner, 0).unwrap();
    staking.add(owner, TAO).unwrap();
    staking.add(nominator, 9 * TAO).unwrap();
    assert_eq!(staking.change_take(owner, MAXIMUM_TAKE + 1), Err(StakingError::TakeTooHigh));
    test::set_block_timestamp::<DefaultEnvironment>(1_000);
    staking.change_take(owner, MAXIMUM_TAKE).unwrap();
    reward(&mut staking, &Links::default(), &[5], &[TAO]);
    assert_eq!((worth(&staking, owner), worth(&staking, nominator)), (TAO + TAO / 10, 9 * TAO + 9 * TAO / 10));
    assert_eq!(staking.change_take(owner, 1), Err(StakingError::TakeRateLimited));
}

#[derive(Debug, Clone)]
enum Operation {
    Add {
        at: (usize, u8),
        amount: u64,
    },
    /// Releases a part of a position, out of 255.
    Release {
        at: (usize, u8),
        part: u8,
    },
    /// Moves or transfers a part of a position, out of 255.
    Shift {
        from: (usize, u8),
        to: (usize, u8),
        part: u8,
    },
    HandOver {
        at: (usize, u8),
        to: u8,
    },
    Reward {
        amounts: [u64; 3],
    },
    /// The registry names another owner.
    Own {
        hotkey: usize,
        owner: u8,
    },
}

/// Three hotkeys, two of them of one page.
const HOTKEYS: [HotkeyId; 3] = [2, 3, 77];
const COLDKEYS: u8 = 4;

fn operation() -> impl Strategy<Value = Operation> {
    let at = || (0..HOTKEYS.len(), 0..COLDKEYS);
    let amount = || prop_oneof![MINIMUM_STAKE..MINIMUM_STAKE + 9, MINIMUM_STAKE..1_000 * TAO];
    let part = || prop_oneof![any::<u8>(), Just(255)];
    prop_oneof![
        4 => (at(), amount()).prop_map(|(at, amount)| Operation::Add { at, amount }),
        2 => (at(), part()).prop_map(|(at, part)| Operation::Release { at, part }),
        4 => (at(), at(), part()).prop_map(|(from, to, part)| Operation::Shift { from, to, part }),
        1 => (at(), 0..COLDKEYS).prop_map(|(at, to)| Operation::HandOver { at, to }),
        2 => prop::array::uniform3(prop_oneof![Just(0), 1..TAO]).prop_map(|amounts| Operation::Reward { amounts }),
        1 => (0..HOTKEYS.len(), 0..COLDKEYS).prop_map(|(hotkey, owner)| Operation::Own { hotkey, owner }),
    ]
}

/// A network of stakers, and what each has paid in less what was paid out.
struct World {
    staking: Staking,
    owners: [u8; 3],
    balance: i128,
    rewards: u64,
}

impl World {
    fn place(&self, (hotkey, who): (usize, u8)) -> Place {
        place(HOTKEYS[hotkey], self.owners[hotkey], who)
    }

    fn part(&self, at: (usize, u8), part: u8) -> u64 {
        u64::try_from(u128::from(worth(&self.staking, self.place(at))) * u128::from(part) / 255).unwrap()
    }

    fn apply(&mut self, operation: &Operation) {
        match *operation {
            Operation::Add { at, amount } => {
                self.staking.add(self.place(at), amount).unwrap();
                self.balance += i128::from(amount);
            }
            Operation::Release { at, part } => {
                let (config, amount) = (self.staking.config().unwrap(), self.part(at, part));
                if let Ok((paid, _)) = self.staking.release(&config, self.place(at), Some(amount)) {
                    assert!(paid >= amount);
                    self.balance -= i128::from(paid);
                }
                self.staking.unbondings.remove(coldkey(at.1));
            }
            Operation::Shift { from, to, part } => {
                let amount = self.part(from, part);
                if from != to && amount >= MINIMUM_STAKE {
                    assert!(self.staking.shift(self.place(from), self.place(to), amount).unwrap() >= amount);
                }
            }
            Operation::HandOver { at, to } if at.1 != to => {
                let _ = self.staking.hand_over(self.place(at), coldkey(to));
            }
            Operation::HandOver { .. } => {}
            Operation::Reward { amounts } => {
                // A hotkey without a pool would have the registry asked.
                let amounts = [0, 1, 2].map(|hotkey| if value(HOTKEYS[hotkey]) > 0 { amounts[hotkey] } else { 0 });
                reward(&mut self.staking, &Links::default(), &HOTKEYS, &amounts);
                self.rewards += amounts.iter().sum::<u64>();
            }
            Operation::Own { hotkey, owner } => {
                self.owners[hotkey] = owner;
                // The chain undoes what a refused message wrote, this environment does not: so one that is not refused.
                self.apply(&Operation::Add { at: (hotkey, owner), amount: MINIMUM_STAKE });
            }
        }
    }

    /// What each coldkey's stake is worth, wherever it is.
    fn worths(&self) -> [u64; COLDKEYS as usize] {
        let worth = |who| (0..3).map(|hotkey| worth(&self.staking, self.place((hotkey, who)))).sum();
        std::array::from_fn(|who| worth(u8::try_from(who).unwrap()))
    }
}

fn in_world(test: impl Fn(World) -> Result<(), TestCaseError>) -> Result<(), TestCaseError> {
    let mut result = Ok(());
    test::run_test::<DefaultEnvironment, _>(|_| {
        let world = World { staking: staking(), owners: [0, 1, 2], balance: 0, rewards: 0 };
        result = test(world);
        Ok(())
    })
    .unwrap();
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Pools hold what was paid in and earned, less what was paid out, and no less than all positions are worth.
    #[test]
    fn every_rao_is_somebodys(operations in prop::collection::vec(operation(), 1..60)) {
        in_world(|mut world| {
            for operation in &operations {
                world.apply(operation);
                let values = HOTKEYS.map(value).iter().sum::<u64>();
                prop_assert_eq!(values, world.staking.total_stake());
                prop_assert_eq!(i128::from(values), world.balance + i128::from(world.rewards));
                let worths = world.worths().iter().sum::<u64>();
                prop_assert!(worths <= values && values - worths <= 12, "{} of {}", worths, values);
            }
            for id in HOTKEYS {
                let Some(pool) = Book::default().pool(id) else { continue };
                let held = (0..COLDKEYS).map(|who| world.staking.held(&pool, &place(id, 0, who)).shares);
                prop_assert_eq!(pool.shares, held.sum::<u128>());
            }
            Ok(())
        })?;
    }

    /// Whatever is lent and taken: pools grow by what was earned, no parent by more than its part.
    #[test]
    fn families_divide_what_was_earned(
        stakes in prop::array::uniform6(MINIMUM_STAKE..1_000 * TAO),
        owners in prop::array::uniform6(0..3_u8),
        lent in prop::collection::vec(prop::collection::vec(0..=u64::MAX / 3, 3), 3),
        take in 0..=MAXIMUM_TAKE,
        amounts in prop::array::uniform6(prop_oneof![Just(0), 1..10_u64, 1..TAO]),
    ) {
        in_world(|mut world| {
            // Hotkeys 0 to 2 lend to hotkeys 3 to 5.
            let ids: [HotkeyId; 6] = [0, 1, 2, 3, 4, 5];
            let mut links = Links::new(1);
            for (id, lent) in ids.into_iter().zip(&lent) {
                links.replace(id, &[3, 4, 5], lent, |_| 0).unwrap();
            }
            for ((id, owner), stake) in ids.into_iter().zip(owners).zip(stakes) {
                world.staking.add(place(id, owner, owner), stake).unwrap();
                world.staking.childkey_takes.insert((NETUID, id), &Take::of(take));
            }
            let counted = {
                let mut counted = stakes;
                links::inherit(&links.loans(value), &ids, &mut counted);
                counted
            };
            reward(&mut world.staking, &links, &ids, &amounts);
            let gained = ids.map(|id| value(id) - stakes[id as usize]);
            prop_assert_eq!(gained.iter().sum::<u64>(), amounts.iter().sum::<u64>());
            prop_assert_eq!(world.staking.total_stake(), ids.map(value).iter().sum::<u64>());
            for parent in 0..3 {
                let part = |child: usize| {
                    let loan = u128::from(stakes[parent]) * u128::from(lent[parent][child - 3]) / u128::from(u64::MAX);
                    u128::from(amounts[child]) * loan / u128::from(counted[child].max(1))
                };
                let most = u128::from(amounts[parent]) + (3..6).map(part).sum::<u128>();
                let due = u128::from(gained[parent]);
                prop_assert!(due <= most && due + 3 >= u128::from(amounts[parent]) + (most - u128::from(amounts[parent])) * 82 / 100);
            }
            Ok(())
        })?;
    }

    /// Nobody gets richer, but for the rao that rounding left, by what anyone does with stake.
    #[test]
    fn moving_stake_earns_nothing(
        stakes in prop::collection::vec((0..3_usize, 0..COLDKEYS, MINIMUM_STAKE..1_000 * TAO), 4..12),
        dividends in prop::array::uniform3(1..TAO),
        moves in prop::collection::vec((0..3_usize, 0..3_usize, any::<u8>()), 1..60),
    ) {
        in_world(|mut world| {
            for (hotkey, who, amount) in &stakes {
                world.apply(&Operation::Add { at: (*hotkey, *who), amount: *amount });
            }
            world.apply(&Operation::Reward { amounts: dividends });
            let before = world.worths();
            for (count, (from, to, part)) in moves.iter().enumerate() {
                let who = u8::from(count % 2 == 1);
                world.apply(&Operation::Shift { from: (*from, who), to: (*to, who), part: *part });
                for (worth, before) in world.worths().iter().zip(before) {
                    prop_assert!(worth.abs_diff(before) <= 2 + 2 * count as u64, "{} was {}", worth, before);
                }
            }
            Ok(())
        })?;
    }
}
