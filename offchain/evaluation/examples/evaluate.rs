//! Measures model files on a text: bits per byte and time of each, on the adapter that an agent would use.
//!
//! `cargo run --release --example evaluate -p inktensor-evaluation -- offchain/evaluation/models/*.safetensors`

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::Limits;
use inktensor_evaluation::task::{Outcome, evaluate};
use inktensor_evaluation::{AdapterChoice, Engine};

/// What to measure.
#[derive(Parser)]
struct Arguments {
    /// Model files.
    #[arg(required = true)]
    models: Vec<PathBuf>,
    /// Held-out text.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/heldout.txt"))]
    text: PathBuf,
    /// Windows of the text.
    #[arg(long, default_value_t = 20)]
    windows: usize,
    /// Predicted bytes of a window.
    #[arg(long, default_value_t = 256)]
    length: usize,
    /// Chooses the windows.
    #[arg(long, default_value_t = 0)]
    seed: u8,
    /// Part of the adapter's name; the fastest kind of adapter if absent.
    #[arg(long)]
    adapter: Option<String>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let engine = Engine::new(arguments.adapter.map_or(AdapterChoice::Fastest, AdapterChoice::Named))?;
    println!("{}", engine.adapter());
    let corpus = Corpus::open(&arguments.text)?;
    let spans = corpus.spans([arguments.seed; 32], arguments.windows, arguments.length)?;
    for path in &arguments.models {
        let file = std::fs::read(path)?;
        let start = Instant::now();
        let evaluation = evaluate(&engine, &file, &Limits::default(), &spans);
        let outcome = match evaluation.outcome {
            Outcome::Score(score) => format!("{} bits per byte over {} bytes", score.loss(), score.bytes()),
            Outcome::Miner(fault) => format!("miner's fault: {fault}"),
            Outcome::Validator(fault) => format!("abstain: {fault}"),
        };
        println!("{}: {outcome}, {:.2?}", path.display(), start.elapsed());
    }
    Ok(())
}
