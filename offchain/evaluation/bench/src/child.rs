//! Each workload in a process of its own: what an engine leaves behind meets no other workload, and where a peer gives up,
//! that workload alone is begun again.

use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

use crate::engine::BURN;
use crate::error::BenchError;

/// Names the workload that a process is for.
pub const WORKLOAD: &str = "--on";

/// Names the engine that it runs, and nothing else, for its memory.
pub const ENGINE: &str = "--alone";

/// What a process exits with whose peer gave up as others do not: another try may end well.
pub const GAVE_UP: u8 = 75;

/// Times that a process is begun again before its peer is given up on.
const RESTARTS: usize = 4;

/// What the process of a workload answered.
#[derive(Debug)]
pub struct Answer<T> {
    /// The last word.
    pub answer: T,
    /// Times that it was begun again because a peer gave up.
    pub restarts: usize,
}

/// Runs this program again with its own arguments and `more`, and reads the JSON that it prints. What it says beside is
/// passed on.
pub fn ask<T: DeserializeOwned>(more: &[&str]) -> Result<Answer<T>, BenchError> {
    let asked = more.join(" ");
    let program = std::env::current_exe()
        .map_err(|error| BenchError::Child { asked: asked.clone(), reason: error.to_string() })?;
    answer(&asked, || {
        let mut command = Command::new(&program);
        command.args(std::env::args_os().skip(1)).args(more).stderr(Stdio::inherit());
        command
    })
}

/// What a command prints, begun again where it gives up.
fn answer<T: DeserializeOwned>(asked: &str, command: impl Fn() -> Command) -> Result<Answer<T>, BenchError> {
    let failed = |reason: String| BenchError::Child { asked: asked.to_owned(), reason };
    let mut restarts = 0;
    loop {
        let output = command().output().map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            let answer = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
            return Ok(Answer { answer, restarts });
        }
        if output.status.code() != Some(GAVE_UP.into()) || restarts == RESTARTS {
            return Err(failed(output.status.to_string()));
        }
        restarts += 1;
        eprintln!("{BURN} gave up: beginning {asked} again, time {restarts} of at most {RESTARTS}");
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking
    use std::cell::Cell;

    use super::*;

    /// Runs lines of a shell one after the other, the last again and again, and says how many it began.
    fn run(lines: &[String]) -> (Result<Answer<u32>, BenchError>, usize) {
        let begun = Cell::new(0);
        let found = answer("a test", || {
            let line = &lines[begun.replace(begun.get() + 1).min(lines.len() - 1)];
            let mut command = Command::new("sh");
            command.args(["-c", line]);
            command
        });
        (found, begun.get())
    }

    #[test]
    fn what_gives_up_is_begun_again_and_counted() {
        let gives_up = format!("exit {GAVE_UP}");
        let (found, begun) = run(&[gives_up.clone(), gives_up.clone(), "echo 7".to_owned()]);
        let found = found.unwrap();
        assert_eq!((found.answer, found.restarts, begun), (7, 2, 3));
        let (found, begun) = run(&[gives_up]);
        assert!(matches!(found, Err(BenchError::Child { .. })));
        assert_eq!(begun, 1 + RESTARTS);
    }

    #[test]
    fn what_fails_otherwise_or_answers_nonsense_is_an_error_at_once() {
        for line in ["exit 1", "kill -9 $$", "echo seven"] {
            let (found, begun) = run(&[line.to_owned()]);
            assert!(matches!(found, Err(BenchError::Child { .. })), "{line}");
            assert_eq!(begun, 1, "{line}");
        }
    }
}
