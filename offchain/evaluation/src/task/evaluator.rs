//! What a validator evaluates with, and how it comes to one.

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Canonical, Fault, Lane};
use crate::cache::{Cache, Cached};
use crate::canonical::cpu::Cpu;
use crate::model::Model;

/// Something that computes with models. Calls of its lanes block until the computation is done.
pub trait Evaluator: Debug + Send + Sync {
    /// The arithmetic, and what it runs on: for logs and reports.
    fn describe(&self) -> String;

    /// Prepares a model.
    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault>;
}

impl Evaluator for Cpu {
    fn describe(&self) -> String {
        format!("{} threads in integers", self.threads())
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Canonical::on_cpu(*self, model)?))
    }
}

/// An evaluator that computes each loss once.
#[derive(Debug)]
pub struct Remembering {
    evaluator: Arc<dyn Evaluator>,
    cache: Cache,
}

impl Remembering {
    /// Puts a cache before an evaluator.
    pub fn new(evaluator: Arc<dyn Evaluator>, cache: Cache) -> Self {
        Self { evaluator, cache }
    }
}

impl Evaluator for Remembering {
    fn describe(&self) -> String {
        self.evaluator.describe()
    }

    fn load<'a>(&'a self, model: &Model) -> Result<Box<dyn Lane + 'a>, Fault> {
        Ok(Box::new(Cached::new(self.evaluator.load(model)?, &self.cache)))
    }
}

/// Which arithmetic decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arithmetic {
    /// Integers, by `CANONICAL.md`: validators come to the same bits whatever they run on.
    #[default]
    Canonical,
    /// f32 on a GPU: fast, and different in the last bits from one device to another.
    Fast,
}

/// A name that is none of an arithmetic's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the arithmetic is `canonical` or `fast`")]
pub struct UnknownArithmetic;

impl FromStr for Arithmetic {
    type Err = UnknownArithmetic;

    fn from_str(name: &str) -> Result<Self, UnknownArithmetic> {
        match name {
            "canonical" => Ok(Self::Canonical),
            "fast" => Ok(Self::Fast),
            _ => Err(UnknownArithmetic),
        }
    }
}
