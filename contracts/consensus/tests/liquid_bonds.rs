//! Under liquid alpha a bond whose weight is gone is dropped; when a weight counts as gone.

mod common;

use common::{bonds_by_uid, Case, Entries};
use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{BondRule, Parameters};

/// Two validators, 0 with the majority, and three miners; both have bonds to all miners.
fn bonds_of_minority(weights: [Entries; 2], bonds: BondRule, bonds_penalty: u16) -> Entries {
    let [majority, minority] = weights;
    let held = || vec![(2, 40_000), (3, 40_000), (4, 40_000)];
    let case = Case {
        uids: 5,
        current_block: 10,
        last_epoch_block: 5,
        stake: vec![60, 40, 0, 0, 0],
        last_update: vec![9; 5],
        registered: vec![0; 5],
        bonds_from: vec![0; 5],
        permits: vec![true, true, false, false, false],
        owner: None,
        weights: vec![majority, minority, vec![], vec![], vec![]],
        bonds: vec![held(), held(), vec![], vec![], vec![]],
        committed: vec![None; 5],
        parameters: Parameters { bonds, bonds_penalty, ..Parameters::default() },
        emission: 0,
    };
    bonds_by_uid(&case.run()).swap_remove(1)
}

fn uids(bonds: &Entries) -> Vec<u16> {
    bonds.iter().map(|bond| bond.0).collect()
}

const LIQUID: BondRule = BondRule::LiquidYuma3(LiquidAlpha { low: 45_875, high: 58_982, steepness: 1_000 });

#[test]
fn a_weight_of_zero_is_a_weight_unless_the_penalty_blends() {
    let weights = || [vec![(2, 65_535)], vec![(2, 65_535), (3, 0)]];
    for (penalty, expected) in [(0, vec![2, 3]), (1, vec![2]), (65_534, vec![2]), (65_535, vec![2, 3])] {
        assert_eq!(uids(&bonds_of_minority(weights(), LIQUID, penalty)), expected, "penalty {penalty}");
    }
    // With a fixed rate every bond only decays.
    assert_eq!(uids(&bonds_of_minority(weights(), BondRule::Yuma3, 65_534)), [2, 3, 4]);
}

#[test]
fn a_weight_that_the_penalty_blends_to_nothing_is_gone() {
    // The minority's weight toward uid 4 is one part in 131,071, and consensus there is zero.
    let weights = || [vec![(2, 65_535), (3, 65_535)], vec![(2, 65_535), (3, 65_535), (4, 1)]];
    for (penalty, expected) in [(0, vec![2, 3, 4]), (30_000, vec![2, 3, 4]), (65_534, vec![2, 3]), (65_535, vec![2, 3])]
    {
        assert_eq!(uids(&bonds_of_minority(weights(), LIQUID, penalty)), expected, "penalty {penalty}");
    }
}

#[test]
fn without_any_consensus_the_rate_is_fixed() {
    // Each weighs another miner, and consensus needs more than the majority has.
    let parameters = [LIQUID, BondRule::Yuma3].map(|bonds| {
        let [majority, minority] = [vec![(2, 1)], vec![(3, 1)]];
        let case = Case {
            uids: 4,
            current_block: 10,
            last_epoch_block: 5,
            stake: vec![50, 50, 0, 0],
            last_update: vec![9; 4],
            registered: vec![0; 4],
            bonds_from: vec![0; 4],
            permits: vec![true, true, false, false],
            owner: None,
            weights: vec![majority, minority, vec![], vec![]],
            bonds: vec![vec![(2, 7), (3, 60_000)], vec![], vec![], vec![]],
            committed: vec![None; 4],
            parameters: Parameters { kappa: 65_000, bonds, bonds_penalty: 0, ..Parameters::default() },
            emission: 0,
        };
        let outcome = case.run();
        assert!(outcome.consensus.iter().all(|consensus| *consensus == 0));
        bonds_by_uid(&outcome)
    });
    assert_eq!(parameters[0], parameters[1]);
}
