//! Figures: what contributions come to, and what they may be held against.

use blake2::Digest as _;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};
use scale::Encode;

use crate::validator::Blake2b256;

/// What a contribution came to in the measure of its evaluator, or an average of that over epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Figure(pub u64);

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Bits per byte in Q32.32. Lower is better.
    Loss,
    /// A share of the reward, in proportion to the others'. Higher is better.
    Merit,
}

impl Measure {
    /// The name as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Merit => "merit",
        }
    }
}

/// By what figures are made. Those of one yardstick may be averaged, those of two may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yardstick {
    /// blake2b-256 of the evaluator's kind, code hash and parameters, in SCALE; where it is fetched from does not matter.
    pub evaluator: [u8; 32],
    /// What its figures are.
    pub measure: Measure,
}

impl Yardstick {
    /// That of an evaluator.
    pub fn of(evaluator: &Evaluator) -> Self {
        let Evaluator { kind, code_hash, uri: _, parameters } = evaluator;
        let measure = match kind {
            EvaluatorKind::LanguageModel => Measure::Loss,
            EvaluatorKind::Component => Measure::Merit,
        };
        Self { evaluator: Blake2b256::digest((kind, code_hash, parameters).encode()).into(), measure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yardstick_is_another_when_anything_but_the_place_is() {
        let base = Evaluator {
            kind: EvaluatorKind::Component,
            code_hash: [1; 32].into(),
            uri: "http://one".to_owned(),
            parameters: "windows=20".to_owned(),
        };
        let moved = Evaluator { uri: "http://other".to_owned(), ..base.clone() };
        assert_eq!(Yardstick::of(&base), Yardstick::of(&moved));
        for other in [
            Evaluator { kind: EvaluatorKind::LanguageModel, ..base.clone() },
            Evaluator { code_hash: [2; 32].into(), ..base.clone() },
            Evaluator { parameters: "windows=21".to_owned(), ..base.clone() },
        ] {
            assert_ne!(Yardstick::of(&base).evaluator, Yardstick::of(&other).evaluator, "{other:?}");
        }
    }
}
