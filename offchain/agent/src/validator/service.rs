//! The validator as a service: one step after the other, until told to stop.

use std::time::Duration;

use tracing::warn;

use super::cycle::Validator;
use super::judge::Judge;
use super::status::Status;
use crate::subnet::ValidatorSubnet;
use crate::{AgentError, Shutdown};

/// Longest pause after failures that may pass by themselves.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl<S: ValidatorSubnet, J: Judge> Validator<S, J> {
    /// Looks at the chain, again and again, and does what is due after each new block. Ends when told to, wherever it stands,
    /// but for a reveal that is due; ends with an error that does not pass by itself. While the chain cannot be reached it
    /// tries again, ever less often.
    pub async fn run(mut self, mut shutdown: Shutdown) -> Result<(), AgentError> {
        let (mut pause, mut seen) = (self.poll, None);
        loop {
            let outcome = tokio::select! {
                biased;
                () = shutdown.wait() => break,
                outcome = self.look(seen) => outcome,
            };
            (pause, seen) = match outcome {
                Ok(head) => (self.poll, Some(head)),
                Err(AgentError::Subnet(failure)) if failure.passing() => {
                    warn!(error = %failure, "the chain did not do what was asked, looking again");
                    self.tell(Status::Unreachable { reason: failure.to_string() });
                    ((pause * 2).min(LONGEST_PAUSE), None)
                }
                Err(failure) => return Err(failure),
            };
            tokio::select! {
                biased;
                () = shutdown.wait() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
        // The supervisor limits how long this may take.
        match self.reveal_due().await {
            Err(AgentError::Subnet(failure)) if failure.passing() => {
                warn!(error = %failure, "stops without knowing whether a reveal is due");
                Ok(())
            }
            outcome => outcome.map(drop),
        }
    }

    /// A step, unless the chain has not moved since block `seen`. Returns the block that it started from.
    async fn look(&mut self, seen: Option<u32>) -> Result<u32, AgentError> {
        let head = self.head().await?;
        if seen != Some(head) {
            self.step().await?;
        }
        Ok(head)
    }
}
