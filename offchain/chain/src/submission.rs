//! What becomes of an action that was handed to a chain.

use crate::{ChainError, Receipt, Stage};
use tokio::sync::watch;

/// Where a submission stands. It may go back from `InBlock` to `Submitted` when its block is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A node has accepted it; it is in no block.
    Submitted,
    /// In a block that may still be replaced.
    InBlock(Receipt),
    /// In a block for good.
    Finalised(Receipt),
    /// It has failed, or nobody can tell what became of it: the error says which.
    Failed(ChainError),
}

/// An action on its way. Dropping it stops nobody: the action goes on.
#[derive(Debug, Clone)]
pub struct Submission {
    id: [u8; 32],
    progress: watch::Receiver<Progress>,
}

impl Submission {
    /// A submission whose progress somebody reports. `id` is the extrinsic's hash.
    pub fn new(id: [u8; 32], progress: watch::Receiver<Progress>) -> Self {
        Self { id, progress }
    }

    /// One that is in a block for good already. Its id is that of the block.
    pub fn done(receipt: Receipt) -> Self {
        let (_, progress) = watch::channel(Progress::Finalised(receipt.clone()));
        Self { id: receipt.block_hash, progress }
    }

    /// Hash of the extrinsic, by which explorers find it.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }

    /// Where it stands now.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until it has come this far: its receipt. For [`Stage::Submitted`] that is the first block that holds it,
    /// since there is no receipt before. Errors: that of a failed submission.
    pub async fn reached(&mut self, stage: Stage) -> Result<Receipt, ChainError> {
        loop {
            match &*self.progress.borrow_and_update() {
                Progress::Failed(error) => return Err(error.clone()),
                Progress::Finalised(receipt) => return Ok(receipt.clone()),
                Progress::InBlock(receipt) if stage < Stage::Finalised => return Ok(receipt.clone()),
                Progress::InBlock(_) | Progress::Submitted => {}
            }
            if self.progress.changed().await.is_err() {
                return Err(ChainError::Broken("whoever followed the submission stopped".into()));
            }
        }
    }
}
