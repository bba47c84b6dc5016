//! Builds evaluators: a crate becomes a WebAssembly component.
//!
//! The same sources, dependencies and compiler give the same bytes in whatever folder they lie, so anybody can check that
//! the hash on chain is that of sources that he has read.

mod compile;
mod component;
mod error;
mod sections;
mod toolchain;

pub use component::component;
pub use error::EncodeError;
pub use toolchain::{TARGET, Toolchain, ToolchainError, identity};

use std::path::Path;

/// A component, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Name of the package.
    pub name: String,
    /// The component.
    pub bytes: Vec<u8>,
}

/// Builds the evaluator whose manifest, or the folder of whose manifest, is `path`. What cargo says goes to stderr.
///
/// Outputs of the compiler go to `evaluators/build` in the target folder of the package's workspace.
///
/// # Errors
/// [`EncodeError`] says at which step, and what to do.
pub fn build(path: &Path) -> Result<Built, EncodeError> {
    let package = compile::Package::find(path)?;
    let module = compile::compile(&package, &Toolchain::find()?)?;
    Ok(Built { bytes: component(&package.name, &module)?, name: package.name })
}
