//! An evaluator that was loaded.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use inktensor_evaluation::Digest;
use inktensor_evaluation::task::Evaluator;

use crate::answers::answer;
use crate::bindings::EvaluatorPre;
use crate::call::{State, call};
use crate::fault::{Call, EvaluatorFault, RoundFault};
use crate::limits::Limits;
use crate::questions;
use crate::round::{Content, Description, Report, Round};
use crate::sources::Sources;
use crate::wire;

/// An evaluator, compiled. Clones share the code; calls of it share nothing.
#[derive(Clone)]
pub struct Plugin {
    evaluator: EvaluatorPre<State>,
    digest: Digest,
    limits: Limits,
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plugin({})", self.digest)
    }
}

impl Plugin {
    pub(crate) fn new(evaluator: EvaluatorPre<State>, digest: Digest, limits: Limits) -> Self {
        Self { evaluator, digest, limits }
    }

    /// blake2b-256 of the component: its name on chain.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What the evaluator is and needs, by the owner's parameters.
    ///
    /// # Errors
    /// What is wrong with the evaluator, or with the parameters in its own words.
    pub fn describe(&self, parameters: &str) -> Result<Description, EvaluatorFault> {
        let described = call(&self.evaluator, &self.limits, Call::Describe, None, |evaluator, store| {
            evaluator.call_describe(store, parameters)
        })?;
        wire::description(described.value, &self.limits)
    }

    /// Asks what a round's contributions are worth. Blocks until the models have answered.
    ///
    /// `assets` holds what [`Self::describe`] named with the round's parameters, and nothing else.
    ///
    /// # Errors
    /// What is wrong with the evaluator, the same for every validator; or why this one cannot compute. It abstains.
    pub fn evaluate(
        &self,
        round: &Round,
        assets: &BTreeMap<String, Content>,
        evaluator: &dyn Evaluator,
    ) -> Result<Report, RoundFault> {
        let sources = Arc::new(Sources::new(round, assets));
        let wire = wire::round(round);
        let mut planned =
            call(&self.evaluator, &self.limits, Call::Plan, Some(Arc::clone(&sources)), |evaluator, store| {
                evaluator.call_plan(store, &wire)
            })?;
        let plan = planned.value;
        let groups = questions::check(&plan, &sources, &self.limits)?;
        let (answers, work) = answer(&plan, &groups, &sources, round.seed, evaluator, &self.limits)?;
        let scored = call(&self.evaluator, &self.limits, Call::Score, Some(sources), |evaluator, store| {
            evaluator.call_score(store, &wire, &plan.memo, &answers)
        })?;
        let mut log = std::mem::take(&mut planned.log);
        log.extend(scored.log);
        log.truncate(self.limits.log_lines);
        let verdicts = wire::verdicts(scored.value, round.contributions.len(), &self.limits)?;
        Ok(Report { verdicts, work, fuel: planned.fuel + scored.fuel, log })
    }
}
