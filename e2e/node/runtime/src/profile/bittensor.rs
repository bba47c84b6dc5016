//! As Bittensor's own chain: balances of 64 bits and narrow limits.

use frame_support::weights::{Weight, WeightToFee, constants::WEIGHT_REF_TIME_PER_SECOND};
use sp_runtime::Perbill;

/// The runtime's name.
pub const NAME: &str = "inktensor-bittensor";

/// Of the chain's own coin, in rao.
pub type Balance = u64;

/// Price of computing: a rao for 2,000 picoseconds.
pub struct WeightFee;

impl WeightToFee for WeightFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        weight.ref_time() / 2_000
    }
}

/// Least balance of an account, in rao.
pub const EXISTENTIAL_DEPOSIT: Balance = 500;
/// What each development account owns at genesis, in rao: a million TAO.
pub const ENDOWMENT: Balance = 1_000_000_000_000_000;

/// Most computing of a block: four seconds.
pub const BLOCK_WEIGHT: Weight = Weight::from_parts(4 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// Contracts that may wait for a call's end.
pub const CALL_DEPTH: usize = 5;
/// Most bytes of a contract's code.
pub const CODE_LENGTH: u32 = 128 * 1024;
/// Whether contracts may use functions that are not stable.
pub const UNSTABLE_INTERFACE: bool = false;
/// Share of a code's deposit that each of its contracts locks.
pub const CODE_LOCKUP: Perbill = Perbill::from_percent(30);

/// Deposit for storage, in rao.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * 75 + bytes as Balance * 30
}
