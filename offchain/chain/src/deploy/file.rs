//! Files that outlive a crash.

use super::DeployError;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// Replaces a file as a whole: a reader sees the old one or the new one, whatever happens meanwhile. Errors: `File`.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), DeployError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(|error| of_file(path, &error))
}

pub(crate) fn of_file(path: &Path, error: &std::io::Error) -> DeployError {
    DeployError::File { path: path.to_owned(), reason: error.to_string() }
}
