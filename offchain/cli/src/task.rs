//! `inktensor task`: what models make of a task in a file.

use std::path::{Path, PathBuf};

use clap::Args;
use inktensor_evaluation::model::Model;
use inktensor_evaluation::task::{
    self, Accuracy, Evaluator, Fault, MinerFault, MultipleChoice, Outcome, ReferenceLoss, Retrieval, Similarity, Task,
    TaskError, WorkLimits,
};
use inktensor_evaluation::tokenizer::Tokenizer;
use serde::Deserialize;
use serde_json::json;

use crate::device::Device;
use crate::error::CliError;
use crate::model::{self, ModelLimits};

/// Arguments of `inktensor task`.
#[derive(Args)]
#[command(
    after_help = "The file's `schema` says what is asked: inktensor/multiple-choice/1, inktensor/reference-loss/1,
inktensor/similarity/1, inktensor/retrieval/1 or inktensor/accuracy/1. offchain/evaluation/README.md shows one of each."
)]
pub struct Options {
    /// The task (JSON).
    #[arg(long, value_name = "FILE")]
    task: PathBuf,
    /// Models: safetensors files, or folders with config.json, weights and perhaps tokenizer.json.
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    model: Vec<PathBuf>,
    #[command(flatten)]
    device: Device,
    #[command(flatten)]
    limits: ModelLimits,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// A task of any kind.
enum Any {
    Choice(MultipleChoice),
    Reference(ReferenceLoss),
    Similarity(Similarity),
    Retrieval(Retrieval),
    Accuracy(Accuracy),
}

/// Runs the task on the models one after the other. A faulty one does not stop the others; it fails the command at the
/// end.
pub fn run(options: &Options) -> Result<(), CliError> {
    let failed = |source| CliError::Io { path: options.task.clone(), source };
    let file = std::fs::read(&options.task).map_err(failed)?;
    let task = Any::read(&file)?;
    let evaluator = options.device.open()?;
    eprintln!("{} on {}", task.metric(), evaluator.describe());
    let mut rows = Vec::with_capacity(options.model.len());
    for path in &options.model {
        let figure = match task.ask(evaluator.as_ref(), path, &options.limits)? {
            Ok(figure) => Ok(figure),
            Err(Fault::Miner(fault)) => Err(fault.to_string()),
            Err(Fault::Validator(fault)) => {
                return Err(CliError::Abstained { validator: "the evaluator".to_owned(), reason: fault.to_string() });
            }
        };
        if !options.json {
            match &figure {
                Ok(figure) => println!("{figure}  {}", path.display()),
                Err(fault) => println!("fault   {}: {fault}", path.display()),
            }
        }
        rows.push(json!({ "model": path, "figure": figure.as_ref().ok(), "fault": figure.as_ref().err() }));
    }
    let faulty = rows.iter().filter(|row| !row["fault"].is_null()).count();
    if options.json {
        println!("{}", json!({ "adapter": evaluator.describe(), "metric": task.metric(), "models": rows }));
    }
    if faulty > 0 { Err(CliError::Faulty { faulty, models: options.model.len() }) } else { Ok(()) }
}

impl Any {
    fn read(file: &[u8]) -> Result<Self, CliError> {
        /// Only what tells the kinds apart.
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let refuse = |reason: String| CliError::Argument { what: "--task", reason };
        if file.len() > task::MAX_FILE {
            return Err(refuse(TaskError::Oversized { bytes: file.len(), limit: task::MAX_FILE }.to_string()));
        }
        let Head { schema } = serde_json::from_slice(file).map_err(|failure| refuse(failure.to_string()))?;
        let task = match schema.as_str() {
            "inktensor/multiple-choice/1" => MultipleChoice::from_json(file).map(Self::Choice),
            "inktensor/reference-loss/1" => ReferenceLoss::from_json(file).map(Self::Reference),
            "inktensor/similarity/1" => Similarity::from_json(file).map(Self::Similarity),
            "inktensor/retrieval/1" => Retrieval::from_json(file).map(Self::Retrieval),
            "inktensor/accuracy/1" => Accuracy::from_json(file).map(Self::Accuracy),
            _ => return Err(refuse(format!("the schema {schema:?} is not known; --help lists those that are"))),
        };
        task.map_err(|failure| refuse(failure.to_string()))
    }

    /// What the figure is.
    fn metric(&self) -> &'static str {
        match self {
            Self::Choice(_) => "share of right choices",
            Self::Reference(_) => "bits per byte of the answers",
            Self::Similarity(_) => "Spearman's rank correlation",
            Self::Retrieval(_) => "nDCG@10",
            Self::Accuracy(_) => "share of right classes",
        }
    }

    /// What a model comes to. Fails outside of any fault where the files cannot be read.
    fn ask(
        &self,
        evaluator: &dyn Evaluator,
        path: &Path,
        limits: &ModelLimits,
    ) -> Result<Result<String, Fault>, CliError> {
        let model = match model::open(path, limits)? {
            Ok(model) => model,
            Err(fault) => return Ok(Err(MinerFault::Model(fault).into())),
        };
        Ok(match self {
            Self::Choice(task) => figure(task, evaluator, &model).map(|grade| grade.to_string()),
            Self::Reference(task) => figure(task, evaluator, &model).map(|score| score.loss().to_string()),
            Self::Similarity(task) => figure(task, evaluator, &model).map(|grade| grade.to_string()),
            Self::Retrieval(task) => figure(task, evaluator, &model).map(|grade| grade.to_string()),
            Self::Accuracy(task) => figure(task, evaluator, &model).map(|grade| grade.to_string()),
        })
    }
}

fn figure<T: Task>(task: &T, evaluator: &dyn Evaluator, model: &Model) -> Result<T::Figure, Fault> {
    let tokenizer = Tokenizer::of(model).map_err(MinerFault::Tokenizer)?;
    let lane = evaluator.load(model)?;
    match task::run(task, lane.as_ref(), model.architecture(), &tokenizer, &WorkLimits::default()) {
        Outcome::Score(figure) => Ok(figure),
        Outcome::Miner(fault) => Err(fault.into()),
        Outcome::Validator(fault) => Err(fault.into()),
    }
}
