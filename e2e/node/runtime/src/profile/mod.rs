//! What differs between the chains that this runtime stands in for: balances, limits and prices. The feature
//! `bittensor` chooses.

#[cfg(not(feature = "bittensor"))]
mod contracts;
#[cfg(not(feature = "bittensor"))]
pub use contracts::*;

#[cfg(feature = "bittensor")]
mod bittensor;
#[cfg(feature = "bittensor")]
pub use bittensor::*;
