//! What an evaluation's contributions and assets are, as the evaluator names them.

use std::collections::BTreeMap;
use std::sync::Arc;

use inktensor_evaluation::model::Model;

use crate::bindings::Source;
use crate::round::{Content, Contribution, Round};

/// Contributions and assets.
#[derive(Debug)]
pub(crate) struct Sources {
    contributions: Vec<Contribution>,
    assets: BTreeMap<String, Content>,
}

impl Sources {
    pub(crate) fn new(round: &Round, assets: &BTreeMap<String, Content>) -> Self {
        Self { contributions: round.contributions.clone(), assets: assets.clone() }
    }

    /// What a source is, or why there is no such thing.
    pub(crate) fn find(&self, source: &Source) -> Result<&Content, String> {
        match source {
            Source::Contribution(index) => self
                .contributions
                .get(*index as usize)
                .map(|contribution| &contribution.content)
                .ok_or_else(|| format!("names contribution {index} of {}", self.contributions.len())),
            Source::Asset(name) => {
                self.assets.get(name).ok_or_else(|| format!("names the asset {name:?}, which `describe` does not"))
            }
        }
    }

    /// The model that a source is.
    pub(crate) fn model(&self, source: &Source) -> Result<&Model, String> {
        match self.find(source)? {
            Content::Model(model) => Ok(model),
            Content::Data(_) => Err(format!("asks {}, which is no model", name(source))),
        }
    }

    /// The bytes that a source is. A model's are not shown: it may be a folder, and it stays on disk.
    pub(crate) fn data(&self, source: &Source) -> Result<&Arc<[u8]>, String> {
        match self.find(source)? {
            Content::Data(bytes) => Ok(bytes),
            Content::Model(_) => Err(format!("reads {}, which is a model", name(source))),
        }
    }
}

fn name(source: &Source) -> String {
    match source {
        Source::Contribution(index) => format!("contribution {index}"),
        Source::Asset(name) => format!("the asset {name:?}"),
    }
}
