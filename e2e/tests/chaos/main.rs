//! The client of nodes in trouble: bad lines, nodes that die, forks, endpoints that lie behind or lie. Nothing may be
//! lost, nothing done twice, and every state must be told as it is.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)] // a test fails by panicking

mod agent;
mod endpoints;
mod fate;
mod forks;
mod hostile;
mod line;
mod restart;
mod stage;
