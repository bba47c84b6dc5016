//! An evaluator of text that miners contribute: what a model could learn of it that nobody has contributed before.
//!
//! Two things count. **Use**: on windows of the contribution, how many nats a byte the asset `learner` loses more than the
//! asset `reference`, a better model. That is the loss that a learner can get rid of by training on such text; it is low
//! for what is known to everybody, and for noise, which no model predicts (reducible holdout loss: Mindermann et al.,
//! "Prioritized Training on Points that are Learnable, Worth Learning, and Not Yet Learnt", 2022). **Novelty**: how much of
//! it stands neither in the asset `known`, nor in an earlier contribution of the round, nor earlier in itself. It is found
//! by fingerprints that survive changes of case, blanks and punctuation (winnowing: Schleimer, Wilkerson and Aiken, 2003).
//!
//! `merit = use · novel bytes`. The windows lie where something is new, and the round's seed chooses them, so that what is
//! paid for is what was looked at. No contribution may be larger than `most`, so that size alone does not win. What is not
//! text, mostly not new, largely one other's, or as unlikely as noise is worth nothing and is told why. What the learner
//! loses beyond `noise` does not count either: it fades what the reference, too, can make little of.
//!
//! Parameters: `learner` and `reference` (digests of language models whose tokens are bytes), `known` (digest of a text; may
//! be missing), `most` (bytes of a contribution, 65536), `windows` (of a contribution, 8), `length` (bytes predicted in
//! each, 128), `novelty` (per cent of a contribution that must be new, 50), `quotes` (per cent that may stand in a single
//! earlier contribution, 8), `noise` (thousandths of a bit a byte, 4000: a little more than the reference loses on the text
//! that is wanted tells most apart).
//!
//! Measured with `weak` as the learner, `strong` as the reference and their training text as what is known, on 8000 bytes
//! each (`tests/told_apart.rs`; losses in bits a byte, merit in thousands, `noise=2500`):
//!
//! | contribution | verdict |
//! |---|---|
//! | held-out text, twice | 3756, 3524 |
//! | of half the length | 2075 |
//! | every 3rd word replaced by another | 1587 |
//! | words in another order; random letters; a program | noise: 2.7, 9.3 and 7.1 bits |
//! | every 12th, every 6th word replaced; verses in another order | 50, 17 and 76 % are another's |
//! | known text; a sentence again and again | nothing new |
//! | random bytes | not text |
//!
//! Fuel is some 240 for each byte that is read: 5·10^9 for 256 contributions of 64 KiB and a known text of 1.4 MB.
#![no_std]

extern crate alloc;

mod examine;
mod fingerprints;
mod memo;
mod seen;
mod settings;
mod text;
mod usefulness;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use inktensor_evaluator::{
    Answer, Asset, AssetKind, Content, Description, Evaluator, Plan, Question, Round, Source, Span, Task, Verdict,
    Windows, materials,
};

pub use crate::examine::{Examiner, Finding, Spam};
pub use crate::fingerprints::{GRAM, WINDOW, fingerprints};
pub use crate::memo::Memo;
pub use crate::seen::Origin;
pub use crate::settings::Settings;
pub use crate::usefulness::{UsefulnessError, verdicts};

/// The names of the assets.
const LEARNER: &str = "learner";
const REFERENCE: &str = "reference";
const KNOWN: &str = "known";

/// The evaluator.
#[derive(Debug)]
pub struct Dataset;

impl Evaluator for Dataset {
    fn describe(parameters: String) -> Result<Description, String> {
        let settings = Settings::parse(&parameters)?;
        let asset = |name: &str, digest, kind| Asset { name: name.into(), digest, kind };
        let models = [(LEARNER, settings.learner), (REFERENCE, settings.reference)];
        let models = models.into_iter().map(|(name, digest)| asset(name, digest, AssetKind::Model));
        let known = settings.known.map(|digest| asset(KNOWN, digest, AssetKind::Data));
        Ok(Description {
            name: "dataset".into(),
            summary: "Text is worth what a model can learn of it that was not known before.".into(),
            assets: models.chain(known).collect(),
        })
    }

    fn plan(round: Round) -> Result<Plan, String> {
        let settings = Settings::parse(&round.parameters)?;
        let mut examiner = Examiner::new(&settings, &round.seed);
        if settings.known.is_some() {
            let known = Source::Asset(KNOWN.into());
            examiner.know(&materials::whole(&known));
        }
        let mut memo = Memo::default();
        let mut spans = Vec::new();
        for (index, contribution) in (0..).zip(&round.contributions) {
            let source = Source::Contribution(index);
            // Its size is looked at before it is read.
            let found = match contribution.content {
                Content::Model(_) => Err(Spam::Model),
                Content::Data => examiner
                    .admit(contribution.size)
                    .and_then(|()| examiner.examine(contribution.uid, &materials::whole(&source))),
            };
            if let Ok(finding) = &found {
                let span = |&offset: &u64| Span { source: source.clone(), offset, length: settings.length + 1 };
                spans.extend(finding.windows.iter().map(span));
            }
            memo.push(found);
        }
        let ask = |model: &str, spans| Question {
            model: Source::Asset(model.into()),
            task: Task::Likelihood(Windows::Spans(spans)),
        };
        let questions =
            if spans.is_empty() { Vec::new() } else { alloc::vec![ask(LEARNER, spans.clone()), ask(REFERENCE, spans)] };
        Ok(Plan { questions, memo: memo.to_bytes() })
    }

    fn score(round: Round, memo: Vec<u8>, answers: Vec<Answer>) -> Result<Vec<Verdict>, String> {
        let settings = Settings::parse(&round.parameters)?;
        let memo = Memo::from_bytes(&memo).ok_or("the memo is not that of `plan`")?;
        let [learner, reference] = match answers.as_slice() {
            [] => [&[][..], &[]],
            [learner, reference] => [likelihoods(LEARNER, learner)?, likelihoods(REFERENCE, reference)?],
            _ => return Err("the answers are not those to the questions".to_string()),
        };
        verdicts(&memo, learner, reference, &settings).map_err(|error| error.to_string())
    }
}

/// What a model said of all windows.
fn likelihoods<'a>(name: &str, answer: &'a Answer) -> Result<&'a [inktensor_evaluator::Likelihood], String> {
    match answer {
        Answer::Likelihoods(likelihoods) => Ok(likelihoods),
        Answer::Fault(fault) => Err(format!("the asset `{name}` cannot answer: {fault}")),
        _ => Err("the answers are not those to the questions".to_string()),
    }
}

#[cfg(target_family = "wasm")]
inktensor_evaluator::export!(Dataset);
