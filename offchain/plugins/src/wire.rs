//! Rounds on their way to an evaluator, and what comes back.

use std::collections::BTreeSet;

use inktensor_evaluation::Digest;
use inktensor_evaluation::model::{Architecture, Model, Output};

use crate::bindings::{self, ModelFacts};
use crate::fault::EvaluatorFault;
use crate::limits::{Limits, cut};
use crate::round::{Asset, AssetKind, Content, Contribution, Description, Round, Verdict};

pub(crate) fn round(round: &Round) -> bindings::Round {
    bindings::Round {
        netuid: round.netuid,
        epoch: round.epoch,
        seed: round.seed.to_vec(),
        parameters: round.parameters.clone(),
        contributions: round.contributions.iter().map(contribution).collect(),
    }
}

fn contribution(contribution: &Contribution) -> bindings::Contribution {
    bindings::Contribution {
        uid: contribution.uid,
        digest: contribution.digest.0.to_vec(),
        size: contribution.size,
        block: contribution.block,
        content: match &contribution.content {
            Content::Model(model) => bindings::Content::Model(facts(model)),
            Content::Data(_) => bindings::Content::Data,
        },
    }
}

fn facts(model: &Model) -> ModelFacts {
    // Models are read with bounds far below 2^32.
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (output, vocabulary, positions) = match model.architecture() {
        Architecture::Perceptron(_) => (bindings::Output::Classes, 0, 0),
        Architecture::Transformer(shape) => {
            let output = match shape.output {
                Output::Language { .. } => bindings::Output::Language,
                Output::Embedding => bindings::Output::Embedding,
                Output::Classes { .. } => bindings::Output::Classes,
            };
            (output, number(shape.vocabulary), number(shape.positions))
        }
    };
    let weights = model.tensor_digest().0.to_vec();
    ModelFacts { weights, output, parameters: model.parameters(), vocabulary, positions }
}

/// A description, within bounds and with each asset's name once.
pub(crate) fn description(found: bindings::Description, limits: &Limits) -> Result<Description, EvaluatorFault> {
    let bad = |reason: String| EvaluatorFault::BadDescription { reason };
    let named = |what: &str, name: &str, limit: usize| match name.len() {
        length if (1..=limit).contains(&length) => Ok(()),
        length => Err(bad(format!("has a {what} of {length} bytes. Take 1 to {limit}"))),
    };
    named("name", &found.name, limits.name)?;
    named("summary", &found.summary, limits.sentence)?;
    if found.assets.len() > limits.assets {
        return Err(bad(format!("names {} assets, the limit is {}. Join some", found.assets.len(), limits.assets)));
    }
    let mut seen = BTreeSet::new();
    let asset = |asset: bindings::Asset| {
        named("asset's name", &asset.name, limits.name)?;
        if !seen.insert(asset.name.clone()) {
            return Err(bad(format!("names the asset {:?} twice. Give each its own name", asset.name)));
        }
        let wrong = |digest: Vec<u8>| bad(format!("has a digest of {} bytes. blake2b-256 has 32", digest.len()));
        let kind = match asset.kind {
            bindings::AssetKind::Data => AssetKind::Data,
            bindings::AssetKind::Model => AssetKind::Model,
        };
        Ok(Asset { name: asset.name, digest: Digest(asset.digest.try_into().map_err(wrong)?), kind })
    };
    let assets = found.assets.into_iter().map(asset).collect::<Result<_, _>>()?;
    Ok(Description { name: found.name, summary: found.summary, assets })
}

/// One verdict for each of `expected` contributions.
pub(crate) fn verdicts(
    found: Vec<bindings::Verdict>,
    expected: usize,
    limits: &Limits,
) -> Result<Vec<Verdict>, EvaluatorFault> {
    if found.len() != expected {
        return Err(EvaluatorFault::BadVerdicts { expected, found: found.len() });
    }
    let verdict = |verdict| match verdict {
        bindings::Verdict::Merit(merit) => Verdict::Merit(merit),
        bindings::Verdict::Fault(reason) => Verdict::Fault(cut(&reason, limits.sentence)),
    };
    Ok(found.into_iter().map(verdict).collect())
}
