//! All subnets in one cell: which netuids are taken, and which subnet gives way when a new one finds no room.
//!
//! Source: subtensor prunes the subnet with the lowest moving price that is past its immunity, of equal ones the oldest. No
//! subnet has a price here; what it earns stands for it.
//!
//! The moving emission is a first-order average over time, in rao a day: after an epoch of `elapsed` that paid `emission`,
//! it is `(old * WINDOW + emission * DAY) / (WINDOW + elapsed)`, so that subnets of any tempo compare. It fades likewise
//! while no epoch is turned.

use crate::chain::Moment;
use inktensor_consensus::{
    emission::SLOT_MS,
    fixed::{mul, ONE},
};
use inktensor_primitives::{registry::Roster, Netuid};

/// Time over which emission is averaged, in ms: 30 days.
pub const WINDOW_MS: u64 = 216_000 * SLOT_MS;
/// A day in ms.
pub const DAY_MS: u64 = 7_200 * SLOT_MS;

/// The place of a netuid in the roster.
pub fn position(roster: &Roster, netuid: Netuid) -> Option<usize> {
    roster.netuids.binary_search(&netuid).ok()
}

/// The lowest netuid that is not taken. Netuids start at 1.
pub fn free(roster: &Roster) -> Netuid {
    let mut free: Netuid = 1;
    for netuid in &roster.netuids {
        if *netuid != free {
            break;
        }
        free = free.saturating_add(1);
    }
    free
}

/// Enters a subnet.
pub fn enter(roster: &mut Roster, netuid: Netuid, now: Moment) {
    if let Err(place) = roster.netuids.binary_search(&netuid) {
        roster.netuids.insert(place, netuid);
        roster.created_ms.insert(place, now.time_ms);
        roster.moving_emission.insert(place, 0);
        roster.last_epoch_ms.insert(place, 0);
    }
}

/// Strikes a subnet.
pub fn strike(roster: &mut Roster, netuid: Netuid) {
    if let Some(place) = position(roster, netuid) {
        roster.netuids.remove(place);
        roster.created_ms.remove(place);
        roster.moving_emission.remove(place);
        roster.last_epoch_ms.remove(place);
    }
}

/// Chain time in ms at which a subnet's last epoch was turned; 0 before the first.
pub fn last_epoch(roster: &Roster, netuid: Netuid) -> u64 {
    position(roster, netuid).and_then(|place| roster.last_epoch_ms.get(place).copied()).unwrap_or(0)
}

/// Counts an epoch that paid `emission` rao. False if there is no such subnet.
pub fn record(roster: &mut Roster, netuid: Netuid, emission: u64, now_ms: u64) -> bool {
    let Some(place) = position(roster, netuid) else {
        return false;
    };
    let (Some(created), Some(moving), Some(last)) =
        (roster.created_ms.get(place), roster.moving_emission.get_mut(place), roster.last_epoch_ms.get_mut(place))
    else {
        return false;
    };
    *moving = average(*moving, emission, now_ms.saturating_sub((*last).max(*created)));
    *last = now_ms;
    true
}

/// The subnet that gives way: of those created `immunity_ms` ago or earlier the one with the lowest moving emission, of
/// equal ones the oldest, of these the lowest netuid.
pub fn least(roster: &Roster, immunity_ms: u64, now_ms: u64) -> Option<Netuid> {
    let times = roster.created_ms.iter().zip(&roster.last_epoch_ms);
    let mut least: Option<(u64, u64, Netuid)> = None;
    for ((netuid, moving), (created, last)) in roster.netuids.iter().zip(&roster.moving_emission).zip(times) {
        if now_ms.saturating_sub(*created) < immunity_ms {
            continue;
        }
        let rank = (average(*moving, 0, now_ms.saturating_sub((*last).max(*created))), *created, *netuid);
        if least.is_none_or(|least| rank < least) {
            least = Some(rank);
        }
    }
    least.map(|(_, _, netuid)| netuid)
}

/// The average after `elapsed_ms` in which `emission` rao were paid; factors have 32 fractional bits.
fn average(moving: u64, emission: u64, elapsed_ms: u64) -> u64 {
    let window_ms = WINDOW_MS.saturating_add(elapsed_ms);
    let part = |time_ms: u64| time_ms.saturating_mul(ONE).checked_div(window_ms).unwrap_or(0);
    mul(moving, part(WINDOW_MS)).saturating_add(mul(emission, part(DAY_MS)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)] // a test fails by panicking

    use super::*;
    use proptest::prelude::*;

    const TAO: u64 = 1_000_000_000;

    fn at(time_ms: u64) -> Moment {
        Moment { time_ms, block: 0 }
    }

    #[test]
    fn a_steady_subnet_comes_to_what_it_earns_a_day() {
        for epochs_a_day in [1, 20] {
            let mut roster = Roster::default();
            enter(&mut roster, 1, at(0));
            for epoch in 1..=400 * epochs_a_day {
                assert!(record(&mut roster, 1, 20 * TAO / epochs_a_day, epoch * DAY_MS / epochs_a_day));
            }
            let moving = roster.moving_emission[0];
            assert!(moving > 19 * TAO && moving <= 20 * TAO, "{moving}");
        }
        assert!(!record(&mut Roster::default(), 1, 1, 1));
    }

    #[test]
    fn one_that_is_not_turned_any_more_fades_behind_one_that_is() {
        let mut roster = Roster::default();
        enter(&mut roster, 1, at(0));
        enter(&mut roster, 2, at(1));
        record(&mut roster, 1, 1_000 * TAO, DAY_MS);
        for day in 1..1_000 {
            record(&mut roster, 2, TAO, day * DAY_MS);
        }
        let early = Roster { last_epoch_ms: vec![DAY_MS, DAY_MS], ..roster.clone() };
        assert!(roster.moving_emission[0] > roster.moving_emission[1]);
        assert_eq!(least(&early, 0, 2 * DAY_MS), Some(2));
        assert_eq!(least(&roster, 0, 1_000 * DAY_MS), Some(1));
    }

    /// Subnets of (netuid, created, moving emission) with few distinct values, so that ties are common.
    fn rosters() -> impl Strategy<Value = Roster> {
        prop::collection::btree_map(1_u16..=128, (0_u64..5, 0_u64..3), 0..128).prop_map(|subnets| {
            let mut roster = Roster::default();
            for (netuid, (created, moving)) in subnets {
                enter(&mut roster, netuid, at(created));
                let place = position(&roster, netuid).unwrap_or(0);
                (roster.moving_emission[place], roster.last_epoch_ms[place]) = (moving * TAO, 10);
            }
            roster
        })
    }

    proptest! {
        #[test]
        fn the_least_is_the_head_of_the_sorted_list_of_those_past_immunity(roster in rosters(), immunity in 0_u64..14) {
            let mut may_go: Vec<(u64, u64, u16)> = (0..roster.netuids.len())
                .map(|at| (roster.moving_emission[at], roster.created_ms[at], roster.netuids[at]))
                .filter(|row| 10 - row.1 >= immunity)
                .collect();
            may_go.sort_unstable();
            prop_assert_eq!(least(&roster, immunity, 10), may_go.first().map(|row| row.2));
        }

        #[test]
        fn a_free_netuid_is_the_lowest_that_nobody_has(mut roster in rosters()) {
            let netuid = free(&roster);
            prop_assert_eq!(position(&roster, netuid), None);
            prop_assert!((1..netuid).all(|lower| position(&roster, lower).is_some()));
            let before = roster.clone();
            enter(&mut roster, netuid, at(9));
            prop_assert!(roster.netuids.is_sorted());
            prop_assert_eq!(last_epoch(&roster, netuid), 0);
            strike(&mut roster, netuid);
            prop_assert_eq!(roster, before);
        }

        #[test]
        fn no_average_passes_what_was_paid(emissions in prop::collection::vec((0_u64..=21_000_000 * TAO, 1_u64..u64::MAX / 300), 1..200)) {
            let mut roster = Roster::default();
            enter(&mut roster, 7, at(0));
            let (mut now, mut paid) = (0, 0_u128);
            for (emission, elapsed) in emissions {
                now += elapsed;
                paid += u128::from(emission);
                record(&mut roster, 7, emission, now);
                prop_assert!(u128::from(roster.moving_emission[0]) <= paid);
            }
        }
    }
}
