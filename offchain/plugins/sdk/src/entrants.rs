//! Who takes part in a contest of models.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Content, Contribution, Output};

/// For each contribution its uid, or why it takes no part in a contest of models that make `output`: it is no such model,
/// or has the weights of an earlier one. `contributions` stand in the order of their commits, as a round's do.
pub fn entrants(contributions: &[Contribution], output: Output) -> Vec<Result<u16, String>> {
    let mut known: BTreeMap<&[u8], u16> = BTreeMap::new();
    let mut entrants = Vec::new();
    for contribution in contributions {
        entrants.push(match &contribution.content {
            Content::Data => Err("not a model".into()),
            Content::Model(facts) if facts.output != output => Err(format!("not a model of {}", name(output))),
            Content::Model(facts) => match known.get(facts.weights.as_slice()) {
                Some(earlier) => Err(format!("the weights are those of uid {earlier}")),
                None => {
                    known.insert(&facts.weights, contribution.uid);
                    Ok(contribution.uid)
                }
            },
        });
    }
    entrants
}

fn name(output: Output) -> &'static str {
    match output {
        Output::Language => "language",
        Output::Embedding => "embeddings",
        Output::Classes => "classes",
    }
}
