//! What the registry tells of.

use super::ColdkeySwap;
use crate::{hyperparameters::Hyperparameter, HotkeyId, Netuid, RegistrationId, Uid};
use ink::primitives::{AccountId, Hash};

/// A subnet was created.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetCreated {
    /// Its number.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Tells it from earlier ones of the same netuid.
    pub generation: u32,
    /// Who owns it.
    pub owner: AccountId,
    /// What was locked, in rao.
    pub locked: u64,
}

/// A subnet ended. Its netuid can be given to another.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetDissolved {
    /// Its number.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Which of the subnets of this netuid.
    pub generation: u32,
    /// What its owner got back, in rao: all that was locked.
    pub refunded: u64,
}

/// A subnet has another owner.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetTransferred {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// The owner from now on.
    pub owner: AccountId,
}

/// A subnet is offered to another owner, who may accept.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetOffered {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
    /// To whom.
    pub to: AccountId,
}

/// A subnet named itself.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct IdentitySet {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
}

/// Emission of a subnet was started by its owner.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetStarted {
    /// Which.
    #[ink(topic)]
    pub netuid: Netuid,
}

/// A hotkey got a uid.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct NeuronRegistered {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Who.
    pub hotkey: AccountId,
    /// Which uid.
    pub uid: Uid,
    /// This tenancy.
    pub registration_id: RegistrationId,
    /// The tenancy that ended with it, if the uid was taken.
    pub replaced: Option<RegistrationId>,
    /// What was recycled for it, in rao.
    pub burn: u64,
}

/// A coldkey became the owner of a hotkey.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct HotkeyAssociated {
    /// Which hotkey.
    pub hotkey: AccountId,
    /// Its number.
    pub id: HotkeyId,
    /// Its owner.
    pub coldkey: AccountId,
}

/// A hotkey was exchanged for another. Its number, stake, uids and rewards are the new one's.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct HotkeySwapped {
    /// Its number.
    #[ink(topic)]
    pub id: HotkeyId,
    /// The hotkey until now.
    pub old: AccountId,
    /// The hotkey from now on.
    pub new: AccountId,
}

/// The swap of a coldkey was announced, disputed, made, or taken back by governance.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct ColdkeySwapSet {
    /// Which coldkey.
    #[ink(topic)]
    pub coldkey: AccountId,
    /// Its swap as it stands; nothing once it is taken back. With a successor it is made: what the coldkey owns can be
    /// moved to that by anyone.
    pub swap: Option<ColdkeySwap>,
}

/// A miner committed a model.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct ModelCommitted {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Under which uid.
    pub uid: Uid,
    /// In which tenancy.
    pub registration_id: RegistrationId,
    /// blake2b-256 of the file.
    pub digest: Hash,
}

/// A neuron published where it serves.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct AxonServed {
    /// On which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Under which uid.
    pub uid: Uid,
}

/// A hyperparameter changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct HyperparameterSet {
    /// Of which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Which.
    pub parameter: Hyperparameter,
    /// Its value from now on, in its own unit.
    pub value: u64,
}

/// The evaluator of a subnet changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct EvaluatorSet {
    /// Of which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Hash of the new one.
    pub code_hash: Hash,
    /// It takes over with the first epoch that begins at this chain time in ms or later; 0 is at once.
    pub activates_ms: u64,
}

/// The hotkey of a subnet's owner changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct OwnerHotkeySet {
    /// Of which subnet.
    #[ink(topic)]
    pub netuid: Netuid,
    /// The hotkey from now on.
    pub hotkey: AccountId,
}

/// The terms on which subnets are opened changed.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct NetworkSet {
    /// Least lock of a subnet, in rao.
    pub minimum_lock: u64,
    /// Least time between two openings of subnets, in ms.
    pub rate_limit_ms: u64,
    /// Time after its creation in which a subnet is not dissolved for another, in ms.
    pub immunity_ms: u64,
    /// Subnets that the network may hold.
    pub subnet_limit: u16,
    /// Time in which the lock cost falls by the amount last locked, in ms; 0 keeps it.
    pub lock_interval_ms: u64,
}
