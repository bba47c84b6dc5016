//! Why the development chain could not be started, stopped or asked.

use std::path::PathBuf;

use thiserror::Error;

use super::place::Plan;

/// What goes wrong with a node on this machine.
#[derive(Debug, Error)]
pub enum DevnetError {
    /// There is no binary.
    #[error("the node is not at {path}")]
    NoNode {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The user has no folder for data.
    #[error("there is no home folder")]
    NoHome,
    /// Something else listens on the port. It is left alone.
    #[error("port {port} is taken by {what}, which is left alone")]
    PortTaken {
        /// The port.
        port: u16,
        /// What listens there.
        what: &'static str,
    },
    /// The chain runs with other options than asked for.
    #[error("a chain runs already, and differs: {plan}")]
    RunsOtherwise {
        /// How it runs.
        plan: Plan,
    },
    /// No chain runs.
    #[error("no chain runs")]
    NotRunning,
    /// The node ended while it started.
    #[error("the node ended at its start ({status}). It said last:\n{log}")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// The node does not do what it should in time.
    #[error("the node did not {what} within {seconds} s")]
    Slow {
        /// What it should do.
        what: &'static str,
        /// How long it had.
        seconds: u64,
    },
    /// The node's answer is not understood.
    #[error("the node on port {port} did not answer {method}: {reason}")]
    NoAnswer {
        /// Its port.
        port: u16,
        /// What it was asked.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// What was written about the node is not understood.
    #[error("{path}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file cannot be read or written, or a program cannot be started.
    #[error("{path}: {source}")]
    Io {
        /// The file, folder or program.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl DevnetError {
    /// Short name, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoNode { .. } => "no_node",
            Self::NoHome => "no_home",
            Self::PortTaken { .. } => "port_taken",
            Self::RunsOtherwise { .. } => "runs_otherwise",
            Self::NotRunning => "not_running",
            Self::Ended { .. } => "node_ended",
            Self::Slow { .. } => "node_slow",
            Self::NoAnswer { .. } => "no_answer",
            Self::Damaged { .. } => "damaged_record",
            Self::Io { .. } => "io",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoNode { .. } => "build it with scripts/node, or name a binary in INKTENSOR_NODE",
            Self::NoHome => "name a folder in XDG_DATA_HOME",
            Self::PortTaken { .. } => "use what runs there, or choose another port with --port",
            Self::RunsOtherwise { .. } => "stop it first: inktensor devnet down",
            Self::NotRunning => "start it: inktensor devnet up",
            Self::Ended { .. } => "if its chain is damaged, forget it: inktensor devnet reset",
            Self::Slow { .. } | Self::NoAnswer { .. } => "see what it says: inktensor devnet logs",
            Self::Damaged { .. } => "remove the file; if the node still runs, end it by hand",
            Self::Io { .. } => {
                "see what the system says; files are kept in the folder inktensor/devnet of XDG_DATA_HOME"
            }
        }
    }
}
