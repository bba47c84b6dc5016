//! Null consensus: incentive is the mean of rows by stake.

mod common;

use common::strategy::case;
use common::{bonds_by_uid, Case};
use inktensor_consensus::{epoch, ConsensusRule, EpochOutcome, Parameters};
use proptest::prelude::*;

fn null(case: Case) -> Case {
    Case { parameters: Parameters { consensus: ConsensusRule::Null, ..case.parameters }, ..case }
}

/// Incentive of each uid as a real number, straight from the definition.
fn mean(case: &Case) -> Vec<f64> {
    let permitted = |i: usize| case.permits[i] || case.owner == u16::try_from(i).ok();
    let active = |i: usize| case.last_update[i].saturating_add(case.parameters.activity_cutoff) >= case.current_block;
    let counted = |i: usize| {
        let stake = case.stake[i];
        let enough = stake >= case.parameters.stake_threshold || case.owner == u16::try_from(i).ok();
        if permitted(i) && active(i) && enough {
            stake as f64
        } else {
            0.0
        }
    };
    let mut incentive = vec![0.0; usize::from(case.uids)];
    for (i, row) in case.weights.iter().enumerate() {
        let knew = |j: usize| {
            case.last_update[i] > case.registered[j]
                && case.committed[i].is_none_or(|block| block >= case.registered[j])
                && (i != j || case.owner == u16::try_from(i).ok())
        };
        let row: Vec<_> =
            row.iter().map(|(j, weight)| (usize::from(*j), f64::from(*weight))).filter(|(j, _)| knew(*j)).collect();
        let total: f64 = row.iter().map(|entry| entry.1).sum();
        if total > 0.0 {
            row.iter().for_each(|(j, weight)| incentive[*j] += counted(i) * weight / total);
        }
    }
    let total: f64 = incentive.iter().sum();
    if total > 0.0 {
        incentive.iter_mut().for_each(|incentive| *incentive /= total);
    }
    incentive
}

fn total(values: &[u64]) -> u64 {
    values.iter().sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn incentive_is_the_mean_of_rows_by_active_stake(case in case(false)) {
        // Stakes of one order, so that truncated shares do not matter.
        let stake = case.stake.iter().map(|stake| 1_000 + stake % 1_000_000).collect();
        let case = null(Case { stake, ..case });
        let outcome = case.run();
        for (found, expected) in outcome.incentive_share.iter().zip(mean(&case)) {
            prop_assert!((*found as f64 / 2_f64.powi(32) - expected).abs() < 1e-4, "{found} {expected}");
        }
        prop_assert_eq!(&outcome.consensus, &outcome.incentive);
    }

    #[test]
    fn shares_sum_to_one_or_are_all_zero(case in case(false)) {
        let case = null(case);
        let outcome = case.run();
        for shares in [&outcome.incentive_share, &outcome.validator_share] {
            let sum = total(shares);
            prop_assert!(sum == 0 || (sum <= 1 << 32 && sum > (1 << 32) - u64::from(case.uids)), "{sum}");
        }
        let paid: u128 = outcome.divide(case.emission).combined.iter().map(|amount| u128::from(*amount)).sum();
        prop_assert!(paid <= u128::from(case.emission));
        prop_assert!(bonds_by_uid(&outcome).iter().all(Vec::is_empty));
    }

    #[test]
    fn dividends_are_active_stake_and_trust_is_full_or_none(case in case(false)) {
        let case = null(case);
        let outcome = case.run();
        for uid in 0..usize::from(case.uids) {
            let counts = (case.permits[uid] || case.owner == u16::try_from(uid).ok()) && outcome.active[uid];
            prop_assert!(counts || outcome.dividends[uid] == 0 || total(&outcome.validator_share) == 0);
            prop_assert!(outcome.validator_trust[uid] == 0 || (counts && outcome.validator_trust[uid] == u16::MAX));
        }
        // Nobody's weights are worth more than another's: trust is there exactly where incentive comes from.
        prop_assert_eq!(total(&outcome.incentive_share) > 0, outcome.validator_trust.iter().any(|trust| *trust > 0));
    }

    #[test]
    fn only_ratios_of_weights_and_no_order_matter(case in case(false), factor in 1..20_u16) {
        let mut case = null(case);
        case.weights.iter_mut().flatten().for_each(|entry| entry.1 %= 3_000);
        let before = case.run();
        case.weights.iter_mut().flatten().for_each(|entry| entry.1 *= factor);
        prop_assert_eq!(&before, &case.run());
        let columns = case.columns();
        let mut rows = case.rows(&columns);
        rows.reverse();
        let after = epoch(&case.input(&rows)).unwrap();
        let decided = |outcome: &EpochOutcome| (outcome.incentive.clone(), outcome.dividends.clone(), outcome.validator_trust.clone());
        prop_assert_eq!(decided(&before), decided(&after));
    }
}
