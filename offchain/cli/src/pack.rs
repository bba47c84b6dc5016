//! `inktensor pack`: from a model's folder to the one file that a miner serves.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use inktensor_evaluation::model::{Model, OpenError, PackError, pack};
use serde_json::json;
use tempfile::{Builder, NamedTempFile};

use crate::error::CliError;
use crate::model::ModelLimits;

/// Arguments of `inktensor pack`.
#[derive(Args)]
pub struct Options {
    /// Folder with config.json, the weights and perhaps tokenizer.json, as `save_pretrained` writes it.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The file to write; another one there is replaced.
    #[arg(long, value_name = "FILE", default_value = "model.safetensors")]
    output: PathBuf,
    #[command(flatten)]
    limits: ModelLimits,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// Writes the file, reads it again as a validator does, and prints its digest, which the miner commits.
pub fn run(options: &Options) -> Result<(), CliError> {
    let Options { folder, output, limits, json } = options;
    let limits = limits.limits();
    let beside = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = |source: io::Error| CliError::Io { path: output.clone(), source };
    let mut draft = draft(beside).map_err(disk)?;
    pack(folder, &limits, &mut BufWriter::new(&mut draft)).map_err(|failure| match failure {
        PackError::Open(failure) => unsound(folder, failure),
        PackError::Write(source) => disk(source),
    })?;
    let model = Model::open(draft.path(), &limits).map_err(|failure| unsound(output, failure))?;
    let bytes = draft.as_file().metadata().map_err(disk)?.len();
    draft.persist(output).map_err(|failure| disk(failure.error))?;
    let (digest, weights) = (model.digest(), model.tensor_digest());
    if *json {
        println!("{}", json!({ "file": output, "digest": digest, "weights": weights, "bytes": bytes }));
    } else {
        println!("{digest}  {} ({bytes} bytes)", output.display());
    }
    Ok(())
}

/// A file that vanishes if it is not finished, and may then be read by whom the user's mask says.
fn draft(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn unsound(path: &Path, failure: OpenError) -> CliError {
    match failure {
        OpenError::Model(fault) => {
            CliError::Argument { what: "FOLDER", reason: format!("{}: {fault}", path.display()) }
        }
        OpenError::Read(failure) => CliError::Io { path: path.to_owned(), source: io::Error::other(failure.reason) },
    }
}
