//! Where the files of the repository are that commands use.

use std::path::{Path, PathBuf};

use crate::error::CliError;

/// The repository: the folder named by `INKTENSOR_HOME`, or the one that this program was built in.
pub struct Home(PathBuf);

impl Home {
    /// Finds it.
    pub fn find() -> Self {
        let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Self(std::env::var_os("INKTENSOR_HOME").map_or_else(built, PathBuf::from))
    }

    /// A model of the shipped ladder: `strong`, `medium`, `weak`, `copy` or `nan`.
    pub fn model(&self, name: &str) -> Result<PathBuf, CliError> {
        self.file("the model", &format!("offchain/evaluation/models/{name}.safetensors"))
    }

    /// The text that models are measured on.
    pub fn heldout(&self) -> Result<PathBuf, CliError> {
        self.file("the held-out text", "offchain/evaluation/data/heldout.txt")
    }

    fn file(&self, what: &'static str, relative: &str) -> Result<PathBuf, CliError> {
        let path = self.0.join(relative);
        if path.is_file() { Ok(path) } else { Err(CliError::Missing { what, path }) }
    }
}
