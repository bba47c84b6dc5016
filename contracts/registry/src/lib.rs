//! The registry: subnets and their hyperparameters, neurons and their uids, hotkeys and their owners, and what miners
//! publish.
//!
//! This file holds the storage and the messages. What they do is in [`ownership`] and [`membership`], what they answer in
//! [`answers`], who may call them in [`guard`]; each of the other files keeps one part of the storage or one rule.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
#![deny(missing_docs)]
#![deny(
    clippy::all,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used
)]

pub mod answers;
pub mod chain;
pub mod coldkeys;
pub mod evaluators;
pub mod events;
pub mod guard;
pub mod hotkeys;
pub mod membership;
pub mod neurons;
pub mod ownership;
pub mod payment;
pub mod price;
pub mod prune;
pub mod refusal;
pub mod roster;
pub mod serving;
pub mod store;
pub mod subnets;

#[cfg(test)]
mod tests;

pub use self::registry::{Registry, RegistryRef};

/// The contract.
#[ink::contract]
pub mod registry {
    use crate::{
        chain::now,
        coldkeys::Coldkeys,
        evaluators::Evaluators,
        events::emit,
        guard::{Config, Peers},
        hotkeys::Hotkeys,
        neurons::Neurons,
        refusal::told,
        serving::Serving,
        store::Cell,
        subnets::Subnets,
    };
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::{traits::ManualKey, Lazy},
    };
    use inktensor_primitives::{
        hyperparameters::{Hyperparameter, Hyperparameters},
        registry::*,
        upkeep::{CodeChanged, Pausable, Upgradable, UpkeepError},
        HotkeyId, Netuid, RegistrationId, Uid,
    };

    /// Storage of the registry. Every part has a key of its own, so that code upgrades can add parts.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Registry {
        pub(crate) config: Lazy<Config, ManualKey<0x5250_4552>>,
        pub(crate) subnets: Subnets,
        pub(crate) neurons: Neurons,
        pub(crate) hotkeys: Hotkeys,
        pub(crate) coldkeys: Coldkeys,
        pub(crate) serving: Serving,
        pub(crate) evaluators: Evaluators,
    }

    /// Every message that changes something refuses `Paused` in a pause. Those of a person refuse `ColdkeyLocked` where the
    /// caller announced a swap of its coldkey or was swapped, except those of the swap itself.
    impl Registry {
        /// Deploys the registry of a network whose token and governance exist already.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId) -> Self {
            let mut registry = Self::default();
            let peers = Peers { deployer: Self::env().caller(), governance, token, incentive: None };
            registry.config.save(&Config { peers, paused_until_ms: 0 });
            registry
        }

        /// Names the incentive contract. Only the deployer, once.
        /// Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        #[inline(never)]
        pub fn wire(&mut self, incentive: AccountId) -> Result<(), RegistryError> {
            told(self.wire_once(incentive))
        }

        /// Sets the terms on which subnets are opened: the least lock in rao, the least time between two openings in ms, the
        /// age in ms from which a subnet may be dissolved for a new one, the number of subnets (1 to 128; a lower one
        /// dissolves none at once), and the time in ms in which the lock falls by the amount last locked (0 keeps it).
        /// Only governance. Errors: `NotAuthorised`, `AmountTooLarge`, `OutOfBounds`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_network(
            &mut self,
            minimum_lock: u128,
            rate_limit_ms: u64,
            immunity_ms: u64,
            subnet_limit: u16,
            lock_interval_ms: u64,
        ) -> Result<(), RegistryError> {
            told(self.govern_network(minimum_lock, rate_limit_ms, immunity_ms, subnet_limit, lock_interval_ms))
        }

        /// Opens a subnet that the caller owns and returns its netuid. Locks TAO: what `lock_cost` tells, in rao, at
        /// most `max_lock`. Allow the registry to move it (`approve` of the token) first. In a full network the subnet
        /// that earns least, past its immunity, is dissolved for it, as by `dissolve`.
        /// Errors: `NoFreeNetuid`, `NetworkRateLimited`, `PriceAboveLimit`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn create_subnet(&mut self, max_lock: u128) -> Result<Netuid, RegistryError> {
            told(self.create(max_lock))
        }

        /// Dissolves a subnet. Only governance. Its owner gets back all that was locked: the lock is a deposit, whose price
        /// is that it earned nothing elsewhere, and that each subnet doubles it for the next. What miners and validators
        /// earned stays theirs. Errors: `NotAuthorised`, `UnknownSubnet`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn dissolve(&mut self, netuid: Netuid) -> Result<(), RegistryError> {
            told(self.end(netuid))
        }

        /// Starts the emission of a subnet. Only its owner, once.
        /// Errors: `UnknownSubnet`, `NotSubnetOwner`, `AlreadyStarted`.
        #[ink(message)]
        #[inline(never)]
        pub fn start(&mut self, netuid: Netuid) -> Result<(), RegistryError> {
            told(self.begin(netuid))
        }

        /// Sets a hyperparameter of a subnet, in its own unit; a switch is 0 or 1. The subnet's owner, or governance; some
        /// are left to governance. An owner changes each once in two tempos, and none from two minutes before an epoch's
        /// end until it is turned. `alpha_low` may not pass `alpha_high`. Errors: `UnknownSubnet`, `NotSubnetOwner`,
        /// `GovernanceOnly`, `OutOfBounds`, `FreezeWindow`, `OwnerRateLimited`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_hyperparameter(
            &mut self,
            netuid: Netuid,
            parameter: Hyperparameter,
            value: u64,
        ) -> Result<(), RegistryError> {
            told(self.tune(netuid, parameter, value))
        }

        /// Chooses how validators of a subnet evaluate: the kind, the hash of the component or of the data, up to 128 bytes of
        /// where to get it, and up to 512 bytes of parameters, in its own format. It takes over with the next epoch, however
        /// late the running one is turned; at once before the subnet is started. Only the subnet's owner.
        /// Errors: `UnknownSubnet`, `NotSubnetOwner`, `TooLong`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_evaluator(
            &mut self,
            netuid: Netuid,
            kind: EvaluatorKind,
            code_hash: Hash,
            uri: String,
            parameters: String,
        ) -> Result<(), RegistryError> {
            told(self.announce_evaluator(netuid, Evaluator { kind, code_hash, uri, parameters }))
        }

        /// Names a subnet: 1 to 32 bytes, and a uri of up to 128 bytes. Only its owner.
        /// Errors: `UnknownSubnet`, `NotSubnetOwner`, `Empty`, `TooLong`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_identity(&mut self, netuid: Netuid, name: String, uri: String) -> Result<(), RegistryError> {
            told(self.name(netuid, name, uri))
        }

        /// Names the hotkey of a subnet's owner, which is never pruned and always permitted to validate. Only the
        /// owner; an unowned hotkey becomes the owner's. Errors: `UnknownSubnet`, `NotSubnetOwner`, `NotHotkeyOwner`.
        #[ink(message)]
        #[inline(never)]
        pub fn set_owner_hotkey(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<(), RegistryError> {
            told(self.appoint(netuid, hotkey))
        }

        /// Offers a subnet to another owner, who takes it with `accept_subnet`; an offer to oneself takes the offer back.
        /// Only its owner. Errors: `UnknownSubnet`, `NotSubnetOwner`.
        #[ink(message)]
        #[inline(never)]
        pub fn offer_subnet(&mut self, netuid: Netuid, new_owner: AccountId) -> Result<(), RegistryError> {
            told(self.offer(netuid, new_owner))
        }

        /// Takes a subnet that was offered to the caller, lock included. The old owner's hotkey loses its privilege.
        /// Errors: `UnknownSubnet`, `NotOffered`, `ColdkeyLocked` where the old owner is.
        #[ink(message)]
        #[inline(never)]
        pub fn accept_subnet(&mut self, netuid: Netuid) -> Result<(), RegistryError> {
            told(self.accept(netuid))
        }

        /// Makes the caller the coldkey of a hotkey that nobody owns; nothing happens if the caller owns it already.
        /// The hotkey is not asked, but may answer with `consent`. Errors: `NotHotkeyOwner`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn associate(&mut self, hotkey: AccountId) -> Result<(), RegistryError> {
            told(self.adopt(hotkey))
        }

        /// Called by a hotkey: names its coldkey, once and for all. A hotkey that another coldkey associated without asking
        /// can so correct it within 7 days. Errors: `NotHotkeyOwner` later, or after it consented; `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn consent(&mut self, coldkey: AccountId) -> Result<(), RegistryError> {
            told(self.settle(coldkey))
        }

        /// Registers a hotkey of the caller's on a subnet and returns its uid; an unowned hotkey becomes the caller's.
        /// Costs TAO, which is recycled: what `burn` tells, in rao, at most `max_burn`. Allow the registry to move it
        /// (`approve` of the token) first. In a full subnet the newcomer takes the uid that earned least.
        /// Errors: `UnknownSubnet`, `NotHotkeyOwner`, `AlreadyRegistered`, `PriceAboveLimit`, `NoFreeUid`, `Transfer`,
        /// `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        #[inline(never)]
        pub fn register(&mut self, netuid: Netuid, hotkey: AccountId, max_burn: u128) -> Result<Uid, RegistryError> {
            told(self.join(netuid, hotkey, max_burn))
        }

        /// Puts another key in the place of a hotkey of the caller's, everywhere: number, uids, stake, rewards. The new key
        /// must be nobody's. Recycles 0.1 TAO (allow the registry to move it first); once a day for a coldkey.
        /// Errors: `NotHotkeyOwner`, `KeyInUse`, `SwapRateLimited`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        #[inline(never)]
        pub fn swap_hotkey(&mut self, old: AccountId, new: AccountId) -> Result<(), RegistryError> {
            told(self.exchange(old, new))
        }

        /// Announces that another coldkey will take the caller's place, by the blake2b-256 hash of its 32 bytes.
        /// `swap_coldkey` makes the swap in 5 days: `coldkey_swap` tells when. From now on the caller is locked; another
        /// swap can be announced instead after a day. Errors: `KeyInUse`, `SwapDisputed`, `SwapRateLimited`.
        #[ink(message)]
        #[inline(never)]
        pub fn announce_coldkey_swap(&mut self, new_coldkey_hash: Hash) -> Result<(), RegistryError> {
            told(self.announce_swap(new_coldkey_hash))
        }

        /// Makes the announced swap of the caller, which stays locked for ever. What it owns is then moved piece by piece:
        /// `inherit_hotkey` and `inherit_subnet` here, and positions in staking. Errors: `SwapNotAnnounced`,
        /// `SwapDisputed`, `SwapNotDue`, `SwapMismatch`, `KeyInUse` if the new coldkey has a swap of its own.
        #[ink(message)]
        #[inline(never)]
        pub fn swap_coldkey(&mut self, new_coldkey: AccountId) -> Result<(), RegistryError> {
            told(self.make_swap(new_coldkey))
        }

        /// Stops the announced swap of the caller, for an owner whose key announced it without him. It stays locked until
        /// governance decides. Errors: `SwapNotAnnounced`, `SwapDisputed`.
        #[ink(message)]
        #[inline(never)]
        pub fn dispute_coldkey_swap(&mut self) -> Result<(), RegistryError> {
            told(self.dispute_swap())
        }

        /// Takes back the announced swap of a coldkey, disputed or not, and unlocks it. Only governance.
        /// Errors: `NotAuthorised`, `SwapNotAnnounced`.
        #[ink(message)]
        #[inline(never)]
        pub fn reset_coldkey_swap(&mut self, coldkey: AccountId) -> Result<(), RegistryError> {
            told(self.reset_swap(coldkey))
        }

        /// Moves a hotkey of a swapped coldkey to its successor. Anyone. Errors: `NotSwapped`.
        #[ink(message)]
        #[inline(never)]
        pub fn inherit_hotkey(&mut self, hotkey: AccountId) -> Result<(), RegistryError> {
            told(self.bequeath_hotkey(hotkey))
        }

        /// Moves a subnet of a swapped coldkey to its successor. Anyone. Errors: `UnknownSubnet`, `NotSwapped`.
        #[ink(message)]
        #[inline(never)]
        pub fn inherit_subnet(&mut self, netuid: Netuid) -> Result<(), RegistryError> {
            told(self.bequeath_subnet(netuid))
        }

        /// Commits the calling hotkey to a model: blake2b-256 of its file, the file's size in bytes, its family and up
        /// to 128 bytes of where to get it. Replaces the hotkey's earlier commitment on the subnet.
        /// Errors: `UnknownSubnet`, `NotRegistered`, `Empty`, `TooLong`, `ServingRateLimited`.
        #[ink(message)]
        #[inline(never)]
        pub fn commit_model(
            &mut self,
            netuid: Netuid,
            digest: Hash,
            size: u64,
            family: ModelFamily,
            uri: String,
        ) -> Result<(), RegistryError> {
            told(self.commit(netuid, digest, size, family, uri))
        }

        /// Publishes where the calling hotkey serves: up to 128 bytes, opaque to the chain.
        /// Errors: `UnknownSubnet`, `NotRegistered`, `Empty`, `TooLong`, `ServingRateLimited`.
        #[ink(message)]
        #[inline(never)]
        pub fn serve_axon(&mut self, netuid: Netuid, axon: Vec<u8>) -> Result<(), RegistryError> {
            told(self.serve(netuid, axon))
        }

        /// One subnet.
        #[ink(message)]
        #[inline(never)]
        pub fn subnet(&self, netuid: Netuid) -> Option<Subnet> {
            self.show(netuid)
        }

        /// The netuids of all subnets, ascending.
        #[ink(message)]
        #[inline(never)]
        pub fn subnets(&self) -> Vec<Netuid> {
            self.roster().netuids
        }

        /// All subnets in columns: netuid, creation, moving emission, last epoch.
        #[ink(message)]
        #[inline(never)]
        pub fn roster(&self) -> Roster {
            self.subnets.roster()
        }

        /// The hyperparameters of a subnet.
        #[ink(message)]
        #[inline(never)]
        pub fn hyperparameters(&self, netuid: Netuid) -> Option<Hyperparameters> {
            self.subnets.terms(netuid).ok().map(|terms| *terms)
        }

        /// What opening a subnet would lock now, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn lock_cost(&self) -> u128 {
            u128::from(self.subnets.lock_cost(&self.subnets.network(), now()))
        }

        /// What a registration on a subnet costs now, in rao.
        #[ink(message)]
        #[inline(never)]
        pub fn burn(&self, netuid: Netuid) -> Option<u128> {
            let terms = self.subnets.terms(netuid).ok()?;
            Some(u128::from(self.neurons.tenants(netuid).burn.at(now().time_ms, &terms).price))
        }

        /// The models of uids `32 * page` onward, up to 32 uids; uids without a model are left out.
        #[ink(message)]
        #[inline(never)]
        pub fn models(&self, netuid: Netuid, page: u16) -> Vec<(Uid, ModelCommitment)> {
            self.serving.models(netuid, page, &self.neurons.tenants(netuid))
        }

        /// The axon record of a uid.
        #[ink(message)]
        #[inline(never)]
        pub fn axon(&self, netuid: Netuid, uid: Uid) -> Option<Vec<u8>> {
            self.serving.axon(netuid, uid, &self.neurons.tenants(netuid))
        }

        /// The swap of a coldkey, announced or made.
        #[ink(message)]
        #[inline(never)]
        pub fn coldkey_swap(&self, coldkey: AccountId) -> Option<ColdkeySwap> {
            self.coldkeys.swap_of(coldkey).map(|swap| *swap)
        }

        /// The contracts that the registry works with, and its deployer.
        #[ink(message)]
        #[inline(never)]
        pub fn peers(&self) -> Option<Peers> {
            self.config.load().map(|config| config.peers)
        }

        /// Chain time in ms until which the registry only answers; 0, or in the past, if it is not paused.
        #[ink(message)]
        #[inline(never)]
        pub fn paused_until(&self) -> u64 {
            self.config.load().map_or(0, |config| config.paused_until_ms)
        }
    }

    impl Upgradable for Registry {
        /// Exchanges the contract's code for uploaded code with this hash. Only governance.
        /// Errors: `NotGovernance`, `UnknownCode`.
        #[ink(message)]
        #[inline(never)]
        fn set_code(&mut self, code_hash: Hash) -> Result<(), UpkeepError> {
            self.upkeep()?;
            self.env().set_code_hash(&code_hash).map_err(|_| UpkeepError::UnknownCode)?;
            emit(CodeChanged { code_hash });
            Ok(())
        }
    }

    impl Pausable for Registry {
        /// Refuses every message that changes something until `until_ms` (chain time), 7 days from now at most; a time that
        /// is not in the future ends the pause. Only governance. Errors: `NotGovernance`, `PauseTooLong`.
        #[ink(message)]
        #[inline(never)]
        fn pause(&mut self, until_ms: u64) -> Result<(), UpkeepError> {
            self.pause_until(until_ms)
        }
    }

    impl SubnetRegistry for Registry {
        /// Whether there is such a subnet, and whose it is.
        #[ink(message)]
        #[inline(never)]
        fn life(&self, netuid: Netuid) -> Option<SubnetLife> {
            let record = self.subnets.get(netuid).ok()?;
            let started = record.started_ms.is_some();
            Some(SubnetLife { owner: record.owner, generation: record.generation, started })
        }

        /// What an epoch needs of a subnet; nothing if there is no such subnet.
        #[ink(message)]
        #[inline(never)]
        fn epoch_terms(&self, netuid: Netuid) -> Option<EpochTerms> {
            self.for_epoch(netuid)
        }

        /// What a message of `hotkey` that writes weights needs, with the tenancy of each uid if `tenants` is asked for;
        /// nothing if there is no such subnet.
        #[ink(message)]
        #[inline(never)]
        fn weight_terms(&self, netuid: Netuid, hotkey: AccountId, tenants: bool) -> Option<WeightTerms> {
            self.for_weights(netuid, hotkey, tenants)
        }

        /// Up to 64 neurons in the order of their uids: those of uids `64 * page` onward.
        #[ink(message)]
        #[inline(never)]
        fn neurons(&self, netuid: Netuid, page: u16) -> Vec<Neuron> {
            self.neurons_of(netuid, page)
        }

        /// The uid and the neuron of a hotkey on a subnet.
        #[ink(message)]
        #[inline(never)]
        fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat> {
            self.seat_of(netuid, hotkey)
        }

        /// The hotkey and coldkey that a registration was for, also after its uid was taken, as they are now.
        #[ink(message)]
        #[inline(never)]
        fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)> {
            self.registered(netuid, registration_id)
        }

        /// A hotkey's number and owner.
        #[ink(message)]
        #[inline(never)]
        fn hotkey(&self, hotkey: AccountId) -> Option<Hotkey> {
            self.hotkeys.by_key(hotkey)
        }

        /// The hotkey with a number, and its owner.
        #[ink(message)]
        #[inline(never)]
        fn hotkey_by_id(&self, id: HotkeyId) -> Option<Hotkey> {
            self.hotkeys.by_id(id)
        }

        /// Whether a coldkey has announced a swap or was swapped: then it moves nothing.
        #[ink(message)]
        #[inline(never)]
        fn is_locked(&self, coldkey: AccountId) -> bool {
            self.coldkeys.is_locked(coldkey)
        }

        /// A hotkey's number and owner, and whether `coldkey` is locked: what a message of staking asks.
        #[ink(message)]
        #[inline(never)]
        fn stake_terms(&self, hotkey: AccountId, coldkey: AccountId) -> (Option<Hotkey>, bool) {
            (self.hotkeys.by_key(hotkey), self.coldkeys.is_locked(coldkey))
        }

        /// The coldkey that a swapped coldkey became.
        #[ink(message)]
        #[inline(never)]
        fn successor(&self, coldkey: AccountId) -> Option<AccountId> {
            self.coldkeys.successor(coldkey)
        }

        /// Stores what each uid earned in its last epoch, in rao: the order in which uids are pruned, and in sum subnets.
        /// Only the incentive contract. Errors: `NotIncentive`, `UnknownSubnet`, `WrongLength`.
        #[ink(message)]
        #[inline(never)]
        fn record_epoch(&mut self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), RegistryError> {
            told(self.record(netuid, emissions))
        }
    }
}
