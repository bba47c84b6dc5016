//! Vectors from subtensor's own tests for everything but the epoch. A fixture without a check here fails the test.

mod common;

use common::numbers;
use inktensor_consensus::burn::{decay_factor, BurnSchedule};
use inktensor_consensus::emission::slot_emission;
use inktensor_consensus::fixed::{interpolate, normalize, ONE};
use inktensor_consensus::liquid_alpha::{logistic, LiquidAlpha};
use inktensor_consensus::lock::{LastLock, LockSchedule};
use inktensor_consensus::median::Poll;
use inktensor_consensus::weights::{max_limited, max_upscale, max_upscale_fixed, top_k};
use inktensor_consensus::{epoch, BondRule, Entries, EpochInput, Parameters, Row};
use serde_json::{json, Value};

/// Fixtures about what other crates do, or what Inktensor leaves out.
const ELSEWHERE: [&str; 5] = [
    "validator_permit_topk",        // with the epoch's fixtures
    "difficulty_adjust_legacy",     // there is no registration by proof of work
    "child_stake_inheritance",      // staking
    "parent_child_dividends",       // staking
    "blocks_until_next_auto_epoch", // registry
];

#[test]
fn mathematics_agrees_with_every_fixture() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/yuma.json")).unwrap();
    for fixture in fixtures["math_fixtures"].as_array().unwrap() {
        let name = fixture["fn"].as_str().unwrap();
        for case in fixture["cases"].as_array().unwrap() {
            match name {
                "weighted_median" => median(case),
                "weighted_median_col (and _sparse)" => column_medians(case),
                "vec_u16_max_upscale_to_u16" => {
                    let mut values = u16s(&case["input"]);
                    max_upscale(&mut values);
                    assert_eq!(values, u16s(&case["expected"]), "{case}");
                }
                "vec_max_upscale_to_u16" => {
                    assert_eq!(max_upscale_fixed(&fractions(&case["input"])), u16s(&case["expected"]), "{case}");
                }
                "check_vec_max_limited" => {
                    let limit = u16::try_from(case["max_limit"].as_u64().unwrap()).unwrap();
                    let limited = max_limited(&u16s(&case["input"]), limit);
                    assert_eq!(u64::from(limited), case["expected"].as_u64().unwrap(), "{case}");
                }
                "sigmoid_safe" => sigmoid(case),
                "is_topk" => {
                    let k = usize::try_from(case["k"].as_u64().unwrap()).unwrap();
                    let found: Vec<u64> = top_k(&numbers(&case["input"]), k).into_iter().map(u64::from).collect();
                    assert_eq!(found, numbers(&case["expected"]), "{case}");
                }
                "interpolate" => {
                    let flat =
                        |name: &str| case[name].as_array().unwrap().iter().flat_map(fractions).collect::<Vec<_>>();
                    let ratio = fraction(&case["ratio"]);
                    for ((a, b), expected) in flat("a").into_iter().zip(flat("b")).zip(flat("expected")) {
                        near(interpolate(a, b, ratio), expected, 1e-4 * expected as f64 / ONE as f64);
                    }
                }
                "mat_ema_alpha (dense)" | "mat_ema_alpha_sparse" => moving_average(case),
                unknown => panic!("no check for {unknown}"),
            }
        }
    }
}

#[test]
fn economics_agrees_with_every_fixture() {
    let fixtures: Value = serde_json::from_str(include_str!("fixtures/yuma.json")).unwrap();
    for fixture in fixtures["other_fixtures"].as_array().unwrap() {
        match fixture["id"].as_str().unwrap() {
            "block_emission_halving" => halving(fixture),
            "network_lock_cost_sequence" => lock_cost(fixture),
            "burn_current" => fixture["cases"].as_array().unwrap().iter().for_each(burn),
            "decay_factor_q32" => {
                for case in fixture["cases"].as_array().unwrap() {
                    let case = numbers(case);
                    assert_eq!(decay_factor(u32::try_from(case[0]).unwrap()), case[1], "half life {}", case[0]);
                }
            }
            elsewhere if ELSEWHERE.contains(&elsewhere) => {}
            unknown => panic!("no check for {unknown}"),
        }
    }
}

fn u16s(value: &Value) -> Vec<u16> {
    numbers(value).into_iter().map(|value| u16::try_from(value).unwrap()).collect()
}

/// A float of the fixtures, which were single precision literals, in fixed point.
fn fraction(value: &Value) -> u64 {
    (f64::from(value.as_f64().unwrap() as f32) * ONE as f64).round() as u64
}

fn fractions(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(fraction).collect()
}

fn near(found: u64, expected: u64, tolerance: f64) {
    let difference = found.abs_diff(expected) as f64 / ONE as f64;
    assert!(difference <= tolerance, "{found}, expected {expected}: off by {difference}");
}

/// The median of (score, stake) where everybody votes and `majority` of the stake has to.
fn weighted_median(ballots: &[(u64, u64)], majority: u64) -> u64 {
    let total = ballots.iter().map(|ballot| ballot.1).sum();
    let highest = ballots.iter().map(|ballot| ballot.0).max().unwrap_or(0);
    Poll { silent: 0, total, minority: ONE - majority }.median(ballots, highest)
}

fn median(case: &Value) {
    let (score, stake) = (fractions(&case["score"]), fractions(&case["stake"]));
    let ballots: Vec<_> = score.into_iter().zip(stake).collect();
    assert_eq!(weighted_median(&ballots, fraction(&case["majority"])), fraction(&case["expected"]), "{case}");
}

fn column_medians(case: &Value) {
    let rows: Vec<_> = case["weights"].as_array().unwrap().iter().map(fractions).collect();
    let mut stake = fractions(&case["stake"]);
    normalize(&mut stake);
    for (column, expected) in fractions(&case["expected"]).into_iter().enumerate() {
        let ballots: Vec<_> =
            rows.iter().map(|row| row[column]).zip(stake.iter().copied()).filter(|ballot| ballot.1 > 0).collect();
        let found = weighted_median(&ballots, fraction(&case["majority"]));
        assert_eq!(found, expected, "column {column} of {case}");
    }
}

/// The sigmoid `1 / (1 + e^-(rho * (x - kappa)))`. The expected numbers hold the error of subtensor's own exponential,
/// up to 2e-8; how near ours is to the true one is among the properties.
fn sigmoid(case: &Value) {
    let rho = case["rho"].as_f64().unwrap();
    let kappa = case["kappa"].as_f64().unwrap();
    for (x, expected) in case["input"].as_array().unwrap().iter().zip(case["expected"].as_array().unwrap()) {
        let exponent = (-rho * (x.as_f64().unwrap() - kappa) * ONE as f64) as i64;
        let found = logistic(exponent) as f64 / ONE as f64;
        let expected = expected.as_f64().unwrap();
        assert!((found - expected).abs() < 1e-7, "{x}: {found}, expected {expected}");
    }
}

/// The moving average of bonds, cell by cell, as an epoch takes it, of fractions. The fixture's weights exceed one, so both
/// are taken at a sixteenth; its bonds are kept to at most one.
fn moving_average(case: &Value) {
    if case.get("old_sparse").is_some() {
        return dropped_bond(case);
    }
    let alpha = fraction(&case["alpha"]);
    let cells = fractions(&case["old"]).into_iter().zip(fractions(&case["new"])).zip(fractions(&case["expected"]));
    for ((old, new), expected) in cells {
        let found = inktensor_consensus::epoch::follow(old / 16, new / 16, alpha);
        near((found * 16).min(ONE), expected, 1e-4);
    }
}

/// Where the rate is liquid, an old bond without a new weight is dropped; otherwise it decays.
fn dropped_bond(case: &Value) {
    assert_eq!((&case["old_sparse"], &case["new_sparse"]), (&json!([[[0, 1.0]]]), &json!([[]])));
    let bonds_under = |bonds| {
        // Uid 1 is the validator; it weighs uid 2, so that there is a consensus, and no longer uid 0.
        let (weights, bonds_held) = (Entries::new(&[2], &[65_535]), Entries::new(&[0], &[65_535]));
        let rows = [Row { uid: 1, weights, bonds: bonds_held, committed: None }];
        let input = EpochInput {
            uids: 3,
            current_block: 2,
            last_epoch_block: 1,
            stake: &[0, 1, 0],
            last_update: &[0, 2, 0],
            registered: &[0, 0, 0],
            bonds_from: &[0, 0, 0],
            permits: &[false, true, false],
            owner: None,
            rows: &rows,
            parameters: Parameters { bonds, ..Parameters::default() },
        };
        let outcome = epoch(&input).unwrap();
        common::bonds_by_uid(&outcome)[1].iter().map(|bond| bond.0).collect::<Vec<_>>()
    };
    assert_eq!(bonds_under(BondRule::LiquidYuma3(LiquidAlpha::default())), [2]);
    assert_eq!(bonds_under(BondRule::Yuma3), [0, 2]);
}

fn halving(fixture: &Value) {
    for case in fixture["cases"].as_array().unwrap() {
        let case = numbers(case);
        assert_eq!(slot_emission(case[0]), case[1], "at issuance {}", case[0]);
    }
    let issued = (0..100).fold(0, |issued, _| issued + slot_emission(issued) * 10_500_000);
    assert_eq!(issued, fixture["also"]["expected_total_issuance"].as_u64().unwrap());
}

fn lock_cost(fixture: &Value) {
    let parameter = |name: &str| fixture["params"][name].as_u64().unwrap();
    let schedule = LockSchedule { minimum: parameter("min_lock"), interval: parameter("lock_reduction_interval") };
    let (mut now, mut last) = (0, None);
    for action in fixture["sequence"].as_array().unwrap() {
        match action.as_str() {
            // Subtensor takes a lock in block zero for none.
            Some("R") => last = Some(LastLock { amount: schedule.cost(last, now), at: now }).filter(|last| last.at > 0),
            Some("S") => now += 1,
            _ => assert_eq!(schedule.cost(last, now), action[1].as_u64().unwrap(), "in block {now}"),
        }
    }
}

fn burn(case: &Value) {
    let number = |name: &str| case[name].as_u64();
    let schedule = BurnSchedule {
        factor: decay_factor(u32::try_from(number("half_life").unwrap()).unwrap()),
        increase: u32::try_from(number("mult").unwrap() * 10_000).unwrap(),
        minimum: number("min").unwrap_or(0),
        maximum: number("max").unwrap_or(u64::MAX),
    };
    let price = number("start").unwrap();
    let blocks = |price, count| (0..count).fold(price, |price, _| schedule.decayed(price, 1));
    let found = match case["test"].as_str().unwrap() {
        "test_burn_decay" => {
            let registered = schedule.increased(price);
            vec![("after_register", registered), ("after_1_block", blocks(registered, 1))]
        }
        "test_burn_halves_every_half_life" => {
            vec![("after_2_blocks", blocks(price, 2)), ("after_4_blocks", blocks(price, 4))]
        }
        "test_burn_min_and_max_clamps_prevent_zero_stuck_and_cap_bump" => {
            let decayed = blocks(price, 1);
            let registered = schedule.increased(decayed);
            vec![
                ("after_1_block", decayed),
                ("after_register", registered),
                ("after_next_block", blocks(registered, 1)),
            ]
        }
        unknown => panic!("no check for {unknown}"),
    };
    for (name, found) in found {
        assert_eq!(Some(found), number(name), "{name} of {case}");
    }
}
