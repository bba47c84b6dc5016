//! The finished bundle of a contract, and the decision whether it must be made anew.

use crate::{
    error::{Error, at},
    workspace::Contract,
};
use blake2::{Blake2b, Digest, digest::consts::U32};
use contract_metadata::{
    CodeHash, Compiler, Contract as Description, ContractMetadata, Language, Source, SourceCompiler, SourceLanguage,
    SourceWasm,
};
use inktensor_encode::{TARGET, Toolchain};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The bundler's sources that decide what a bundle holds: a change in them makes every bundle anew.
const BUILDER: [&str; 5] = [
    include_str!("bundle.rs"),
    include_str!("compile.rs"),
    include_str!("events.rs"),
    include_str!("metadata.rs"),
    include_str!("wasm.rs"),
];

/// Extensions of the files that make up a contract's bundle.
const EXTENSIONS: [&str; 3] = ["contract", "json", "wasm"];

/// What is known of a finished bundle; kept beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Name of the contract.
    pub name: String,
    /// Digest of all that the bundle was made from, as hex.
    key: String,
    /// Bytes that the compiler gave.
    pub raw: usize,
    /// Bytes that go on chain.
    pub optimised: usize,
    /// Blake2b-256 of the code: its identity on chain, as hex with `0x`.
    pub hash: String,
}

impl Stamp {
    /// Reads the stamp of `contract` if its bundle in `folder` is whole and made from what `key` names.
    pub fn current(folder: &Path, contract: &Contract, key: &str) -> Option<Self> {
        let path = file(folder, &contract.library(), "stamp");
        let stamp: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        let code = fs::read(file(folder, &contract.library(), "wasm")).ok()?;
        let whole = EXTENSIONS.iter().all(|extension| file(folder, &contract.library(), extension).exists());
        (whole && stamp.key == key && stamp.hash == hash_text(&code_hash(&code))).then_some(stamp)
    }
}

/// Digest of all that the bundle of `contract` is made from, as hex. `host` identifies the compiler for the metadata.
pub fn key(contract: &Contract, toolchain: &Toolchain, host: &str) -> String {
    let mut hash = Blake2b::<U32>::new();
    hash.update(contract.sources);
    for item in BUILDER.iter().copied().chain([toolchain.identity.as_str(), host]) {
        hash.update((item.len() as u64).to_le_bytes());
        hash.update(item);
    }
    hex::encode(hash.finalize())
}

/// Writes `.contract`, `.json` and `.wasm` of a contract, its stamp last. `raw` is the size that the compiler gave.
///
/// # Errors
/// [`Error::Manifest`] where the manifest lacks what a bundle states, [`Error::File`] where writing fails.
pub fn write(
    folder: &Path,
    contract: &Contract,
    toolchain: &Toolchain,
    key: &str,
    (raw, code): (usize, Vec<u8>),
    abi: Map<String, Value>,
) -> Result<Stamp, Error> {
    let hash = code_hash(&code);
    let optimised = code.len();
    let source = Source::new(
        Some(SourceWasm::new(code.clone())),
        CodeHash(hash),
        SourceLanguage::new(Language::Ink, contract.ink.clone()),
        SourceCompiler::new(Compiler::RustC, toolchain.version.clone()),
        Some(build_info(toolchain)),
    );
    let mut metadata = ContractMetadata::new(source, description(contract)?, None, None, abi);
    let json =
        |value: &ContractMetadata| serde_json::to_vec_pretty(value).map_err(|error| Error::Metadata(error.to_string()));
    put(&file(folder, &contract.library(), "contract"), &json(&metadata)?)?;
    metadata.remove_source_wasm_attribute();
    put(&file(folder, &contract.library(), "json"), &json(&metadata)?)?;
    put(&file(folder, &contract.library(), "wasm"), &code)?;
    let stamp =
        Stamp { name: contract.name().to_string(), key: key.to_string(), raw, optimised, hash: hash_text(&hash) };
    let text = serde_json::to_vec(&stamp).map_err(|error| Error::Metadata(error.to_string()))?;
    put(&file(folder, &contract.library(), "stamp"), &text)?;
    Ok(stamp)
}

/// Removes the bundle named `library`, so that nobody takes what was made from older sources for the present state.
pub fn remove(folder: &Path, library: &str) -> Result<(), Error> {
    for extension in EXTENSIONS.into_iter().chain(["stamp"]) {
        let path = file(folder, library, extension);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Names of the bundles in `folder`.
pub fn present(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        if path.extension().is_some_and(|extension| extension == "stamp") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    Ok(names)
}

/// Identity of code on chain.
pub fn code_hash(code: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(code).into()
}

/// A hash as people and wallets write it.
pub fn hash_text(hash: &[u8; 32]) -> String {
    format!("0x{}", hex::encode(hash))
}

/// How the code was made, for those who want to make it again.
fn build_info(toolchain: &Toolchain) -> Map<String, Value> {
    let builder = format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let rustc = toolchain.identity.lines().next().unwrap_or_default();
    [("builder", json!(builder)), ("rust_toolchain", json!(rustc)), ("target", json!(TARGET))]
        .map(|(name, value)| (name.to_string(), value))
        .into_iter()
        .collect()
}

/// The part of a bundle that describes the contract to people, from its manifest.
fn description(contract: &Contract) -> Result<Description, Error> {
    let package = &contract.package;
    let mut builder = Description::builder();
    builder.name(contract.name()).version(package.version.clone()).authors(package.authors.clone());
    if let Some(description) = &package.description {
        builder.description(description.as_str());
    }
    if let Some(license) = &package.license {
        builder.license(license.as_str());
    }
    builder.build().map_err(|problem| Error::Manifest { contract: contract.name().to_string(), problem })
}

/// Path of one file of a bundle.
fn file(folder: &Path, library: &str, extension: &str) -> PathBuf {
    folder.join(library).with_extension(extension)
}

/// Writes a file whole or not at all.
pub fn put(path: &Path, content: &[u8]) -> Result<(), Error> {
    let temporary = path.with_extension("part");
    fs::write(&temporary, content).map_err(at(&temporary))?;
    fs::rename(&temporary, path).map_err(at(path))
}
