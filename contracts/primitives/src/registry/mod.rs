//! The registry of subnets and neurons: what the other contracts ask of it, its types, events and errors.

mod error;
mod evaluator;
mod events;
mod keys;
mod neuron;
mod subnet;

pub use error::*;
pub use evaluator::*;
pub use events::*;
pub use keys::*;
pub use neuron::*;
pub use subnet::*;

use crate::{HotkeyId, Netuid, RegistrationId};
use ink::{prelude::vec::Vec, primitives::AccountId};

/// What the other contracts ask of the registry.
#[ink::trait_definition]
pub trait SubnetRegistry {
    /// Whether there is such a subnet, and whose it is.
    #[ink(message)]
    fn life(&self, netuid: Netuid) -> Option<SubnetLife>;

    /// What an epoch needs of a subnet; nothing if there is no such subnet.
    #[ink(message)]
    fn epoch_terms(&self, netuid: Netuid) -> Option<EpochTerms>;

    /// What a message of `hotkey` that writes weights needs, with the tenancy of each uid if `tenants` is asked for;
    /// nothing if there is no such subnet.
    #[ink(message)]
    fn weight_terms(&self, netuid: Netuid, hotkey: AccountId, tenants: bool) -> Option<WeightTerms>;

    /// Up to 64 neurons in the order of their uids: those of uids `64 * page` onward.
    #[ink(message)]
    fn neurons(&self, netuid: Netuid, page: u16) -> Vec<Neuron>;

    /// The uid and the neuron of a hotkey on a subnet.
    #[ink(message)]
    fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat>;

    /// The hotkey and coldkey that a registration was for, also after its uid was taken, as they are now.
    #[ink(message)]
    fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)>;

    /// A hotkey's number and owner.
    #[ink(message)]
    fn hotkey(&self, hotkey: AccountId) -> Option<Hotkey>;

    /// The hotkey with a number, and its owner.
    #[ink(message)]
    fn hotkey_by_id(&self, id: HotkeyId) -> Option<Hotkey>;

    /// Whether a coldkey has announced a swap or was disputed: then it moves nothing.
    #[ink(message)]
    fn is_locked(&self, coldkey: AccountId) -> bool;

    /// A hotkey's number and owner, and whether `coldkey` is locked: what a message of staking asks.
    #[ink(message)]
    fn stake_terms(&self, hotkey: AccountId, coldkey: AccountId) -> (Option<Hotkey>, bool);

    /// The coldkey that a swapped coldkey became.
    #[ink(message)]
    fn successor(&self, coldkey: AccountId) -> Option<AccountId>;

    /// Stores what each uid earned in its last epoch, in rao: the order in which uids are pruned, and in sum subnets.
    /// Only the incentive contract. Errors: `NotIncentive`, `UnknownSubnet`, `WrongLength`.
    #[ink(message)]
    fn record_epoch(&mut self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), RegistryError>;
}
