//! An evaluator of language models: how many bits a byte of held-out text costs them.
//!
//! All models are asked about the same windows of the asset `corpus`, which the round's seed chooses. The champion is the
//! first model until a later one beats it window by window, by more than a margin; the others' shares halve with what they
//! lose behind it (`inktensor-score`). Models may have tokenizers of their own: all are asked about the same bytes. Copies
//! are worth nothing: those of the same weights, and those that compute nearly the same.
//!
//! Parameters: `corpus` (digest of a text), `windows` (64), `length` (bytes predicted in each, 128), `epsilon` (basis points
//! by which a later model's loss must be lower, 50), `errors` (tenths of a standard error that it must be ahead, 20),
//! `half` (thousandths of a bit a byte behind the champion that halve a share, 250).
#![no_std]

extern crate alloc;

mod contest;
mod settings;

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use inktensor_evaluator::{
    Answer, Asset, AssetKind, Description, Evaluator, Output, Plan, Question, Round, Sample, Source, Task, Verdict,
    Windows, entrants,
};

pub use crate::contest::{ContestError, judge};
pub use crate::settings::Settings;

/// The name of the text.
const CORPUS: &str = "corpus";

/// The evaluator.
#[derive(Debug)]
pub struct Language;

impl Evaluator for Language {
    fn describe(parameters: String) -> Result<Description, String> {
        let digest = Settings::parse(&parameters)?.corpus;
        Ok(Description {
            name: "language".into(),
            summary: "Language models are worth what they save in bits on held-out text.".into(),
            assets: vec![Asset { name: CORPUS.into(), digest, kind: AssetKind::Data }],
        })
    }

    fn plan(round: Round) -> Result<Plan, String> {
        let settings = Settings::parse(&round.parameters)?;
        let sample = Sample { asset: CORPUS.into(), count: settings.windows, length: settings.length };
        let ask = |index: u32| Question {
            model: Source::Contribution(index),
            task: Task::Likelihood(Windows::Sampled(sample.clone())),
        };
        let entrants = entrants(&round.contributions, Output::Language);
        let questions = (0..).zip(&entrants).filter(|(_, entrant)| entrant.is_ok()).map(|(index, _)| ask(index));
        Ok(Plan { questions: questions.collect(), memo: Vec::new() })
    }

    fn score(round: Round, _: Vec<u8>, answers: Vec<Answer>) -> Result<Vec<Verdict>, String> {
        let rules = Settings::parse(&round.parameters)?.rules;
        judge(&round.contributions, &answers, &rules).map_err(|error| error.to_string())
    }
}

#[cfg(target_family = "wasm")]
inktensor_evaluator::export!(Language);
