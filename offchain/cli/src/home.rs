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

    /// The text that the models were trained on.
    pub fn training(&self) -> Result<PathBuf, CliError> {
        self.file("the training text", "offchain/evaluation/data/corpus.txt")
    }

    /// The folder of the sdk that evaluators are written with.
    pub fn sdk(&self) -> Result<PathBuf, CliError> {
        let manifest = self.file("the sdk of evaluators", "offchain/plugins/sdk/Cargo.toml")?;
        let folder = manifest.parent().unwrap_or(&manifest);
        folder.canonicalize().map_err(|source| CliError::Io { path: folder.to_owned(), source })
    }

    /// A shipped evaluator: in the folder that `INKTENSOR_EVALUATORS` names, else where `scripts/build` puts it.
    pub fn evaluator(name: &str) -> Result<PathBuf, CliError> {
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let built = || {
            let cache = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
            let target = variable("CARGO_TARGET_DIR").or_else(|| Some(cache()?.join("inktensor/target")));
            target.unwrap_or_default().join("evaluators")
        };
        let path = variable("INKTENSOR_EVALUATORS").unwrap_or_else(built).join(name).with_extension("wasm");
        if path.is_file() { Ok(path) } else { Err(CliError::NoEvaluator { path }) }
    }

    fn file(&self, what: &'static str, relative: &str) -> Result<PathBuf, CliError> {
        let path = self.0.join(relative);
        if path.is_file() { Ok(path) } else { Err(CliError::Missing { what, path }) }
    }
}
