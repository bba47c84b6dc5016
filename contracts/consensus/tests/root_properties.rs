//! The division of the issuance between subnets.

use inktensor_consensus::fixed::ONE;
use inktensor_consensus::root::{shares, RootRule};
use inktensor_consensus::Entries;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

type Weights = (Vec<u16>, Vec<u16>);

const WIDTH: u16 = 12;

fn row() -> impl Strategy<Value = Weights> {
    let netuids: Vec<u16> = (0..WIDTH).collect();
    subsequence(netuids, 0..=usize::from(WIDTH)).prop_flat_map(|netuids| {
        let weights = vec(prop_oneof![0..4_u16, any::<u16>()], netuids.len());
        (Just(netuids), weights)
    })
}

/// Validators: stake in rao and weights.
fn validators() -> impl Strategy<Value = (Vec<u64>, Vec<Weights>)> {
    (0..9_usize).prop_flat_map(|n| {
        (vec(prop_oneof![Just(0), 1..1_000_u64, 1..1_000_000_000_000_u64, any::<u64>()], n), vec(row(), n))
    })
}

fn rule() -> impl Strategy<Value = RootRule> {
    prop_oneof![
        Just(RootRule::default()),
        (any::<u16>(), any::<u16>()).prop_map(|(rho_hundredths, kappa)| RootRule { rho_hundredths, kappa }),
    ]
}

fn divide(stakes: &[u64], rows: &[Weights], rule: RootRule) -> Vec<u64> {
    let rows: Vec<_> = rows.iter().map(|(netuids, weights)| Entries::new(netuids, weights)).collect();
    shares(stakes, &rows, WIDTH, rule)
}

/// The formula in real numbers.
fn exact(stakes: &[u64], rows: &[Weights], rule: RootRule) -> Vec<f64> {
    let total: f64 = stakes.iter().map(|stake| *stake as f64).sum();
    let (mut rank, mut trust) = (vec![0.0; usize::from(WIDTH)], vec![0.0; usize::from(WIDTH)]);
    for (stake, (netuids, weights)) in stakes.iter().zip(rows) {
        let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        for (netuid, weight) in netuids.iter().zip(weights).filter(|entry| *entry.1 > 0) {
            rank[usize::from(*netuid)] += *stake as f64 / total * f64::from(*weight) / sum;
            trust[usize::from(*netuid)] += *stake as f64 / total;
        }
    }
    let (rho, kappa) = (f64::from(rule.rho_hundredths) / 100.0, f64::from(rule.kappa) / 65_535.0);
    let scores: Vec<f64> =
        rank.iter().zip(&trust).map(|(rank, trust)| rank / (1.0 + (-rho * (trust - kappa)).exp())).collect();
    let sum: f64 = scores.iter().sum();
    scores.iter().map(|score| if sum > 0.0 { score / sum } else { 0.0 }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn shares_sum_to_one_but_for_rounding((stakes, rows) in validators(), rule in rule()) {
        let found = divide(&stakes, &rows, rule);
        let sum: u64 = found.iter().sum();
        prop_assert!(sum == 0 || (sum <= ONE && sum > ONE - u64::from(WIDTH)), "{sum}");
        for (netuid, share) in found.iter().enumerate() {
            let weighed = rows.iter().zip(&stakes).any(|((netuids, weights), stake)| {
                *stake > 0 && netuids.iter().zip(weights).any(|(n, weight)| usize::from(*n) == netuid && *weight > 0)
            });
            prop_assert!(weighed || *share == 0);
        }
    }

    /// Up to subtensor's steepness: beyond it sigmoids far from kappa have few bits left in 32.
    #[test]
    fn shares_are_those_of_the_formula((stakes, rows) in validators(), rho_hundredths in 0..=1_000_u16, kappa: u16) {
        let stakes: Vec<u64> = stakes.iter().map(|stake| 1_000 + stake % 1_000_000).collect();
        let rule = RootRule { rho_hundredths, kappa };
        for (found, exact) in divide(&stakes, &rows, rule).into_iter().zip(exact(&stakes, &rows, rule)) {
            prop_assert!((found as f64 / ONE as f64 - exact).abs() < 1e-4, "{found}, expected {exact}");
        }
    }

    #[test]
    fn more_stake_behind_a_subnet_never_lowers_its_share(
        (stakes, rows) in validators(),
        netuid in 0..WIDTH,
        stake in 1..1_000_000_u64,
        more in 1..1_000_000_u64,
        rule in rule(),
    ) {
        let mut stakes: Vec<u64> = stakes.iter().map(|stake| stake % 1_000_000).collect();
        let mut rows = rows;
        rows.push((vec![netuid], vec![1]));
        stakes.push(stake);
        let before = divide(&stakes, &rows, rule)[usize::from(netuid)];
        *stakes.last_mut().unwrap() += more;
        let after = divide(&stakes, &rows, rule)[usize::from(netuid)];
        // Every truncation on the way is below one part in 2^32 of a rank, which the quotient may raise.
        prop_assert!(after.saturating_add(ONE >> 12) >= before, "{before} then {after}");
    }

    #[test]
    fn only_ratios_of_weights_matter((stakes, rows) in validators(), factor in 1..20_u16) {
        let scaled = |factor: u16| {
            rows.iter().map(|(n, w)| (n.clone(), w.iter().map(|w| w % 3_000 * factor).collect())).collect::<Vec<_>>()
        };
        let rule = RootRule::default();
        prop_assert_eq!(divide(&stakes, &scaled(1), rule), divide(&stakes, &scaled(factor), rule));
    }
}

#[test]
fn nothing_is_divided_where_nobody_weighs() {
    let none: [Entries<'_>; 2] = Default::default();
    assert_eq!(shares(&[1, 2], &none, 3, RootRule::default()), [0; 3]);
    assert_eq!(shares(&[], &[], 2, RootRule::default()), [0; 2]);
    assert_eq!(shares(&[0], &[Entries::new(&[1], &[1])], 2, RootRule::default()), [0; 2]);
    assert_eq!(shares(&[5], &[Entries::new(&[1], &[0])], 2, RootRule::default()), [0; 2]);
}

#[test]
fn a_closed_subnet_is_as_if_nobody_weighed_it() {
    let open = Entries::new(&[0, 1], &[1, 3]);
    let closed = Entries::new(&[0, 1, 7], &[1, 3, 65_535]);
    let rule = RootRule::default();
    assert_eq!(shares(&[9], &[closed], 2, rule), shares(&[9], &[open], 2, rule));
}

/// Agreement pays: with equal ranks, the subnet that the majority weighs gets more than the one that one whale favours.
#[test]
fn trust_tells_a_favourite_from_a_subnet_that_many_weigh() {
    let whale = Entries::new(&[0], &[1]);
    let others = Entries::new(&[1], &[1]);
    let found = shares(&[40, 30, 30], &[whale, others, others], 2, RootRule::default());
    // 0.4 / (1 + e^1) against 0.6 / (1 + e^-1).
    let expected = 0.4 / (1.0 + 1_f64.exp()) / (0.4 / (1.0 + 1_f64.exp()) + 0.6 / (1.0 + (-1_f64).exp()));
    assert!((found[0] as f64 / ONE as f64 - expected).abs() < 1e-4, "{found:?}");
}
