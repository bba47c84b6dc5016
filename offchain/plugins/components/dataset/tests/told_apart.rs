//! Useful text, copies and spam are told apart on real text by real models: the shipped ladder and texts.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::collections::BTreeMap;
use std::path::PathBuf;

use inktensor_evaluation::Window;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::task::Evaluator as _;
use inktensor_evaluator::{Chance, Likelihood, Verdict};
use inktensor_evaluator_dataset::{Examiner, Memo, Settings, verdicts};

/// Bytes of a contribution.
const SIZE: usize = 8000;

fn shipped(path: &str) -> Vec<u8> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../evaluation").join(path)).unwrap()
}

/// What a model says of windows.
fn ask(model: &str, windows: &[&[u8]]) -> Vec<Likelihood> {
    let model = Model::from_bytes(&shipped(&format!("models/{model}.safetensors")), &Limits::default()).unwrap();
    let cpu = Cpu::default();
    let windows: Vec<_> = windows.iter().map(|window| Window::of_bytes(window).unwrap()).collect();
    let nats = cpu.load(&model).unwrap().nll(&windows).unwrap();
    nats.into_iter().zip(&windows).map(|(nats, window)| Likelihood { nats, bytes: window.bytes() }).collect()
}

/// The verdicts over contributions in the order of their commits.
fn judge(settings: &Settings, contributions: &[(&str, Vec<u8>)]) -> Vec<Verdict> {
    let seed = [9; 32];
    let mut examiner = Examiner::new(settings, &seed);
    examiner.know(&shipped("data/corpus.txt"));
    let (mut memo, mut windows) = (Memo::default(), Vec::new());
    for (uid, (_, bytes)) in (0..).zip(contributions) {
        let found = examiner.examine(uid, bytes);
        let size = settings.length as usize + 1;
        let starts = found.iter().flat_map(|finding| &finding.windows).map(|&start| start as usize);
        windows.extend(starts.map(|start| &bytes[start..start + size]));
        memo.push(found);
    }
    let [learner, reference] = ["weak", "strong"].map(|model| ask(model, &windows));
    verdicts(&memo, &learner, &reference, settings).unwrap()
}

/// Every `step`th word replaced by a word from elsewhere in the text.
fn edited(text: &[u8], step: usize) -> Vec<u8> {
    let words: Vec<_> = std::str::from_utf8(text).unwrap().split(' ').collect();
    let mut chance = Chance::new(&[5; 32], step as u64);
    let mut word = |(at, word)| {
        if at % step == 0 { words[chance.below(words.len() as u64) as usize] } else { word }
    };
    words.iter().copied().enumerate().map(&mut word).collect::<Vec<_>>().join(" ").into_bytes()
}

/// The same words in another order.
fn shuffled(text: &[u8]) -> Vec<u8> {
    let mut words: Vec<_> = text.split(|byte| byte.is_ascii_whitespace()).collect();
    let mut chance = Chance::new(&[6; 32], 0);
    for last in (1..words.len()).rev() {
        words.swap(last, chance.below(last as u64 + 1) as usize);
    }
    words.join(&b' ')
}

#[test]
fn what_is_useful_is_paid_and_what_is_not_is_told_why() {
    let digest = "00".repeat(32);
    let settings = Settings::parse(&format!("learner={digest};reference={digest};known={digest};noise=2500")).unwrap();
    let (held_out, corpus) = (shipped("data/heldout.txt"), shipped("data/corpus.txt"));
    let part = |from: usize, size: usize| held_out[from..from + size].to_vec();
    let mut chance = Chance::new(&[7; 32], 0);
    let mut letters = |count: usize| {
        (0..count).map(|_| b"abcdefghijklmnopqrstuvwxyz "[chance.below(27) as usize]).collect::<Vec<u8>>()
    };
    let mut other = Chance::new(&[8; 32], 0);
    let bytes = (0..SIZE).map(|_| other.next() as u8).collect();
    let verses = part(0, SIZE).split(|&byte| byte == b'\n').rev().collect::<Vec<_>>().join(&b'\n');
    let contributions = [
        ("useful", part(0, SIZE)),
        ("as useful", part(100_000, SIZE)),
        ("half as long", part(150_000, SIZE / 2)),
        ("a quarter of it known", [&corpus[700_000..700_000 + SIZE / 4], &part(200_000, SIZE * 3 / 4)[..]].concat()),
        ("words in another order", shuffled(&part(50_000, SIZE))),
        ("every 12th word changed", edited(&part(0, SIZE), 12)),
        ("every 6th word changed", edited(&part(0, SIZE), 6)),
        ("every 3rd word changed", edited(&part(0, SIZE), 3)),
        ("verses in another order", verses),
        ("known", corpus[500_000..500_000 + SIZE].to_vec()),
        ("a sentence repeated", b"In the beginning was the word. ".repeat(SIZE / 31)),
        ("random letters", letters(SIZE)),
        ("half of it random letters", [&part(230_000, SIZE / 2)[..], &letters(SIZE / 2)].concat()),
        ("random bytes", bytes),
        ("a program", shipped("src/corpus/sample.rs")),
        ("empty", Vec::new()),
    ];
    let verdicts: BTreeMap<&str, Verdict> =
        contributions.iter().map(|(name, _)| *name).zip(judge(&settings, &contributions)).collect();
    for (name, _) in &contributions {
        println!("{name:26} {:?}", verdicts[name]);
    }
    let merit = |name: &str| match &verdicts[name] {
        Verdict::Merit(merit) => *merit,
        Verdict::Fault(fault) => panic!("{name}: {fault}"),
    };
    let (one, other) = (merit("useful"), merit("as useful"));
    let (least, most) = (one.min(other), one.max(other));
    assert!(merit("half as long") < least * 3 / 4 && merit("a quarter of it known") < most);
    assert!(merit("every 3rd word changed") < least / 2);
    for (name, why) in [
        ("every 12th word changed", "% of it stands in the text of uid 0"),
        ("every 6th word changed", "% of it stands in the text of uid 0"),
        ("verses in another order", "% of it stands in the text of uid 0"),
        ("known", "most of the rest stands in what is known"),
        ("a sentence repeated", "most of the rest stands in it before"),
        ("words in another order", "noise"),
        ("random letters", "noise"),
        ("half of it random letters", "noise"),
        ("random bytes", "not text"),
        ("a program", "noise"),
        ("empty", "empty"),
    ] {
        let Verdict::Fault(fault) = &verdicts[name] else { panic!("{name} is paid") };
        assert!(fault.contains(why), "{name}: {fault}");
    }
}
