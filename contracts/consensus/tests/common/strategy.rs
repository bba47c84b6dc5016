//! Arbitrary epochs.

use super::{Case, Entries};
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{BondRule, ConsensusRule, Parameters};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

fn rule() -> impl Strategy<Value = BondRule> {
    prop_oneof![
        Just(BondRule::Classic),
        Just(BondRule::Yuma3),
        (any::<u16>(), any::<u16>(), any::<i16>()).prop_map(|(a, b, steepness)| {
            BondRule::LiquidYuma3(LiquidAlpha { low: a.min(b), high: a.max(b), steepness })
        }),
    ]
}

fn parameters() -> impl Strategy<Value = Parameters> {
    (any::<u16>(), 0..=1_000_000_u32, any::<u16>(), rule(), 0..200_u64, 0..50_u64, 0..12_u16).prop_map(
        |(kappa, bonds_moving_average, bonds_penalty, bonds, activity_cutoff, stake_threshold, max_validators)| {
            Parameters {
                kappa,
                bonds_moving_average,
                bonds_penalty,
                consensus: ConsensusRule::Yuma,
                bonds,
                activity_cutoff,
                stake_threshold,
                max_validators,
            }
        },
    )
}

/// A sparse row toward some of `uids` uids, with few enough weights that ties are common.
fn entries(uids: u16) -> impl Strategy<Value = Entries> {
    let all: Vec<u16> = (0..uids).collect();
    subsequence(all, 0..=usize::from(uids)).prop_flat_map(|chosen| {
        let weights = vec(prop_oneof![0..4_u16, any::<u16>()], chosen.len());
        weights.prop_map(move |weights| chosen.iter().copied().zip(weights).collect())
    })
}

/// Well-formed cases of up to 12 uids. Stakes are distinct where asked, so that permits never depend on uids.
pub fn case(distinct_stakes: bool) -> impl Strategy<Value = Case> {
    (1..=12_u16).prop_flat_map(move |uids| {
        let length = usize::from(uids);
        let stakes = if distinct_stakes {
            Just((1..=u64::from(uids)).map(|rank| rank * rank * 7).collect::<Vec<_>>()).prop_shuffle().boxed()
        } else {
            vec(prop_oneof![0..100_u64, any::<u64>()], length).boxed()
        };
        let blocks = || vec(0..100_u64, length);
        (
            (stakes, blocks(), blocks(), vec(any::<bool>(), length), prop::option::of(0..uids)),
            (vec(entries(uids), length), vec(entries(uids), length), vec(prop::option::of(0..100_u64), length)),
            (parameters(), 0..100_u64, 0..100_u64, any::<u64>()),
        )
            .prop_map(move |(by_uid, rows, (parameters, current_block, last_epoch_block, emission))| Case {
                uids,
                current_block,
                last_epoch_block,
                stake: by_uid.0,
                last_update: by_uid.1,
                registered: by_uid.2.iter().map(|block| block / 2).collect(),
                bonds_from: by_uid.2.iter().map(|block| block / 2).collect(),
                permits: by_uid.3,
                owner: by_uid.4,
                weights: rows.0,
                bonds: rows.1,
                committed: rows.2,
                parameters,
                emission,
            })
    })
}
