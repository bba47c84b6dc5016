//! What f16 cannot hold, in f32.

use super::{Engine, EngineError};
use crate::kernels::Kernels;

impl Engine {
    /// Answers questions in turn. Where products are in f16, a question whose answer is not finite is asked again with
    /// products in f32, it alone: an answer depends on no other question.
    pub(super) fn answers<Q: Clone>(
        &self,
        questions: &[Q],
        ask: impl Fn(&Kernels, &[Q]) -> Result<Vec<Vec<f32>>, EngineError>,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let _turn = self.turn();
        let ask = |kernels: &Kernels, questions: &[Q]| ask(kernels, questions).inspect_err(|_| self.forget());
        let mut answers = ask(&self.kernels, questions)?;
        let Some(wide) = &self.wide else { return Ok(answers) };
        let beyond = |answer: &Vec<f32>| answer.iter().any(|number| !number.is_finite());
        let (beyond, again): (Vec<&mut Vec<f32>>, Vec<Q>) =
            answers.iter_mut().zip(questions).filter(|(answer, _)| beyond(answer)).map(|(a, q)| (a, q.clone())).unzip();
        if again.is_empty() {
            return Ok(answers);
        }
        tracing::debug!(questions = again.len(), "beyond f16: multiplying in f32");
        for (answer, found) in beyond.into_iter().zip(ask(wide, &again)?) {
            *answer = found;
        }
        Ok(answers)
    }

    /// Drops what kernels keep.
    fn forget(&self) {
        for kernels in [&self.kernels].into_iter().chain(&self.wide) {
            kernels.forget();
        }
    }
}
