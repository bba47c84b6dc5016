//! What the tests and the benchmark of the whole suite stand on: a chain, the suite deployed on it, and people.
//!
//! Everything here fails by panicking: it serves tests.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

pub mod chain;
pub mod crowd;
pub mod devnode;
pub mod machine;
pub mod narrow;
pub mod network;
pub mod node_machine;
pub mod prices;
pub mod proxy;

pub use chain::{BUDGET, Chain, DAY, Message, TAO, account, input};
