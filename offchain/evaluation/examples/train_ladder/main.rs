//! Trains the ladder of byte-level Llama models that tests and the demo hold against each other.
//!
//! Three models of clearly different quality (`strong`, `medium`, `weak`) and an equal of the best (`sibling`) are
//! trained with candle on the CPU, and two dishonest ones are made of them: `copy` (the bytes of `strong` again) and
//! `nan` (`medium` with one weight that is not a number). The same seed gives the same models on the same kind of
//! processor: weights and batches are drawn from a generator of this example's own, and every sum is taken in a fixed
//! order.
//!
//! `cargo run --example train-ladder -p inktensor-evaluation -- --seed 7 --out offchain/evaluation/models`

mod attention;
mod file;
mod ladder;
mod llama;
mod random;
mod train;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::ladder::Rung;

/// Trains the model ladder and writes it as safetensors files.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seed of the initial weights and of the order of batches.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Folder that the model files are written to; it is made if it is missing.
    #[arg(long)]
    out: PathBuf,
    /// Folder that holds corpus.txt (trained on) and heldout.txt (measured on).
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data"))]
    data: PathBuf,
    /// Train this rung alone (strong, sibling, medium or weak), and the dishonest model made of it.
    #[arg(long)]
    only: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let rungs: Vec<Rung> = ladder::rungs()
        .into_iter()
        .filter(|rung| arguments.only.as_deref().is_none_or(|only| only == rung.name))
        .collect();
    if rungs.is_empty() {
        return Err("--only takes one of: strong, sibling, medium, weak".into());
    }
    let corpus = read(&arguments.data.join("corpus.txt"))?;
    let heldout = read(&arguments.data.join("heldout.txt"))?;
    fs::create_dir_all(&arguments.out)?;

    let mut table = vec![
        concat!(
            "| model | parameters | hidden x layers | heads (kv) | feed-forward | head | steps ",
            "| bytes trained on | held-out bits per byte |"
        )
        .to_owned(),
        "|---|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for rung in &rungs {
        let model = train::train(rung, &corpus, arguments.seed.wrapping_add(rung.seed_offset))?;
        let path = arguments.out.join(format!("{}.safetensors", rung.name));
        file::save(&path, &model)?;
        if rung.name == "strong" {
            fs::copy(&path, arguments.out.join("copy.safetensors"))?;
        }
        if rung.name == "medium" {
            let broken = file::with_nan(&model, "model.layers.0.mlp.up_proj.weight")?;
            file::save(&arguments.out.join("nan.safetensors"), &broken)?;
        }
        // Measured on what the file holds (half precision), not on what was trained.
        let bits = train::bits_per_byte(&file::load(&path, rung.config)?, &heldout)?;
        println!("{}: {bits:.4} held-out bits per byte", rung.name);
        table.push(rung.row(bits));
    }
    println!("\nseed {}\n\n{}", arguments.seed, table.join("\n"));
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
