//! What miners of language models can rely on.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluator::{Answer, Content, Contribution, Likelihood, ModelFacts, Output, Verdict, entrants};
use inktensor_evaluator_language::{Settings, judge};
use proptest::collection::vec;
use proptest::prelude::*;

const NAT: f64 = 4_294_967_296.0;

fn model(uid: u16, weights: u8, output: Output) -> Contribution {
    let facts = ModelFacts { weights: [weights; 32].into(), output, parameters: 1, vocabulary: 256, positions: 256 };
    Contribution { uid, digest: [uid as u8; 32].into(), size: 1, block: uid.into(), content: Content::Model(facts) }
}

/// An answer of windows of 128 bytes with these nats a byte.
fn answer(nats: &[f64]) -> Answer {
    Answer::Likelihoods(nats.iter().map(|one| Likelihood { nats: (one * 128.0 * NAT) as i64, bytes: 128 }).collect())
}

fn settings() -> Settings {
    Settings::parse(&format!("corpus={}", "0f".repeat(32))).unwrap()
}

fn judged(contributions: &[Contribution], answers: &[Answer]) -> Vec<Verdict> {
    judge(contributions, answers, &settings().rules).unwrap()
}

fn merit(verdict: &Verdict) -> u64 {
    match verdict {
        Verdict::Merit(merit) => *merit,
        Verdict::Fault(_) => 0,
    }
}

/// Losses of `count` windows around `mean`, each window its own.
fn losses(mean: f64, own: u64, count: u64) -> Vec<f64> {
    (0..count)
        .map(|window| mean + (window * 7919 % 13) as f64 / 50.0 + (window * (31 + own) % 11) as f64 / 30.0)
        .collect()
}

#[test]
fn the_better_model_gets_the_most_and_the_earlier_keeps_its_place() {
    let three = [1, 2, 3].map(|uid| model(uid, uid as u8, Output::Language));
    let first = losses(1.4, 1, 64);
    // A hair better than the first: not enough to take its place, nor the same.
    let near: Vec<f64> = first.iter().zip(losses(0.0, 5, 64)).map(|(loss, noise)| loss + noise - 0.1668).collect();
    let verdicts = judged(&three, &[answer(&first), answer(&near), answer(&losses(0.9, 3, 64))]);
    assert_eq!(merit(&verdicts[2]), 65_535);
    assert!(merit(&verdicts[0]) < 32_767 && merit(&verdicts[1]) < 32_767);
    let verdicts = judged(&three[..2], &[answer(&first), answer(&near)]);
    assert_eq!(merit(&verdicts[0]), 65_535, "{verdicts:?}");
}

#[test]
fn copies_name_the_earlier_uid() {
    let copied = [model(4, 1, Output::Language), model(9, 1, Output::Language), model(7, 2, Output::Language)];
    let loss = losses(1.4, 1, 64);
    let disguised: Vec<f64> = loss.iter().map(|loss| loss + 0.0001).collect();
    // The second is not asked: its weights say all.
    assert_eq!(entrants(&copied, Output::Language)[1], Err("the weights are those of uid 4".into()));
    let verdicts = judged(&copied, &[answer(&loss), answer(&disguised)]);
    assert_eq!(verdicts[1], Verdict::Fault("the weights are those of uid 4".into()));
    assert_eq!(verdicts[2], Verdict::Fault("computes nearly the same as uid 4".into()));
}

#[test]
fn what_cannot_answer_is_worth_nothing_and_says_why() {
    let mut data = model(1, 1, Output::Language);
    data.content = Content::Data;
    let all = [data, model(2, 2, Output::Embedding), model(3, 3, Output::Language), model(4, 4, Output::Language)];
    let verdicts = judged(&all, &[Answer::Fault("not finite".into()), answer(&losses(1.0, 1, 64))]);
    let faults = ["not a model", "not a model of language", "not finite"].map(|fault| Verdict::Fault(fault.into()));
    assert_eq!(verdicts[..3], faults);
    assert_eq!(verdicts[3], Verdict::Merit(65_535));
    // More or fewer answers than questions are not the miners' fault.
    assert!(judge(&all, &[], &settings().rules).is_err());
    assert!(judge(&all[..1], &[answer(&[1.0])], &settings().rules).is_err());
}

#[test]
fn parameters_are_named_when_they_are_wrong() {
    let digest = "ab".repeat(32);
    for (text, name) in [
        (String::new(), "`corpus` is missing"),
        (format!("corpus={digest};window=3"), "window"),
        (format!("corpus={digest};windows=1"), "`windows`"),
        // More than all models of a full round can be asked about.
        (format!("corpus={digest};windows=257"), "`windows`"),
        (format!("corpus={digest};corpus={digest}"), "twice"),
        (format!("corpus={}", &digest[1..]), "`corpus`"),
    ] {
        let said = Settings::parse(&text).unwrap_err().to_string();
        assert!(said.contains(name), "{text}: {said}");
    }
}

proptest! {
    /// Whatever models answer, there is one champion, and no verdict depends on those that come later but by their loss.
    #[test]
    fn one_champion_among_any_losses(models in vec(vec(0.01f64..6.0, 20), 1..8)) {
        let contributions: Vec<_> = (0..models.len() as u16).map(|uid| model(uid, uid as u8, Output::Language)).collect();
        let answers: Vec<_> = models.iter().map(|losses| answer(losses)).collect();
        let verdicts = judged(&contributions, &answers);
        prop_assert_eq!(verdicts.len(), models.len());
        prop_assert_eq!(verdicts.iter().filter(|one| merit(one) == 65_535).count(), 1);
        prop_assert!(verdicts.iter().all(|one| [0..=32_767, 65_535..=65_535].iter().any(|range| range.contains(&merit(one)))));
    }
}
