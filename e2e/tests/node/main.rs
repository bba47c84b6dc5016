//! The suite on a real node, by ink!'s own client: prebuilt bundles, signed transactions, a node for each test.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)] // a test fails by panicking

mod crowd;
mod deployment;
mod life;
mod network;
mod process;
mod refusals;
