//! Wall time during which something ran, when several things may run at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use inktensor_agent::validator::Status;
use tokio::sync::watch;

/// Measures while at least one [`Running`] lives.
#[derive(Debug, Default)]
pub struct Stopwatch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    running: u32,
    since: Option<Instant>,
    total: Duration,
}

/// Keeps the stopwatch running until it is dropped.
#[derive(Debug)]
pub struct Running(Arc<Stopwatch>);

impl Stopwatch {
    /// Starts it, or keeps it running.
    pub fn start(self: Arc<Self>) -> Running {
        let mut state = self.lock();
        state.running += 1;
        state.since.get_or_insert_with(Instant::now);
        drop(state);
        Running(self)
    }

    /// Milliseconds measured, without what runs at this moment.
    pub fn total_ms(&self) -> u64 {
        self.lock().total.as_millis() as u64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the stopwatch running whenever the validator of this status evaluates, for as long as it says anything.
pub fn follow(stopwatch: Arc<Stopwatch>, mut status: watch::Receiver<Status>) {
    tokio::spawn(async move {
        let mut running = None;
        loop {
            running = match *status.borrow_and_update() {
                Status::Evaluating { .. } => running.or_else(|| Some(stopwatch.clone().start())),
                _ => None,
            };
            if status.changed().await.is_err() {
                return;
            }
        }
    });
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = state.running.saturating_sub(1);
        if state.running == 0
            && let Some(since) = state.since.take()
        {
            state.total += since.elapsed();
        }
    }
}
