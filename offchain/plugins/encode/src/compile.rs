//! Compiles a package to a WebAssembly module.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Metadata, MetadataCommand};

use crate::error::{EncodeError, at};
use crate::toolchain::{TARGET, Toolchain};

/// The release profile of evaluators, whatever their workspace's own is. An evaluator that overflows ends in a trap
/// instead of paying wrong shares. Level 2 takes the fuel of level 3 in five sixths of its bytes; `s` takes 2 % more in three
/// quarters (measured with `dataset`).
const PROFILE: [(&str, &str); 8] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_STRIP", "none"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
];

/// A package to build.
pub(crate) struct Package {
    pub(crate) name: String,
    manifest: PathBuf,
    target: PathBuf,
    /// Folders whose names may end up in messages of panics, and what they are called there.
    renamed: BTreeSet<(PathBuf, String)>,
}

impl Package {
    /// Finds the package whose manifest, or the folder of whose manifest, is `path`.
    pub(crate) fn find(path: &Path) -> Result<Self, EncodeError> {
        let manifest = if path.is_dir() { path.join("Cargo.toml") } else { path.to_path_buf() };
        let manifest = manifest.canonicalize().map_err(at(&manifest))?;
        let metadata = MetadataCommand::new().manifest_path(&manifest).exec()?;
        let package = metadata.packages.iter().find(|package| package.manifest_path.as_std_path() == manifest);
        let name = package.ok_or_else(|| EncodeError::NoPackage(manifest.clone()))?.name.to_string();
        let renamed = renamed(&metadata);
        Ok(Self { name, manifest, target: metadata.target_directory.into_std_path_buf(), renamed })
    }
}

/// What differs between machines and folders in a source file's path: where registries are unpacked, and where packages
/// lie that are not the workspace's.
fn renamed(metadata: &Metadata) -> BTreeSet<(PathBuf, String)> {
    let rename = |package: &cargo_metadata::Package| {
        let folder = package.manifest_path.parent()?;
        Some(match package.source {
            Some(_) => (folder.parent()?.into(), "registry".to_owned()),
            None => (folder.into(), package.name.to_string()),
        })
    };
    metadata.packages.iter().filter_map(rename).collect()
}

/// The package as a module.
pub(crate) fn compile(package: &Package, toolchain: &Toolchain) -> Result<Vec<u8>, EncodeError> {
    let target = package.target.join("evaluators/build");
    let rename = |(from, to): &(PathBuf, String)| format!("--remap-path-prefix={}={to}", from.display());
    let flags: Vec<String> = package.renamed.iter().map(rename).collect();
    let mut command = Command::new(&toolchain.cargo);
    command
        .args(["rustc", "--lib", "--release", "--crate-type", "cdylib", "--target", TARGET, "--manifest-path"])
        .arg(&package.manifest)
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTC", &toolchain.rustc)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .envs(PROFILE)
        .stdout(Stdio::from(std::io::stderr()));
    let problem = |source| EncodeError::Start { program: toolchain.cargo.display().to_string(), source };
    let status = command.status().map_err(problem)?;
    if !status.success() {
        return Err(EncodeError::Compile { name: package.name.clone(), status });
    }
    let module = target.join(TARGET).join("release").join(package.name.replace('-', "_")).with_extension("wasm");
    std::fs::read(&module).map_err(at(&module))
}
