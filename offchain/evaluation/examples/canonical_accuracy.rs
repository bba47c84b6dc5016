//! Prints how far the canonical lane is from the f64 reference of models, files or folders: of language models in nats for
//! each token of windows of a text, of encoders in cosine on sequences of random tokens.
//!
//! `cargo run --release -p inktensor-evaluation --example canonical_accuracy -- models/strong.safetensors`

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use inktensor_evaluation::canonical::CanonicalModel;
use inktensor_evaluation::canonical::cpu::Cpu;
use inktensor_evaluation::corpus::Corpus;
use inktensor_evaluation::model::{Limits, Model, Output};
use inktensor_evaluation::{Window, reference};

#[derive(Debug, Parser)]
struct Arguments {
    /// Model files or folders.
    #[arg(required = true)]
    models: Vec<PathBuf>,
    /// The text.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/heldout.txt"))]
    corpus: PathBuf,
    /// Number of windows, or sequences.
    #[arg(long, default_value_t = 20)]
    windows: usize,
    /// Predictions of a window, or tokens of a sequence.
    #[arg(long, default_value_t = 128)]
    tokens: usize,
}

/// What is printed of a model.
struct Figures {
    /// Differences, one for each window or sequence.
    errors: Vec<f64>,
    /// Losses by the reference and by the canonical lane; cosines of both with each other.
    summary: String,
    seconds: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let windows = Corpus::open(&arguments.corpus)?.windows([7; 32], arguments.windows, arguments.tokens)?;
    for path in &arguments.models {
        let model = Model::open(path, &Limits::default())?;
        let canonical = CanonicalModel::new(&model)?.keep()?;
        let shape = canonical.transformer()?;
        let figures = match shape.output {
            Output::Language { .. } => losses(&model, &canonical, &windows)?,
            Output::Embedding => {
                let token = |n: usize| (n.wrapping_mul(2_654_435_761) >> 7) % shape.vocabulary;
                let text = |n: usize| (0..arguments.tokens).map(|i| token(n * arguments.tokens + i) as u32).collect();
                cosines(&model, &canonical, &(0..arguments.windows).map(text).collect::<Vec<_>>())?
            }
            Output::Classes { .. } => return Err("a classifier of text has no figure".into()),
        };
        let mean = figures.errors.iter().sum::<f64>() / figures.errors.len() as f64;
        let worst = figures.errors.iter().copied().fold(0.0, f64::max);
        let speed = (arguments.windows * arguments.tokens) as f64 / figures.seconds;
        let (name, summary) = (path.display(), figures.summary);
        println!("{name}: {summary}; differences {mean:.2e}, at most {worst:.2e}; {speed:.0} tokens/s");
    }
    Ok(())
}

fn losses(model: &Model, canonical: &CanonicalModel, windows: &[Window]) -> Result<Figures, Box<dyn Error>> {
    let start = Instant::now();
    let losses = Cpu::default().nll(canonical, windows)?;
    let seconds = start.elapsed().as_secs_f64();
    let (mut exact, mut found, mut errors) = (0.0, 0.0, Vec::new());
    for (window, loss) in windows.iter().zip(&losses) {
        let count = window.predictions() as f64;
        let [reference, canonical] = [reference::nll(model, window)?.nll_nats, loss.nll as f64 / 2f64.powi(32)];
        errors.push((reference - canonical).abs() / count);
        exact += reference / count / windows.len() as f64;
        found += canonical / count / windows.len() as f64;
    }
    Ok(Figures { errors, summary: format!("{exact:.7} nats in f64, {found:.7} in integers"), seconds })
}

fn cosines(model: &Model, canonical: &CanonicalModel, texts: &[Vec<u32>]) -> Result<Figures, Box<dyn Error>> {
    let borrowed: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
    let start = Instant::now();
    let embeddings = Cpu::default().embed(canonical, &borrowed)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut errors = Vec::new();
    for (text, found) in texts.iter().zip(&embeddings) {
        let exact = reference::embed(model, text)?;
        let cosine: f64 = exact.iter().zip(found).map(|(a, &b)| a * f64::from(b) / 2f64.powi(30)).sum();
        errors.push((1.0 - cosine).abs());
    }
    Ok(Figures { errors, summary: "cosine of f64 and integers".to_owned(), seconds })
}
