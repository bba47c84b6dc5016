//! A validator's status in a file, for those who watch it from outside.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use inktensor_agent::validator::Status;
use inktensor_agent::{AgentError, Shutdown};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::sync::watch;
use tracing::warn;

/// The status in a validator's folder: JSON with `state` and what belongs to it, always whole.
pub fn file(data: &Path) -> PathBuf {
    data.join("status.json")
}

/// The fields of [`Status`] as they are written.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Status", tag = "state", rename_all = "snake_case")]
enum Written {
    Starting,
    Unreachable { reason: String },
    NotRegistered,
    Evaluating { epoch: u64 },
    Committing { epoch: u64 },
    Done { epoch: u64 },
    Abstained { epoch: u64, reason: String },
    Refused { epoch: u64, reason: String },
}

#[derive(Serialize, Deserialize)]
struct Record(#[serde(with = "Written")] Status);

/// Writes each change, until told to stop. A status that cannot be written does not stop a validator.
pub async fn keep(
    data: PathBuf,
    mut status: watch::Receiver<Status>,
    mut shutdown: Shutdown,
) -> Result<(), AgentError> {
    loop {
        let now = status.borrow_and_update().clone();
        if let Err(failure) = write(&data, now) {
            warn!(error = %failure, folder = %data.display(), "the status cannot be written");
        }
        tokio::select! {
            () = shutdown.wait() => return Ok(()),
            changed = status.changed() => if changed.is_err() {
                // The validator is gone; whoever supervises us tells us to stop.
                shutdown.wait().await;
                return Ok(());
            }
        }
    }
}

/// What the validator of this folder last said; nothing before its first word.
pub fn read(data: &Path) -> io::Result<Option<Status>> {
    match std::fs::read(file(data)) {
        Ok(text) => Ok(Some(serde_json::from_slice::<Record>(&text)?.0)),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn write(data: &Path, status: Status) -> io::Result<()> {
    let mut draft = NamedTempFile::new_in(data)?;
    draft.write_all(&serde_json::to_vec(&Record(status))?)?;
    draft.persist(file(data))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), None);
        for status in [
            Status::Starting,
            Status::Unreachable { reason: "connection refused".to_owned() },
            Status::Done { epoch: 3 },
            Status::Abstained { epoch: 4, reason: "no adapter".to_owned() },
        ] {
            write(folder.path(), status.clone()).unwrap();
            assert_eq!(read(folder.path()).unwrap(), Some(status));
        }
        let text = std::fs::read_to_string(file(folder.path())).unwrap();
        assert_eq!(text, r#"{"state":"abstained","epoch":4,"reason":"no adapter"}"#);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no drafts are left");
    }
}
