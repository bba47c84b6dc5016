//! Memory that an engine takes at its peak, in a process of its own. On a software adapter that is the device's memory
//! too.

use std::process::Command;

use crate::error::BenchError;

/// Names the engine and the workload that a process is for: see [`of_child`].
pub const ENGINE: &str = "--alone";
/// See [`ENGINE`].
pub const WORKLOAD: &str = "--on";

/// Bytes that this process has in memory.
pub fn now() -> Result<u64, BenchError> {
    of_this_process("VmRSS:")
}

/// Bytes that this process has had in memory at most.
pub fn peak() -> Result<u64, BenchError> {
    of_this_process("VmHWM:")
}

fn of_this_process(what: &str) -> Result<u64, BenchError> {
    const STATUS: &str = "/proc/self/status";
    let failed = |reason: String| BenchError::Memory { reason };
    let status = std::fs::read_to_string(STATUS).map_err(|error| failed(format!("{STATUS}: {error}")))?;
    bytes(&status, what).ok_or_else(|| failed(format!("{STATUS} has no {what}")))
}

/// The peak of a process that does what this one was told to, but with one engine on one workload, and answers once.
pub fn of_child(engine: &str, workload: &str) -> Result<u64, BenchError> {
    let failed = |reason: String| BenchError::Memory { reason };
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let output = Command::new(program)
        .args(std::env::args_os().skip(1))
        .args([ENGINE, engine, WORKLOAD, workload])
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let answer = String::from_utf8_lossy(&output.stdout);
    answer.trim().parse().map_err(|_| failed(format!("{engine} answered {answer:?}")))
}

/// A line of a process's status, which counts in KiB.
fn bytes(status: &str, what: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read() {
        let status = "Name:\tbench\nVmPeak:\t  999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t   10 kB\n";
        assert_eq!(bytes(status, "VmHWM:"), Some(2 << 20));
        assert_eq!(bytes(status, "VmRSS:"), Some(10 << 10));
        assert_eq!(bytes("Name:\tbench\n", "VmHWM:"), None);
    }
}
