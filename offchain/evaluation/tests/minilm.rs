//! A published model with real weights: all-MiniLM-L6-v2, which `scripts/fetch-models` brings. Without it these tests
//! say so, and pass.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use std::io::Write;
use std::path::{Path, PathBuf};

use inktensor_evaluation::model::{Limits, Model};
use inktensor_evaluation::task::{Fast, Lane, Outcome, Retrieval, Scalar, Similarity, WorkLimits, run};
use inktensor_evaluation::tokenizer::Tokenizer;

mod common;

use common::engines::engines;

/// The model's folder; none, loudly, where it was not fetched.
fn folder(test: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?;
    let folder = cache.join("inktensor/models/minilm");
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the capture of tests that pass.
    let mut terminal = std::io::stderr().lock();
    writeln!(terminal, "SKIPPED minilm::{test}: no {}. Run scripts/fetch-models", folder.display()).unwrap();
    None
}

fn read(folder: &Path) -> (Tokenizer, Model) {
    let model = Model::open(folder, &Limits::default()).unwrap();
    (Tokenizer::of(&model).unwrap(), model)
}

#[test]
fn its_tokens_are_those_of_bert() {
    let Some(folder) = folder("its_tokens_are_those_of_bert") else { return };
    let (tokenizer, _) = read(&folder);
    // [CLS] and [SEP] are 101 and 102 in every uncased BERT; "hello world" is 7592 2088.
    assert_eq!(tokenizer.sequence("Hello, world!", 512).unwrap(), [101, 7592, 1010, 2088, 999, 102]);
    assert_eq!(tokenizer.sequence("eat", 512).unwrap(), [101, 4521, 102]);
    assert_eq!(tokenizer.sequence("\u{fffd}", 512).unwrap(), [101, 102], "control characters are cleaned away");
    assert_eq!(tokenizer.tokens("[SEP]").unwrap().iter().filter(|&&token| token == 102).count(), 0);
    assert_eq!(tokenizer.sequence(&"eat ".repeat(1000), 512).unwrap().len(), 512);
}

/// Cosines as the library `transformers` computes them in f64 from the same files.
#[test]
fn its_similarities_are_those_of_the_library_that_made_it() {
    let Some(folder) = folder("its_similarities_are_those_of_the_library_that_made_it") else { return };
    let (tokenizer, model) = read(&folder);
    let fast = engines().map(|engine| Fast::new(engine, &model).unwrap());
    for (a, b, expected) in [
        ("eat", "meal", 0.743_245),
        ("eat", "stock", 0.278_433),
        ("A man is eating food.", "Someone is having a meal.", 0.688_833),
        ("A man is eating food.", "The stock market fell sharply today.", 0.003_728),
    ] {
        let sequences = [a, b].map(|text| tokenizer.sequence(text, 512).unwrap());
        let lanes: [&dyn Lane; 3] = [&Scalar(&model), &fast[0], &fast[1]];
        for (lane, tolerance) in lanes.into_iter().zip([2e-6, 1e-5, 1e-5]) {
            let vectors = lane.embed(&sequences).unwrap();
            let product = |(&a, &b): (&i32, &i32)| i128::from(a) * i128::from(b);
            let cosine = vectors[0].iter().zip(&vectors[1]).map(product).sum::<i128>() as f64 / (1u64 << 60) as f64;
            println!("({a}, {b}): {cosine:.6}");
            assert!((cosine - expected).abs() <= tolerance, "({a}, {b}): {cosine}");
        }
    }
}

#[test]
fn it_orders_pairs_and_finds_passages() {
    let Some(folder) = folder("it_orders_pairs_and_finds_passages") else { return };
    let (tokenizer, model) = read(&folder);
    let limits = WorkLimits::default();
    let similarity = Similarity::from_json(
        br#"{"schema": "inktensor/similarity/1", "pairs": [
            {"a": "eat", "b": "stock", "gold": 0}, {"a": "eat", "b": "meal", "gold": 60},
            {"a": "a man plays the guitar", "b": "someone is playing a guitar", "gold": 95}]}"#,
    )
    .unwrap();
    let outcome = run(&similarity, &Scalar(&model), model.architecture(), &tokenizer, &limits);
    assert!(matches!(outcome, Outcome::Score(grade) if grade.to_string() == "1.0000"), "{outcome:?}");
    let retrieval = Retrieval::from_json(
        br#"{"schema": "inktensor/retrieval/1",
            "passages": ["The harvest was poor this year.", "Boil the pasta for ten minutes.", "Shares fell on Monday."],
            "queries": [{"text": "how do I cook noodles?", "relevant": [{"passage": 1, "gain": 1}]},
                        {"text": "stock market losses", "relevant": [{"passage": 2, "gain": 1}]}]}"#,
    )
    .unwrap();
    let outcome = run(&retrieval, &Scalar(&model), model.architecture(), &tokenizer, &limits);
    assert!(matches!(outcome, Outcome::Score(grade) if grade.to_string() == "1.0000"), "{outcome:?}");
}
