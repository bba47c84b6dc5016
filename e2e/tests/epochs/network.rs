//! A suite with one started subnet, and the people in it.

use crate::harness::{Chain, TAO, account};
use incentive::incentive::IncentiveRef;
use ink::{
    codegen::TraitCallBuilder,
    contract_ref,
    env::DefaultEnvironment,
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    WeightEntry,
    commitment::{Commitment, Salt},
    incentive::{IncentiveError, NeuronStanding, SubnetEmission},
    psp22::PSP22,
    registry::SubnetRegistry,
};
use registry::RegistryRef;
use staking::StakingRef;

/// The subnet of these tests.
pub const NETUID: u16 = 1;
/// Its tempo: subtensor's 360 blocks of 12 s, in ms.
pub const TEMPO: u64 = 360 * 12_000;
/// Everyone's tokens come from here.
pub const GENESIS: u128 = 1_000_000 * TAO;
const NO_LIMIT: u128 = u128::MAX;
const SALT: Salt = [7; 32];

/// The suite.
pub struct Network {
    pub chain: Chain,
    pub token: AccountId,
    pub registry: RegistryRef,
    pub staking: StakingRef,
    pub incentive: IncentiveRef,
    pub governance: AccountId,
    pub owner: AccountId,
}

fn at<T: ink::env::call::FromAccountId<DefaultEnvironment>>(address: AccountId) -> T {
    T::from_account_id(address)
}

fn address<T: ink::ToAccountId<DefaultEnvironment>>(contract: &T) -> AccountId {
    contract.to_account_id()
}

impl Network {
    /// Deploys and wires the suite, opens the subnet and lets it take part in emission.
    pub fn new() -> Self {
        let mut chain = Chain::new();
        let owner = account(10);
        let governance = chain.deploy(owner, "governance", (3_600_000u64, 3_600_000u64, 1_000u16, 100 * TAO));
        let token = chain.deploy(owner, "token", (governance, owner, GENESIS));
        let registry = chain.deploy(owner, "registry", (governance, token));
        let staking = chain.deploy(owner, "staking", (governance, token, registry));
        let incentive = chain.deploy(owner, "incentive", (governance, token, registry, staking));
        let mut network = Self {
            chain,
            token,
            registry: at(registry),
            staking: at(staking),
            incentive: at(incentive),
            governance,
            owner,
        };
        let mut tao: token::TokenRef = at(token);
        network.chain.call(owner, tao.call_mut().wire(incentive)).unwrap();
        network.chain.call(owner, network.registry.call_mut().wire(incentive)).unwrap();
        network.chain.call(owner, network.staking.call_mut().wire(incentive)).unwrap();
        let mut council: governance::GovernanceRef = at(governance);
        network.chain.call(owner, council.call_mut().wire(token, staking)).unwrap();
        network.allow(owner, registry);
        assert_eq!(network.chain.call(owner, network.registry.call_mut().create_subnet(NO_LIMIT)), Ok(NETUID));
        network.chain.call(owner, network.registry.call_mut().start(NETUID)).unwrap();
        network.chain.call(owner, network.incentive.call_mut().activate(NETUID)).unwrap();
        network
    }

    fn allow(&mut self, who: AccountId, spender: AccountId) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(who, token.call_mut().approve(spender, NO_LIMIT)).unwrap();
    }

    /// TAO of an account, in rao.
    pub fn balance(&mut self, who: AccountId) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(who, token.call().balance_of(who))
    }

    /// All TAO, in rao.
    pub fn supply(&mut self) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(self.owner, token.call().total_supply())
    }

    pub fn incentive_address(&self) -> AccountId {
        address(&self.incentive)
    }

    pub fn staking_address(&self) -> AccountId {
        address(&self.staking)
    }

    /// Registers a hotkey of the owner's coldkey, with this stake if any; its uid.
    pub fn register(&mut self, hotkey: AccountId, stake: u128) -> u16 {
        let uid = self.chain.call(self.owner, self.registry.call_mut().register(NETUID, hotkey, NO_LIMIT)).unwrap();
        if stake > 0 {
            let staking = self.staking_address();
            self.allow(self.owner, staking);
            self.chain.call(self.owner, self.staking.call_mut().stake(hotkey, stake)).unwrap();
        }
        uid
    }

    /// Weights as they are committed: each uid with the registration that holds it now.
    pub fn weights(&mut self, weights: &[(u16, u16)]) -> Vec<WeightEntry> {
        let neurons = self.chain.call(self.owner, self.registry.call().neurons(NETUID, 0));
        weights.iter().map(|(uid, weight)| (*uid, neurons[usize::from(*uid)].registration_id, *weight)).collect()
    }

    /// The hash of a commit of the running epoch.
    pub fn hash(&mut self, hotkey: AccountId, weights: &[WeightEntry]) -> Hash {
        let epoch = self.emission().epoch;
        let commitment = Commitment {
            contract: self.incentive_address(),
            netuid: NETUID,
            epoch,
            hotkey,
            weights: weights.to_vec(),
            version_key: 0,
            transcript: Hash::default(),
            salt: SALT,
        };
        commitment.hash()
    }

    pub fn commit(&mut self, hotkey: AccountId, weights: &[WeightEntry]) -> Result<(), IncentiveError> {
        let hash = self.hash(hotkey, weights);
        self.chain.call(hotkey, self.incentive.call_mut().commit_weights(NETUID, hash))
    }

    pub fn reveal(&mut self, hotkey: AccountId, epoch: u64, weights: &[WeightEntry]) -> Result<(), IncentiveError> {
        let message =
            self.incentive.call_mut().reveal_weights(NETUID, epoch, weights.to_vec(), 0, Hash::default(), SALT);
        self.chain.call(hotkey, message)
    }

    /// Lets the epoch's time pass and turns it.
    pub fn turn(&mut self) {
        self.chain.advance(TEMPO);
        assert_eq!(self.chain.call(account(99), self.incentive.call_mut().run_epoch(NETUID)), Ok(()));
    }

    pub fn emission(&mut self) -> SubnetEmission {
        self.chain.call(self.owner, self.incentive.call().emission(NETUID)).unwrap()
    }

    pub fn metagraph(&mut self) -> Vec<NeuronStanding> {
        self.chain.call(self.owner, self.incentive.call().metagraph(NETUID, 0)).unwrap()
    }

    /// Holds the contract's books against the tokens that it and its peers really hold.
    pub fn reconcile(&mut self) {
        let books = self.chain.call(self.owner, self.incentive.call().books());
        let network_carry = self.chain.call(self.owner, self.incentive.call().network_carry());
        let subnet = self.emission();
        let owed: u128 = self.metagraph().iter().map(|neuron| u128::from(neuron.owed)).sum();
        let kept = u128::from(subnet.pending + subnet.carry_miners + subnet.carry_validators) + network_carry;
        let paid = u128::from(books.miners + books.validators + books.reserve + books.owners);
        assert_eq!(paid + kept, u128::from(books.issued), "issued = paid + carried");
        let (incentive, staking) = (self.incentive_address(), self.staking_address());
        assert_eq!(
            self.balance(incentive),
            owed + u128::from(subnet.owner_owed) + kept,
            "the contract holds what it owes"
        );
        assert_eq!(self.balance(self.governance), u128::from(books.reserve));
        let stake = u128::from(
            self.chain.call(self.owner, inktensor_primitives::staking::StakeLedger::total_stake(self.staking.call())),
        );
        assert_eq!(self.balance(staking), stake, "staking holds what its pools are worth");
    }
}
