//! A contract's metadata, from ink!'s own generator.
//!
//! A contract compiled for the host exports `__ink_generate_metadata`. A generated workspace below the target folder
//! holds one program for each contract that calls it: apart from the main workspace, where contracts are compiled as
//! dependencies of others and lack that function, and one program each, since two contracts in one would clash.

use crate::{
    compile::finish,
    error::{Error, at},
    workspace::{Contract, Workspace},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What every generated program does.
const PROGRAM: &str = r#"//! Generated: prints the metadata of one contract.
use contract as _;
extern "Rust" {
    fn __ink_generate_metadata() -> ink::metadata::InkProject;
}
fn main() -> Result<(), serde_json::Error> {
    // sound: ink!'s macro defines the function with this very signature
    serde_json::to_writer(std::io::stdout(), &unsafe { __ink_generate_metadata() })
}
"#;

/// The workspace that holds the generated programs.
pub struct Generator {
    folder: PathBuf,
    target: PathBuf,
}

impl Generator {
    /// Writes the generated workspace. It takes over the lock file, so that a contract's metadata is generated with
    /// the very versions that it is compiled with.
    ///
    /// # Errors
    /// [`Error::File`] where a file cannot be written.
    pub fn new(workspace: &Workspace) -> Result<Self, Error> {
        let target = workspace.target.join("metadata");
        let folder = target.join("workspace");
        let members: Vec<_> = workspace.contracts.iter().map(Contract::name).collect();
        let manifest = format!(
            "[workspace]\nresolver = \"2\"\nmembers = {members:?}\n\n\
             [profile.dev]\ndebug = false\ncodegen-units = 1\nincremental = false\n"
        );
        write(&folder.join("Cargo.toml"), &manifest)?;
        for contract in &workspace.contracts {
            write(&folder.join(contract.name()).join("Cargo.toml"), &program_manifest(contract))?;
            write(&folder.join(contract.name()).join("src/main.rs"), PROGRAM)?;
        }
        let lock = workspace.root.join("Cargo.lock");
        fs::copy(&lock, folder.join("Cargo.lock")).map_err(at(&lock))?;
        Ok(Self { folder, target })
    }

    /// The metadata of one contract: the JSON object that ink! defines.
    ///
    /// # Errors
    /// [`Error::Failed`] where the contract does not compile, [`Error::Metadata`] where the output is no JSON object.
    pub fn metadata(&self, contract: &Contract) -> Result<serde_json::Map<String, serde_json::Value>, Error> {
        let mut command = Command::new("cargo");
        command
            .args(["run", "--package", &program_name(contract), "--target-dir"])
            .arg(&self.target)
            .current_dir(&self.folder)
            // events register themselves in a table that nothing calls: the linker must not drop it
            .env("CARGO_ENCODED_RUSTFLAGS", "-Clink-dead-code")
            .stdout(Stdio::piped());
        let output = finish(&mut command, &format!("generating the metadata of {}", contract.name()))?;
        serde_json::from_slice(&output).map_err(|error| Error::Metadata(error.to_string()))
    }
}

/// Name of a contract's generated program.
fn program_name(contract: &Contract) -> String {
    format!("{}-metadata", contract.name())
}

/// Manifest of a contract's generated program.
fn program_manifest(contract: &Contract) -> String {
    let folder = contract.package.manifest_path.parent().map_or("", |folder| folder.as_str());
    format!(
        "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2021\"\n\n\
         [dependencies]\nserde_json = \"1\"\nink = {{ version = \"={ink}\", features = [\"std\"] }}\n\
         contract = {{ package = {package:?}, path = {folder:?}, features = [\"std\"] }}\n\
         # the documentation of types: wallets show what an error means\n\
         scale-info = {{ version = \"2\", features = [\"docs\"] }}\n",
        name = program_name(contract),
        ink = contract.ink,
        package = contract.name(),
    )
}

/// Writes a file unless it holds that text already: cargo goes by the time of writing.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    fs::write(path, text).map_err(at(path))
}
