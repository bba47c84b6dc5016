//! As contracts-node 0.42.

use frame_support::weights::{IdentityFee, Weight, constants::WEIGHT_REF_TIME_PER_SECOND};
use sp_runtime::Perbill;

/// The runtime's name.
pub const NAME: &str = "inktensor-contracts";

/// Of the chain's own coin, in plancks.
pub type Balance = u128;
/// Price of computing, in plancks: one for a picosecond.
pub type WeightFee = IdentityFee<Balance>;

/// One coin, in plancks.
const UNIT: Balance = 1_000_000_000_000;
/// Least balance of an account, in plancks.
pub const EXISTENTIAL_DEPOSIT: Balance = UNIT / 1_000;
/// What each development account owns at genesis, in plancks: a million coins.
pub const ENDOWMENT: Balance = 1_000_000_000_000_000_000;

/// Most computing of a block: two seconds.
pub const BLOCK_WEIGHT: Weight = Weight::from_parts(2 * WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// Contracts that may wait for a call's end.
pub const CALL_DEPTH: usize = 23;
/// Most bytes of a contract's code.
pub const CODE_LENGTH: u32 = 256 * 1024;
/// Whether contracts may use functions that are not stable.
pub const UNSTABLE_INTERFACE: bool = true;
/// Share of a code's deposit that each of its contracts locks.
pub const CODE_LOCKUP: Perbill = Perbill::from_percent(0);

/// Deposit for storage, in plancks.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * (UNIT / 10) + bytes as Balance * (UNIT / 200_000)
}
