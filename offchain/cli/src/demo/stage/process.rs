//! A process that the demo runs, with its log.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::CliError;

/// How often to look whether a process has ended.
const LOOK: Duration = Duration::from_millis(25);
/// How long a process may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(20);
/// Lines of a log that a failure shows.
const TAIL: usize = 12;

/// A running process. Dropped, it is killed.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it says on standard error goes to the end of the file `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self, CliError> {
        let failed = |source| CliError::Io { path: log.to_owned(), source };
        let file = File::options().create(true).append(true).open(log).map_err(failed)?;
        let program = PathBuf::from(command.get_program());
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().map_err(|source| CliError::Io { path: program, source })?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// Why it ended, if it has.
    pub fn ended(&mut self) -> Option<CliError> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(self.failure(status)),
            Err(source) => Some(CliError::Io { path: PathBuf::from(&self.name), source }),
        }
    }

    /// Kills it without a warning.
    pub fn kill(&mut self) {
        // One that has ended already cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Tells it to end, as a service manager does. Errors: `Process` if it has ended already.
    pub fn terminate(&mut self) -> Result<(), CliError> {
        if let Some(early) = self.ended() {
            return Err(early);
        }
        // The standard library sends no signal but SIGKILL.
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        told.map(drop).map_err(|source| CliError::Io { path: PathBuf::from("kill"), source })
    }

    /// Waits until it has ended. Errors: `Process` unless it ends well, `Stuck` if it does not end.
    pub async fn end(&mut self) -> Result<(), CliError> {
        let deadline = Instant::now() + GRACE;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(None) if Instant::now() < deadline => sleep(LOOK).await,
                Ok(None) => {
                    let (what, seconds) = (format!("the end of {}", self.name), GRACE.as_secs());
                    return Err(CliError::Stuck { what, seconds, details: self.last_words() });
                }
                Ok(Some(status)) => return Err(self.failure(status)),
                Err(source) => return Err(CliError::Io { path: PathBuf::from(&self.name), source }),
            }
        }
    }

    /// What it has said so far.
    pub fn said(&self) -> Result<String, CliError> {
        let bytes = std::fs::read(&self.log).map_err(|source| CliError::Io { path: self.log.clone(), source })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The end of its log, on lines of their own.
    pub fn last_words(&self) -> String {
        let said = self.said().unwrap_or_else(|failure| failure.to_string());
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].iter().map(|line| format!("\n  {}: {line}", self.name)).collect()
    }

    fn failure(&self, status: ExitStatus) -> CliError {
        CliError::Process { name: self.name.clone(), status, words: self.last_words() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking
    use super::*;

    fn shell(script: &str) -> (tempfile::TempDir, Process) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let process = Process::start("shell", Command::new("sh").arg("-c").arg(script), &log).unwrap();
        (folder, process)
    }

    async fn until_said(process: &Process, word: &str) {
        while !process.said().unwrap().contains(word) {
            sleep(LOOK).await;
        }
    }

    #[tokio::test]
    async fn an_end_is_told_with_its_last_words() {
        let (_folder, mut process) = shell("echo first >&2; echo no key >&2; exit 13");
        let failure = loop {
            match process.ended() {
                Some(failure) => break failure.to_string(),
                None => sleep(LOOK).await,
            }
        };
        assert!(failure.contains("shell") && failure.contains("13") && failure.contains("no key"), "{failure}");
    }

    #[tokio::test]
    async fn a_process_that_obeys_stops_well_and_another_does_not() {
        let (_folder, mut process) = shell("trap 'exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done");
        until_said(&process, "ready").await;
        process.terminate().unwrap();
        process.end().await.unwrap();

        let (_folder, mut process) = shell("trap 'exit 3' TERM; echo ready >&2; while :; do sleep 0.05; done");
        until_said(&process, "ready").await;
        process.terminate().unwrap();
        assert!(process.end().await.unwrap_err().to_string().contains('3'));
        assert!(process.terminate().is_err(), "it has ended");
    }
}
