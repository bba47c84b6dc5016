//! The registry of subnets and neurons: what the other contracts ask of it, its types, events and errors.

use crate::{
    hyperparameters::{EpochRules, Hyperparameter, WeightRules},
    psp22::TransferError,
    HotkeyId, Netuid, RegistrationId, Uid,
};
use ink::{
    env::hash::{Blake2x256, HashOutput},
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
    /// The value is outside its bounds.
    OutOfBounds,
    /// Only governance may set this hyperparameter.
    GovernanceOnly,
    /// Longer than the limit: 128 bytes for a uri or an axon record, 32 for a name.
    TooLong,
    /// An empty uri, name or axon record, or a size of zero.
    Empty,
    /// Written less than the serving rate limit ago.
    ServingRateLimited,
    /// No amount may be above 2^64 - 1 rao.
    AmountTooLarge,
    /// The token refused the transfer. Approve the registry for the price first.
    Transfer(TransferError),
    /// A call to a peer contract failed before it could answer.
    PeerUnreachable,
    /// A sum left its range. Nothing was changed.
    Overflow,
    /// A vector's length does not fit the subnet.
    WrongLength,
    /// The contract is paused. `paused_until` tells how long.
    Paused,
    /// The network holds as many subnets as it may, and all are inside their immunity: none may be dissolved for a new one.
    NoFreeNetuid,
    /// Owners change no hyperparameter from two minutes before an epoch's end until it is turned, so that nobody votes under
    /// terms he did not see.
    FreezeWindow,
    /// An owner may change one hyperparameter once in two tempos.
    OwnerRateLimited,
    /// The coldkey has announced a swap, or was swapped: it does nothing else any more.
    ColdkeyLocked,
    /// No swap of this coldkey is announced.
    SwapNotAnnounced,
    /// The swap may be made when its delay has passed. `coldkey_swap` tells when.
    SwapNotDue,
    /// The new key does not match the hash that was announced.
    SwapMismatch,
    /// The swap is disputed. Governance decides.
    SwapDisputed,
    /// The coldkey was swapped already, or the new one is in use.
    KeyInUse,
    /// A key was swapped, or a swap announced, less than the rate limit ago.
    SwapRateLimited,
    /// The owner's coldkey was not swapped: there is nothing to inherit.
    NotSwapped,
    /// The subnet is not offered to the caller.
    NotOffered,
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
    /// What it is told beside the contributions, in its own format.
    pub parameters: String,
}

/// The evaluator of a subnet, and the one that follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct EvaluatorTerms {
    /// The one to run now.
    pub current: Evaluator,
    /// The one to run from `activates_ms` on, if another is announced.
    pub next: Option<Evaluator>,
    /// Chain time in ms at which `next` takes over: the end of the epoch in which it was announced.
    pub activates_ms: u64,
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

/// The swap of a coldkey.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct ColdkeySwap {
    /// blake2b-256 of the 32 bytes of the new coldkey.
    pub hash: Hash,
    /// Chain time in ms from which the swap can be made.
    pub due_ms: u64,
    /// Whether it is disputed: then it waits for governance.
    pub disputed: bool,
    /// The new coldkey, once the swap is made.
    pub successor: Option<AccountId>,
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
    /// How its validators evaluate now.
    pub evaluator: Evaluator,
    /// How they evaluate from `next_evaluator_ms` on, if a change is announced.
    pub next_evaluator: Option<Evaluator>,
    /// Chain time in ms at which the last announced evaluator takes over, or took over; 0 if none was announced.
    pub next_evaluator_ms: u64,
    /// What it calls itself.
    pub identity: Option<SubnetIdentity>,
    /// To whom its owner offers it, if so.
    pub offered_to: Option<AccountId>,
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

/// One neuron.
#[derive(Debug, Clone, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Neuron {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The coldkey that owns the hotkey.
    pub coldkey: AccountId,
    /// Number of the hotkey.
    pub hotkey_id: HotkeyId,
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
    /// No model but data: the digest, size and uri of a data set that a miner contributes.
    Dataset,
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
    /// Chain time in ms at which it takes over.
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

/// A hotkey and who owns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Hotkey {
    /// Its number.
    pub id: HotkeyId,
    /// The key itself.
    pub hotkey: AccountId,
    /// The coldkey that owns it.
    pub coldkey: AccountId,
}

/// What a coldkey announces of the one that will take its place: blake2b-256 of its 32 bytes.
pub fn coldkey_hash(coldkey: AccountId) -> Hash {
    let mut output = <Blake2x256 as HashOutput>::Type::default();
    ink::env::hash_encoded::<Blake2x256, _>(&coldkey, &mut output);
    Hash::from(output)
}

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
