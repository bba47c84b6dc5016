//! `inktensor evaluate`: bits per byte of model files.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use inktensor_evaluation::Window;
use inktensor_evaluation::canonical::transcript::Transcript;
use inktensor_evaluation::corpus::{ChunkStore, Corpus, CorpusError, Manifest, Packing, sample};
use inktensor_evaluation::score::Score;
use inktensor_evaluation::task::{self, Arithmetic, Evaluator, Fault, Outcome};
use inktensor_evaluation::tokenizer::Tokenizer;
use serde_json::{Value, json};

use crate::device::{Device, Seed};
use crate::error::CliError;
use crate::model::{self, ModelLimits};

/// Arguments of `inktensor evaluate`.
#[derive(Args)]
pub struct Options {
    /// Models: safetensors files, or folders with config.json, weights and perhaps tokenizer.json.
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    model: Vec<PathBuf>,
    /// Text to measure on, for models that read bytes. It should not be text that the models were trained on.
    #[arg(long, value_name = "FILE", required_unless_present = "corpus", conflicts_with = "corpus")]
    text: Option<PathBuf>,
    /// A corpus of chunks to measure on, for models with any tokenizers: all of them on the same text.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
    /// Windows of text.
    #[arg(long, default_value_t = 20, value_name = "N")]
    windows: usize,
    /// Predicted bytes of a window.
    #[arg(long, default_value_t = 128, value_name = "N")]
    window: usize,
    #[command(flatten)]
    seed: Seed,
    #[command(flatten)]
    device: Device,
    /// Writes a transcript of each model into this folder, for `inktensor audit`: DIGEST.json, named after the model.
    #[arg(long, value_name = "FOLDER")]
    transcript: Option<PathBuf>,
    #[command(flatten)]
    limits: ModelLimits,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// What became of a model.
struct Row {
    /// Its digest, if it is a model.
    digest: Option<String>,
    outcome: Outcome<(Score, Option<Transcript>)>,
}

/// Evaluates the models one after the other. A faulty one does not stop the others; it fails the command at the end.
pub fn run(options: &Options) -> Result<(), CliError> {
    let seed = options.seed.bytes()?;
    if options.transcript.is_some() && options.device.arithmetic != Arithmetic::Canonical {
        let reason = "only canonical arithmetic leaves a transcript".to_owned();
        return Err(CliError::Argument { what: "--transcript", reason });
    }
    let source = Source::open(options)?;
    let evaluator = options.device.open()?;
    eprintln!("evaluating on {}", evaluator.describe());
    let mut rows = Vec::with_capacity(options.model.len());
    for path in &options.model {
        let began = Instant::now();
        let Row { digest, outcome } = evaluate(evaluator.as_ref(), path, &source, seed, options)?;
        let mut transcript = None;
        let outcome = match outcome {
            Outcome::Score((score, text)) => {
                if let (Some(folder), Some(digest), Some(text)) = (&options.transcript, &digest, text) {
                    transcript = Some(write(folder, digest, &text)?);
                }
                Ok(score.loss())
            }
            Outcome::Miner(fault) => Err(fault.to_string()),
            Outcome::Validator(fault) => {
                return Err(CliError::Abstained { validator: "the evaluator".to_owned(), reason: fault.to_string() });
            }
        };
        let milliseconds = began.elapsed().as_millis() as u64;
        if !options.json {
            print_row(path, &outcome);
        }
        rows.push(json!({
            "model": path,
            "digest": digest,
            "bits_per_byte": outcome.as_ref().ok().map(|loss| bits(loss.0)),
            "fault": outcome.err(),
            "transcript": transcript,
            "milliseconds": milliseconds,
        }));
    }
    let faulty = rows.iter().filter(|row| !row["fault"].is_null()).count();
    if options.json {
        let result: Value = json!({ "adapter": evaluator.describe(), "windows": options.windows, "models": rows });
        println!("{result}");
    }
    if faulty > 0 {
        return Err(CliError::Faulty { faulty, models: options.model.len() });
    }
    Ok(())
}

/// Evaluates one model.
fn evaluate(
    evaluator: &dyn Evaluator,
    path: &Path,
    source: &Source,
    seed: [u8; 32],
    options: &Options,
) -> Result<Row, CliError> {
    let model = match model::open(path, &options.limits)? {
        Ok(model) => model,
        Err(fault) => return Ok(Row { digest: None, outcome: Outcome::Miner(fault.into()) }),
    };
    let digest = Some(model.digest().to_string());
    let tokenizer = match Tokenizer::of(&model) {
        Ok(tokenizer) => tokenizer,
        Err(error) => return Ok(Row { digest, outcome: Outcome::Miner(error.into()) }),
    };
    let outcome = match (source, &options.transcript) {
        (Source::Text(corpus), None) => match corpus.spans(seed, options.windows, options.window) {
            Ok(spans) => task::measure_spans(evaluator, &model, &spans).map(|score| (score, None)),
            Err(fault) => Err(Fault::from(fault)).into(),
        },
        (Source::Text(_), Some(_)) if tokenizer.digest() != Tokenizer::bytes().digest() => {
            let reason = format!("{} has a tokenizer, and leaves one with --corpus only", path.display());
            return Err(CliError::Argument { what: "--transcript", reason });
        }
        (_, transcript) => match source.windows(&tokenizer, seed, options) {
            Ok(windows) if transcript.is_some() => {
                task::transcribe(evaluator, &model, &windows).map(|(score, transcript)| (score, Some(transcript)))
            }
            Ok(windows) => task::measure(evaluator, &model, &tokenizer, &windows).map(|score| (score, None)),
            Err(fault) => Err(fault).into(),
        },
    };
    Ok(Row { digest, outcome })
}

/// Writes a transcript and says where.
fn write(folder: &Path, digest: &str, transcript: &Transcript) -> Result<PathBuf, CliError> {
    let path = folder.join(format!("{digest}.json"));
    let text = transcript.to_json()?;
    let failed = |source| CliError::Io { path: path.clone(), source };
    std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)).map_err(failed)?;
    eprintln!("transcript {} with the root {}", path.display(), transcript.root());
    Ok(path)
}

/// Where windows come from.
enum Source {
    Text(Corpus),
    Chunks(ChunkStore, Manifest),
}

impl Source {
    fn open(options: &Options) -> Result<Self, CliError> {
        if let Some(text) = &options.text {
            return Ok(Self::Text(Corpus::open(text)?));
        }
        let Some(folder) = &options.corpus else {
            let reason = "a text or a corpus is needed".to_owned();
            return Err(CliError::Argument { what: "--text", reason });
        };
        if !folder.is_dir() {
            let reason = format!("{} is no folder", folder.display());
            return Err(CorpusError::Unreadable { path: folder.display().to_string(), reason }.into());
        }
        let store = ChunkStore::open(folder)?;
        let manifest = store.manifest()?;
        Ok(Self::Chunks(store, manifest))
    }

    fn windows(&self, tokenizer: &Tokenizer, seed: [u8; 32], options: &Options) -> Result<Vec<Window>, Fault> {
        match self {
            Self::Text(corpus) => Ok(corpus.windows(seed, options.windows, options.window)?),
            Self::Chunks(store, manifest) => {
                let packing = Packing::Text(options.window);
                let samples = sample(manifest, store, tokenizer, packing, seed, options.windows)?;
                Ok(samples.into_iter().map(|sample| sample.window).collect())
            }
        }
    }
}

/// A loss in Q32.32 as a number to look at.
pub fn bits(loss: u64) -> f64 {
    loss as f64 / (1u64 << 32) as f64
}

fn print_row<L: std::fmt::Display>(path: &Path, outcome: &Result<L, String>) {
    match outcome {
        Ok(loss) => println!("{loss}  {}", path.display()),
        Err(fault) => println!("fault   {}: {fault}", path.display()),
    }
}
