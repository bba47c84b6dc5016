//! Compiles a contract to WebAssembly.

use crate::{
    error::Error,
    workspace::{Contract, Workspace},
};
use inktensor_encode::{TARGET, Toolchain};
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// The release profile of contracts. The workspace's own serves native code, so this one comes from outside.
/// Overflow checks stay off as with `cargo contract`: contracts may not rely on them.
const PROFILE: [(&str, &str); 7] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "z"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
];

/// Compiles `contract` and gives the path of the WebAssembly, not yet optimised.
///
/// The folder of unpacked packages is renamed in the code, so that one source gives one code hash on every machine.
///
/// # Errors
/// [`Error::Failed`] where it does not compile; cargo has said why on stderr.
pub fn compile(workspace: &Workspace, contract: &Contract, toolchain: &Toolchain) -> Result<PathBuf, Error> {
    let target = workspace.target.join("wasm");
    let mut flags = vec!["-Clink-arg=-zstack-size=65536".to_string(), "-Clink-arg=--import-memory".to_string()];
    flags.extend(workspace.registries.iter().map(|path| format!("--remap-path-prefix={}=registry", path.display())));
    let mut command = Command::new(&toolchain.cargo);
    command
        .args(["rustc", "--lib", "--release", "--no-default-features", "--crate-type", "cdylib", "--target", TARGET])
        .args(["--package", &contract.package.id.repr])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&workspace.root)
        .env("RUSTC", &toolchain.rustc)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .envs(PROFILE);
    run(&mut command, &format!("compiling {}", contract.name()))?;
    Ok(target.join(TARGET).join("release").join(contract.library()).with_extension("wasm"))
}

/// Runs a program to its end; what it says goes to stderr, so that stdout carries the bundler's report alone.
pub fn run(command: &mut Command, task: &str) -> Result<(), Error> {
    finish(command.stdout(Stdio::from(std::io::stderr())), task).map(drop)
}

/// Runs a program to its end and gives what it wrote to a captured stdout.
pub fn finish(command: &mut Command, task: &str) -> Result<Vec<u8>, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stderr(Stdio::inherit())
        .spawn()
        .and_then(|child| child.wait_with_output())
        .map_err(|source| Error::Start { program, source })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Error::Failed { task: task.to_string(), status: output.status })
    }
}
