//! The contracts' built code.

use crate::{ChainError, Each, Part};
use blake2::{Blake2b, Digest, digest::consts::U32};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Names a folder of bundles, before all others but an explicit one.
const VARIABLE: &str = "INKTENSOR_BUNDLES";

/// The built code of one contract and what it is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The Wasm.
    pub code: Vec<u8>,
    /// blake2b-256 of the Wasm: its name on chain.
    pub code_hash: [u8; 32],
    /// blake2b-256 of the contract's interface: the members `spec`, `storage`, `types` and `version` of the bundle as
    /// one JSON object without spaces, the keys of every object in the order of their bytes.
    pub metadata_hash: [u8; 32],
}

/// The built code of the six contracts.
#[derive(Clone)]
pub struct Bundles(Each<Bundle>);

impl Bundles {
    /// Loads the bundles from `explicit`, else from the folder that `INKTENSOR_BUNDLES` names, else from where
    /// `scripts/build` puts them: `$CARGO_TARGET_DIR/ink` or `${XDG_CACHE_HOME:-~/.cache}/inktensor/target/ink`.
    pub fn find(explicit: Option<&Path>) -> Result<Self, ChainError> {
        Self::load(&folder(explicit, |name| env::var_os(name).map(PathBuf::from)))
    }

    /// Loads `token.contract`, `registry.contract` and so on from a folder. Errors: `Bundle`.
    pub fn load(folder: &Path) -> Result<Self, ChainError> {
        Each::try_of(|part| read(&folder.join(part.name()).with_extension("contract"))).map(Self)
    }

    /// The bundle of one contract.
    pub fn of(&self, part: Part) -> &Bundle {
        self.0.of(part)
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

/// What a `.contract` file says of the code.
#[derive(Deserialize)]
struct Built {
    source: Source,
}

#[derive(Deserialize)]
struct Source {
    /// blake2b-256 of the Wasm, as hex behind `0x`.
    hash: String,
    /// The Wasm, as hex behind `0x`.
    wasm: String,
}

/// What a `.contract` file says of the interface. The rest is who built it and how.
#[derive(Deserialize, Serialize)]
struct Interface {
    spec: Value,
    storage: Value,
    types: Value,
    version: Value,
}

/// One bundle, if its Wasm has the hash that the bundle states.
fn read(path: &Path) -> Result<Bundle, ChainError> {
    let damaged = |reason: String| ChainError::Bundle { path: path.to_path_buf(), reason };
    let file = fs::read(path).map_err(|error| damaged(error.to_string()))?;
    let Built { source } = serde_json::from_slice(&file).map_err(|error| damaged(error.to_string()))?;
    let code = bytes(&source.wasm).ok_or_else(|| damaged("its Wasm is not hex behind 0x".into()))?;
    let code_hash = blake2_256(&code);
    if bytes(&source.hash).as_deref() != Some(&code_hash) {
        return Err(damaged("its Wasm does not have the hash that it states".into()));
    }
    let metadata_hash = metadata_hash(&file).map_err(|error| damaged(error.to_string()))?;
    Ok(Bundle { code, code_hash, metadata_hash })
}

fn metadata_hash(file: &[u8]) -> Result<[u8; 32], serde_json::Error> {
    // Maps of serde_json keep their keys in order; so does the struct.
    let interface: Interface = serde_json::from_slice(file)?;
    Ok(blake2_256(&serde_json::to_vec(&interface)?))
}

/// blake2b-256, by which the chain names code and accounts.
pub(crate) fn blake2_256(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
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
        assert!(error.to_string().contains("governance.contract"), "{error}");
        assert_eq!(error.hint(), "run scripts/build");
    }

    /// Reads a bundle of this Wasm and these further members.
    fn bundle(wasm: &str, members: &str) -> Result<Bundle, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.contract");
        let hash = hex::encode(blake2_256(b"\0asm"));
        fs::write(&path, format!(r#"{{"source":{{"hash":"0x{hash}","wasm":"{wasm}"}},{members}}}"#)).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn code_that_is_not_what_the_bundle_states_is_refused() {
        let reason =
            |wasm: &str| bundle(wasm, r#""spec":{},"storage":{},"types":[],"version":5"#).map(|bundle| bundle.code);
        assert_eq!(reason("0x0061736d"), Ok(b"\0asm".to_vec()));
        assert!(reason("0x0061736e").unwrap_err().ends_with("does not have the hash that it states"));
        assert!(reason("0061736d").unwrap_err().ends_with("not hex behind 0x"));
        assert!(reason("0x0061736\"").unwrap_err().contains("line 1"));
    }

    #[test]
    fn the_metadata_hash_is_of_the_interface_and_not_of_how_it_is_written() {
        let hash = |members: &str| bundle("0x0061736d", members).map(|bundle| bundle.metadata_hash);
        let stated = blake2_256(br#"{"spec":{"a":1,"b":2},"storage":{},"types":[],"version":5}"#);
        let one = r#""spec":{"a":1,"b":2},"storage":{},"types":[],"version":5"#;
        let other = r#""version": 5, "contract":{"name":"x"}, "types":[ ], "spec":{"b":2,"a":1},"storage":{}"#;
        assert_eq!((hash(one), hash(other)), (Ok(stated), Ok(stated)));
        assert_ne!(hash(&one.replace("\"b\":2", "\"b\":3")), Ok(stated));
        assert!(hash(r#""spec":{},"storage":{},"types":[]"#).unwrap_err().contains("version"));
    }
}
