//! What counts as new, whatever models say of it.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluator::{Likelihood, Verdict};
use inktensor_evaluator_dataset::{Examiner, Finding, GRAM, Memo, Settings, Spam, WINDOW, fingerprints, verdicts};
use proptest::collection::vec;
use proptest::prelude::*;

const SEED: [u8; 32] = [3; 32];

fn settings() -> Settings {
    let digest = "5a".repeat(32);
    Settings::parse(&format!("learner={digest};reference=0x{digest};windows=4;length=64")).unwrap()
}

/// Text of letters without pattern.
fn text(words: &[u32]) -> String {
    words.iter().map(|word| format!("{:x} ", u64::from(*word).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect()
}

prop_compose! {
    fn texts()(words in vec(any::<u32>(), 60..200)) -> String { text(&words) }
}

proptest! {
    /// Winnowing's guarantee: texts that share a run of letters share a fingerprint, whatever stands around it.
    #[test]
    fn a_shared_run_is_found(
        run in vec(b'a'..=b'z', GRAM + WINDOW - 1),
        around in vec(vec(b'a'..=b'z', 0..60), 4),
    ) {
        let of = |before: &[u8], after: &[u8]| fingerprints(&[before, &run, after].concat());
        let [one, other] = [of(&around[0], &around[1]), of(&around[2], &around[3])];
        prop_assert!(one.iter().any(|(_, hash)| other.iter().any(|(_, same)| same == hash)));
    }

    /// Case, blanks and punctuation hide nothing.
    #[test]
    fn a_disguised_copy_is_a_copy(text in texts()) {
        let settings = settings();
        let mut examiner = Examiner::new(&settings, &SEED);
        prop_assert!(examiner.examine(1, text.as_bytes()).is_ok());
        let disguised = text.to_uppercase().replace(' ', ",\n  ");
        let copy = Spam::Copy { quoted: 100, most: 8, uid: 1 };
        prop_assert_eq!(examiner.examine(2, disguised.as_bytes()), Err(copy));
    }

    /// Part of a text is new to the extent that it is not part of an earlier one.
    #[test]
    fn novelty_is_the_share_that_is_new(one in texts(), other in texts()) {
        let settings = Settings { novelty: 1, ..settings() };
        let mut examiner = Examiner::new(&settings, &SEED);
        examiner.know(one.as_bytes());
        let joined = format!("{one}{other}");
        let found = examiner.examine(1, joined.as_bytes()).unwrap();
        // Fingerprints are a sample of the text.
        let slack = joined.len() / 8 + 4 * (GRAM + WINDOW);
        prop_assert!(found.novel.abs_diff(other.len() as u64) <= slack as u64);
        // Windows lie where something is new, and inside.
        let (size, border) = (u64::from(settings.length) + 1, one.len() as u64);
        prop_assert!(found.windows.iter().all(|start| start + size <= joined.len() as u64 && start + size >= border));
    }

    /// Any bytes are examined to an end, and the memo hands on what was found.
    #[test]
    fn any_bytes_get_a_verdict(contributions in vec(vec(any::<u8>(), 0..3000), 0..6), other in any::<Vec<u8>>()) {
        let settings = settings();
        let mut examiner = Examiner::new(&settings, &SEED);
        let mut memo = Memo::default();
        for (uid, bytes) in (0..).zip(&contributions) {
            memo.push(examiner.examine(uid, bytes));
        }
        prop_assert_eq!(Memo::from_bytes(&memo.to_bytes()), Some(memo));
        let _ = Memo::from_bytes(&other);
    }
}

#[test]
fn spam_is_called_by_its_name() {
    let settings = settings();
    let mut examiner = Examiner::new(&settings, &SEED);
    let sentence = "The same sentence again and again, that is all there is to it. ";
    let mut examine = |bytes: &[u8]| examiner.examine(7, bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(examine(b""), "empty");
    assert_eq!(examine(b"short"), "too small: text of at least 512 bytes is needed");
    assert_eq!(examine(&[b'a'; 70_000]), "too large: 65536 bytes are read at most");
    assert_eq!(examine(&[0xff; 1000]), "not text: UTF-8 without control characters is");
    assert_eq!(examine("\u{7}".repeat(1000).as_bytes()), "not text: UTF-8 without control characters is");
    assert_eq!(examine(". ".repeat(500).as_bytes()), "not text: it has hardly a letter");
    let said = examine(sentence.repeat(50).as_bytes());
    assert!(said.contains("most of the rest stands in it before"), "{said}");
    assert_eq!(Spam::Model.to_string(), "a model, not text");
}

/// Answers of windows that lose so many bits a byte.
fn answers(bits: &[f64]) -> Vec<Likelihood> {
    let one = |bits: &f64| Likelihood { nats: (bits * 64.0 * 2f64.ln() * 2f64.powi(32)) as i64, bytes: 64 };
    bits.iter().map(one).collect()
}

#[test]
fn merit_is_what_can_be_learned_of_what_is_new() {
    let settings = settings();
    let finding = |novel| Ok(Finding { novel, windows: vec![0; 4] });
    let mut memo = Memo::default();
    memo.push(finding(1000));
    memo.push(Err(Spam::Empty));
    memo.push(finding(2000));
    memo.push(finding(1000));
    memo.push(finding(1000));
    // As new as it is long; twice as much; nothing to be learned; noise.
    let learner = answers(&[[3.0; 4], [4.0, 2.0, 3.0, 3.0], [2.0; 4], [9.0; 4]].concat());
    let reference = answers(&[[2.0; 4], [2.0; 4], [2.5; 4], [5.0; 4]].concat());
    let found = verdicts(&memo, &learner, &reference, &settings).unwrap();
    let Verdict::Merit(first) = found[0] else { panic!("{found:?}") };
    assert!(first.abs_diff(1_000_000) <= 2000, "{first}");
    assert_eq!(found[1], Verdict::Fault("empty".into()));
    let Verdict::Merit(second) = found[2] else { panic!("{found:?}") };
    assert!(second.abs_diff(2 * first) <= 4000, "{second}");
    assert_eq!(found[3], Verdict::Merit(0));
    let Verdict::Fault(noise) = &found[4] else { panic!("{found:?}") };
    assert!(noise.starts_with("noise: the reference loses 5.000 bits a byte, from 4.000"), "{noise}");
    // What is missing or too much is a defect of the host, not a verdict.
    assert!(verdicts(&memo, &learner[4..], &reference, &settings).is_err());
    assert!(verdicts(&memo, &learner, &[&reference[..], &answers(&[1.0])].concat(), &settings).is_err());
}
