//! The registry: subnets and their hyperparameters, neurons and their uids, hotkeys and their owners, and what miners
//! publish.
//!
//! This file holds the storage and the messages; the rules are beside it: [`subnets`] opens and tunes subnets,
//! [`price`] knows what things cost, [`neurons`] deals out uids by [`prune`], [`serving`] keeps models and axons and
//! [`payment`] talks to the token.
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
// A mapping's type names its key, its value and its place in storage.
#![allow(clippy::type_complexity)]

pub mod neurons;
pub mod payment;
pub mod price;
pub mod prune;
pub mod serving;
pub mod subnets;

#[cfg(test)]
mod tests;

pub use self::registry::{Registry, RegistryRef};

/// When a message runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Chain time in ms.
    pub time_ms: u64,
    /// Block number.
    pub block: u32,
}

/// The contract.
#[ink::contract]
pub mod registry {
    use crate::{
        neurons::{Admission, Neurons},
        payment::{collect, recycle},
        price::Burn,
        serving::Serving,
        subnets::Subnets,
        Moment,
    };
    use ink::{
        prelude::{string::String, vec::Vec},
        storage::{traits::ManualKey, Lazy, Mapping},
    };
    use inktensor_primitives::{
        hyperparameters::{Hyperparameter, Hyperparameters, Setter},
        limits::MAX_URI,
        rao,
        registry::*,
        Netuid, RegistrationId, Uid,
    };

    /// The contracts that this one knows, and who deployed it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    #[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
    pub struct Peers {
        /// Who deployed the registry.
        pub deployer: AccountId,
        /// The governance contract.
        pub governance: AccountId,
        /// The TAO token.
        pub token: AccountId,
        /// The incentive contract, once it is wired.
        pub incentive: Option<AccountId>,
    }

    /// Storage of the registry. Every part has a key of its own, so that code upgrades can add parts.
    #[ink(storage)]
    #[derive(Default)]
    pub struct Registry {
        peers: Lazy<Peers, ManualKey<0x5250_4552>>,
        subnets: Subnets,
        neurons: Neurons,
        serving: Serving,
        /// Coldkey of each hotkey.
        owners: Mapping<AccountId, AccountId, ManualKey<0x524F_574E>>,
    }

    impl Registry {
        /// Deploys the registry of a network whose token and governance exist already.
        #[ink(constructor)]
        pub fn new(governance: AccountId, token: AccountId) -> Self {
            let mut registry = Self::default();
            let deployer = Self::env().caller();
            registry.peers.set(&Peers { deployer, governance, token, incentive: None });
            registry
        }

        /// Names the incentive contract. Only the deployer, once.
        /// Errors: `NotAuthorised`, `AlreadyWired`.
        #[ink(message)]
        pub fn wire(&mut self, incentive: AccountId) -> Result<(), RegistryError> {
            let mut peers = self.known_peers()?;
            if self.env().caller() != peers.deployer {
                return Err(RegistryError::NotAuthorised);
            }
            if peers.incentive.is_some() {
                return Err(RegistryError::AlreadyWired);
            }
            peers.incentive = Some(incentive);
            self.peers.set(&peers);
            Ok(())
        }

        /// Sets the terms on which subnets are opened: the least lock in rao, and the least time between two openings
        /// in ms. Only governance. Errors: `NotAuthorised`, `AmountTooLarge`.
        #[ink(message)]
        pub fn set_network(&mut self, minimum_lock: u128, rate_limit_ms: u64) -> Result<(), RegistryError> {
            if self.env().caller() != self.known_peers()?.governance {
                return Err(RegistryError::NotAuthorised);
            }
            let minimum_lock = rao(minimum_lock).ok_or(RegistryError::AmountTooLarge)?;
            let mut network = self.subnets.network();
            network.minimum_lock = minimum_lock;
            network.rate_limit_ms = rate_limit_ms;
            self.subnets.set_network(&network);
            self.env().emit_event(NetworkSet { minimum_lock, rate_limit_ms });
            Ok(())
        }

        /// Opens a subnet that the caller owns and returns its netuid. Locks TAO: what `lock_cost` tells, in rao, at
        /// most `max_lock`. Allow the registry to move it (`approve` of the token) first.
        /// Errors: `TooManySubnets`, `NetworkRateLimited`, `PriceAboveLimit`, `Transfer`, `PeerUnreachable`.
        #[ink(message)]
        pub fn create_subnet(&mut self, max_lock: u128) -> Result<Netuid, RegistryError> {
            let owner = self.env().caller();
            let (netuid, locked) = self.open(owner, max_lock)?;
            collect(self.known_peers()?.token, owner, self.env().account_id(), locked)?;
            Ok(netuid)
        }

        /// Starts the emission of a subnet. Only its owner, once.
        /// Errors: `UnknownSubnet`, `NotSubnetOwner`, `AlreadyStarted`.
        #[ink(message)]
        pub fn start(&mut self, netuid: Netuid) -> Result<(), RegistryError> {
            let mut subnet = self.own_subnet(netuid)?;
            if subnet.started_ms.is_some() {
                return Err(RegistryError::AlreadyStarted);
            }
            subnet.started_ms = Some(self.env().block_timestamp());
            self.subnets.put(netuid, &subnet);
            self.env().emit_event(SubnetStarted { netuid });
            Ok(())
        }

        /// Sets a hyperparameter of a subnet, in its own unit; a switch is 0 or 1. The subnet's owner, or governance;
        /// some are left to governance. `alpha_low` may not pass `alpha_high`.
        /// Errors: `UnknownSubnet`, `NotSubnetOwner`, `GovernanceOnly`, `OutOfBounds`.
        #[ink(message)]
        pub fn set_hyperparameter(
            &mut self,
            netuid: Netuid,
            parameter: Hyperparameter,
            value: u64,
        ) -> Result<(), RegistryError> {
            let subnet = self.subnets.get(netuid)?;
            let caller = self.env().caller();
            if caller != self.known_peers()?.governance {
                if caller != subnet.owner {
                    return Err(RegistryError::NotSubnetOwner);
                }
                if parameter.bounds().2 == Setter::Governance {
                    return Err(RegistryError::GovernanceOnly);
                }
            }
            self.subnets.set(netuid, parameter, value, self.moment())?;
            self.env().emit_event(HyperparameterSet { netuid, parameter, value });
            Ok(())
        }

        /// Chooses how validators of a subnet evaluate: the kind, the hash of the component or of the data, and up to
        /// 128 bytes of where to get it. Only the subnet's owner. Errors: `UnknownSubnet`, `NotSubnetOwner`, `TooLong`.
        #[ink(message)]
        pub fn set_evaluator(
            &mut self,
            netuid: Netuid,
            kind: EvaluatorKind,
            code_hash: Hash,
            uri: String,
        ) -> Result<(), RegistryError> {
            let mut subnet = self.own_subnet(netuid)?;
            if uri.len() > MAX_URI {
                return Err(RegistryError::TooLong);
            }
            subnet.evaluator = Evaluator { kind, code_hash, uri };
            self.subnets.put(netuid, &subnet);
            self.env().emit_event(EvaluatorSet { netuid, code_hash });
            Ok(())
        }

        /// Names the hotkey of a subnet's owner, which is never pruned and always permitted to validate. Only the
        /// owner; an unowned hotkey becomes the owner's. Errors: `UnknownSubnet`, `NotSubnetOwner`, `NotHotkeyOwner`.
        #[ink(message)]
        pub fn set_owner_hotkey(&mut self, netuid: Netuid, hotkey: AccountId) -> Result<(), RegistryError> {
            let mut subnet = self.own_subnet(netuid)?;
            self.claim(hotkey, subnet.owner)?;
            subnet.owner_hotkey = Some(hotkey);
            self.subnets.put(netuid, &subnet);
            self.env().emit_event(OwnerHotkeySet { netuid, hotkey });
            Ok(())
        }

        /// Makes the caller the coldkey of a hotkey that nobody owns; nothing happens if the caller owns it already.
        /// Errors: `NotHotkeyOwner`.
        #[ink(message)]
        pub fn associate(&mut self, hotkey: AccountId) -> Result<(), RegistryError> {
            self.claim(hotkey, self.env().caller())
        }

        /// Registers a hotkey of the caller's on a subnet and returns its uid; an unowned hotkey becomes the caller's.
        /// Costs TAO, which is recycled: what `burn` tells, in rao, at most `max_burn`. Allow the registry to move it
        /// (`approve` of the token) first. In a full subnet the newcomer takes the uid that earned least.
        /// Errors: `UnknownSubnet`, `NotHotkeyOwner`, `AlreadyRegistered`, `PriceAboveLimit`, `NoFreeUid`, `Transfer`,
        /// `Token`, `PeerUnreachable`, `Overflow`.
        #[ink(message)]
        pub fn register(&mut self, netuid: Netuid, hotkey: AccountId, max_burn: u128) -> Result<Uid, RegistryError> {
            let coldkey = self.env().caller();
            let (uid, burn) = self.enrol(netuid, hotkey, coldkey, max_burn)?;
            if burn > 0 {
                let token = self.known_peers()?.token;
                collect(token, coldkey, self.env().account_id(), burn)?;
                recycle(token, burn)?;
            }
            Ok(uid)
        }

        /// Commits the calling hotkey to a model: blake2b-256 of its file, the file's size in bytes, its family and up
        /// to 128 bytes of where to get it. Replaces the hotkey's earlier commitment on the subnet.
        /// Errors: `UnknownSubnet`, `NotRegistered`, `Empty`, `TooLong`, `ServingRateLimited`.
        #[ink(message)]
        pub fn commit_model(
            &mut self,
            netuid: Netuid,
            digest: Hash,
            size: u64,
            family: ModelFamily,
            uri: String,
        ) -> Result<(), RegistryError> {
            let terms = self.subnets.terms(netuid)?;
            let Seat { uid, neuron: Neuron { registration_id, .. } } = self.own_seat(netuid)?;
            let Moment { time_ms: committed_ms, block } = self.moment();
            let model = ModelCommitment { registration_id, digest, size, family, uri, block, committed_ms };
            self.serving.commit(netuid, uid, &model, terms.serving_rate_limit)?;
            self.env().emit_event(ModelCommitted { netuid, uid, registration_id, digest });
            Ok(())
        }

        /// Publishes where the calling hotkey serves: up to 128 bytes, opaque to the chain.
        /// Errors: `UnknownSubnet`, `NotRegistered`, `Empty`, `TooLong`, `ServingRateLimited`.
        #[ink(message)]
        pub fn serve_axon(&mut self, netuid: Netuid, axon: Vec<u8>) -> Result<(), RegistryError> {
            let terms = self.subnets.terms(netuid)?;
            let uid = self.own_seat(netuid)?.uid;
            self.serving.serve(netuid, uid, axon, terms.serving_rate_limit, self.moment())?;
            self.env().emit_event(AxonServed { netuid, uid });
            Ok(())
        }

        /// One subnet.
        #[ink(message)]
        pub fn subnet(&self, netuid: Netuid) -> Option<Subnet> {
            self.subnets.get(netuid).ok()
        }

        /// The netuids of all subnets, ascending.
        #[ink(message)]
        pub fn subnets(&self) -> Vec<Netuid> {
            self.subnets.netuids()
        }

        /// The hyperparameters of a subnet.
        #[ink(message)]
        pub fn hyperparameters(&self, netuid: Netuid) -> Option<Hyperparameters> {
            self.subnets.terms(netuid).ok()
        }

        /// What opening a subnet would lock now, in rao.
        #[ink(message)]
        pub fn lock_cost(&self) -> u128 {
            u128::from(self.subnets.lock_cost(self.moment()))
        }

        /// What a registration on a subnet costs now, in rao.
        #[ink(message)]
        pub fn burn(&self, netuid: Netuid) -> Option<u128> {
            let subnet = self.subnets.get(netuid).ok()?;
            let terms = self.subnets.terms(netuid).ok()?;
            Some(u128::from(self.price(&subnet, &terms).price))
        }

        /// The models of uids `32 * page` onward, up to 32 uids; uids without a model are left out.
        #[ink(message)]
        pub fn models(&self, netuid: Netuid, page: u16) -> Vec<(Uid, ModelCommitment)> {
            let neurons = self.subnets.get(netuid).map_or(0, |subnet| subnet.neurons);
            self.serving.models(netuid, page, neurons)
        }

        /// The axon record of a uid.
        #[ink(message)]
        pub fn axon(&self, netuid: Netuid, uid: Uid) -> Option<Vec<u8>> {
            self.serving.axon(netuid, uid)
        }

        /// What each uid earned in its last epoch, in rao; uids beyond its end have had no epoch yet.
        #[ink(message)]
        pub fn emissions(&self, netuid: Netuid) -> Vec<u64> {
            self.neurons.emissions(netuid)
        }

        /// The contracts that the registry works with, and its deployer.
        #[ink(message)]
        pub fn peers(&self) -> Option<Peers> {
            self.peers.get()
        }

        /// Opens a subnet; the caller of this collects the lock. Returns the netuid and the lock in rao.
        pub(crate) fn open(&mut self, owner: AccountId, max_lock: u128) -> Result<(Netuid, u64), RegistryError> {
            let (netuid, locked) = self.subnets.open(owner, max_lock, self.moment())?;
            self.env().emit_event(SubnetCreated { netuid, owner, locked });
            Ok((netuid, locked))
        }

        /// Gives a hotkey a uid; the caller of this collects the burn. Returns the uid and the burn in rao.
        pub(crate) fn enrol(
            &mut self,
            netuid: Netuid,
            hotkey: AccountId,
            coldkey: AccountId,
            max_burn: u128,
        ) -> Result<(Uid, u64), RegistryError> {
            let mut subnet = self.subnets.get(netuid)?;
            let terms = self.subnets.terms(netuid)?;
            self.claim(hotkey, coldkey)?;
            let burn = self.price(&subnet, &terms);
            if u128::from(burn.price) > max_burn {
                return Err(RegistryError::PriceAboveLimit);
            }
            let now = self.moment();
            let Admission { uid, registration_id, replaced } =
                self.neurons.admit(netuid, &mut subnet, &terms, (hotkey, coldkey), now)?;
            if replaced.is_some() {
                self.serving.clear(netuid, uid);
            }
            let raised = burn.raised(&terms);
            subnet.burn = raised.price;
            subnet.burn_ms = raised.since_ms;
            self.subnets.put(netuid, &subnet);
            let burn = burn.price;
            self.env().emit_event(NeuronRegistered { netuid, hotkey, uid, registration_id, replaced, burn });
            Ok((uid, burn))
        }

        /// Makes `coldkey` the owner of an unowned hotkey. Errors: `NotHotkeyOwner` if another one owns it.
        fn claim(&mut self, hotkey: AccountId, coldkey: AccountId) -> Result<(), RegistryError> {
            match self.owners.get(hotkey) {
                Some(owner) if owner == coldkey => Ok(()),
                Some(_) => Err(RegistryError::NotHotkeyOwner),
                None => {
                    self.owners.insert(hotkey, &coldkey);
                    self.env().emit_event(HotkeyAssociated { hotkey, coldkey });
                    Ok(())
                }
            }
        }

        /// The subnet, if the caller owns it.
        fn own_subnet(&self, netuid: Netuid) -> Result<Subnet, RegistryError> {
            let subnet = self.subnets.get(netuid)?;
            if subnet.owner == self.env().caller() {
                Ok(subnet)
            } else {
                Err(RegistryError::NotSubnetOwner)
            }
        }

        /// The caller's seat on a subnet.
        fn own_seat(&self, netuid: Netuid) -> Result<Seat, RegistryError> {
            self.neurons.seat(netuid, self.env().caller()).ok_or(RegistryError::NotRegistered)
        }

        /// What a registration costs now.
        fn price(&self, subnet: &Subnet, terms: &Hyperparameters) -> Burn {
            Burn { price: subnet.burn, since_ms: subnet.burn_ms }.at(self.env().block_timestamp(), terms)
        }

        fn moment(&self) -> Moment {
            Moment { time_ms: self.env().block_timestamp(), block: self.env().block_number() }
        }

        fn known_peers(&self) -> Result<Peers, RegistryError> {
            self.peers.get().ok_or(RegistryError::NotWired)
        }
    }

    impl SubnetRegistry for Registry {
        /// What an epoch needs of a subnet; nothing if there is no such subnet.
        #[ink(message)]
        fn terms(&self, netuid: Netuid) -> Option<SubnetTerms> {
            let Subnet { owner, owner_hotkey, started_ms, neurons, .. } = self.subnets.get(netuid).ok()?;
            let hyperparameters = self.subnets.terms(netuid).ok()?;
            Some(SubnetTerms { owner, owner_hotkey, started_ms, neurons, hyperparameters })
        }

        /// Up to 64 neurons in the order of their uids: those of uids `64 * page` onward.
        #[ink(message)]
        fn neurons(&self, netuid: Netuid, page: u16) -> Vec<Neuron> {
            self.neurons.page(netuid, page)
        }

        /// The uid and the neuron of a hotkey on a subnet.
        #[ink(message)]
        fn seat(&self, netuid: Netuid, hotkey: AccountId) -> Option<Seat> {
            self.neurons.seat(netuid, hotkey)
        }

        /// The hotkey and coldkey that a registration was for, also after its uid was taken.
        #[ink(message)]
        fn registration(&self, netuid: Netuid, registration_id: RegistrationId) -> Option<(AccountId, AccountId)> {
            self.neurons.registration(netuid, registration_id)
        }

        /// The coldkey that owns a hotkey.
        #[ink(message)]
        fn coldkey_of(&self, hotkey: AccountId) -> Option<AccountId> {
            self.owners.get(hotkey)
        }

        /// Stores what each uid earned in its last epoch, in rao: the order in which uids are pruned. Only the incentive
        /// contract. Errors: `NotWired`, `NotIncentive`, `UnknownSubnet`, `WrongLength`.
        #[ink(message)]
        fn record_epoch(&mut self, netuid: Netuid, emissions: Vec<u64>) -> Result<(), RegistryError> {
            let incentive = self.known_peers()?.incentive.ok_or(RegistryError::NotWired)?;
            if self.env().caller() != incentive {
                return Err(RegistryError::NotIncentive);
            }
            if emissions.len() != usize::from(self.subnets.get(netuid)?.neurons) {
                return Err(RegistryError::WrongLength);
            }
            self.neurons.record(netuid, &emissions);
            Ok(())
        }
    }
}
