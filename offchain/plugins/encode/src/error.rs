//! What can go wrong while an evaluator is built, each with what to do about it.

use std::path::{Path, PathBuf};

use crate::toolchain::ToolchainError;

/// A crate that does not become a component.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Cargo cannot read the manifest or its workspace.
    #[error("cannot read the evaluator's manifest: {0}")]
    Manifest(#[from] cargo_metadata::Error),
    /// The manifest is not that of a package.
    #[error("{} is not the manifest of a package; name the folder of the evaluator's own Cargo.toml", .0.display())]
    NoPackage(PathBuf),
    /// No compiler.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// Cargo does not run.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why it did not start.
        source: std::io::Error,
    },
    /// It does not compile; cargo has said why on stderr.
    #[error("compiling {name} failed ({status}); cargo says why above")]
    Compile {
        /// The package.
        name: String,
        /// Cargo's exit status.
        status: std::process::ExitStatus,
    },
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The compiled module is not an evaluator.
    #[error("{name} is no evaluator: {problem}. Does it say `inktensor_evaluator::export!(Type)`?")]
    Encode {
        /// The package.
        name: String,
        /// What the encoder says.
        problem: String,
    },
    /// The encoder's output cannot be read: a defect of the encoder.
    #[error("the component cannot be read back; report it")]
    Malformed,
}

/// Attaches the path to an I/O error.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> EncodeError + '_ {
    move |source| EncodeError::File { path: path.to_path_buf(), source }
}
