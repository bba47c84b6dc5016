//! `inktensor evaluator new`: an evaluator to begin with.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::CliError;
use crate::home::Home;

/// The files of the template, by their places.
const TEMPLATE: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("../../../plugins/template/Cargo.toml")),
    ("Cargo.lock", include_str!("../../../plugins/template/Cargo.lock")),
    (".gitignore", include_str!("../../../plugins/template/.gitignore")),
    ("src/lib.rs", include_str!("../../../plugins/template/src/lib.rs")),
];

/// What the template calls itself.
const NAME: &str = "my-evaluator";
/// Where the template has the sdk.
const SDK: &str = "../sdk";

/// Arguments of `inktensor evaluator new`.
#[derive(Args)]
pub struct Options {
    /// The folder to make; its last part is the evaluator's name.
    #[arg(value_name = "NAME")]
    path: PathBuf,
}

/// Writes the template under its new name. Nothing is overwritten.
pub fn run(options: &Options) -> Result<(), CliError> {
    let path = &options.path;
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| sound(name)).ok_or_else(|| {
        let reason =
            format!("{} is no name of a crate: lower-case letters, digits and -, a letter first", path.display());
        CliError::Argument { what: "NAME", reason }
    })?;
    let sdk = Home::find().sdk()?;
    std::fs::create_dir(path).map_err(|source| CliError::Io { path: path.clone(), source })?;
    for (place, text) in TEMPLATE {
        let text = match place {
            "Cargo.toml" => text.replace(NAME, name).replace(SDK, &sdk.display().to_string()),
            _ => text.replace(NAME, name),
        };
        write(&path.join(place), &text)?;
    }
    println!("{}: `inktensor evaluator build {}` makes a component of it", path.display(), path.display());
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| std::fs::write(path, text)).map_err(|source| CliError::Io { path: path.to_owned(), source })
}

fn sound(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(allowed)
}
