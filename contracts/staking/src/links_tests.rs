//! Links, against subtensor's own cases and by their laws.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)] // a test fails by panicking

use super::*;
use crate::take::Take;
use proptest::prelude::*;

fn account(id: u8) -> AccountId {
    AccountId::from([id; 32])
}

/// Links of (parent, child, proportion), whatever the rules say of them.
fn links(edges: &[(HotkeyId, HotkeyId, u64)]) -> Links {
    let mut links = Links::new(1);
    edges.iter().for_each(|(parent, child, proportion)| {
        links.push(Link { parent: *parent, child: *child, proportion: *proportion });
    });
    links
}

/// Stakes that count for hotkeys 0, 1, … with pools of these values.
fn stakes(links: &Links, values: &[u64]) -> Vec<u64> {
    let ids: Vec<HotkeyId> = (0..).take(values.len()).collect();
    let mut stakes = values.to_vec();
    inherit(&links.loans(|id| values[id as usize]), &ids, &mut stakes);
    stakes
}

/// The cases of subtensor's `tests/children.rs`, which allow for a difference of 10.
#[test]
fn stake_is_inherited_as_in_subtensor() {
    const HALF: u64 = u64::MAX / 2;
    const THIRD: u64 = u64::MAX / 3;
    type Case<'a> = (&'a [u64], &'a [(HotkeyId, HotkeyId, u64)], &'a [u64]);
    let cases: [Case; 4] = [
        (&[1_000, 2_000, 0], &[(0, 2, HALF), (1, 2, HALF)], &[500, 1_000, 1_499]),
        (&[3_000, 0, 0], &[(0, 1, THIRD), (0, 2, THIRD)], &[1_000, 1_000, 1_000]),
        (&[600_000_000_000_000, 0, 0], &[(0, 1, 0), (0, 2, u64::MAX)], &[0, 0, 600_000_000_000_000]),
        (&[1_000, 0, 0, 0], &[(0, 1, HALF), (0, 2, HALF), (1, 3, u64::MAX)], &[0, 499, 499, 0]),
    ];
    for (own, edges, expected) in cases {
        let counted = stakes(&links(edges), own);
        for (stake, expected) in counted.iter().zip(expected) {
            assert!(stake.abs_diff(*expected) <= 10, "{own:?} {edges:?}: {counted:?}");
        }
        assert_eq!(counted.iter().sum::<u64>(), own.iter().sum::<u64>());
    }
}

/// `test_dividend_distribution_with_children` there: A lends half to B, B half to C, takes of a ninth.
#[test]
fn dividends_are_divided_as_in_subtensor() {
    const A_TO_C: [u64; 3] = [300_000, 100_000, 50_000];
    let links = links(&[(0, 1, u64::MAX / 2), (1, 2, u64::MAX / 2)]);
    let loans = links.loans(|id| A_TO_C[id as usize]);
    let take = Take::of(7_282);
    let parents = |child: HotkeyId| -> Vec<(HotkeyId, u64)> {
        let parts = parts(&loans, child, A_TO_C[child as usize], 1_000_000);
        parts.into_iter().map(|(parent, part)| (parent, part - take.part(part, 0))).collect()
    };
    assert_eq!(parents(0), []);
    for (child, parent, expected) in [(1, 0, 666_667_u64), (2, 1, 444_444)] {
        let [(id, due)] = parents(child)[..] else { panic!("one parent") };
        assert_eq!(id, parent);
        assert!(due.abs_diff(expected) <= 1_000, "{due}");
    }
}

#[test]
fn lists_of_children_are_checked() {
    let parent = account(0);
    let key = |id: u8| account(id);
    let half = u64::MAX / 2;
    assert_eq!(check(parent, &[], &[]), Ok(()));
    assert_eq!(check(parent, &[key(1), key(2)], &[half, half + 1]), Ok(()));
    assert_eq!(check(parent, &[key(1)], &[]), Err(StakingError::WrongLength));
    let six: Vec<_> = (1..7).map(key).collect();
    assert_eq!(check(parent, &six, &[1; 6]), Err(StakingError::TooManyChildren));
    assert_eq!(check(parent, &six[..5], &[1; 5]), Ok(()));
    for (children, proportions) in [
        ([key(1), parent], [1, 1]),               // itself
        ([key(1), key(1)], [1, 1]),               // one twice
        ([key(1), key(2)], [half + 1, half + 1]), // more than all
    ] {
        assert_eq!(check(parent, &children, &proportions), Err(StakingError::MalformedChildren));
    }
}

#[test]
fn nobody_is_parent_and_child() {
    let mut links = links(&[(0, 1, 10)]);
    assert_eq!(links.replace(2, &[3, 0], &[1, 1], |_| 1), Err(StakingError::ParentAndChild));
    // A child that has children of its own is no child any more.
    assert_eq!(links.replace(1, &[4], &[5], |_| 1), Ok(()));
    assert_eq!(links.iter().collect::<Vec<_>>(), [Link { parent: 1, child: 4, proportion: 5 }]);
    // One that lets its children go stays what it is.
    assert_eq!(links.replace(4, &[], &[], |_| 1), Ok(()));
    assert_eq!(links.iter().map(|link| link.child).collect::<Vec<_>>(), [4]);
}

#[test]
fn children_are_replaced_as_a_whole() {
    let mut links = links(&[(0, 1, 10), (0, 2, 20), (7, 2, 30)]);
    assert_eq!(links.replace(0, &[3], &[40], |_| 1), Ok(()));
    let left: Vec<_> = links.iter().map(|link| (link.parent, link.child, link.proportion)).collect();
    assert_eq!(left, [(7, 2, 30), (0, 3, 40)]);
    assert_eq!(links.replace(7, &[], &[], |_| 1), Ok(()));
    assert_eq!(links.iter().map(|link| link.child).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_full_subnet_drops_the_parents_with_least_stake() {
    // 51 parents with five children each, and one with one child. A parent's stake is its number.
    let mut links = Links::new(1);
    for parent in 100..151 {
        let children = [1, 2, 3, 4, 5].map(|child| parent * 1_000 + child);
        assert_eq!(links.replace(parent, &children, &[1; 5], u64::from), Ok(()));
    }
    assert_eq!(links.replace(90, &[1], &[1], u64::from), Ok(()));
    assert_eq!(links.iter().count(), MAX_LINKS);
    assert_eq!(links.clone().replace(89, &[2], &[1], u64::from), Err(StakingError::TooManyChildren));
    assert_eq!(links.clone().replace(90, &[2], &[1], u64::from), Ok(()));
    assert_eq!(links.replace(120, &[], &[], u64::from), Ok(()));
    assert_eq!(links.replace(101, &[1, 2, 3, 4, 5], &[1; 5], u64::from), Ok(()));
    assert_eq!(links.replace(500, &[1, 2, 3, 4, 5], &[1; 5], u64::from), Ok(()));
    assert!(links.is_parent(90));
    assert_eq!(links.replace(501, &[1], &[1], u64::from), Ok(()));
    assert!(!links.is_parent(90) && links.is_parent(100));
    assert_eq!(links.replace(502, &[1], &[1], u64::from), Ok(()));
    assert!(!links.is_parent(100) && links.is_parent(101));
    assert!(links.iter().count() <= MAX_LINKS);
}

/// Pools of eight hotkeys, of which some lend to the others.
fn family() -> impl Strategy<Value = (Vec<u64>, Links)> {
    let proportions = prop::collection::vec(0..=u64::MAX / 3, 3);
    let parents =
        prop::collection::vec((prop::sample::subsequence((4..8).collect::<Vec<u32>>(), 0..=3), proportions), 4);
    (prop::collection::vec(0..u64::MAX / 8, 8), parents).prop_map(|(values, parents)| {
        let mut links = Links::new(1);
        for (parent, (children, proportions)) in (0..).zip(&parents) {
            links.replace(parent, children, proportions, |id| values[id as usize]).unwrap();
        }
        (values, links)
    })
}

proptest! {
    /// What is lent is borrowed, to the last rao, and no hotkey lends more than it has.
    #[test]
    fn stake_is_neither_made_nor_lost((values, links) in family()) {
        let counted = stakes(&links, &values);
        prop_assert_eq!(counted.iter().sum::<u64>(), values.iter().sum::<u64>());
        for parent in 0..4 {
            prop_assert!(counted[parent] <= values[parent]);
        }
    }

    /// The stake of each hotkey is the same whoever else is asked for.
    #[test]
    fn stakes_do_not_depend_on_the_question((values, links) in family(), id in 0_u32..8) {
        let mut alone = [values[id as usize]];
        inherit(&links.loans(|id| values[id as usize]), &[id], &mut alone);
        prop_assert_eq!(alone[0], stakes(&links, &values)[id as usize]);
    }

    /// Parents never get more than was earned, and each what its stake contributed.
    #[test]
    fn dividends_follow_contribution((values, links) in family(), child in 4_u32..8, amount: u64) {
        let loans = links.loans(|id| values[id as usize]);
        let stake = stakes(&links, &values)[child as usize];
        let parts = parts(&loans, child, values[child as usize], amount);
        prop_assert!(parts.iter().map(|(_, part)| u128::from(*part)).sum::<u128>() <= u128::from(amount));
        let contributed = loans.iter().filter(|loan| loan.child == child);
        for ((parent, part), loan) in parts.iter().zip(contributed) {
            prop_assert_eq!(*parent, loan.parent);
            let due = u128::from(amount) * u128::from(loan.amount) / u128::from(stake.max(1));
            prop_assert_eq!(u128::from(*part), due);
        }
    }
}
