//! What the Inktensor contracts share: the public interface that they and their clients agree on.
//!
//! Nothing here holds state. Each contract has one module with its cross-contract trait, its argument and return types,
//! its events and its error enum; [`hyperparameters`], [`limits`] and [`commitment`] hold the one copy of facts that
//! several contracts and the off-chain client rely on.
//!
//! Units: token amounts are rao (1 TAO = 10^9 rao), `u128` where a person or PSP22 sees them and `u64` in packed rows;
//! times are milliseconds of chain time; orderings are block numbers; proportions are `u16` out of 65,535; shares of the
//! reward split are basis points out of 10,000.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(clippy::arithmetic_side_effects, clippy::cast_possible_wrap, clippy::cast_sign_loss)]
// Not cast_possible_truncation: the code that SCALE derives for enums casts the number of a variant to its byte.

pub mod answer;
pub mod commitment;
pub mod emission;
pub mod governance;
pub mod hyperparameters;
pub mod incentive;
pub mod limits;
pub mod peer;
pub mod psp22;
pub mod registry;
pub mod staking;
pub mod token;
pub mod upkeep;

/// Number of a subnet.
pub type Netuid = u16;
/// Slot of a neuron in its subnet, 0 to 255. Slots are reused; a registration id never is.
pub type Uid = u16;
/// Counts the registrations of one subnet from 1; names one tenancy of a uid for ever.
pub type RegistrationId = u32;
/// Number of a hotkey, dealt by the registry when the hotkey gets an owner, from 0. It stays when the hotkey is swapped for
/// another, so stake and root membership are filed under it.
pub type HotkeyId = u32;
/// One weight as it is committed: the uid, the registration that held the uid then, and the u16 proportion.
pub type WeightEntry = (Uid, RegistrationId, u16);

/// A token amount from `u128` (the PSP22 interface) to the `u64` of packed storage; `None` above `u64::MAX`.
///
/// The supply cap of 21 million TAO is 2.1 * 10^16 rao, so every amount that exists fits.
pub fn rao(amount: u128) -> Option<u64> {
    u64::try_from(amount).ok()
}
