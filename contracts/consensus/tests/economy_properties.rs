//! What holds for the schedule, prices, splits, payouts, weights and medians.

use inktensor_consensus::burn::{decay_factor, BurnSchedule};
use inktensor_consensus::emission::{issue, slot_emission, Issue, CAP, SLOT_MS};
use inktensor_consensus::fixed::{div, high_product, interpolate, mul, mul_up, share, shares_of, ONE};
use inktensor_consensus::liquid_alpha::{exp, LiquidAlpha};
use inktensor_consensus::lock::{LastLock, LockSchedule};
use inktensor_consensus::median::Poll;
use inktensor_consensus::payout::pay;
use inktensor_consensus::split::{NotWhole, RewardSplit};
use inktensor_consensus::weights::{max_upscale, top_k, top_k_nonzero};
use proptest::collection::vec;
use proptest::prelude::*;

/// Issuances near halvings and near the cap come up as often as any.
fn issuance() -> impl Strategy<Value = u64> {
    let near_halving =
        (1..64_u32, 0..5_000_000_000_u64).prop_map(|(k, before)| (CAP - (CAP >> k)).saturating_sub(before));
    prop_oneof![0..=CAP, near_halving, (0..100_000_000_u64).prop_map(|missing| CAP - missing), any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn issuing_at_once_is_issuing_slot_by_slot(issuance in issuance(), slots in 0..300_u64, rest in 0..SLOT_MS) {
        let one_by_one = (0..slots).fold(issuance, |issued, _| issued + slot_emission(issued));
        let expected = Issue { amount: one_by_one - issuance, consumed_ms: slots * SLOT_MS };
        prop_assert_eq!(issue(issuance, slots * SLOT_MS + rest), expected);
    }

    #[test]
    fn issuing_does_not_depend_on_when_one_asks(issuance in 0..=CAP, first in any::<u64>(), second in any::<u64>()) {
        let (first, second) = (first >> 2, second >> 2);
        let before = issue(issuance, first);
        let after = issue(issuance + before.amount, first - before.consumed_ms + second);
        let at_once = issue(issuance, first + second);
        prop_assert_eq!(at_once.amount, before.amount + after.amount);
        prop_assert_eq!(at_once.consumed_ms, before.consumed_ms + after.consumed_ms);
        prop_assert!(issuance + at_once.amount <= CAP);
    }

    #[test]
    fn emission_never_rises_with_issuance(a in issuance(), b in issuance()) {
        prop_assert!(slot_emission(a.min(b)) >= slot_emission(a.max(b)));
    }

    #[test]
    fn a_price_decays_as_step_by_step_but_for_rounding(price in any::<u64>(), half_life in 1..2_000_u32, steps in 0..500_u64) {
        let schedule = BurnSchedule { factor: decay_factor(half_life), increase: 10_000, minimum: 0, maximum: u64::MAX };
        let price = price >> 24;
        let stepwise = (0..steps).fold(price, |price, _| schedule.decayed(price, 1));
        let at_once = schedule.decayed(price, steps);
        // Powers of the factor round too: 2^-32 of the price at each of at most twice the bits of the exponent.
        prop_assert!(at_once.abs_diff(stepwise) <= steps + 1 + ((price >> 32) + 1) * (steps + 64), "{at_once} {stepwise}");
        prop_assert!(schedule.decayed(price, steps + 1) <= at_once);
        let halved = schedule.decayed(price, u64::from(half_life));
        prop_assert!(halved <= price / 2 && halved + 1 + (price >> 16) >= price / 2, "{halved} of {price}");
    }

    #[test]
    fn a_price_stays_within_bounds(price in any::<u64>(), minimum in any::<u64>(), more in any::<u64>(), steps in any::<u64>(), increase in 10_000..30_000_u32) {
        let maximum = minimum.saturating_add(more);
        let schedule = BurnSchedule { factor: decay_factor(360), increase, minimum, maximum };
        for price in [schedule.decayed(price, steps), schedule.increased(price)] {
            prop_assert!((minimum..=maximum).contains(&price));
        }
        prop_assert!(schedule.increased(price) >= price.min(maximum));
    }

    #[test]
    fn a_lock_doubles_and_falls_to_its_minimum(minimum in 1..u64::MAX / 4, factor in 1..4_u64, interval in any::<u64>(), at in any::<u64>(), a in any::<u64>(), b in any::<u64>()) {
        let schedule = LockSchedule { minimum, interval };
        let last = LastLock { amount: minimum.saturating_mul(factor), at };
        let cost = |elapsed: u64| schedule.cost(Some(last), at.saturating_add(elapsed));
        prop_assert_eq!(cost(0), last.amount.saturating_mul(2));
        prop_assert!(cost(a.min(b)) >= cost(a.max(b)) && cost(a) >= minimum);
        prop_assert_eq!(schedule.cost(None, at), minimum);
    }

    #[test]
    fn a_split_loses_nothing(amount in any::<u64>(), cuts in (0..=10_000_u16, 0..=10_000_u16, 0..=10_000_u16)) {
        let mut cuts = [cuts.0, cuts.1, cuts.2];
        cuts.sort_unstable();
        let split = RewardSplit::new(cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], 10_000 - cuts[2]).unwrap();
        let parts = split.split(amount);
        let amounts = [parts.miners, parts.validators, parts.reserve, parts.owner];
        prop_assert_eq!(amounts.iter().map(|part| u128::from(*part)).sum::<u128>(), u128::from(amount));
        for (part, points) in amounts.into_iter().zip(split.shares()) {
            let exact = u128::from(amount) * u128::from(points) / 10_000;
            prop_assert!(u128::from(part) >= exact && u128::from(part) <= exact + 3);
        }
    }

    #[test]
    fn a_payout_loses_nothing(pool in any::<u64>(), shares in vec(prop_oneof![0..5_u64, any::<u64>()], 0..40)) {
        let payout = pay(pool, &shares);
        let total: u128 = shares.iter().map(|share| u128::from(*share)).sum();
        let paid: u128 = payout.paid.iter().map(|amount| u128::from(*amount)).sum();
        prop_assert_eq!(paid + u128::from(payout.remainder), u128::from(pool));
        prop_assert!(total == 0 || payout.remainder < shares.len() as u64);
        for (amount, share) in payout.paid.iter().zip(&shares) {
            prop_assert_eq!(u128::from(*amount), (u128::from(pool) * u128::from(*share)).checked_div(total).unwrap_or(0));
        }
    }

    #[test]
    fn the_median_is_the_lowest_score_above_the_minority(
        ballots in prop_oneof![
            vec((0..20_u64, 0..1_000_u64), 0..60),
            vec((any::<u64>(), 0..1_000_u64), 0..60),
            vec((0..=ONE, 0..=ONE), 0..60),
            vec(((0..64_u32).prop_map(|bit| 1 << bit), 1..1_000_u64), 0..60),
        ],
        silent in prop_oneof![Just(0), 0..1_000_u64],
        minority in prop_oneof![0..20_000_u64, 0..=ONE, Just(0)],
    ) {
        let at_most =
            |score: u64| silent + ballots.iter().filter(|ballot| ballot.0 <= score).map(|ballot| ballot.1).sum::<u64>();
        let scores = || ballots.iter().map(|ballot| ballot.0);
        let highest = ballots.iter().filter(|ballot| ballot.1 > 0).map(|ballot| ballot.0).max().unwrap_or(0);
        // The silent score zero.
        let expected = scores().chain([0]).filter(|score| at_most(*score) > minority).min().unwrap_or(highest);
        let poll = Poll { silent, total: at_most(u64::MAX), minority };
        prop_assert_eq!(poll.median(&ballots, scores().max().unwrap_or(0)), expected);
    }

    #[test]
    fn the_k_highest_are_marked(values in vec(0..10_u64, 0..40), k in 0..50_usize) {
        let marked = top_k(&values, k);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|index| (values[*index], *index));
        let kept = &order[values.len().saturating_sub(k)..];
        prop_assert!(marked.iter().enumerate().all(|(index, mark)| *mark == kept.contains(&index)));
        let nonzero = top_k_nonzero(&values, k);
        prop_assert!(nonzero.iter().enumerate().all(|(index, mark)| *mark == (marked[index] && values[index] > 0)));
    }

    #[test]
    fn scaling_up_rounds_to_nearest(values in vec(any::<u16>(), 0..40)) {
        let highest = u64::from(values.iter().copied().max().unwrap_or(0));
        let mut scaled = values.clone();
        max_upscale(&mut scaled);
        for (value, scaled) in values.into_iter().zip(scaled) {
            let exact = u64::from(value) as f64 * 65_535.0 / highest.max(1) as f64;
            prop_assert!((f64::from(scaled) - exact).abs() <= 0.500_1, "{value} became {scaled}, not {exact}");
            prop_assert!(u64::from(value) != highest || highest == 0 || scaled == u16::MAX);
        }
    }

    #[test]
    fn the_exponential_is_exact_to_its_last_bit(exponent in -20 * (1_i64 << 32)..=20 * (1_i64 << 32)) {
        let expected = (exponent as f64 / ONE as f64).exp() * ONE as f64;
        let found = exp(exponent) as f64;
        prop_assert!((found - expected).abs() <= 0.51 + expected * 4e-16, "{found} for {expected}");
    }

    #[test]
    fn fixed_point_rounds_down(
        a in prop_oneof![0..=ONE, 0..1_u64 << 48, any::<u64>()],
        b in prop_oneof![0..=ONE, 0..1_u64 << 48, any::<u64>()],
        ratio in prop_oneof![0..=ONE, Just(ONE)],
    ) {
        let (wide, other) = (u128::from(a), u128::from(b));
        let bounded = |exact: u128| u64::try_from(exact).unwrap_or(u64::MAX);
        let product = wide * other;
        prop_assert_eq!(mul(a, b), bounded(product >> 32));
        prop_assert_eq!(mul_up(a, b), bounded((product >> 32) + u128::from(product % (1 << 32) > 0)));
        prop_assert_eq!(u128::from(high_product(a, b)), product >> 64);
        prop_assert_eq!(div(a, b), bounded((wide << 32).checked_div(other).unwrap_or(0)));
        let (a, b) = (a >> 1, b >> 1);
        let toward = ((i128::from(b) - i128::from(a)) * i128::from(ratio)) >> 32;
        prop_assert_eq!(i128::from(interpolate(a, b, ratio)), i128::from(a) + toward);
    }

    #[test]
    fn a_product_of_fractions_is_a_product(a in prop_oneof![0..=ONE, Just(ONE)], b in prop_oneof![0..=ONE, Just(ONE)]) {
        prop_assert_eq!(share(a, b), mul(a, b));
    }

    #[test]
    fn shares_are_exact_however_large_the_sum(values in vec(prop_oneof![0..9_u64, any::<u64>()], 0..20)) {
        let total: u128 = values.iter().map(|value| u128::from(*value)).sum();
        for (value, share) in values.iter().zip(shares_of(&values)) {
            prop_assert_eq!(u128::from(share), (u128::from(*value) << 32).checked_div(total).unwrap_or(0));
        }
    }

    #[test]
    fn a_liquid_rate_stays_between_its_bounds(a in any::<u16>(), b in any::<u16>(), steepness in any::<i16>(), at in (0..=ONE, 0..=ONE, 0..=ONE)) {
        let alpha = LiquidAlpha { low: a.min(b), high: a.max(b), steepness };
        let bound = |proportion: u16| u64::from(proportion) * ONE / 65_535;
        let rate = alpha.rate(at.0, at.1, at.2);
        prop_assert!((bound(alpha.low)..=bound(alpha.high)).contains(&rate));
    }
}

#[test]
fn the_last_rao_is_never_passed() {
    for issuance in [0, CAP - 1, CAP, CAP + 1, u64::MAX] {
        let due = issue(issuance, u64::MAX);
        assert!(due.amount == 0 || issuance + due.amount <= CAP);
    }
    // All that the schedule ever issues: what is left is less than half a rao a slot would need.
    let all = issue(0, u64::MAX).amount;
    assert!(CAP - all < 20_000_000, "{} rao are never issued", CAP - all);
}

#[test]
fn shares_that_are_not_a_whole_are_refused() {
    assert_eq!(RewardSplit::new(5_000, 2_500, 2_500, 1), Err(NotWhole { sum: 10_001 }));
    assert_eq!(RewardSplit::new(u16::MAX, u16::MAX, u16::MAX, u16::MAX), Err(NotWhole { sum: 4 * 65_535 }));
    assert_eq!(RewardSplit::new(4_100, 4_100, 0, 1_800), Ok(RewardSplit::BITTENSOR));
    assert_eq!(RewardSplit::default().shares(), [5_000, 2_500, 2_500, 0]);
}

#[test]
fn a_half_life_of_zero_is_no_decay() {
    let schedule = BurnSchedule { factor: decay_factor(0), increase: 12_600, minimum: 0, maximum: u64::MAX };
    assert_eq!(schedule.decayed(123_456_789, u64::MAX), 123_456_789);
}
