//! What is kept about the chain: its blocks, its node's log, and a record of how the node was started.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::DevnetError;

/// Which chain the node stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chain {
    /// As contracts-node: balances of 128 bits, wide limits.
    Contracts,
    /// As Bittensor's own chain: balances of 64 bits, narrow limits.
    Bittensor,
}

/// When blocks are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seal {
    /// As soon as there is a transaction.
    Instant,
    /// Only when told.
    Manual,
    /// Regularly.
    Interval,
}

/// How a node is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Which chain.
    pub chain: Chain,
    /// When blocks are sealed.
    pub seal: Seal,
    /// Milliseconds between them, if they are sealed regularly.
    pub block_time: u64,
    /// Port of the RPC server.
    pub port: u16,
}

impl Plan {
    /// Where clients reach the node.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// The node's arguments, but for where it keeps the chain.
    pub fn arguments(&self) -> Vec<String> {
        let (chain, seal) = (name(self.chain), name(self.seal));
        let (block_time, port) = (self.block_time.to_string(), self.port.to_string());
        ["--chain", &chain, "--seal", &seal, "--block-time", &block_time, "--rpc-port", &port]
            .map(String::from)
            .to_vec()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "chain {} with {} seal on port {}", name(self.chain), name(self.seal), self.port)?;
        if self.seal == Seal::Interval { write!(formatter, ", a block every {} ms", self.block_time) } else { Ok(()) }
    }
}

/// A value's name on a command line.
fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A node that was started.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its process.
    pub pid: u32,
    /// When the process began: another one with the same number began at another time.
    pub birth: String,
    /// How it runs.
    pub plan: Plan,
}

/// The folder of all this.
pub struct Place(PathBuf);

impl Place {
    /// Finds it: `inktensor/devnet` in the user's folder for data.
    ///
    /// # Errors
    /// [`DevnetError::NoHome`].
    pub fn find() -> Result<Self, DevnetError> {
        let home = || std::env::home_dir().map(|home| home.join(".local/share"));
        let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
        Ok(Self(data.ok_or(DevnetError::NoHome)?.join("inktensor/devnet")))
    }

    /// Where the node keeps the chain. The folder is made if it is missing.
    pub fn chain(&self) -> Result<PathBuf, DevnetError> {
        let chain = self.0.join("chain");
        fs::create_dir_all(&chain).map_err(failed(&chain))?;
        Ok(chain)
    }

    /// The node's log.
    pub fn log(&self) -> PathBuf {
        self.0.join("node.log")
    }

    /// The last lines of the log.
    pub fn last_lines(&self, count: usize) -> Result<Vec<String>, DevnetError> {
        let text = fs::read(self.log()).map_err(failed(&self.log()))?;
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect())
    }

    /// The node that was started last, if it was not stopped.
    pub fn read(&self) -> Result<Option<Record>, DevnetError> {
        let path = self.record();
        let damaged =
            |failure: serde_json::Error| DevnetError::Damaged { path: path.clone(), reason: failure.to_string() };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).map_err(damaged),
            Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(None),
            Err(failure) => Err(failed(&path)(failure)),
        }
    }

    /// Records a node that was started.
    pub fn write(&self, record: &Record) -> Result<(), DevnetError> {
        let path = self.record();
        fs::write(&path, serde_json::json!(record).to_string()).map_err(failed(&path))
    }

    /// Forgets the node.
    pub fn erase(&self) -> Result<(), DevnetError> {
        let path = self.record();
        unless_missing(fs::remove_file(&path)).map_err(failed(&path))
    }

    /// Forgets the chain.
    pub fn forget(&self) -> Result<(), DevnetError> {
        let chain = self.0.join("chain");
        unless_missing(fs::remove_dir_all(&chain)).map_err(failed(&chain))
    }

    fn record(&self) -> PathBuf {
        self.0.join("node.json")
    }
}

fn unless_missing(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Names the file that a system's error is about.
pub fn failed(path: &Path) -> impl Fn(std::io::Error) -> DevnetError {
    let path = path.to_owned();
    move |source| DevnetError::Io { path: path.clone(), source }
}
