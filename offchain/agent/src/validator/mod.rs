//! The validator: looks at the chain, does what is due, and looks again.
//!
//! In each epoch it gets hold of what stands committed (`fetch`, `collect`) and judges it as the subnet's evaluator says
//! (`judges`): the built-in one (`model_judge`) or a component (`component_judge`, off the `shelf`). It moves its averages
//! ([`average`]), makes weights of them (`plan`) and commits their hash; one reveal period later it reveals them; when an
//! epoch's time is over it turns it. `cycle` holds these steps. Each may be repeated and each is recorded in the journal
//! before it is sent, so the process may be killed at any instant. When an epoch asks for nothing more, it prepares for an
//! evaluator that is announced (`ahead`). What it is doing, `status` says, and `health` tells monitors.
//!
//! A fault of a miner, whose contribution is missing, broken or copied, is a weight of zero with the reason recorded. A
//! fault of the evaluator or of the validator itself is never charged to a miner: the validator abstains for the epoch and
//! says why.

mod address;
mod ahead;
mod alone;
pub mod average;
mod cache;
mod collect;
mod component_judge;
mod cycle;
mod fetch;
mod health;
mod host;
mod judge;
mod judges;
mod model_judge;
mod plan;
mod service;
mod shelf;
mod status;
mod weights;

pub(crate) use cache::Blake2b256;

pub use ahead::Upcoming;
pub use cache::{Cache, CacheError};
pub use component_judge::ComponentJudge;
pub use cycle::Validator;
pub use fetch::{FetchError, FetchFault, Fetcher, Size, Wanted};
pub use health::Health;
pub use judge::{Abstention, Finding, Judge, seed};
pub use judges::Judges;
pub use model_judge::ModelJudge;
pub use plan::EVALUATOR_VERSION;
pub use status::Status;
