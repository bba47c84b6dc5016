//! The registry of subnets and neurons: what the other contracts ask of it, its types, events and errors.

use crate::{
    hyperparameters::{Hyperparameter, Hyperparameters},
    psp22::PSP22Error,
    token::TokenError,
    Netuid, RegistrationId, Uid,
};
use ink::{
    prelude::{string::String, vec::Vec},
    primitives::{AccountId, Hash},
};

/// Why a message of the registry refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub enum RegistryError {
    /// Only the deployer may wire, and only governance may set the terms of the network.
    NotAuthorised,
    /// The contract is wired already.
    AlreadyWired,
    /// The contract is not wired to its peers yet.
    NotWired,
    /// Only the incentive contract may record an epoch.
    NotIncentive,
    /// No subnet has this netuid.
    UnknownSubnet,
    /// Only the subnet's owner may do this; hyperparameters also governance.
    NotSubnetOwner,
    /// The network holds as many subnets as it may.
    TooManySubnets,
    /// A subnet was created less than the network rate limit ago.
    NetworkRateLimited,
    /// The price is above the limit that the caller gave. `lock_cost` and `burn` tell the price of the moment.
    PriceAboveLimit,
    /// The subnet was started already.
    AlreadyStarted,
    /// The hotkey is registered on this subnet already.
    AlreadyRegistered,
    /// The hotkey is not registered on this subnet.
    NotRegistered,
    /// Another coldkey owns the hotkey.
    NotHotkeyOwner,
    /// Every uid is taken and none may be: too few neurons are outside their immunity period, and no other is inside.
    NoFreeUid,
    /// The value is outside the hyperparameter's bounds.
    OutOfBounds,
    /// Only governance may set this hyperparameter.
    GovernanceOnly,
    /// Longer than the limit: 128 bytes for a uri or an axon record.
    TooLong,
    /// An empty uri or axon record, or a size of zero.
    Empty,
    /// Written less than the serving rate limit ago.
    ServingRateLimited,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// The token refused the transfer. Approve the registry for the price first.
    Transfer(PSP22Error),
    /// The token refused.
    Token(TokenError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
    /// A vector's length does not fit the subnet.
    WrongLength,
}

/// How a subnet's validators evaluate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum EvaluatorKind {
    /// The evaluator built into the agent: bits per byte of language models.
    LanguageModel,
    /// A sandboxed WebAssembly component, named by its code hash.
    Component,
}

/// The evaluator that a subnet's validators run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Evaluator {
    /// What it is.
    pub kind: EvaluatorKind,
    /// Hash of the component; of the evaluation data for a built-in one.
    pub code_hash: Hash,
    /// Where to get it.
    pub uri: String,
}

/// One subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Subnet {
    /// Coldkey that owns it.
    pub owner: AccountId,
    /// Its hotkey, if it has one: never pruned, always permitted.
    pub owner_hotkey: Option<AccountId>,
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
    /// How its validators evaluate.
    pub evaluator: Evaluator,
}

/// What an epoch needs of a subnet, in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct SubnetTerms {
    /// Coldkey that owns it.
    pub owner: AccountId,
    /// Its hotkey, if any.
    pub owner_hotkey: Option<AccountId>,
    /// Chain time in ms at which the owner started emission, if so.
    pub started_ms: Option<u64>,
    /// Uids in use.
    pub neurons: u16,
    /// Its parameters.
    pub hyperparameters: Hyperparameters,
}

/// One neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Neuron {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The coldkey that owns the hotkey.
    pub coldkey: AccountId,
    /// This tenancy of the uid.
    pub registration_id: RegistrationId,
    /// Block of registration.
    pub registered_block: u32,
    /// Chain time of registration in ms; immunity counts from here.
    pub registered_ms: u64,
}

/// Where a hotkey stands in a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Seat {
    /// Its uid.
    pub uid: Uid,
    /// The neuron in it.
    pub neuron: Neuron,
}

/// Family of a model, as the evaluators know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub enum ModelFamily {
    /// Llama: RMSNorm, rotary positions, SwiGLU.
    Llama,
    /// GPT-2.
    Gpt2,
    /// BERT and MiniLM encoders.
    Bert,
    /// Perceptron classifier.
    Mlp,
}

/// A miner's commitment to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct ModelCommitment {
    /// The registration that committed; a later tenant of the uid does not inherit the model.
    pub registration_id: RegistrationId,
    /// blake2b-256 of the file.
    pub digest: Hash,
    /// Bytes of the file.
    pub size: u64,
    /// Family.
    pub family: ModelFamily,
    /// Where to get it.
    pub uri: String,
    /// Block of the commitment: the earlier of two equal models wins.
    pub block: u32,
    /// Chain time of the commitment in ms.
    pub committed_ms: u64,
}

/// A subnet was created.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct SubnetCreated {
    /// Its number.
    #[ink(topic)]
    pub netuid: Netuid,
    /// Who owns it.
    pub owner: AccountId,
    /// What was locked, in rao.
    pub locked: u64,
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
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Which uid.
    pub uid: Uid,
    /// This tenancy.
    pub registration_id: RegistrationId,
    /// The hotkey that lost the uid, if it was taken.
    pub replaced: Option<AccountId>,
    /// What was recycled for it, in rao.
    pub burn: u64,
}

/// A coldkey became the owner of a hotkey.
#[ink::event]
#[derive(Debug, PartialEq, Eq)]
pub struct HotkeyAssociated {
    /// Which hotkey.
    #[ink(topic)]
    pub hotkey: AccountId,
    /// Its owner.
    pub coldkey: AccountId,
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
}

/// What the other contracts ask of the registry.
#[ink::trait_definition]
pub trait SubnetRegistry {
    /// What an epoch needs of a subnet; nothing if there is no such subnet.
    #[ink(message)]
    fn terms(&self, netuid: Netuid) -> Option<SubnetTerms>;

    /// Up to 64 neurons in the order of their uids: those of uids `64 * page` onward.
    #[ink(message)]
    fn neurons(&self, netuid: Netuid, page: u16) -> Vec<Neuron>;

    /// The uid and the neuron of a hotkey on a subnet.
    #[ink(message)]
    fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat>;

    /// The hotkey and coldkey that a registration was for, also after its uid was taken.
    #[ink(message)]
    fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)>;

    /// The coldkey that owns a hotkey.
    #[ink(message)]
    fn coldkey_of(&self, hotkey: AccountId) -> Option<AccountId>;

    /// Stores what each uid earned in its last epoch, in rao: the order in which uids are pruned.
    /// Only the incentive contract. Errors: `NotIncentive`, `UnknownSubnet`, `WrongLength`.
    #[ink(message)]
    fn record_epoch(&mut self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), RegistryError>;
}
