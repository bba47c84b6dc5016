//! What a validator is doing, for those who watch it.

/// What a validator is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Nothing was done yet.
    Starting,
    /// The chain cannot be reached, or does not answer as it should.
    Unreachable {
        /// What went wrong.
        reason: String,
    },
    /// The hotkey is not registered on the subnet.
    NotRegistered,
    /// Contributions of this epoch are being evaluated.
    Evaluating {
        /// Which epoch.
        epoch: u64,
    },
    /// Weights of this epoch are decided and on their way to the chain.
    Committing {
        /// Which epoch.
        epoch: u64,
    },
    /// All that this epoch asks for is on chain.
    Done {
        /// Which epoch.
        epoch: u64,
    },
    /// No weights in this epoch, through no fault of the miners.
    Abstained {
        /// Which epoch.
        epoch: u64,
        /// Why.
        reason: String,
    },
    /// The chain does not take what is due, for now.
    Refused {
        /// Which epoch.
        epoch: u64,
        /// The refusal.
        reason: String,
    },
}

impl Status {
    /// The name, as it is written for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Unreachable { .. } => "unreachable",
            Self::NotRegistered => "not_registered",
            Self::Evaluating { .. } => "evaluating",
            Self::Committing { .. } => "committing",
            Self::Done { .. } => "done",
            Self::Abstained { .. } => "abstained",
            Self::Refused { .. } => "refused",
        }
    }

    /// Whether the validator does its work: it sees the chain and has not had to give up on the running epoch.
    pub fn ready(&self) -> bool {
        matches!(self, Self::Evaluating { .. } | Self::Committing { .. } | Self::Done { .. })
    }

    /// The epoch that it speaks of.
    pub fn epoch(&self) -> Option<u64> {
        match self {
            Self::Evaluating { epoch }
            | Self::Committing { epoch }
            | Self::Done { epoch }
            | Self::Abstained { epoch, .. }
            | Self::Refused { epoch, .. } => Some(*epoch),
            Self::Starting | Self::Unreachable { .. } | Self::NotRegistered => None,
        }
    }

    /// Why it is not ready, where the name does not say it.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Unreachable { reason } | Self::Abstained { reason, .. } | Self::Refused { reason, .. } => {
                Some(reason)
            }
            _ => None,
        }
    }
}
