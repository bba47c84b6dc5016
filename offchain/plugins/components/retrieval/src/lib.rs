//! An evaluator of models that embed texts: whether the passages that answer a query are nearest to it.
//!
//! The asset `set` holds passages and queries; [`Set::parse`] says how. A round asks all models about the same part of it,
//! drawn by the seed, so that there is room for the answers of as many models as there are: up to 128 texts where there are
//! 256, 256 where there are 64, 512 where there are 16, of 1 KiB on average ([`Set::drawn`]). A model's figure is nDCG@10,
//! the mean over the queries drawn, among the passages drawn, and its loss what that lacks of 1. From losses come shares by
//! the rule of language models (`inktensor_score::weights_of_losses`): the first model is champion until a later one's loss
//! is lower by more than `epsilon`, the champion has twice what anybody else can get, and the others' shares halve with
//! every `half` that they are behind it. So a model that finds no better than chance gets next to nothing beside a good one.
//! A copy of the weights of an earlier model gets nothing.
//!
//! Parameters: `set` (digest of the table), `epsilon` (basis points, 100), `half` (thousandths of nDCG, 25).
#![no_std]

extern crate alloc;

mod contest;
mod draw;
mod set;

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use inktensor_evaluator::{
    Answer, Asset, AssetKind, Description, Evaluator, Output, Parameters, ParametersError, Plan, Question, Round,
    Source, Task, Verdict, entrants, materials,
};
use inktensor_score::{Loss, Margin, WeightRule};

pub use crate::contest::{ContestError, judge};
pub use crate::draw::Amount;
pub use crate::set::{Problem, Set, SetError};

/// The name of the table.
const SET: &str = "set";

/// The evaluator.
#[derive(Debug)]
pub struct Retrieval;

impl Evaluator for Retrieval {
    fn describe(parameters: String) -> Result<Description, String> {
        let (digest, _) = settings(&parameters)?;
        Ok(Description {
            name: "retrieval".into(),
            summary: "Models that embed texts are worth more the better they find what answers a query.".into(),
            assets: vec![Asset { name: SET.into(), digest, kind: AssetKind::Data }],
        })
    }

    fn plan(round: Round) -> Result<Plan, String> {
        let texts = drawn(&round)?.into_texts();
        let entrants = entrants(&round.contributions, Output::Embedding);
        let ask = |index| Question { model: Source::Contribution(index), task: Task::Embeddings(texts.clone()) };
        let questions = (0..).zip(&entrants).filter(|(_, entrant)| entrant.is_ok()).map(|(index, _)| ask(index));
        Ok(Plan { questions: questions.collect(), memo: Vec::new() })
    }

    fn score(round: Round, _: Vec<u8>, answers: Vec<Answer>) -> Result<Vec<Verdict>, String> {
        let (_, rule) = settings(&round.parameters)?;
        judge(&drawn(&round)?, &round.contributions, &answers, &rule).map_err(|error| error.to_string())
    }
}

/// The digest of the table, and the rule.
fn settings(text: &str) -> Result<(Vec<u8>, WeightRule), ParametersError> {
    let mut parameters = Parameters::parse(text)?;
    let digest = parameters.digest(SET)?;
    let rule = WeightRule {
        // In its range.
        margin: Margin { epsilon_bps: parameters.integer("epsilon", 100, 0..=10_000)? as u16, ..Margin::default() },
        half_life: Loss((parameters.integer("half", 25, 1..=1_000)? << 32) / 1000),
    };
    parameters.finish()?;
    Ok((digest, rule))
}

/// What of the table a round asks about.
fn drawn(round: &Round) -> Result<Set, String> {
    let set = Set::parse(&materials::whole(&Source::Asset(SET.into()))).map_err(|error| error.to_string())?;
    let models = entrants(&round.contributions, Output::Embedding).iter().filter(|entrant| entrant.is_ok()).count();
    Ok(set.drawn(models, &round.seed))
}

#[cfg(target_family = "wasm")]
inktensor_evaluator::export!(Retrieval);
