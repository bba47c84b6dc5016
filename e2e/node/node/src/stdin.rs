//! The end of standard input, by which a node knows that whoever started it is gone.

use std::future::Future;
use std::io;
use std::thread;

use futures::channel::oneshot;

/// Waits until standard input ends, or cannot be read; what comes before is not looked at.
pub fn end() -> impl Future<Output = ()> {
    let (still, ended) = oneshot::channel::<()>();
    // Nothing can interrupt a read, so it has a thread of its own, which does not hold up the end of the node.
    thread::spawn(move || {
        if let Err(error) = io::copy(&mut io::stdin(), &mut io::sink()) {
            log::warn!("standard input cannot be read: {error}");
        }
        log::info!("Standard input has ended, and the node with it");
        drop(still);
    });
    async {
        // Dropped by the thread, never sent.
        let _ = ended.await;
    }
}
