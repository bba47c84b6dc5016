//! What an evaluator may ask, and what is its fault before any model is asked.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;

use common::image::{Ask, Of, asset, plan, sampled};
use common::random::Random;
use common::{Made, Oracle, assets, data, ladder, round};
use inktensor_plugins::{Content, EvaluatorFault, Plugin, Report, Round, RoundFault};
use proptest::prelude::*;

/// A model, a text of 40 bytes, nothing.
fn setting() -> (Round, BTreeMap<String, Content>) {
    let contents = vec![Content::Model(ladder("weak")), data([7; 40]), data("")];
    let assets = assets([("text", data([8; 100])), ("judge", Content::Model(ladder("medium"))), ("empty", data(""))]);
    (round(contents), assets)
}

fn ask(image: Vec<u8>) -> Result<Report, RoundFault> {
    let (round, mut assets) = setting();
    assets.insert("plan".to_owned(), data(image));
    Made::default().load().evaluate(&round, &assets, &Oracle)
}

#[track_caller]
fn bad(of: Of, task: Ask, because: &str) {
    let sound = (Of::Contribution(0), sampled("text", 5, 8));
    match ask(plan(&[sound, (of, task)], b"")) {
        Err(RoundFault::Evaluator(EvaluatorFault::BadPlan { question: 1, reason })) => {
            assert!(reason.contains(because), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_there_cannot_be_asked_or_read() {
    let model = || Of::Contribution(0);
    bad(Of::Contribution(3), sampled("text", 1, 1), "names contribution 3 of 3");
    bad(Of::Contribution(1), sampled("text", 1, 1), "asks contribution 1, which is no model");
    bad(asset("nobody"), sampled("text", 1, 1), "which `describe` does not");
    bad(asset("text"), sampled("text", 1, 1), "which is no model");
    bad(model(), sampled("other", 1, 1), "which `describe` does not");
    bad(model(), sampled("judge", 1, 1), "reads the asset \"judge\", which is a model");
    bad(model(), sampled("text", 93, 8), "samples 93 windows where the text has 92");
    bad(model(), sampled("empty", 1, 1), "samples 1 windows where the text has 0");
    bad(model(), Ask::Spans(vec![(Of::Contribution(1), 1, 40)]), "reads 40 bytes from 1 on where there are 40");
    bad(model(), Ask::Spans(vec![(Of::Contribution(1), u64::MAX, 2)]), "where there are 40");
    bad(model(), Ask::Spans(vec![(Of::Contribution(0), 0, 2)]), "which is a model");
}

#[test]
fn what_makes_no_sense_cannot_be_asked() {
    let model = || Of::Contribution(0);
    bad(model(), sampled("text", 1, 0), "window of 1 bytes");
    bad(model(), sampled("text", 1, u32::MAX), "window of 4294967296 bytes");
    bad(model(), Ask::Spans(vec![(Of::Contribution(1), 0, 1)]), "window of 1 bytes");
    bad(model(), Ask::Embeddings(vec![String::new()]), "text of 0 bytes");
    bad(model(), Ask::TextClasses(vec!["x".repeat(65_537)]), "text of 65537 bytes");
    bad(model(), Ask::RowClasses(vec![vec![]]), "row of 0 features");
    bad(model(), Ask::RowClasses(vec![vec![1; 32_769]]), "row of 32769 features");
    bad(model(), Ask::Embeddings(vec!["x".repeat(50_000); 100]), "Split it");
}

#[test]
fn there_is_an_end_to_questions() {
    let big = |questions: Vec<(Of, Ask)>, memo: &[u8]| match ask(plan(&questions, memo)) {
        Err(RoundFault::Evaluator(EvaluatorFault::BigPlan { what, count, .. })) => (what, count),
        other => panic!("{other:?}"),
    };
    let one = || (Of::Contribution(0), sampled("text", 1, 8));
    assert_eq!(big(vec![one(); 4097], b""), ("questions", 4097));
    assert_eq!(
        big(vec![(Of::Contribution(0), sampled("text", 1 << 15, 8)); 3], b""),
        ("windows, texts and rows", 3 << 15)
    );
    // Whoever is asked, and whatever it could answer.
    let embed = |texts: usize| (Of::Contribution(0), Ask::Embeddings(vec!["x".to_owned(); texts]));
    assert_eq!(big(vec![embed(1 << 14), embed((1 << 14) + 1)], b""), ("texts to embed", (1 << 15) + 1));
    assert!(ask(plan(&[embed(1 << 14), embed(1 << 14), embed(0)], b"")).is_ok());
    let empty = Ask::Spans(Vec::new());
    assert!(ask(plan(&vec![(Of::Contribution(0), empty); 3], b"")).is_ok(), "nothing asked, nothing loaded");
}

/// Whatever is asked, and however it lies in memory, ends in a report or in a named fault, the same twice.
fn ends(plugin: &Plugin, setting: &(Round, BTreeMap<String, Content>), seed: u64) {
    let mut random = Random(seed);
    let mut image = plan(&random.questions(), b"memo");
    random.spoil(&mut image);
    let mut assets = setting.1.clone();
    assets.insert("plan".to_owned(), data(image));
    let [first, second] = [(); 2].map(|()| plugin.evaluate(&setting.0, &assets, &Oracle));
    assert_eq!(first, second);
}

#[test]
fn any_plan_has_an_end() {
    let (plugin, setting) = (Made::default().load(), setting());
    proptest!(ProptestConfig::with_cases(300), |(seed: u64)| ends(&plugin, &setting, seed));
}
