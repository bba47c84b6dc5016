//! The evaluators that are shipped: components, in the folder `evaluators` below the target folder.

use crate::{
    bundle::{code_hash, hash_text, put},
    error::{Error, at},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the names of packages begin with that are evaluators.
pub const PREFIX: &str = "inktensor-evaluator-";

/// The sources of an evaluator.
pub struct Source {
    /// Name of the package without [`PREFIX`].
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
}

/// A component that is up to date.
pub struct Evaluator {
    /// Name of the package without [`PREFIX`].
    pub name: String,
    /// Bytes of the component.
    pub size: usize,
    /// Blake2b-256 of the component: its identity on chain, as hex with `0x`.
    pub hash: String,
}

/// Brings the component of `source` in `folder` up to date. Cargo knows whether anything is to be compiled.
///
/// # Errors
/// [`Error::Encode`] where there is no component then, [`Error::File`] where it cannot be written.
pub fn build(folder: &Path, source: &Source) -> Result<Evaluator, Error> {
    let path = folder.join(&source.name).with_extension("wasm");
    let bytes = match inktensor_encode::build(&source.manifest) {
        Ok(built) => built.bytes,
        Err(error) => {
            // Nobody shall take what was made from older sources for the present state.
            if path.exists() {
                fs::remove_file(&path).map_err(at(&path))?;
            }
            return Err(error.into());
        }
    };
    put(&path, &bytes)?;
    Ok(Evaluator { name: source.name.clone(), size: bytes.len(), hash: hash_text(&code_hash(&bytes)) })
}
