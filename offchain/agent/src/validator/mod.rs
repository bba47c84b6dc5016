//! The validator: looks at the chain, does what is due, and looks again.
//!
//! In each epoch it evaluates the models that stand committed (`fetch`, `judge`), moves its averages ([`average`]),
//! makes weights of them (`plan`) and commits their hash; one reveal period later it reveals them; when an epoch's
//! time is over it turns it. `cycle` holds these steps. Each may be repeated and each is recorded in the journal
//! before it is sent, so the process may be killed at any instant.
//!
//! A fault of a miner, whose model is missing, broken or copied, is a weight of zero with the reason recorded. A fault
//! of the validator itself is never charged to a miner: the validator abstains for the epoch and says why.

pub mod average;
mod cache;
mod cycle;
mod fetch;
mod judge;
mod model_judge;
mod plan;
mod service;

pub use cache::{Cache, CacheError};
pub use cycle::{Status, Validator};
pub use fetch::{FetchError, FetchFault, Fetcher};
pub use judge::{Abstention, Finding, Judge, seed};
pub use model_judge::ModelJudge;
pub use plan::EVALUATOR_VERSION;
