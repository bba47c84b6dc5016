//! Losses, comparisons, copies and weights: integers all the way, checked against plain f64 statistics.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluation::model::ModelError;
use inktensor_evaluation::score::{
    CopyRule, Disagreement, Entrant, FadingMargin, Loss, MAX_WINDOWS, Margin, Score, ScoreError, WeightRule, beats,
    champion, champion_at, from_floats, hopeless, looks, mark_copies, mark_functional_copies, weights, weights_behind,
};
use inktensor_evaluation::task::{Evaluation, MinerFault, Outcome, ValidatorFault};
use inktensor_evaluation::{Digest, WindowResult};
use proptest::collection::vec;
use proptest::prelude::*;

/// A score of windows of 128 bytes with these bits per byte.
fn score(bits_per_byte: &[f64]) -> Score {
    let result = |bits: &f64| WindowResult { nll_nats: bits * 128.0 * std::f64::consts::LN_2, bytes: 128 };
    from_floats(&bits_per_byte.iter().map(result).collect::<Vec<_>>()).unwrap()
}

fn loss(bits_per_byte: f64) -> Loss {
    score(&[bits_per_byte]).loss()
}

const FAULT: MinerFault = MinerFault::NonFiniteLoss { window: 0 };

proptest! {
    #[test]
    fn a_loss_is_the_mean_in_bits_per_byte(windows in vec((0.0f64..6000.0, 1u32..1000), 1..60)) {
        let results: Vec<_> = windows.iter().map(|&(nll_nats, bytes)| WindowResult { nll_nats, bytes }).collect();
        let nats: f64 = windows.iter().map(|w| w.0.min(f64::from(w.1) * 64.0 * std::f64::consts::LN_2)).sum();
        let bytes: u32 = windows.iter().map(|w| w.1).sum();
        let expected = nats / (std::f64::consts::LN_2 * f64::from(bytes));
        let found = from_floats(&results).unwrap().loss().0 as f64 / 2f64.powi(32);
        prop_assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }

    /// The integer test is the textbook's one-sided paired test, away from the boundary where f64 itself rounds.
    #[test]
    fn beating_is_the_paired_test(
        pairs in vec((1.0f64..4.0, -0.2f64..0.4), 2..60),
        epsilon_bps in 0u16..500,
        z_tenths in 0u8..60,
    ) {
        let holder: Vec<f64> = pairs.iter().map(|p| p.0).collect();
        let challenger: Vec<f64> = pairs.iter().map(|p| p.0 - p.1).collect();
        let n = pairs.len() as f64;
        let mean = pairs.iter().map(|p| p.1).sum::<f64>() / n;
        let variance = pairs.iter().map(|p| (p.1 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let errors = mean / (variance / n).sqrt();
        let relative = mean * n / holder.iter().sum::<f64>();
        let (epsilon, z) = (f64::from(epsilon_bps) / 1e4, f64::from(z_tenths) / 10.0);
        prop_assume!((relative - epsilon).abs() > 1e-5 && (errors - z).abs() > 1e-4 && mean.abs() > 1e-5);
        let margin = Margin { epsilon_bps, z_tenths };
        let found = beats(&score(&challenger), &score(&holder), &margin).unwrap();
        prop_assert_eq!(found, relative > epsilon && errors > z && mean > 0.0);
    }

    /// A bit is `nats / ln 2`: integers agree with f64 to its last bits, and among themselves exactly.
    #[test]
    fn canonical_losses_are_the_same_losses(windows in vec((0i64..1 << 45, 1u32..1 << 16), 1..40)) {
        let float = |&(nats, bytes): &(i64, u32)| WindowResult { nll_nats: nats as f64 / 2f64.powi(32), bytes };
        let canonical = Score::from_canonical(&windows).unwrap();
        let other = from_floats(&windows.iter().map(float).collect::<Vec<_>>()).unwrap();
        for (bits, expected) in canonical.window_bits().zip(other.window_bits()) {
            prop_assert!(bits.abs_diff(expected) <= 1 + (expected >> 52), "{bits} {expected}");
        }
        prop_assert_eq!(canonical.bytes(), other.bytes());
    }

    /// The disagreement is the textbook's variance of the differences, over the mean bytes of a window.
    #[test]
    fn disagreement_is_the_variance_of_differences(pairs in vec((1.0f64..4.0, -0.2f64..0.4), 1..60)) {
        let one: Vec<f64> = pairs.iter().map(|p| p.0).collect();
        let other: Vec<f64> = pairs.iter().map(|p| p.0 - p.1).collect();
        let bits: Vec<f64> = pairs.iter().map(|p| p.1 * 128.0).collect();
        let n = bits.len() as f64;
        let mean = bits.iter().sum::<f64>() / n;
        let expected = bits.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n / 128.0;
        let (one, other) = (score(&one), score(&other));
        let found = Disagreement::of(&one, &other).unwrap();
        prop_assert!((found.0 as f64 / 2f64.powi(32) - expected).abs() < 1e-4, "{found:?} {expected}");
        prop_assert!(found.0.abs_diff(Disagreement::of(&other, &one).unwrap().0) <= 1 << 18);
    }

    /// A margin falls in a straight line and never below its end.
    #[test]
    fn margins_fade_with_age(fresh: u16, faded: u16, blocks in 0u64..1 << 50, age: u64) {
        let margin = FadingMargin { fresh: Margin { epsilon_bps: fresh, z_tenths: 20 }, faded_bps: faded, blocks };
        let end = faded.min(fresh);
        let part = if blocks == 0 { 1.0 } else { (age as f64 / blocks as f64).min(1.0) };
        let expected = f64::from(fresh) - f64::from(fresh - end) * part;
        let found = margin.at(age);
        prop_assert!((f64::from(found.epsilon_bps) - expected).abs() < 1.001, "{found:?} {expected}");
        prop_assert!(found.epsilon_bps >= end && found.z_tenths == 20);
        prop_assert!(margin.at(age / 2).epsilon_bps >= found.epsilon_bps);
        prop_assert_eq!(margin.at(0).epsilon_bps, if blocks == 0 { end } else { fresh });
        prop_assert_eq!(margin.at(u64::MAX).epsilon_bps, end);
    }

    #[test]
    fn the_earlier_of_equals_holds_the_place(windows in vec(0.5f64..8.0, 1..40), epsilon_bps: u16, z_tenths: u8) {
        let margin = Margin { epsilon_bps, z_tenths };
        let one = score(&windows);
        prop_assert!(!beats(&one, &one, &margin).unwrap());
        prop_assert_eq!(champion(&[None, Some(&one), Some(&one)], &margin), Ok(Some(1)));
    }

    /// The largest sums that the limits allow; an overflow would panic.
    #[test]
    fn comparisons_do_not_overflow(flip: bool, z_tenths: u8) {
        let windows = |bad: bool| {
            let nll_nats = if bad { f64::MAX } else { 0.0 };
            from_floats(&vec![WindowResult { nll_nats, bytes: 1 << 16 }; MAX_WINDOWS]).unwrap()
        };
        let margin = Margin { epsilon_bps: 50, z_tenths };
        prop_assert_eq!(beats(&windows(flip), &windows(!flip), &margin), Ok(!flip));
        prop_assert_eq!(hopeless(&windows(flip), &windows(!flip)), Ok(flip));
        let nats = |bad: bool| if bad { i64::MAX } else { i64::MIN };
        let far = Score::from_canonical(&(0..MAX_WINDOWS).map(|n| (nats(n % 2 == 0), 1 << 16)).collect::<Vec<_>>());
        // Half of the windows differ by 64 bits a byte: a variance of (2^22 / 2)² bits², over 2^16 bytes.
        prop_assert_eq!(Disagreement::of(&far.unwrap(), &windows(flip)), Ok(Disagreement(1 << (42 - 16 + 32))));
    }

    #[test]
    fn weights_fall_with_the_loss(base in 1.0f64..3.0, gaps in vec(0.0f64..4.0, 1..30)) {
        let rule = WeightRule::default();
        let mut losses = vec![base];
        losses.extend(gaps.iter().map(|gap| base + gap));
        let models: Vec<_> = losses.iter().map(|&loss| Ok(score(&[loss; 20]))).collect();
        let weights = weights(&models, &rule).unwrap();
        prop_assert_eq!(weights[0], u16::MAX);
        for (gap, &weight) in gaps.iter().zip(&weights[1..]) {
            let exact = 32_767.0 * 2f64.powf(-gap / 0.25);
            let ratio = f64::from(weight + 1) / exact;
            prop_assert!(weight <= 32_767 && (exact < 200.0 || (0.99..1.07).contains(&ratio)), "{gap}: {weight} {exact}");
        }
        for (a, first) in gaps.iter().zip(&weights[1..]) {
            for (b, second) in gaps.iter().zip(&weights[1..]) {
                prop_assert!(a > b || first >= second);
            }
        }
    }
}

#[test]
fn a_better_model_wins_and_a_slightly_better_one_does_not() {
    let early: Vec<f64> = (0..20).map(|n| 2.5 + f64::from(n % 5) / 10.0).collect();
    let shifted = |by: f64| score(&early.iter().map(|loss| loss - by).collect::<Vec<_>>());
    let (first, better, slightly) = (shifted(0.0), shifted(0.2), shifted(0.001));
    let rule = WeightRule::default();
    assert_eq!(weights(&[Ok(first.clone()), Ok(better)], &rule).unwrap()[1], u16::MAX);
    assert_eq!(weights(&[Ok(first), Ok(slightly)], &rule), Ok(vec![u16::MAX, 32_767]));
}

#[test]
fn faults_earn_nothing() {
    let rule = WeightRule::default();
    assert_eq!(weights(&[Err(FAULT), Ok(score(&[2.0, 2.1])), Err(FAULT)], &rule), Ok(vec![0, u16::MAX, 0]));
    assert_eq!(weights(&[Err(FAULT), Err(FAULT)], &rule), Ok(vec![0, 0]));
    assert_eq!(weights(&[], &rule), Ok(vec![]));
}

#[test]
fn one_window_proves_nothing() {
    assert_eq!(beats(&score(&[1.0]), &score(&[4.0]), &Margin { epsilon_bps: 0, z_tenths: 0 }), Ok(false));
}

#[test]
fn what_cannot_be_scored_is_named() {
    let result = |nll_nats, bytes| WindowResult { nll_nats, bytes };
    let good = result(100.0, 64);
    for nll in [f64::NAN, f64::INFINITY] {
        assert_eq!(from_floats(&[good, result(nll, 64)]), Err(ScoreError::NotFinite { window: 1 }));
    }
    assert_eq!(from_floats(&[]), Err(ScoreError::Windows));
    assert_eq!(from_floats(&[result(1.0, 0)]), Err(ScoreError::Windows));
    assert_eq!(from_floats(&vec![good; MAX_WINDOWS + 1]), Err(ScoreError::Windows));
    let (two, one) = (score(&[2.0, 2.0]), score(&[2.0]));
    assert_eq!(beats(&one, &two, &Margin::default()), Err(ScoreError::DifferentWindows));
    assert_eq!(weights(&[Ok(one), Ok(two)], &WeightRule::default()), Err(ScoreError::DifferentWindows));
}

#[test]
fn losses_print_as_decimals() {
    assert_eq!(Loss(0).to_string(), "0.0000");
    assert_eq!(Loss((2 << 32) + (1 << 31)).to_string(), "2.5000");
    assert_eq!(Loss(u64::MAX).to_string(), "4294967295.9999");
    assert_eq!(loss(2.25).to_string(), "2.2500");
}

#[test]
fn later_copies_are_faults() {
    let entry = |file: u8, tensors: Option<u8>, outcome| Evaluation {
        file: Digest([file; 32]),
        tensors: tensors.map(|byte| Digest([byte; 32])),
        outcome,
    };
    let scored = || Outcome::Score(score(&[2.0]));
    let lost = Outcome::Validator(ValidatorFault::Answers);
    let broken = || Outcome::Miner(MinerFault::Model(ModelError::MissingConfig));
    let mut evaluations = [
        entry(1, Some(101), scored()),
        entry(2, Some(102), scored()),
        entry(1, Some(101), scored()),     // the same file
        entry(3, Some(102), lost.clone()), // the same weights in another file, which could not be measured
        entry(4, None, broken()),
        entry(4, None, broken()),      // the same broken file: its own fault stays
        entry(3, Some(102), scored()), // a copy of a copy
        entry(5, Some(105), lost.clone()),
    ];
    mark_copies(&mut evaluations);
    let copy = |of: u8| Outcome::Miner(MinerFault::Copy { of: Digest([of; 32]) });
    let outcomes: Vec<_> = evaluations.into_iter().map(|evaluation| evaluation.outcome).collect();
    assert_eq!(outcomes, [scored(), scored(), copy(1), copy(2), broken(), broken(), copy(2), lost]);
}

#[test]
fn canonical_losses_round_to_the_nearest() {
    let bits = |nats: i64| Score::from_canonical(&[(nats, 1000)]).unwrap().window_bits().next().unwrap();
    // 2^32 / ln 2 = 6196328018.7; 693147180559 / 10^12 is ln 2 cut off after twelve digits.
    assert_eq!(bits(1 << 32), 6_196_328_019);
    assert_eq!(bits(1), 1);
    assert_eq!(bits(0), 0);
    assert_eq!(bits(-5), 0);
    assert_eq!(bits(i64::MAX), 64_000 << 32);
    assert_eq!(Score::from_canonical(&[]), Err(ScoreError::Windows));
    assert_eq!(Score::from_canonical(&[(1, 0)]), Err(ScoreError::Windows));
}

/// 20 windows that differ from each other, all better by `by` bits a byte than with 0.
fn shifted(by: f64) -> Score {
    score(&(0..20).map(|n| 2.5 + f64::from(n % 5) / 10.0 - by).collect::<Vec<_>>())
}

#[test]
fn an_old_champion_is_easier_to_beat() {
    // 0.2 % better, within the fresh margin of 0.5 %.
    let (first, second) = (shifted(0.0), shifted(0.0054));
    let margin = FadingMargin { fresh: Margin::default(), faded_bps: 1, blocks: 1000 };
    let entrants = [Entrant { commit: 100, score: Some(&first) }, Entrant { commit: 150, score: Some(&second) }];
    let champion = |now| champion_at(&entrants, &margin, now).unwrap();
    assert_eq!((champion(150), champion(600)), (Some(0), Some(0)));
    assert_eq!((champion(900), champion(u64::MAX)), (Some(1), Some(1)));
    let swapped = [entrants[1], entrants[0]];
    assert!(matches!(champion_at(&swapped, &margin, 900), Err(ScoreError::Order)));
    assert_eq!(champion_at(&[], &margin, 900), Ok(None));
    let half_life = WeightRule::default().half_life;
    assert_eq!(weights_behind(&[Some(&first), None, Some(&second)], Some(2), half_life)[1..], [0, u16::MAX]);
    assert_eq!(weights_behind(&[Some(&first)], None, half_life), [0]);
}

#[test]
fn clear_losers_are_given_up_at_fixed_looks() {
    assert_eq!(looks(100).collect::<Vec<_>>(), [16, 32, 64]);
    assert_eq!(looks(64).collect::<Vec<_>>(), [16, 32]);
    assert_eq!(looks(16).count(), 0);
    let holder = shifted(0.0);
    let begun = |by: f64| score(&(0..16).map(|n| 2.5 + f64::from(n % 5) / 10.0 - by).collect::<Vec<_>>());
    assert_eq!(hopeless(&begun(-0.3), &holder), Ok(true));
    assert_eq!(hopeless(&begun(0.3), &holder), Ok(false));
    assert_eq!(hopeless(&begun(0.0), &holder), Ok(false));
    // Worse by half a standard error.
    let close = (0..16).map(|n| 2.5 + f64::from(n % 5) / 10.0 + if n % 2 == 0 { 0.3 } else { -0.24 });
    assert_eq!(hopeless(&score(&close.collect::<Vec<_>>()), &holder), Ok(false));
    assert_eq!(hopeless(&score(&[2.5; 21]), &holder), Err(ScoreError::DifferentWindows));
    // Held against the champion on the windows that it saw: one half-life behind there.
    let weights = weights_behind(&[Some(&holder), Some(&begun(-0.25))], Some(0), WeightRule::default().half_life);
    assert!(weights[1].abs_diff(16_383) < 5, "{weights:?}");
}

#[test]
fn a_functional_copy_is_a_copy_unless_it_is_better() {
    let entry = |file: u8, outcome| Evaluation { file: Digest([file; 32]), tensors: Some(Digest([file; 32])), outcome };
    let near = |file: u8, by: f64| entry(file, Outcome::Score(shifted(by)));
    let far = score(&(0..20).map(|n| 2.5 + f64::from(n % 7) / 10.0).collect::<Vec<_>>());
    let mut evaluations = [
        near(1, 0.0),
        entry(2, Outcome::Miner(FAULT)),
        near(3, 0.001),  // within the margin
        near(4, -0.5),   // as alike, though worse
        near(5, 0.1),    // alike, and better
        near(6, 0.1005), // a copy of the better one
        entry(7, Outcome::Score(far.clone())),
    ];
    mark_functional_copies(&mut evaluations, &CopyRule::default()).unwrap();
    let copy = |of: u8| Outcome::Miner(MinerFault::Copy { of: Digest([of; 32]) });
    let outcomes = evaluations.map(|evaluation| evaluation.outcome);
    let scored = |by| Outcome::Score(shifted(by));
    let expected = [scored(0.0), Outcome::Miner(FAULT), copy(1), copy(1), scored(0.1), copy(5), Outcome::Score(far)];
    assert_eq!(outcomes, expected);
}

#[test]
fn functional_copies_need_enough_of_the_same_windows() {
    let entry =
        |file: u8, score: Score| Evaluation { file: Digest([file; 32]), tensors: None, outcome: Outcome::Score(score) };
    let few = || score(&[2.0; 15]);
    let mut evaluations = [entry(1, few()), entry(2, few())];
    mark_functional_copies(&mut evaluations, &CopyRule::default()).unwrap();
    assert_eq!(evaluations, [entry(1, few()), entry(2, few())]);
    let mut evaluations = [entry(1, shifted(0.0)), entry(2, shifted(0.0)), entry(3, few())];
    let before = evaluations.clone();
    assert_eq!(mark_functional_copies(&mut evaluations, &CopyRule::default()), Err(ScoreError::DifferentWindows));
    assert_eq!(evaluations, before);
}
