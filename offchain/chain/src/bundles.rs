//! The contracts' built code.

use crate::ChainError;
use blake2::{Blake2b, Digest, digest::consts::U32};
use serde::Deserialize;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Names a folder of bundles, before all others but an explicit one.
const VARIABLE: &str = "INKTENSOR_BUNDLES";

/// Wasm of the six contracts.
#[derive(Clone)]
pub struct Bundles {
    pub(crate) token: Vec<u8>,
    pub(crate) registry: Vec<u8>,
    pub(crate) staking: Vec<u8>,
    pub(crate) emission: Vec<u8>,
    pub(crate) incentive: Vec<u8>,
    pub(crate) governance: Vec<u8>,
}

impl Bundles {
    /// Loads the bundles from `explicit`, else from the folder that `INKTENSOR_BUNDLES` names, else from where
    /// `scripts/build` puts them: `$CARGO_TARGET_DIR/ink` or `${XDG_CACHE_HOME:-~/.cache}/inktensor/target/ink`.
    pub fn find(explicit: Option<&Path>) -> Result<Self, ChainError> {
        Self::load(&folder(explicit, |name| env::var_os(name).map(PathBuf::from)))
    }

    /// Loads `token.contract`, `registry.contract` and so on from a folder. Errors: `Bundle`.
    pub fn load(folder: &Path) -> Result<Self, ChainError> {
        let code = |name: &str| read(&folder.join(name).with_extension("contract"));
        Ok(Self {
            token: code("token")?,
            registry: code("registry")?,
            staking: code("staking")?,
            emission: code("emission")?,
            incentive: code("incentive")?,
            governance: code("governance")?,
        })
    }
}

fn folder(explicit: Option<&Path>, variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    if let Some(folder) = explicit {
        return folder.to_path_buf();
    }
    if let Some(folder) = variable(VARIABLE) {
        return folder;
    }
    let target = variable("CARGO_TARGET_DIR").unwrap_or_else(|| {
        let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
        cache.unwrap_or_default().join("inktensor/target")
    });
    target.join("ink")
}

/// What matters here of a `.contract` file. The rest is for tools and wallets, and long.
#[derive(Deserialize)]
struct Bundle {
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    /// blake2b-256 of the Wasm, as hex behind `0x`.
    hash: String,
    /// The Wasm, as hex behind `0x`.
    wasm: String,
}

/// The Wasm of one bundle, if its hash is the one that the bundle states.
fn read(path: &Path) -> Result<Vec<u8>, ChainError> {
    let damaged = |reason: String| ChainError::Bundle { path: path.to_path_buf(), reason };
    let file = fs::read(path).map_err(|error| damaged(error.to_string()))?;
    let Bundle { source } = serde_json::from_slice(&file).map_err(|error| damaged(error.to_string()))?;
    let wasm = bytes(&source.wasm).ok_or_else(|| damaged("its Wasm is not hex behind 0x".into()))?;
    let hash: [u8; 32] = Blake2b::<U32>::digest(&wasm).into();
    if bytes(&source.hash).as_deref() != Some(&hash) {
        return Err(damaged("its Wasm does not have the hash that it states".into()));
    }
    Ok(wasm)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn explicit_goes_before_environment_before_target_before_cache() {
        let all = |name: &str| Some(PathBuf::from(format!("/{name}")));
        assert_eq!(folder(Some(Path::new("/mine")), all), Path::new("/mine"));
        assert_eq!(folder(None, all), Path::new("/INKTENSOR_BUNDLES"));
        let only = |known: &'static str| move |name: &str| (name == known).then(|| PathBuf::from("/there"));
        assert_eq!(folder(None, only("CARGO_TARGET_DIR")), Path::new("/there/ink"));
        assert_eq!(folder(None, only("XDG_CACHE_HOME")), Path::new("/there/inktensor/target/ink"));
        assert_eq!(folder(None, only("HOME")), Path::new("/there/.cache/inktensor/target/ink"));
    }

    #[test]
    fn a_missing_bundle_is_named_with_what_to_do() {
        let empty = tempfile::tempdir().unwrap();
        let error = Bundles::load(empty.path()).err().unwrap();
        assert!(error.to_string().contains("token.contract"), "{error}");
        assert_eq!(error.hint(), "run scripts/build");
    }

    #[test]
    fn code_that_is_not_what_the_bundle_states_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.contract");
        let hash = hex::encode(Blake2b::<U32>::digest(b"\0asm"));
        let reason = |wasm: &str| {
            fs::write(&path, format!(r#"{{"source":{{"hash":"0x{hash}","wasm":"{wasm}"}},"spec":[{{}}]}}"#)).unwrap();
            read(&path).map_err(|error| error.to_string())
        };
        assert_eq!(reason("0x0061736d"), Ok(b"\0asm".to_vec()));
        assert!(reason("0x0061736e").unwrap_err().ends_with("does not have the hash that it states"));
        assert!(reason("0061736d").unwrap_err().ends_with("not hex behind 0x"));
        assert!(reason("0x0061736\"").unwrap_err().contains("line 1"));
    }
}
