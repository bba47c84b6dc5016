//! An evaluator to begin with: texts are worth what a language model finds likely in them.
//!
//! It has all that an evaluator has: parameters, an asset, a question to a model, and verdicts. What is worth testing is in
//! plain functions, which `cargo test` calls natively; the sandbox calls `describe`, `plan` and `score`.
#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use inktensor_evaluator::{
    Answer, Asset, AssetKind, Chance, Content, Contribution, Description, Evaluator, Likelihood, Parameters,
    ParametersError, Plan, Question, Round, Source, Span, Task, Verdict, Windows,
};

/// What a uniform guess loses on a byte, in nats Q32: `2^32 · ln 256`.
const UNIFORM: i64 = 23_816_355_775;

/// The evaluator.
struct Likely;

impl Evaluator for Likely {
    /// What it is and needs. This is where parameters are checked, before a subnet's owner puts them on chain.
    fn describe(parameters: String) -> Result<Description, String> {
        let settings = Settings::parse(&parameters)?;
        Ok(Description {
            name: "likely".into(),
            summary: "Texts are worth what the judge finds likely in them.".into(),
            assets: vec![Asset { name: "judge".into(), digest: settings.judge, kind: AssetKind::Model }],
        })
    }

    /// The questions: one to the judge, about a window of each contribution that has one.
    fn plan(round: Round) -> Result<Plan, String> {
        let settings = Settings::parse(&round.parameters)?;
        let window = |(index, contribution)| {
            let offset = window(&round.seed, contribution, settings.length).ok()?;
            Some(Span { source: Source::Contribution(index), offset, length: settings.length })
        };
        let spans: Vec<Span> = (0..).zip(&round.contributions).filter_map(window).collect();
        let mut questions = Vec::new();
        if !spans.is_empty() {
            let task = Task::Likelihood(Windows::Spans(spans));
            questions.push(Question { model: Source::Asset("judge".into()), task });
        }
        Ok(Plan { questions, memo: Vec::new() })
    }

    /// The verdicts, one for each contribution. Nothing is left of `plan` here but its memo, so windows are found anew.
    fn score(round: Round, _memo: Vec<u8>, answers: Vec<Answer>) -> Result<Vec<Verdict>, String> {
        let settings = Settings::parse(&round.parameters)?;
        let mut likelihoods = match answers.as_slice() {
            [] => [].iter(),
            [Answer::Likelihoods(likelihoods)] => likelihoods.iter(),
            _ => return Err("the judge cannot answer".into()),
        };
        let judge = |contribution| match window(&round.seed, contribution, settings.length) {
            Ok(_) => likelihoods.next().map(|likelihood| Verdict::Merit(merit(likelihood))),
            Err(fault) => Some(Verdict::Fault(fault)),
        };
        let verdicts: Option<Vec<Verdict>> = round.contributions.iter().map(judge).collect();
        verdicts.ok_or_else(|| "an answer is missing".into())
    }
}

// The sandbox only: native tests have no host to be known to.
#[cfg(target_family = "wasm")]
inktensor_evaluator::export!(Likely);

/// What the subnet's owner decides.
struct Settings {
    /// blake2b-256 of a language model whose tokens are bytes.
    judge: Vec<u8>,
    /// Bytes that the judge reads of each contribution.
    length: u32,
}

impl Settings {
    fn parse(text: &str) -> Result<Self, ParametersError> {
        let mut parameters = Parameters::parse(text)?;
        // What is in its range fits its type.
        let length = parameters.integer("length", 128, 2..=1024)? as u32;
        let settings = Self { judge: parameters.digest("judge")?, length };
        parameters.finish()?;
        Ok(settings)
    }
}

/// Where the window of a contribution begins, as the seed has it; or why there is none.
fn window(seed: &[u8], contribution: &Contribution, length: u32) -> Result<u64, String> {
    if contribution.content != Content::Data {
        return Err("a model, not text".into());
    }
    let places = (contribution.size + 1).checked_sub(length.into()).filter(|places| *places > 0);
    let places = places.ok_or_else(|| alloc::format!("too small: {length} bytes are needed"))?;
    Ok(Chance::new(seed, contribution.uid.into()).below(places))
}

/// What the judge saves against a uniform guess, in nats a byte, Q32; nothing where it saves nothing.
fn merit(likelihood: &Likelihood) -> u64 {
    let mean = likelihood.nats / i64::from(likelihood.bytes.max(1));
    u64::try_from(UNIFORM - mean).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(uid: u16, size: u64) -> Contribution {
        Contribution { uid, digest: vec![0; 32], size, block: 1, content: Content::Data }
    }

    #[test]
    fn windows_lie_inside_of_the_text() {
        for size in 64..200 {
            assert!(window(&[7; 32], &text(3, size), 64).is_ok_and(|offset| offset + 64 <= size));
        }
        assert!(window(&[7; 32], &text(3, 63), 64).is_err());
    }

    #[test]
    fn likelier_text_is_worth_more_and_noise_nothing() {
        let worth = |nats: i64| merit(&Likelihood { nats: nats * 10, bytes: 10 });
        assert!(worth(UNIFORM / 4) > worth(UNIFORM / 2));
        assert_eq!((worth(UNIFORM), worth(UNIFORM + 1)), (0, 0));
    }

    #[test]
    fn what_is_missing_or_misspelt_is_named() {
        let said = |text: &str| Settings::parse(text).map(|_| ()).map_err(String::from);
        assert_eq!(said("length=64"), Err("the parameter `judge` is missing".into()));
        let misspelt = alloc::format!("judge={};lenght=64", "00".repeat(32));
        assert_eq!(said(&misspelt), Err("unknown parameters: lenght".into()));
    }
}
