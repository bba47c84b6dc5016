//! Which Rust compiles to WebAssembly: the machine's own where it has the target, else the one that set-up made.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The target of contracts and evaluators: the instructions of 2017, nothing newer.
pub const TARGET: &str = "wasm32v1-none";

/// No Rust that compiles to WebAssembly.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// Neither the machine's Rust nor the one that set-up makes has the target.
    #[error("no Rust for the target {TARGET} (looked in {0}); run `rustup target add {TARGET}` or scripts/setup")]
    NoWasmTarget(String),
    /// A compiler does not run.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why it did not start.
        source: std::io::Error,
    },
}

/// A cargo and a rustc that can compile for [`TARGET`].
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// Program to run as cargo.
    pub cargo: PathBuf,
    /// Program to run as rustc.
    pub rustc: PathBuf,
    /// Version of rustc, for example `1.91.0`.
    pub version: cargo_metadata::semver::Version,
    /// All that `rustc -vV` says; identifies the compiler.
    pub identity: String,
}

impl Toolchain {
    /// Finds a toolchain.
    ///
    /// First the `rustc` on the path (rustup: `rustup target add wasm32v1-none`), then the folder that `scripts/setup`
    /// fills: `$INKTENSOR_WASM_TOOLCHAIN`, by default `inktensor/wasm-toolchain/current` in the user's cache.
    ///
    /// # Errors
    /// [`ToolchainError::NoWasmTarget`] where neither has the target's libraries.
    pub fn find() -> Result<Self, ToolchainError> {
        let own = Self::new("cargo".into(), "rustc".into());
        if let Some(found) = own.filter(Self::has_target) {
            return Ok(found);
        }
        let folder = made_by_setup();
        Self::new(folder.join("bin/cargo"), folder.join("bin/rustc"))
            .filter(Self::has_target)
            .ok_or_else(|| ToolchainError::NoWasmTarget(format!("the rustc on the path and {}", folder.display())))
    }

    /// Reads the version of `rustc`; none where it does not run.
    fn new(cargo: PathBuf, rustc: PathBuf) -> Option<Self> {
        let identity = identity(&rustc).ok()?;
        let version = identity.lines().find_map(|line| line.strip_prefix("release: "))?.parse().ok()?;
        Some(Self { cargo, rustc, version, identity })
    }

    /// Whether the target's core library is there; a rustc knows the target's name without having it.
    fn has_target(&self) -> bool {
        output(&self.rustc, &["--print", "target-libdir", "--target", TARGET])
            .and_then(|path| Path::new(path.trim()).read_dir().ok())
            .is_some_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
    }
}

/// All that a rustc says of itself.
///
/// # Errors
/// [`ToolchainError::Start`] where it does not run.
pub fn identity(rustc: &Path) -> Result<String, ToolchainError> {
    let silent = || std::io::Error::other("`-vV` prints no version");
    let problem = |source| ToolchainError::Start { program: rustc.display().to_string(), source };
    output(rustc, &["-vV"]).ok_or_else(silent).map_err(problem)
}

/// Folder of the toolchain that `scripts/setup` makes.
fn made_by_setup() -> PathBuf {
    if let Some(folder) = env::var_os("INKTENSOR_WASM_TOOLCHAIN") {
        return folder.into();
    }
    let home = || Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache");
    env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from).join("inktensor/wasm-toolchain/current")
}

/// Standard output of a program that ends well.
fn output(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
