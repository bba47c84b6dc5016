//! Bits per byte of a language model on windows of held-out text.

use super::{Evaluation, Evaluator, Fault, MinerFault, Outcome, Task, ValidatorFault, WorkLimits, check, run};
use crate::canonical::transcript::{Entry, Transcript};
use crate::digest::Digest;
use crate::model::{Architecture, Limits, Model, Output};
use crate::score::{Score, ScoreError, from_floats};
use crate::tokenizer::{Reading, Tokenizer};
use crate::window::{Window, WindowResult};

/// Models and windows are bounded by the caller's own limits.
const UNBOUNDED: WorkLimits = WorkLimits { tokens: u64::MAX, operations: u64::MAX };

/// Windows that were chosen and packed already.
#[derive(Debug, Clone, Copy)]
pub struct BitsPerByte<'a>(pub &'a [Window]);

impl Task for BitsPerByte<'_> {
    type Question = Window;
    type Figure = Score;

    fn plan(&self, architecture: &Architecture, _: &Tokenizer) -> Result<Vec<Window>, Fault> {
        language(architecture)?;
        Ok(self.0.to_vec())
    }

    fn score(&self, windows: &[Window], answers: &[i64]) -> Result<Score, Fault> {
        score(windows.iter().map(Window::bytes), answers)
    }
}

/// Reads `file` as a model and measures it on `spans` of a text, as its tokenizer reads them ([`Tokenizer::read`]). Blocks
/// until that is done.
pub fn evaluate(evaluator: &dyn Evaluator, file: &[u8], limits: &Limits, spans: &[impl AsRef<[u8]>]) -> Evaluation {
    let model = match Model::from_bytes(file, limits) {
        Ok(model) => model,
        Err(error) => {
            let outcome = Outcome::Miner(MinerFault::Model(error));
            return Evaluation { file: Digest::of(file), tensors: None, outcome };
        }
    };
    let outcome = measure_spans(evaluator, &model, spans);
    Evaluation { file: model.digest(), tensors: Some(model.tensor_digest()), outcome }
}

/// Measures a model on `spans` of a text, as its tokenizer reads them ([`Tokenizer::read`]). Blocks until that is done.
pub fn measure_spans(evaluator: &dyn Evaluator, model: &Model, spans: &[impl AsRef<[u8]>]) -> Outcome {
    read(evaluator, model, spans).into()
}

fn read(evaluator: &dyn Evaluator, model: &Model, spans: &[impl AsRef<[u8]>]) -> Result<Score, Fault> {
    let architecture = model.architecture();
    language(architecture)?;
    let tokenizer = Tokenizer::of(model).map_err(MinerFault::Tokenizer)?;
    let readings: Vec<Reading> = spans
        .iter()
        .map(|span| tokenizer.read(span.as_ref()).map_err(|_| ValidatorFault::Score(ScoreError::Windows)))
        .collect::<Result<_, _>>()?;
    let windows: Vec<Window> = readings.iter().filter_map(Reading::window).cloned().collect();
    check(architecture, &windows, &UNBOUNDED)?;
    let losses = if windows.is_empty() { Vec::new() } else { evaluator.load(model)?.nll(&windows)? };
    let mut losses = losses.into_iter();
    let nats: Option<Vec<i64>> = readings.iter().map(|reading| reading.nats(&mut losses)).collect();
    match nats {
        Some(nats) if losses.len() == 0 => score(readings.iter().map(Reading::bytes), &nats),
        _ => Err(ValidatorFault::Answers.into()),
    }
}

/// Measures a model on `windows` that were made with its tokenizer. Blocks until that is done.
pub fn measure(evaluator: &dyn Evaluator, model: &Model, tokenizer: &Tokenizer, windows: &[Window]) -> Outcome {
    match evaluator.load(model) {
        Ok(lane) => run(&BitsPerByte(windows), lane.as_ref(), model.architecture(), tokenizer, &UNBOUNDED),
        Err(fault) => Err(fault).into(),
    }
}

/// The same, with a transcript of it, which only the canonical arithmetic leaves.
pub fn transcribe(evaluator: &dyn Evaluator, model: &Model, windows: &[Window]) -> Outcome<(Score, Transcript)> {
    let attempt = || {
        let lane = evaluator.load(model)?;
        language(model.architecture())?;
        check(model.architecture(), windows, &UNBOUNDED)?;
        let losses = lane.losses(windows)?;
        if losses.len() != windows.len() {
            return Err(Fault::Validator(ValidatorFault::Answers));
        }
        let nll: Vec<i64> = losses.iter().map(|loss| loss.nll).collect();
        let entries = windows.iter().cloned().zip(losses).map(|(window, loss)| Entry { window, loss }).collect();
        let transcript = Transcript::of(lane.model(), entries).map_err(ValidatorFault::Transcript)?;
        Ok((score(windows.iter().map(Window::bytes), &nll)?, transcript))
    };
    attempt().into()
}

/// Fails where the model does not predict tokens.
pub(super) fn language(architecture: &Architecture) -> Result<(), MinerFault> {
    match architecture {
        Architecture::Transformer(transformer) if matches!(transformer.output, Output::Language { .. }) => Ok(()),
        _ => Err(MinerFault::WrongKind { wanted: "the likelihood of text" }),
    }
}

/// The score of windows that predict `bytes` each and cost `nll` nats, Q32.32.
pub(super) fn score(bytes: impl IntoIterator<Item = u32>, nll: &[i64]) -> Result<Score, Fault> {
    // A sum of nats below 2^21 is exact in f64, and one division rounds the same everywhere.
    let result = |(&nll, bytes): (&i64, u32)| WindowResult { nll_nats: nll as f64 / 4_294_967_296.0, bytes };
    let results: Vec<WindowResult> = nll.iter().zip(bytes).map(result).collect();
    from_floats(&results).map_err(|error| match error {
        ScoreError::NotFinite { window } => Fault::Miner(MinerFault::NonFiniteLoss { window }),
        error => Fault::Validator(ValidatorFault::Score(error)),
    })
}
