//! Why a command failed, and the exit code that says so to scripts.

use std::path::PathBuf;
use std::process::ExitStatus;

use inktensor_agent::AgentError;
use inktensor_agent::subnet::SubnetError;
use inktensor_chain::{CallError, ChainError, DeployError, SecretError};
use inktensor_encode::EncodeError;
use inktensor_evaluation::EngineError;
use inktensor_evaluation::cache::CacheError;
use inktensor_evaluation::canonical::transcript::{Discrepancy, TranscriptError};
use inktensor_evaluation::corpus::CorpusError;
use inktensor_plugins::{EvaluatorFault, HostError};
use thiserror::Error;

use crate::devnet::DevnetError;
use crate::simulate::SimulateError;

/// Exit codes, the same for every command. 0 is success and 2 a usage error, which the argument parser reports.
pub mod exit {
    /// The chain or a peer could not be reached.
    pub const NETWORK: u8 = 10;
    /// The input is malformed or missing.
    pub const INPUT: u8 = 12;
    /// A contract or the chain refused.
    pub const REFUSED: u8 = 13;
    /// A file or a socket failed.
    pub const IO: u8 = 14;
    /// The evaluation engine failed.
    pub const ENGINE: u8 = 15;
    /// The command ran, and what it checks does not hold.
    pub const CHECK: u8 = 20;
    /// Interrupted from the keyboard, as shells number it.
    pub const INTERRUPTED: u8 = 130;
}

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CliError {
    /// The chain, or a contract on it.
    #[error("{0}. Hint: {hint}", hint = .0.hint())]
    Chain(#[from] ChainError),
    /// A service of the agent.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The evaluation engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The cache of losses.
    #[error(transparent)]
    Losses(#[from] CacheError),
    /// Components cannot run here.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A component is no evaluator, or not a sound one.
    #[error("{path}: {fault}")]
    Evaluator {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        fault: EvaluatorFault,
    },
    /// A component cannot be built.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The held-out text.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A transcript's file.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// What a transcript says does not hold.
    #[error(transparent)]
    Discrepancy(#[from] Discrepancy),
    /// A simulation's input.
    #[error("{name}: {0}. Hint: {hint}", name = .0.name(), hint = .0.hint())]
    Simulate(#[from] SimulateError),
    /// The development chain.
    #[error("{name}: {0}. Hint: {hint}", name = .0.name(), hint = .0.hint())]
    Devnet(#[from] DevnetError),
    /// A deployment, or an upgrade.
    #[error("{0}. Hint: {hint}", hint = .0.hint())]
    Deploy(#[from] DeployError),
    /// A secret, or its file.
    #[error("{0}. Hint: {hint}", hint = .0.hint())]
    Secret(#[from] SecretError),
    /// Nobody is there to be asked.
    #[error("nothing was sent: there is no terminal to ask on. Hint: look at --dry-run, then add --yes")]
    Unconfirmed,
    /// Somebody was asked and did not agree.
    #[error("nothing was sent: not confirmed")]
    Declined,
    /// An upgrade is not as far as the step needs it to be, or farther.
    #[error("nothing was sent: the upgrade of {contract} is {state}. Hint: --step status says what is next")]
    NotTheTime {
        /// Which contract.
        contract: &'static str,
        /// How far it is.
        state: &'static str,
    },
    /// Models that cannot be measured. What is wrong with each was printed.
    #[error("{faulty} of {models} models are faulty")]
    Faulty {
        /// How many.
        faulty: usize,
        /// Of how many.
        models: usize,
    },
    /// A file of the repository is missing.
    #[error("{what} is not at {path}. Run from a clone of the repository, or name its folder in INKTENSOR_HOME")]
    Missing {
        /// What it is.
        what: &'static str,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A shipped evaluator is not built.
    #[error("the evaluator {path} is not built. Run scripts/build, or name its folder in INKTENSOR_EVALUATORS")]
    NoEvaluator {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of settings or addresses cannot be used.
    #[error("{path}: {reason}")]
    Settings {
        /// The file.
        path: PathBuf,
        /// Where and what is wrong.
        reason: String,
    },
    /// There is no contract where the deployment says.
    #[error("there is no contract at {address}, which {deployment} names. Is that the deployment of this chain?")]
    NoContract {
        /// Where it was looked for.
        address: String,
        /// The file that names it.
        deployment: PathBuf,
    },
    /// Another validator works on the same folder.
    #[error("another validator uses {folder}. Each needs a folder of its own")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A process of the demo ended although nobody told it to, or not well.
    #[error("{name} ended by itself or badly, {status}{words}")]
    Process {
        /// Which.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        words: String,
    },
    /// An argument is not what it must be.
    #[error("{what}: {reason}")]
    Argument {
        /// Which one.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// A validator abstained although the command needs its word.
    #[error("{validator} abstains: {reason}")]
    Abstained {
        /// Which.
        validator: String,
        /// Why.
        reason: String,
    },
    /// Nothing moved for too long.
    #[error("stuck: {what} did not happen within {seconds} s{details}")]
    Stuck {
        /// What was waited for.
        what: String,
        /// For how long.
        seconds: u64,
        /// What the services say, if anything.
        details: String,
    },
    /// What the command checks does not hold.
    #[error("{0} did not hold")]
    Check(String),
    /// Interrupted from the keyboard.
    #[error("interrupted")]
    Interrupted,
}

impl CliError {
    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Chain(failure) => of_chain(failure),
            Self::Deploy(failure) => of_deployment(failure),
            Self::Secret(SecretError::Unreadable { .. }) => exit::IO,
            Self::Secret(_) | Self::Settings { .. } | Self::Unconfirmed | Self::Declined => exit::INPUT,
            Self::NotTheTime { .. } => exit::REFUSED,
            Self::Agent(failure) => of_agent(failure),
            Self::Engine(_) | Self::Host(_) | Self::Abstained { .. } => exit::ENGINE,
            Self::Encode(failure) => of_build(failure),
            Self::Corpus(CorpusError::Unreadable { .. })
            | Self::Losses(_)
            | Self::Missing { .. }
            | Self::NoEvaluator { .. }
            | Self::Io { .. }
            | Self::InUse { .. } => exit::IO,
            Self::Devnet(failure) => of_devnet(failure),
            Self::Corpus(_)
            | Self::Evaluator { .. }
            | Self::Transcript(_)
            | Self::Simulate(_)
            | Self::Argument { .. }
            | Self::Faulty { .. } => exit::INPUT,
            Self::NoContract { .. } => exit::REFUSED,
            Self::Stuck { .. } | Self::Check(_) | Self::Discrepancy(_) | Self::Process { .. } => exit::CHECK,
            Self::Interrupted => exit::INTERRUPTED,
        }
    }
}

impl<E: std::fmt::Debug> From<CallError<E>> for CliError {
    fn from(failure: CallError<E>) -> Self {
        Self::Chain(failure.into())
    }
}

fn of_build(failure: &EncodeError) -> u8 {
    match failure {
        EncodeError::Toolchain(_) | EncodeError::Start { .. } | EncodeError::File { .. } => exit::IO,
        _ => exit::INPUT,
    }
}

fn of_chain(failure: &ChainError) -> u8 {
    match failure {
        ChainError::Unreachable(_) | ChainError::Broken(_) => exit::NETWORK,
        ChainError::Bundle { .. } => exit::IO,
        _ => exit::REFUSED,
    }
}

fn of_deployment(failure: &DeployError) -> u8 {
    match failure {
        DeployError::Chain(failure) => of_chain(failure),
        DeployError::InDoubt { .. } => exit::NETWORK,
        DeployError::File { .. } | DeployError::JournalInUse(_) => exit::IO,
        DeployError::JournalDamaged { .. } | DeployError::JournalOfAnother { .. } | DeployError::Manifest { .. } => {
            exit::INPUT
        }
        DeployError::AddressRule { .. }
        | DeployError::TooPoor { .. }
        | DeployError::OtherCode { .. }
        | DeployError::OtherPeer { .. } => exit::REFUSED,
        DeployError::WithoutEffect(_) => exit::CHECK,
    }
}

fn of_agent(failure: &AgentError) -> u8 {
    match failure {
        AgentError::Subnet(SubnetError::Chain(failure)) => of_chain(failure),
        AgentError::Subnet(_) | AgentError::NotRegistered { .. } => exit::REFUSED,
        AgentError::Engine(_) => exit::ENGINE,
        AgentError::TaskFailed { source, .. } => of_agent(source),
        AgentError::Journal(_) | AgentError::Cache(_) | AgentError::Serve(_) | AgentError::NoModel { .. } => exit::IO,
        AgentError::TaskEnded { .. } | AgentError::TaskPanicked { .. } => exit::CHECK,
    }
}

fn of_devnet(failure: &DevnetError) -> u8 {
    match failure {
        DevnetError::NoAnswer { .. } => exit::NETWORK,
        DevnetError::RunsOtherwise { .. } => exit::REFUSED,
        DevnetError::NotRunning | DevnetError::Ended { .. } | DevnetError::Slow { .. } => exit::CHECK,
        DevnetError::NoNode { .. }
        | DevnetError::NoHome
        | DevnetError::PortTaken { .. }
        | DevnetError::Damaged { .. }
        | DevnetError::Io { .. } => exit::IO,
    }
}
