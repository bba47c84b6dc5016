//! Epochs of subtensor's own tests: what they assert, what their comments trace, and what the oracle derives.

mod common;

use common::{bonds_by_uid, compare, numbers, Agreement, Case};
use inktensor_consensus::epoch::Emission;
use inktensor_consensus::{EpochOutcome, Parameters};
use serde_json::Value;

/// Intermediate results that an epoch does not return.
const INTERNAL: [&str; 6] =
    ["rank_unnormalised", "prerank", "trust", "bonds_ema_colnorm", "stake_norm", "active_stake"];

fn fixtures() -> Value {
    serde_json::from_str(include_str!("fixtures/yuma.json")).unwrap()
}

#[test]
fn epochs_agree_with_every_fixture() {
    let fixtures = fixtures();
    let mut steps = 0;
    for fixture in fixtures["epoch_fixtures"].as_array().unwrap() {
        let id = fixture["id"].as_str().unwrap();
        for step in fixture["steps"].as_array().unwrap() {
            steps += 1;
            if step.get("inputs_compact").is_some() {
                graph(step);
                continue;
            }
            let case = Case::read(&step["inputs"]);
            let outcome = case.run();
            let emission = outcome.divide(case.emission);
            for (layer, expected) in step.as_object().unwrap() {
                match layer.as_str() {
                    "inputs" => {}
                    "asserted" => {
                        asserted(id, &outcome, &emission, expected, fixture["tolerance_abs"].as_f64().unwrap())
                    }
                    "trace_in_source_comment" => traced(id, &outcome, &emission, expected),
                    "target_bonds_in_source_not_effectively_asserted" => target_bonds(id, &outcome, expected),
                    "oracle" => {
                        let agreement =
                            compare(&case, &outcome, expected).unwrap_or_else(|error| panic!("{id}: {error}"));
                        assert_eq!(agreement, Agreement::Exact, "{id}");
                    }
                    unknown => panic!("{id}: no check for layer {unknown}"),
                }
            }
        }
    }
    assert_eq!(steps, 28, "every step of every fixture is run");
}

fn u64s(values: &[u16]) -> Vec<u64> {
    values.iter().map(|value| u64::from(*value)).collect()
}

fn asserted(id: &str, outcome: &EpochOutcome, emission: &Emission, expected: &Value, tolerance: f64) {
    for (field, expected) in expected.as_object().unwrap() {
        match field.as_str() {
            "consensus" => assert_eq!(u64s(&outcome.consensus), numbers(expected), "{id}"),
            "incentive" | "rank" => assert_eq!(u64s(&outcome.incentive), numbers(expected), "{id}"),
            "dividends" => assert_eq!(u64s(&outcome.dividends), numbers(expected), "{id}"),
            "combined_emission" => assert_eq!(emission.combined, numbers(expected), "{id}"),
            // The share of a rank that consensus left: zero exactly where there is no incentive.
            "trust" => {
                let earned = outcome.incentive.iter().map(|incentive| *incentive > 0);
                let trusted = numbers(expected).into_iter().map(|trust| trust > 0);
                assert!(earned.eq(trusted), "{id}");
            }
            "dividends_cells" => cells(expected, |cell| u64::from(outcome.dividends[cell[0]])),
            "combined_emission_cells" => cells(expected, |cell| emission.combined[cell[0]]),
            "bonds_u16_cells" => {
                let bonds = bonds_by_uid(outcome);
                cells(expected, |cell| {
                    bonds[cell[0]].iter().find(|bond| usize::from(bond.0) == cell[1]).map_or(0, |bond| bond.1.into())
                });
            }
            "dividends_float" => {
                for (found, expected) in outcome.dividends.iter().zip(expected.as_array().unwrap()) {
                    near(id, *found, expected, tolerance);
                }
            }
            "server_emission_all_equal_and_positive" => {
                let server = &emission.server;
                assert!(server[0] > 0 && server.iter().all(|emission| *emission == server[0]), "{id}: {server:?}");
            }
            unknown => panic!("{id}: no check for {unknown}"),
        }
    }
}

/// Each cell is one or two indices and the value there.
fn cells(expected: &Value, found: impl Fn(&[usize]) -> u64) {
    for cell in expected.as_array().unwrap() {
        let cell = numbers(cell);
        let (value, index) = cell.split_last().unwrap();
        let index: Vec<usize> = index.iter().map(|index| usize::try_from(*index).unwrap()).collect();
        assert_eq!(found(&index), *value, "at {index:?}");
    }
}

/// A proportion is rounded down, so it may lie one unit below the number it stands for.
fn near(id: &str, found: u16, expected: &Value, tolerance: f64) {
    let (found, expected) = (f64::from(found) / 65_535.0, expected.as_f64().unwrap());
    assert!((found - expected).abs() <= tolerance + 1.0 / 65_535.0, "{id}: {found}, expected {expected}");
}

fn traced(id: &str, outcome: &EpochOutcome, emission: &Emission, expected: &Value) {
    for (field, expected) in expected.as_object().unwrap() {
        let all_near = |found: &[u16]| {
            let expected = expected.as_array().unwrap();
            assert_eq!(found.len(), expected.len());
            found.iter().zip(expected).for_each(|(found, expected)| near(id, *found, expected, 1e-9));
        };
        match field.as_str() {
            "consensus" => all_near(&outcome.consensus),
            "validator_trust" => all_near(&outcome.validator_trust),
            "incentive" => all_near(&outcome.incentive),
            "dividends" => all_near(&outcome.dividends),
            "combined_emission" => assert_eq!(emission.combined, numbers(expected), "{id}"),
            "bonds_ema_max_upscaled" => {
                for (found, expected) in bonds_by_uid(outcome).iter().zip(expected.as_array().unwrap()) {
                    let expected = expected.as_array().unwrap();
                    assert_eq!(found.len(), expected.len(), "{id}");
                    for (found, expected) in found.iter().zip(expected) {
                        assert_eq!(u64::from(found.0), expected[0].as_u64().unwrap(), "{id}");
                        near(id, found.1, &expected[1], 1e-9);
                    }
                }
            }
            internal if INTERNAL.contains(&internal) => {}
            unknown => panic!("{id}: no check for {unknown}"),
        }
    }
}

/// Bonds of each validator to the servers, which are the last uids.
fn target_bonds(id: &str, outcome: &EpochOutcome, expected: &Value) {
    for (row, expected) in bonds_by_uid(outcome).iter().zip(expected.as_array().unwrap()) {
        let expected = expected.as_array().unwrap();
        let first = outcome.validator_permit.len() - expected.len();
        for (server, expected) in expected.iter().enumerate() {
            let found = row.iter().find(|bond| usize::from(bond.0) == first + server).map_or(0, |bond| bond.1);
            near(id, found, expected, 1e-4);
        }
    }
}

/// Validators that all weigh all servers alike, for several epochs.
fn graph(step: &Value) {
    let inputs = &step["inputs_compact"];
    let number = |name: &str| inputs[name].as_u64().unwrap();
    let range = |name: &str| inputs[name][0].as_u64().unwrap()..=inputs[name][1].as_u64().unwrap();
    let small = |value: u64| u16::try_from(value).unwrap();
    let uids = usize::from(small(number("n")));
    let validators = range("validators");
    let by_uid = |validator: u64, other: u64| {
        (0..uids as u64).map(|uid| if validators.contains(&uid) { validator } else { other }).collect::<Vec<_>>()
    };
    let weights: Vec<_> = range("servers").map(|uid| (small(uid), small(number("stored_weight")))).collect();
    let mut case = Case {
        uids: small(number("n")),
        current_block: 1,
        last_epoch_block: 0,
        stake: by_uid(number("stake_per_validator"), 0),
        last_update: by_uid(1, 0),
        registered: vec![0; uids],
        bonds_from: vec![0; uids],
        permits: by_uid(1, 0).into_iter().map(|permit| permit == 1).collect(),
        owner: None,
        weights: (0..uids)
            .map(|uid| if validators.contains(&(uid as u64)) { weights.clone() } else { vec![] })
            .collect(),
        bonds: vec![vec![]; uids],
        committed: vec![None; uids],
        parameters: Parameters {
            kappa: small(number("kappa_u16")),
            bonds_moving_average: u32::try_from(number("bonds_moving_average")).unwrap(),
            bonds_penalty: small(number("bonds_penalty_u16")),
            bonds: inktensor_consensus::BondRule::Classic,
            max_validators: small(number("max_validators")),
            ..Parameters::default()
        },
        emission: number("emission"),
    };
    for _ in 0..number("epochs") {
        let outcome = case.run();
        let bonds = bonds_by_uid(&outcome);
        for (uid, row) in bonds.iter().enumerate() {
            let role = if validators.contains(&(uid as u64)) { "validator" } else { "server" };
            for (field, expected) in step["asserted"][role].as_object().unwrap() {
                let found = match field.as_str() {
                    "consensus" => u64::from(outcome.consensus[uid]),
                    "incentive" | "rank_pre_oct2025" => u64::from(outcome.incentive[uid]),
                    "dividends" => u64::from(outcome.dividends[uid]),
                    "combined_emission" => outcome.divide(case.emission).combined[uid],
                    "bond_to_server" => {
                        assert!(row.iter().map(|bond| u64::from(bond.0)).eq(range("servers")));
                        u64::from(row.iter().map(|bond| bond.1).min().unwrap())
                    }
                    "bond_to_validator" => row.iter().filter(|bond| validators.contains(&bond.0.into())).count() as u64,
                    "trust_pre_oct2025" => continue,
                    unknown => panic!("no check for {unknown}"),
                };
                assert_eq!(found, expected.as_u64().unwrap(), "{field} of uid {uid}");
            }
            if role == "validator" {
                let trust = step["oracle"][role]["validator_trust_u16"].as_u64().unwrap();
                assert_eq!(u64::from(outcome.validator_trust[uid]), trust);
            }
        }
        case.last_epoch_block = case.current_block;
        case.current_block += 1;
        case.bonds = bonds;
    }
}

#[test]
fn epochs_agree_with_the_oracle_on_random_cases() {
    let mut cases = 0;
    for line in include_str!("fixtures/random.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let case = Case::read(&line["inputs"]);
        compare(&case, &case.run(), &line["outputs"]).unwrap_or_else(|error| panic!("{}: {error}", line["id"]));
        cases += 1;
    }
    assert_eq!(cases, 200);
}

#[test]
fn permits_go_to_the_highest_stakes_above_the_threshold() {
    let fixtures = fixtures();
    let cases =
        fixtures["other_fixtures"].as_array().unwrap().iter().find(|fixture| fixture["id"] == "validator_permit_topk");
    for fixture in cases.unwrap()["cases"].as_array().unwrap() {
        for (stake, permit) in [("stake", "expected_permit"), ("stake_after_increase", "expected_permit_after")] {
            let stake = numbers(&fixture[stake]);
            let uids = stake.len();
            let case = Case {
                uids: u16::try_from(uids).unwrap(),
                current_block: 1,
                last_epoch_block: 0,
                last_update: vec![0; uids],
                registered: vec![0; uids],
                bonds_from: vec![0; uids],
                permits: vec![false; uids],
                owner: None,
                weights: vec![vec![]; uids],
                bonds: vec![vec![]; uids],
                committed: vec![None; uids],
                parameters: Parameters {
                    stake_threshold: fixture["stake_threshold"].as_u64().unwrap(),
                    max_validators: u16::try_from(fixture["max_validators"].as_u64().unwrap()).unwrap(),
                    ..Parameters::default()
                },
                emission: 0,
                stake,
            };
            let found: Vec<u64> = case.run().validator_permit.into_iter().map(u64::from).collect();
            assert_eq!(found, numbers(&fixture[permit]), "{fixture}");
        }
    }
}
