//! Telling every task to stop, once.

use tokio::sync::watch;

/// Stops the tasks that hold a [`Shutdown`] made by it. Dropping it stops them too.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// A task's ear for the order to stop.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Default for Stopper {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stopper {
    /// An ear for one more task.
    pub fn subscribe(&self) -> Shutdown {
        Shutdown(self.0.subscribe())
    }

    /// Orders all tasks to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Whether the order was given.
    pub fn ordered(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits for the order.
    pub async fn wait(&mut self) {
        // An error means that the stopper is gone, which is an order as well.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}
