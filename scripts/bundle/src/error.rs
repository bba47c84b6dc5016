//! What can go wrong while bundles are made, each with what to do about it.

use std::path::{Path, PathBuf};

/// A failure of the bundler.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `cargo metadata` failed: the workspace itself is broken.
    #[error("cannot read the workspace: {0}")]
    Workspace(#[from] cargo_metadata::Error),
    /// No workspace member is a contract.
    #[error("no contract in the workspace at {0}: a contract is a member with a feature `ink-as-dependency`")]
    NoContracts(PathBuf),
    /// Something was asked for by a name that neither a contract nor an evaluator has.
    #[error("no contract or evaluator is named `{0}`; there are: {1}")]
    UnknownName(String, String),
    /// A contract's manifest lacks something that its bundle must state.
    #[error("contract `{contract}`: {problem}")]
    Manifest {
        /// Name of the contract.
        contract: String,
        /// What is wrong in its manifest.
        problem: String,
    },
    /// No Rust compiles for WebAssembly.
    #[error(transparent)]
    Toolchain(#[from] inktensor_encode::ToolchainError),
    /// An evaluator does not become a component.
    #[error(transparent)]
    Encode(#[from] inktensor_encode::EncodeError),
    /// A program could not be started.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why it did not start.
        source: std::io::Error,
    },
    /// A program ran and failed; it has said why on stderr.
    #[error("{task} failed ({status})")]
    Failed {
        /// What the program was run for.
        task: String,
        /// Its exit status.
        status: std::process::ExitStatus,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The compiler's output is not WebAssembly that can be read.
    #[error("malformed WebAssembly: {0}")]
    Malformed(#[from] wasmparser::BinaryReaderError),
    /// Binaryen refused the code.
    #[error("Binaryen failed: {0}")]
    Optimise(#[from] wasm_opt::OptimizationError),
    /// The code uses an instruction that contracts chains reject: floats, bulk memory, and so on.
    #[error("instruction that contracts chains reject: {0}")]
    ForbiddenInstruction(wasmparser::BinaryReaderError),
    /// The code imports what no contracts chain offers.
    #[error("forbidden import {module}.{name}: only seal0, seal1, seal2 and env.memory are offered to a contract")]
    ForbiddenImport {
        /// Module of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// An entry point is missing.
    #[error("the code does not export the function `{0}`: is it an ink! contract?")]
    MissingExport(&'static str),
    /// The code imports no memory, or more of it than chains grant.
    #[error("memory must be imported with a maximum of at most {limit} pages, but {found}")]
    Memory {
        /// Pages that chains grant.
        limit: u64,
        /// What the code asks for.
        found: String,
    },
    /// The code is larger than contracts chains take.
    #[error("code of {size} bytes: chains take at most {limit}")]
    TooLarge {
        /// Size of the optimised code in bytes.
        size: usize,
        /// Largest size that chains take, in bytes.
        limit: usize,
    },
    /// ink!'s generator printed something else than metadata.
    #[error("metadata cannot be used: {0}")]
    Metadata(String),
}

/// Attaches the path to an I/O error.
pub fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::File { path: path.to_path_buf(), source }
}
