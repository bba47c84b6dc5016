//! Runs tasks together: they end together, and the reason of the first that failed is the reason of all.
//!
//! A task that dies unnoticed is worse than a process that ends: the operator's service manager restarts a process.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tracing::{debug, error, warn};

use crate::{AgentError, Shutdown, Stopper};

/// How long tasks may take to end after the order to stop, before they are dropped where they are.
const GRACE: Duration = Duration::from_secs(10);

/// A set of named tasks.
#[derive(Debug, Default)]
pub struct Supervisor {
    stopper: Stopper,
    tasks: JoinSet<Result<(), AgentError>>,
    names: HashMap<Id, String>,
}

impl Supervisor {
    /// Starts a task. It gets an ear for the order to stop; until that order it must not end.
    pub fn spawn<F, T>(&mut self, name: impl Into<String>, task: F)
    where
        F: FnOnce(Shutdown) -> T,
        T: Future<Output = Result<(), AgentError>> + Send + 'static,
    {
        let handle = self.tasks.spawn(task(self.stopper.subscribe()));
        self.names.insert(handle.id(), name.into());
    }

    /// Waits until a task fails, or ends although nobody told it to; then returns why. Never returns while all is well.
    pub async fn failure(&mut self) -> AgentError {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, Ok(())))) => AgentError::TaskEnded { task: self.name(id) },
            Some(Ok((id, Err(failure)))) => self.failed(id, failure),
            Some(Err(failure)) => self.died(&failure),
            None => std::future::pending().await,
        }
    }

    /// Orders every task to stop and waits for them. Returns the first failure on the way.
    pub async fn stop(mut self) -> Result<(), AgentError> {
        self.stopper.stop();
        let mut result = Ok(());
        let drained = tokio::time::timeout(GRACE, async {
            while let Some(ended) = self.tasks.join_next_with_id().await {
                let outcome = match ended {
                    Ok((id, Ok(()))) => {
                        debug!(task = self.name(id), "stopped");
                        Ok(())
                    }
                    Ok((id, Err(failure))) => Err(self.failed(id, failure)),
                    Err(failure) => Err(self.died(&failure)),
                };
                result = std::mem::replace(&mut result, Ok(())).and(outcome);
            }
        })
        .await;
        if drained.is_err() {
            warn!(left = self.tasks.len(), "tasks did not stop in time and are dropped");
            self.tasks.shutdown().await;
        }
        result
    }

    /// Runs until `order` completes or a task fails, then stops all tasks.
    pub async fn run(mut self, order: impl Future<Output = ()>) -> Result<(), AgentError> {
        let failure = tokio::select! {
            () = order => None,
            failure = self.failure() => Some(failure),
        };
        let stopped = self.stop().await;
        match failure {
            Some(failure) => Err(failure),
            None => stopped,
        }
    }

    fn failed(&self, id: Id, failure: AgentError) -> AgentError {
        let task = self.name(id);
        error!(task, error = %failure, "failed");
        AgentError::TaskFailed { task, source: Box::new(failure) }
    }

    fn died(&self, failure: &JoinError) -> AgentError {
        AgentError::TaskPanicked { task: self.name(failure.id()) }
    }

    fn name(&self, id: Id) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| "unnamed".to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    async fn obey(mut shutdown: Shutdown) -> Result<(), AgentError> {
        shutdown.wait().await;
        Ok(())
    }

    #[tokio::test]
    async fn stops_all_tasks_when_told() {
        let mut supervisor = Supervisor::default();
        supervisor.spawn("one", obey);
        supervisor.spawn("two", obey);
        supervisor.run(std::future::ready(())).await.unwrap();
    }

    #[tokio::test]
    async fn one_failure_stops_the_others_and_is_named() {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut supervisor = Supervisor::default();
        let seen = stopped.clone();
        supervisor.spawn("patient", move |shutdown| async move {
            obey(shutdown).await?;
            seen.store(true, Ordering::SeqCst);
            Ok(())
        });
        supervisor.spawn("broken", |_| async { Err(AgentError::NoModel { path: "/none".into() }) });
        let failure = supervisor.run(std::future::pending()).await.unwrap_err();
        assert!(matches!(&failure, AgentError::TaskFailed { task, .. } if task == "broken"), "{failure}");
        assert!(stopped.load(Ordering::SeqCst), "the other task was told to stop and ended by itself");
    }

    #[tokio::test]
    async fn a_task_that_ends_early_or_panics_is_a_failure() {
        let mut supervisor = Supervisor::default();
        supervisor.spawn("short", |_| async { Ok(()) });
        let failure = supervisor.run(std::future::pending()).await.unwrap_err();
        assert!(matches!(&failure, AgentError::TaskEnded { task } if task == "short"), "{failure}");

        let mut supervisor = Supervisor::default();
        supervisor.spawn("loud", |_| async { panic!("on purpose") });
        let failure = supervisor.run(std::future::pending()).await.unwrap_err();
        assert!(matches!(&failure, AgentError::TaskPanicked { task } if task == "loud"), "{failure}");
    }

    #[tokio::test]
    async fn dropping_the_stopper_stops_tasks() {
        let stopper = Stopper::default();
        let mut shutdown = stopper.subscribe();
        assert!(!shutdown.ordered());
        drop(stopper);
        shutdown.wait().await;
        assert!(shutdown.ordered());
    }
}
