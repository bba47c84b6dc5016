//! Builds the workspace's ink! contracts into `.contract` bundles, all in the folder `ink` below the target folder, and its
//! evaluators into components, all in the folder `evaluators` there ([`evaluators`]).
//!
//! `cargo contract` for WebAssembly stopped at toolchains of 2025; this does the same with a present stable Rust:
//! compile ([`compile`]), shrink and check ([`wasm`]), generate metadata ([`metadata`]) with the contract's own events
//! ([`events`]), assemble ([`bundle`]). A bundle whose sources, dependencies and compilers did not change is left alone.

mod bundle;
mod compile;
mod error;
mod evaluators;
mod events;
mod metadata;
mod report;
mod wasm;
mod workspace;

use bundle::Stamp;
use clap::Parser;
use error::{Error, at};
use inktensor_encode::Toolchain;
use metadata::Generator;
use report::{Report, Row};
use std::{fs, path::Path, process::ExitCode, thread};
use workspace::{Contract, Workspace};

/// Build the contracts into bundles, and the evaluators into components.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Contracts and evaluators to build; all where none is named.
    names: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match build(&arguments.names) {
        Ok(report) => {
            print!("{}", if arguments.json { report.json() } else { report.table() });
            for (name, error) in &report.failures {
                eprintln!("error: {name}: {error}");
            }
            if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Brings what is named up to date: bundles of contracts, components of evaluators. What fails does not keep the others
/// from being built; it is left without a bundle or component.
fn build(names: &[String]) -> Result<Report, Error> {
    let mut workspace = Workspace::load()?;
    know(&workspace, names)?;
    let toolchain = Toolchain::find()?;
    let host = inktensor_encode::identity(Path::new("rustc"))?;
    let folder = workspace.target.join("ink");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let _lock = lock(&folder)?;
    for gone in
        bundle::present(&folder)?.iter().filter(|name| !workspace.contracts.iter().any(|c| c.library() == **name))
    {
        bundle::remove(&folder, gone)?;
    }
    let generator = Generator::new(&workspace)?;
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    workspace.contracts.retain(|contract| wanted(contract.name()));
    workspace.evaluators.retain(|evaluator| wanted(&evaluator.name));

    let mut report = Report::new(&folder, &toolchain);
    let mut stale = Vec::new();
    for contract in &workspace.contracts {
        let key = bundle::key(contract, &toolchain, &host);
        match Stamp::current(&folder, contract, &key) {
            Some(stamp) => report.rows.push(Row { stamp, rebuilt: false }),
            None => {
                bundle::remove(&folder, &contract.library())?;
                stale.push((contract, key));
            }
        }
    }
    // Code and metadata come from different compilers in different folders: neither waits for the other.
    let (codes, abis) = thread::scope(|scope| {
        let abis = scope.spawn(|| stale.iter().map(|(contract, _)| generator.metadata(contract)).collect::<Vec<_>>());
        let codes: Vec<_> = stale.iter().map(|(contract, _)| code(&workspace, contract, &toolchain)).collect();
        (codes, abis.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    for (((contract, key), code), abi) in stale.iter().zip(codes).zip(abis) {
        let made = code.and_then(|code| {
            let mut abi = abi?;
            events::keep_emitted(&mut abi, &code.1)?;
            bundle::write(&folder, contract, &toolchain, key, code, abi)
        });
        match made {
            Ok(stamp) => report.rows.push(Row { stamp, rebuilt: true }),
            Err(error) => report.failures.push((contract.name().to_string(), error)),
        }
    }
    report.rows.sort_by(|a, b| a.stamp.name.cmp(&b.stamp.name));
    let folder = workspace.target.join("evaluators");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    for source in &workspace.evaluators {
        match evaluators::build(&folder, source) {
            Ok(evaluator) => report.evaluators.push(evaluator),
            Err(error) => report.failures.push((source.name.clone(), error)),
        }
    }
    Ok(report)
}

/// The checked code of a contract, after the number of bytes that the compiler gave.
fn code(workspace: &Workspace, contract: &Contract, toolchain: &Toolchain) -> Result<(usize, Vec<u8>), Error> {
    let compiled = compile::compile(workspace, contract, toolchain)?;
    let raw = fs::read(&compiled).map_err(at(&compiled))?;
    let stripped = compiled.with_extension("stripped.wasm");
    let optimised = compiled.with_extension("optimised.wasm");
    fs::write(&stripped, wasm::strip(&raw)?).map_err(at(&stripped))?;
    wasm::optimise(&stripped, &optimised)?;
    let code = wasm::strip(&fs::read(&optimised).map_err(at(&optimised))?)?;
    wasm::check(&code)?;
    Ok((raw.len(), code))
}

/// Checks that every name is a contract's or an evaluator's.
fn know(workspace: &Workspace, names: &[String]) -> Result<(), Error> {
    let evaluators = workspace.evaluators.iter().map(|evaluator| evaluator.name.as_str());
    let present: Vec<_> = workspace.contracts.iter().map(Contract::name).chain(evaluators).collect();
    match names.iter().find(|name| !present.contains(&name.as_str())) {
        Some(unknown) => Err(Error::UnknownName(unknown.clone(), present.join(", "))),
        None => Ok(()),
    }
}

/// Waits until no other bundler writes to `folder`; held as long as the returned file is open.
fn lock(folder: &Path) -> Result<fs::File, Error> {
    let path = folder.join(".lock");
    let file = fs::File::create(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}
