//! What holds for every epoch.

mod common;

use common::strategy::case;
use common::{bonds_by_uid, Case, Columns};
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{epoch, BondRule, Entries, EpochError, EpochInput, EpochOutcome, Parameters, Row};
use proptest::collection::vec;
use proptest::prelude::*;

fn total(values: &[u64]) -> u128 {
    values.iter().map(|value| u128::from(*value)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn never_more_is_paid_than_was_to_be(case in case(false)) {
        let outcome = case.run();
        let emission = outcome.divide(case.emission);
        prop_assert!(total(&emission.combined) <= u128::from(case.emission));
        prop_assert!(total(&emission.server) + total(&emission.validator) <= u128::from(case.emission));
        for shares in [&outcome.incentive_share, &outcome.validator_share] {
            prop_assert!(total(shares) <= 1 << 32);
        }
        // Whenever anything is paid at all, rounding loses less than 3 rao, or 3 parts in 2^32, for each uid.
        let paid = total(&emission.combined);
        let lost = u128::from(case.emission) - paid;
        let bound = 3 * u128::from(case.uids) * (1 + (u128::from(case.emission) >> 32));
        prop_assert!(total(&case.stake) == 0 || total(&outcome.validator_share) == 0 || lost <= bound, "lost {lost}");
    }

    #[test]
    fn decisions_stay_within_bounds(case in case(false)) {
        let outcome = case.run();
        let permits = outcome.validator_permit.iter().filter(|permit| **permit).count();
        prop_assert!(permits <= usize::from(case.parameters.max_validators) + usize::from(case.owner.is_some()));
        for row in outcome.bonds.rows() {
            let (uid, uids) = (row.validator, row.uids);
            prop_assert!(uids.windows(2).all(|pair| pair[0] < pair[1]) && uids.iter().all(|uid| *uid < case.uids));
            prop_assert!(uids.is_empty() || outcome.validator_permit[usize::from(uid)]);
        }
        for (uid, trust) in outcome.validator_trust.iter().enumerate() {
            let counts = case.permits[uid] || case.owner == u16::try_from(uid).ok();
            prop_assert!(counts || (*trust == 0 && outcome.dividends[uid] == 0 || !case.bonds[uid].is_empty()));
        }
    }

    #[test]
    fn only_ratios_of_weights_matter(case in case(false), factor in 1..20_u16) {
        let mut small = case;
        small.weights.iter_mut().flatten().for_each(|entry| entry.1 %= 3_000);
        let before = small.run();
        small.weights.iter_mut().flatten().for_each(|entry| entry.1 *= factor);
        prop_assert_eq!(before, small.run());
    }

    #[test]
    fn the_order_of_rows_does_not_matter(case in case(false)) {
        let before = case.run();
        let columns = case.columns();
        let mut rows = case.rows(&columns);
        rows.reverse();
        let after = epoch(&case.input(&rows)).unwrap();
        prop_assert_eq!(before.divide(case.emission), after.divide(case.emission));
        prop_assert_eq!(bonds_by_uid(&before), bonds_by_uid(&after));
        let order = |outcome: &EpochOutcome| outcome.bonds.rows().map(|row| row.validator).collect::<Vec<_>>();
        prop_assert_eq!(order(&before), order(&after).into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn uids_are_only_names(case in case(true), seed in any::<u64>()) {
        // A permutation from the seed: uid -> names[uid].
        let uids = usize::from(case.uids);
        let mut names: Vec<usize> = (0..uids).collect();
        names.sort_by_key(|uid| (seed.rotate_left(*uid as u32 * 5) ^ (*uid as u64)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let name = |uid: u16| u16::try_from(names[usize::from(uid)]).unwrap();
        fn moved<T: Clone>(values: &[T], names: &[usize]) -> Vec<T> {
            let mut moved = values.to_vec();
            values.iter().zip(names).for_each(|(value, name)| moved[*name] = value.clone());
            moved
        }
        let rename = |rows: &[common::Entries]| {
            let rows: Vec<common::Entries> = rows.iter().map(|row| {
                let mut row: common::Entries = row.iter().map(|entry| (name(entry.0), entry.1)).collect();
                row.sort_unstable();
                row
            }).collect();
            moved(&rows, &names)
        };
        let renamed = Case {
            stake: moved(&case.stake, &names),
            last_update: moved(&case.last_update, &names),
            registered: moved(&case.registered, &names),
            bonds_from: moved(&case.bonds_from, &names),
            permits: moved(&case.permits, &names),
            owner: case.owner.map(name),
            weights: rename(&case.weights),
            bonds: rename(&case.bonds),
            committed: moved(&case.committed, &names),
            ..case
        };
        let (before, after) = (case.run(), renamed.run());
        let paid = |outcome: &EpochOutcome| outcome.divide(case.emission).combined;
        prop_assert_eq!(moved(&paid(&before), &names), paid(&after));
        prop_assert_eq!(moved(&before.consensus, &names), after.consensus.clone());
        prop_assert_eq!(moved(&before.validator_trust, &names), after.validator_trust.clone());
        prop_assert_eq!(moved(&before.validator_permit, &names), after.validator_permit.clone());
        prop_assert_eq!(rename(&bonds_by_uid(&before)), bonds_by_uid(&after));
    }

    #[test]
    fn weights_toward_a_former_holder_of_a_uid_do_not_count(case in case(false), uid in 0..12_u16) {
        let mut case = case;
        let uid = uid % case.uids;
        // The uid is taken over now: after every update, every commitment and the last epoch.
        case.registered[usize::from(uid)] = 200;
        case.bonds_from[usize::from(uid)] = 200;
        let outcome = case.run();
        prop_assert_eq!(outcome.incentive_share[usize::from(uid)], 0);
        prop_assert!(bonds_by_uid(&outcome).iter().flatten().all(|bond| bond.0 != uid));
    }

    /// A reset of a miner's bonds drops them all, and nothing else of them.
    #[test]
    fn bonds_start_anew_from_a_later_moment(case in case(false), uid in 0..12_u16) {
        let uid = uid % case.uids;
        let mut reset = case;
        reset.bonds_from[usize::from(uid)] = reset.last_epoch_block;
        let found = reset.run();
        reset.bonds_from[usize::from(uid)] = 0;
        reset.bonds.iter_mut().for_each(|row| row.retain(|bond| bond.0 != uid));
        let without = reset.run();
        prop_assert_eq!(bonds_by_uid(&found), bonds_by_uid(&without));
        prop_assert_eq!(found.incentive_share, without.incentive_share);
        prop_assert_eq!(found.validator_share, without.validator_share);
    }

    /// Nothing about this input is right but by chance.
    #[test]
    fn any_input_gets_an_outcome_or_an_error(
        (uids, length) in prop_oneof![
            8 => (0..6_u16).prop_map(|uids| (uids, usize::from(uids))),
            1 => (any::<u16>(), 0..6_usize),
        ],
        numbers in vec(any::<u64>(), 18),
        permits in vec(any::<bool>(), 6),
        owner in prop::option::of(0..6_u16),
        rows in vec((0..6_u16, vec(0..6_u16, 0..3), vec(any::<u16>(), 0..3), vec((0..6_u16, any::<u16>()), 0..3)), 0..4),
        rule in (0..3_u8, any::<u16>(), any::<u16>(), any::<i16>()),
        average in prop_oneof![0..=1_000_000_u32, any::<u32>()],
        emission in any::<u64>(),
    ) {
        let bonds: Vec<Columns> = rows.iter().map(|row| Columns::of(&row.3)).collect();
        let rows: Vec<Row<'_>> = rows
            .iter()
            .zip(&bonds)
            .map(|((uid, uids, values, _), bonds)| Row {
                uid: *uid,
                weights: Entries::new(uids, values),
                bonds: bonds.entries(),
                committed: None,
            })
            .collect();
        let (low, high, steepness) = (rule.1, rule.2, rule.3);
        let bonds = match rule.0 {
            0 => BondRule::Classic,
            1 => BondRule::Yuma3,
            _ => BondRule::LiquidYuma3(LiquidAlpha { low, high, steepness }),
        };
        let input = EpochInput {
            uids,
            current_block: numbers[0],
            last_epoch_block: numbers[1],
            stake: &numbers[..length],
            last_update: &numbers[6..6 + length],
            registered: &numbers[12..12 + length],
            bonds_from: &numbers[12..12 + length],
            permits: &permits[..length],
            owner,
            rows: &rows,
            parameters: Parameters { bonds, bonds_moving_average: average, activity_cutoff: numbers[2], ..Parameters::default() },
        };
        if let Ok(outcome) = epoch(&input) {
            prop_assert!(total(&outcome.divide(emission).combined) <= u128::from(emission));
        }
    }
}

const EMPTY: Row<'static> =
    Row { uid: 0, weights: Entries::new(&[], &[]), bonds: Entries::new(&[], &[]), committed: None };

/// Two uids, one row each: what is wrong is named.
#[test]
fn malformed_input_gets_its_own_error() {
    let rows = [
        Row { weights: Entries::new(&[0, 1], &[1, 2]), ..EMPTY },
        Row { uid: 1, bonds: Entries::new(&[1], &[3]), ..EMPTY },
    ];
    let valid = EpochInput {
        uids: 2,
        current_block: 5,
        last_epoch_block: 4,
        stake: &[1, 2],
        last_update: &[3, 3],
        registered: &[0, 0],
        bonds_from: &[0, 0],
        permits: &[true, true],
        owner: None,
        rows: &rows,
        parameters: Parameters::default(),
    };
    assert!(epoch(&valid).is_ok());

    let error = |input: EpochInput<'_>| epoch(&input).unwrap_err();
    let row = |row: Row<'_>| epoch(&EpochInput { rows: &[row], ..valid }).unwrap_err();
    let rules = |parameters: Parameters| error(EpochInput { parameters, ..valid });
    assert_eq!(error(EpochInput { uids: 4_097, ..valid }), EpochError::TooManyUids { uids: 4_097 });
    assert_eq!(error(EpochInput { stake: &[1], ..valid }), EpochError::Length { field: "stake", length: 1, uids: 2 });
    assert_eq!(
        error(EpochInput { registered: &[1, 1, 1], ..valid }),
        EpochError::Length { field: "registered", length: 3, uids: 2 }
    );
    assert_eq!(
        error(EpochInput { bonds_from: &[], ..valid }),
        EpochError::Length { field: "bonds_from", length: 0, uids: 2 }
    );
    assert_eq!(error(EpochInput { owner: Some(2), ..valid }), EpochError::UidOutOfRange { uid: 2, uids: 2 });
    assert_eq!(row(Row { uid: 2, ..EMPTY }), EpochError::UidOutOfRange { uid: 2, uids: 2 });
    assert_eq!(
        row(Row { weights: Entries::new(&[0, 7], &[1, 1]), ..EMPTY }),
        EpochError::UidOutOfRange { uid: 7, uids: 2 }
    );
    assert_eq!(row(Row { bonds: Entries::new(&[2], &[1]), ..EMPTY }), EpochError::UidOutOfRange { uid: 2, uids: 2 });
    for uids in [[1, 1], [1, 0]] {
        let expected = EpochError::UidsNotAscending { row: 0, uid: uids[1] };
        assert_eq!(row(Row { bonds: Entries::new(&uids, &[1, 1]), ..EMPTY }), expected);
        assert_eq!(row(Row { weights: Entries::new(&uids, &[1, 1]), ..EMPTY }), expected);
    }
    assert_eq!(
        row(Row { weights: Entries::new(&[0, 1], &[1]), ..EMPTY }),
        EpochError::Columns { row: 0, uids: 2, values: 1 }
    );
    assert_eq!(
        row(Row { bonds: Entries::new(&[], &[1]), ..EMPTY }),
        EpochError::Columns { row: 0, uids: 0, values: 1 }
    );
    assert_eq!(error(EpochInput { rows: &[EMPTY, EMPTY], ..valid }), EpochError::DuplicateRow { uid: 0 });
    assert_eq!(
        rules(Parameters { bonds_moving_average: 1_000_001, ..valid.parameters }),
        EpochError::BondsMovingAverage { value: 1_000_001 }
    );
    let bonds = BondRule::LiquidYuma3(LiquidAlpha { low: 2, high: 1, steepness: 0 });
    assert_eq!(rules(Parameters { bonds, ..valid.parameters }), EpochError::LiquidAlpha { low: 2, high: 1 });

    let weights = Entries::new(&[0], &[1]);
    let many: Vec<Row<'_>> = (0..4_096).map(|uid| Row { uid, weights, ..EMPTY }).collect();
    let (numbers, permits) = (vec![0; 4_096], vec![false; 4_096]);
    let wide = EpochInput {
        uids: 4_096,
        stake: &numbers,
        last_update: &numbers,
        registered: &numbers,
        bonds_from: &numbers,
        permits: &permits,
        rows: &many,
        ..valid
    };
    assert_eq!(error(wide), EpochError::TooManyCells { cells: 4_096 * 4_096 });
}
