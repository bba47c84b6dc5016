//! What authors of evaluators rely on.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use inktensor_evaluator::{Chance, Parameters, ParametersError};
use proptest::prelude::*;

proptest! {
    /// What is written is read, in any order and with any blanks; what is not taken is named.
    #[test]
    fn parameters_are_read_as_written(number in 0u64..1000, digest in any::<[u8; 32]>(), blank in "[ \t]{0,3}", turned: bool) {
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut parts = [format!("count{blank}={blank}{number}"), format!("file={hex}")];
        if turned {
            parts.reverse();
        }
        let text = parts.join(&format!(";{blank}"));
        let mut parameters = Parameters::parse(&text).unwrap();
        prop_assert_eq!(parameters.integer("count", 7, 0..=999), Ok(number));
        prop_assert_eq!(parameters.clone().finish(), Err(ParametersError::Unknown(vec!["file".into()])));
        prop_assert_eq!(parameters.digest("file"), Ok(digest.to_vec()));
        prop_assert_eq!(parameters.integer("count", 7, 0..=999), Ok(7), "each is taken once");
        prop_assert_eq!(parameters.finish(), Ok(()));
    }

    /// Parameters are anybody's text.
    #[test]
    fn any_parameters_are_read_or_refused(text in "\\PC{0,60}|[a-c=; ]{0,20}") {
        if let Ok(mut parameters) = Parameters::parse(&text) {
            let _ = (parameters.integer("a", 1, 0..=9), parameters.digest("b"), parameters.optional_digest("c"));
        }
    }

    /// Numbers are the same for the same seed and differ for another one, and stay below their bound.
    #[test]
    fn chance_follows_from_the_seed(seed in any::<[u8; 32]>(), number: u64, bound in 1u64.., place in 0usize..32, bit in 0u8..8) {
        let draw = |seed: &[u8], number| {
            let mut chance = Chance::new(seed, number);
            (0..4).map(|_| chance.next()).collect::<Vec<_>>()
        };
        let mut other = seed;
        other[place] ^= 1 << bit;
        prop_assert_eq!(draw(&seed, number), draw(&seed, number));
        prop_assert_ne!(draw(&seed, number), draw(&other, number));
        prop_assert_ne!(draw(&seed, number), draw(&seed, number.wrapping_add(1)));
        let mut chance = Chance::new(&seed, number);
        prop_assert!((0..20).all(|_| chance.below(bound) < bound));
        prop_assert_eq!(chance.below(0), 0);
    }
}

/// Every number below a small bound is drawn about equally often.
#[test]
fn chance_is_even() {
    let mut counts = [0u32; 8];
    let mut chance = Chance::new(&[1; 32], 0);
    (0..8000).for_each(|_| counts[chance.below(8) as usize] += 1);
    // Five standard deviations of 30.
    assert!(counts.iter().all(|count| count.abs_diff(1000) < 150), "{counts:?}");
}

#[test]
fn wrong_parameters_are_named() {
    let digest = "0".repeat(63);
    let text = format!("size=many;hash={digest}");
    let mut parameters = Parameters::parse(&text).unwrap();
    let said = parameters.integer("size", 1, 2..=5).unwrap_err().to_string();
    assert_eq!(said, "the parameter `size` is an integer from 2 to 5, not `many`");
    assert_eq!(parameters.digest("hash"), Err(ParametersError::Digest("hash")));
    assert_eq!(parameters.digest("other"), Err(ParametersError::Missing("other")));
    assert_eq!(Parameters::parse("a=1;a=2"), Err(ParametersError::Twice("a".into())));
    assert_eq!(Parameters::parse("a=1;b"), Err(ParametersError::Form("b".into())));
    assert_eq!(Parameters::parse("a="), Err(ParametersError::Form("a=".into())));
}
