//! The services of Inktensor: a validator that evaluates what the miners of a subnet contribute and says on chain what
//! it found, and a miner that commits a model or a data set and serves it.
//!
//! Both live by chain time alone: a service looks at the chain, does what is due, and looks again. Each step may be
//! repeated, so a service may be killed at any instant and started again. The services hold hotkeys only; coins stay
//! with coldkeys, elsewhere.
//!
//! - [`subnet`] is what the services ask of the chain, and [`onchain`] asks the contracts;
//! - [`validator`] and [`miner`] are the services, [`journal`] is the validator's memory of [`figure`]s and promises;
//! - [`supervisor`] runs services until one fails or the process is told to stop.
#![forbid(unsafe_code)]

pub mod config;
pub mod error;
pub mod figure;
pub mod journal;
pub mod listen;
pub mod miner;
pub mod onchain;
pub mod shutdown;
pub mod subnet;
pub mod supervisor;
pub mod validator;

pub use error::AgentError;
pub use shutdown::{Shutdown, Stopper};
pub use supervisor::Supervisor;
