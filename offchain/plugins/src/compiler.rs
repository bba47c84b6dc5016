//! Compiling on a thread of its own, one component at a time, with a deadline.
//!
//! A thread cannot be stopped from outside. One that works on a component too long is left to finish, and what it makes
//! is dropped; components that come meanwhile wait for it, and within the same deadline. What a component can cost is
//! bounded before (`check.rs`), so that the wait ends.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::fault::{EvaluatorFault, HostError};

type Compiled = Result<Component, EvaluatorFault>;

struct Job {
    component: Vec<u8>,
    answer: SyncSender<Compiled>,
}

/// The thread. It ends with this handle.
#[derive(Debug)]
pub(crate) struct Compiler {
    jobs: mpsc::Sender<Job>,
    deadline: Duration,
}

impl Compiler {
    pub(crate) fn start(engine: Engine, deadline: Duration) -> Result<Self, HostError> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || {
            for Job { component, answer } in queue {
                // Nobody may be waiting any more.
                let _ = answer.send(compile(&engine, &component));
            }
        };
        let builder = thread::Builder::new().name("evaluator compiler".to_owned());
        builder.spawn(work).map_err(|error| HostError::Thread { reason: error.to_string() })?;
        Ok(Self { jobs, deadline })
    }

    /// Compiles a component that was checked.
    pub(crate) fn compile(&self, component: &[u8]) -> Compiled {
        let gone = || EvaluatorFault::Machine { reason: "the compiling thread is gone".to_owned() };
        let (answer, compiled) = mpsc::sync_channel(1);
        self.jobs.send(Job { component: component.to_vec(), answer }).map_err(|_| gone())?;
        compiled.recv_timeout(self.deadline).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(EvaluatorFault::CompileTime { seconds: self.deadline.as_secs() }),
            RecvTimeoutError::Disconnected => Err(gone()),
        })
    }
}

fn compile(engine: &Engine, component: &[u8]) -> Compiled {
    Component::from_binary(engine, component).map_err(|error| EvaluatorFault::Invalid { reason: format!("{error:#}") })
}
