//! The judge that a subnet's evaluator asks for.

use async_trait::async_trait;
use inktensor_primitives::registry::{Evaluator, EvaluatorKind};

use super::component_judge::ComponentJudge;
use super::judge::{Abstention, Finding, Judge};
use super::model_judge::ModelJudge;
use crate::subnet::Assignment;

/// One judge for each kind of evaluator.
pub struct Judges {
    /// Of the built-in evaluator.
    pub models: ModelJudge,
    /// Of components.
    pub components: ComponentJudge,
}

#[async_trait]
impl Judge for Judges {
    async fn prepare(&self, evaluator: &Evaluator) -> Result<(), Abstention> {
        match evaluator.kind {
            EvaluatorKind::LanguageModel => self.models.prepare(evaluator).await,
            EvaluatorKind::Component => self.components.prepare(evaluator).await,
        }
    }

    async fn judge(&self, assignment: &Assignment, seed: [u8; 32]) -> Result<Vec<Finding>, Abstention> {
        match assignment.evaluator.kind {
            EvaluatorKind::LanguageModel => self.models.judge(assignment, seed).await,
            EvaluatorKind::Component => self.components.judge(assignment, seed).await,
        }
    }
}
