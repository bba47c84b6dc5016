//! Makes a corpus of text files: chunks and a manifest in a folder, and the root by which a subnet names it.
//!
//! `cargo run --example make_corpus -p inktensor-evaluation -- --out corpus --parts offchain/evaluation/data/heldout.txt`

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use clap::Parser;
use inktensor_evaluation::corpus::ChunkStore;

/// What to make a corpus of.
#[derive(Parser)]
struct Arguments {
    /// Texts in UTF-8, each a document, in this order.
    #[arg(required = true)]
    texts: Vec<PathBuf>,
    /// Folder for the chunks and the manifest; it is made if it is missing.
    #[arg(long)]
    out: PathBuf,
    /// Makes a document of each part of a text that stands between blank lines.
    #[arg(long)]
    parts: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut texts = Vec::with_capacity(arguments.texts.len());
    for path in &arguments.texts {
        texts.push(fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?);
    }
    let documents: Vec<&str> = match arguments.parts {
        true => {
            texts.iter().flat_map(|text| text.split("\n\n")).map(str::trim).filter(|part| !part.is_empty()).collect()
        }
        false => texts.iter().map(String::as_str).collect(),
    };
    let manifest = ChunkStore::open(&arguments.out)?.build(documents.iter().copied())?;
    let (chunks, bytes) = (manifest.entries().len(), manifest.bytes());
    println!("{}  {} documents, {chunks} chunks, {bytes} bytes", manifest.root(), documents.len());
    Ok(())
}
