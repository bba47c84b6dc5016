//! Subnets, and what other contracts are told of one.

use super::Evaluator;
use crate::{
    hyperparameters::{EpochRules, WeightRules},
    HotkeyId, Netuid, RegistrationId, Uid,
};
use ink::{
    prelude::{string::String, vec::Vec},
    primitives::AccountId,
};

/// One subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Subnet {
    /// Coldkey that owns it.
    pub owner: AccountId,
    /// Its hotkey, if it has one: never pruned, always permitted.
    pub owner_hotkey: Option<AccountId>,
    /// Counts the subnets ever opened in the network: tells this subnet from earlier ones of the same netuid.
    pub generation: u32,
    /// Block of creation.
    pub created_block: u32,
    /// Chain time of creation in ms.
    pub created_ms: u64,
    /// Chain time in ms at which the owner started emission, if so.
    pub started_ms: Option<u64>,
    /// TAO locked for it, in rao.
    pub locked: u64,
    /// Uids in use.
    pub neurons: u16,
    /// Registrations so far: the last registration id.
    pub registrations: RegistrationId,
    /// Registration price in rao at `burn_ms`; it decays from there.
    pub burn: u64,
    /// Chain time in ms from which `burn` decays.
    pub burn_ms: u64,
    /// How its validators evaluate in the running epoch.
    pub evaluator: Evaluator,
    /// How they evaluate in epochs that begin at `next_evaluator_ms` or later, if a change is announced.
    pub next_evaluator: Option<Evaluator>,
    /// Chain time in ms from which the last announced evaluator takes over with the next epoch, or took over; 0 if none was
    /// announced since the subnet was started.
    pub next_evaluator_ms: u64,
    /// What it calls itself.
    pub identity: Option<SubnetIdentity>,
    /// To whom its owner offers it, if so.
    pub offered_to: Option<AccountId>,
}

/// What a subnet calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct SubnetIdentity {
    /// Its name, 1 to 32 bytes.
    pub name: String,
    /// Where to read about it, up to 128 bytes.
    pub uri: String,
}

/// All subnets in columns, in the order of netuids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Roster {
    /// Netuid of each.
    pub netuids: Vec<Netuid>,
    /// Chain time of its creation in ms.
    pub created_ms: Vec<u64>,
    /// What it earns, in rao a day: a moving average over 30 days, as of its last epoch.
    pub moving_emission: Vec<u64>,
    /// Chain time in ms at which its last epoch was turned; 0 before the first.
    pub last_epoch_ms: Vec<u64>,
}

/// A subnet's life, as contracts check it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct SubnetLife {
    /// Coldkey that owns it.
    pub owner: AccountId,
    /// Tells this subnet from earlier ones of the same netuid.
    pub generation: u32,
    /// Whether the owner started emission.
    pub started: bool,
}

/// What an epoch needs of a subnet, in one answer. Columns are in the order of uids.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct EpochTerms {
    /// Tells this subnet from earlier ones of the same netuid.
    pub generation: u32,
    /// Whether the owner started emission.
    pub started: bool,
    /// Uid of the owner's hotkey, if it has one here.
    pub owner_uid: Option<Uid>,
    /// The rules of Yuma.
    pub rules: EpochRules,
    /// Number of each neuron's hotkey.
    pub hotkeys: Vec<HotkeyId>,
    /// Tenancy of each uid.
    pub registration_ids: Vec<RegistrationId>,
    /// Chain time of each registration in ms.
    pub registered_ms: Vec<u64>,
    /// Chain time in ms from which bonds toward each uid count: its registration, or where `bonds_reset` is on, its last
    /// model commitment.
    pub bonds_from_ms: Vec<u64>,
}

/// What a message that writes weights needs of a subnet, in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct WeightTerms {
    /// Tells this subnet from earlier ones of the same netuid.
    pub generation: u32,
    /// Uid, tenancy and hotkey number of the hotkey that asked; nothing if it is not registered here.
    pub seat: Option<(Uid, RegistrationId, HotkeyId)>,
    /// Whether it is the owner's hotkey, which needs no permit.
    pub is_owner: bool,
    /// The rules of weights.
    pub rules: WeightRules,
    /// Tenancy of each uid, if it was asked for.
    pub tenants: Vec<RegistrationId>,
}
