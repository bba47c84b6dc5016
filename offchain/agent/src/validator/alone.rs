//! One evaluation at a time.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::collect::blocking;
use super::judge::Abstention;

/// Lets one evaluation run at a time. One that nobody waits for any more cannot be broken off, and a second beside it would
/// make both slower, a third all three.
#[derive(Debug, Clone, Default)]
pub struct Alone(Arc<Mutex<()>>);

impl Alone {
    /// Evaluates away from the async threads, unless an earlier evaluation still does.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Abstention> + Send + 'static,
    ) -> Result<T, Abstention> {
        let busy =
            |_| Abstention("the evaluation of an earlier epoch still runs: it is too much for this machine".to_owned());
        let turn = self.0.clone().try_lock_owned().map_err(busy)?;
        blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_still_has_its_turn() {
        let alone = Alone::default();
        let (end, ended) = mpsc::channel::<()>();
        let (began, begun) = tokio::sync::oneshot::channel();
        let first = tokio::spawn({
            let alone = alone.clone();
            async move {
                alone
                    .blocking(move || {
                        began.send(()).unwrap();
                        // Until the test lets go of it.
                        ended.recv().unwrap_err();
                        Ok(())
                    })
                    .await
            }
        });
        begun.await.unwrap();
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert!(alone.blocking(|| Ok(())).await.unwrap_err().0.contains("still runs"));
        drop(end);
        // The turn ends a moment after the work, which cannot be waited for.
        while alone.blocking(|| Ok(())).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
