//! Memory that an engine takes at its peak, in a process of its own. On a software adapter that is the device's memory
//! too.

use crate::error::BenchError;

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
