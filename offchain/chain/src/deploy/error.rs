//! What can go wrong while a suite is deployed, checked or upgraded.

use super::Step;
use crate::{AccountId, ChainError, Part, ss58};
use std::path::PathBuf;

/// Why a deployment stopped. Nothing is lost by it: the same command goes on where it stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeployError {
    /// The chain, or a contract on it.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain gives contracts other addresses than pallet-contracts does.
    #[error("{part} would get the address {}, not {} as pallet-contracts' rule gives", ss58(.told), ss58(.computed))]
    AddressRule {
        /// Which contract.
        part: Part,
        /// Address by the rule.
        computed: AccountId,
        /// Address that the chain tells.
        told: AccountId,
    },
    /// The deployer holds less than the steps cost.
    #[error("the deployer holds {balance}, and the steps cost {needed} at least")]
    TooPoor {
        /// Native tokens that the deployer can spend.
        balance: u128,
        /// Fees and deposits, as far as they are known.
        needed: u128,
    },
    /// The contract at an address of the suite runs code that is not the bundle's.
    #[error("{part} at {} runs code 0x{}, the bundle has 0x{}", ss58(.address), hex::encode(.found), hex::encode(.expected))]
    OtherCode {
        /// Which contract.
        part: Part,
        /// Where.
        address: AccountId,
        /// Hash of its code.
        found: [u8; 32],
        /// Hash of the bundle's code.
        expected: [u8; 32],
    },
    /// A contract is wired to somebody else.
    #[error("{part} has another {role} than {}", ss58(.expected))]
    OtherPeer {
        /// Which contract.
        part: Part,
        /// What it calls the peer.
        role: &'static str,
        /// Who that should be.
        expected: AccountId,
    },
    /// A step was final, and its effect is not on the chain.
    #[error("{0} was executed, and the chain shows nothing of it")]
    WithoutEffect(Step),
    /// A step was sent before an interruption, and nobody knows yet whether it takes effect.
    #[error(
        "what became of \"{step}\" is unknown: it may take effect until block {until}, and the chain makes no blocks"
    )]
    InDoubt {
        /// Which step.
        step: Step,
        /// Last block that can hold it.
        until: u32,
    },
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Another process writes the journal.
    #[error("{}: another deployment is under way with this journal", .0.display())]
    JournalInUse(PathBuf),
    /// The journal holds something that is not one.
    #[error("{}: line {line} is no entry of a deployment's journal: {reason}", path.display())]
    JournalDamaged {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why not.
        reason: String,
    },
    /// The journal is of a deployment that differs from this one.
    #[error("{}: this journal is of another {what}", path.display())]
    JournalOfAnother {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The manifest is not one.
    #[error("{}: no deployment manifest: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl DeployError {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Chain(error) => error.hint(),
            Self::AddressRule { .. } => "this chain's contracts pallet is not one that the suite can be deployed on",
            Self::TooPoor { .. } => "send native tokens to the deployer, then run the command again",
            Self::OtherCode { .. } => "it was upgraded since: check it by `deploy verify`, or deploy with another salt",
            Self::OtherPeer { .. } => "check it by `deploy verify`, or deploy with another salt",
            Self::WithoutEffect(_) => "run the command again; if it happens again, report it",
            Self::InDoubt { .. } => {
                "run the command again once the chain has passed that block, or with --resend: the chain refuses the \
                 second of two, for its fee"
            }
            Self::File { .. } => "check the path and its permissions",
            Self::JournalInUse(_) => "wait for it, or name another journal",
            Self::JournalDamaged { .. } => "move the file away: the chain is asked for every step all the same",
            Self::JournalOfAnother { .. } => "name another journal, or go on with what this one was begun with",
            Self::Manifest { .. } => "name the file that `deploy` wrote",
        }
    }
}
