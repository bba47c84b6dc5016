//! The whole suite deployed and wired on a chain, with one started subnet, and the people in it.

use crate::chain::{Chain, DAY, Message, TAO, account};
use emission::emission::EmissionRef;
use governance::GovernanceRef;
use incentive::incentive::IncentiveRef;
use ink::{
    ToAccountId,
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, call::FromAccountId},
    primitives::{AccountId, Hash},
};
use inktensor_primitives::{
    WeightEntry,
    commitment::{Commitment, Salt},
    emission::SubnetEmission,
    governance::GovernanceError,
    hyperparameters::Hyperparameter,
    incentive::{Clock, IncentiveError, NeuronStanding},
    psp22::PSP22,
    registry::{RegistryError, SubnetRegistry},
    staking::{StakeLedger, StakingError},
};
use registry::RegistryRef;
use scale::{Decode, Encode};
use staking::StakingRef;
use token::TokenRef;

/// The first subnet.
pub const NETUID: u16 = 1;
/// Its tempo: subtensor's 360 blocks of 12 s, in ms.
pub const TEMPO: u64 = 360 * 12_000;
/// What the owner holds at first: everyone's tokens come from here.
pub const GENESIS: u128 = 1_000_000 * TAO;
/// No limit of a price or of an allowance.
pub const NO_LIMIT: u128 = u128::MAX;
/// Voting period and timelock of governance, in ms.
pub const HOUR: u64 = 3_600_000;
/// Salt of everybody's commits.
pub const SALT: Salt = [7; 32];

/// The suite, and `owner`, who deployed it, holds the genesis tokens and owns the first subnet.
pub struct Network {
    /// The chain.
    pub chain: Chain,
    /// TAO.
    pub token: TokenRef,
    /// Subnets and neurons.
    pub registry: RegistryRef,
    /// Stake.
    pub staking: StakingRef,
    /// The reward split and payouts.
    pub emission: EmissionRef,
    /// Weights and epochs.
    pub incentive: IncentiveRef,
    /// Proposals and the treasury.
    pub governance: GovernanceRef,
    /// Who deployed it all.
    pub owner: AccountId,
}

/// Where a contract is.
pub fn address<T: ToAccountId<DefaultEnvironment>>(contract: &T) -> AccountId {
    contract.to_account_id()
}

impl Default for Network {
    fn default() -> Self {
        Self::new()
    }
}

impl Network {
    /// Deploys and wires the suite, without a subnet.
    pub fn deployed() -> Self {
        let mut chain = Chain::new();
        let owner = account(10);
        let governance = chain.deploy(owner, "governance", (HOUR, HOUR, 1_000_u16, 100 * TAO));
        let token = chain.deploy(owner, "token", (governance, owner, GENESIS));
        let registry = chain.deploy(owner, "registry", (governance, token));
        let staking = chain.deploy(owner, "staking", (governance, token, registry));
        let emission = chain.deploy(owner, "emission", (governance, token, registry, staking));
        let incentive = chain.deploy(owner, "incentive", (governance, token, registry, staking, emission));
        let mut network = Self {
            chain,
            token: TokenRef::from_account_id(token),
            registry: RegistryRef::from_account_id(registry),
            staking: StakingRef::from_account_id(staking),
            emission: EmissionRef::from_account_id(emission),
            incentive: IncentiveRef::from_account_id(incentive),
            governance: GovernanceRef::from_account_id(governance),
            owner,
        };
        let Self {
            chain, token: tao, registry: subnets, staking: stakes, emission: payroll, governance: council, ..
        } = &mut network;
        chain.call(owner, tao.call_mut().wire(emission)).unwrap();
        chain.call(owner, subnets.call_mut().wire(incentive)).unwrap();
        chain.call(owner, stakes.call_mut().wire(emission)).unwrap();
        chain.call(owner, payroll.call_mut().wire(incentive)).unwrap();
        chain.call(owner, council.call_mut().wire(token, staking)).unwrap();
        for spender in [registry, staking, incentive] {
            network.allow(owner, spender);
        }
        network
    }

    /// The suite with one subnet of the owner's, whose epochs run.
    pub fn new() -> Self {
        let mut network = Self::deployed();
        assert_eq!(network.open(), Ok(NETUID));
        network.start(NETUID);
        network
    }

    /// Opens a subnet of the owner's.
    pub fn open(&mut self) -> Result<u16, RegistryError> {
        self.chain.call(self.owner, self.registry.call_mut().create_subnet(NO_LIMIT))
    }

    /// Starts a subnet's emission and its epochs.
    pub fn start(&mut self, netuid: u16) {
        self.chain.call(self.owner, self.registry.call_mut().start(netuid)).unwrap();
        self.chain.call(self.owner, self.incentive.call_mut().activate(netuid)).unwrap();
    }

    /// Lets `spender` take whatever it asks of `who`.
    pub fn allow(&mut self, who: AccountId, spender: AccountId) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = address(&self.token).into();
        self.chain.call(who, token.call_mut().approve(spender, NO_LIMIT)).unwrap();
    }

    /// Gives TAO of the owner's, and lets registry, staking and incentive take it.
    pub fn enrich(&mut self, who: AccountId, amount: u128) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = address(&self.token).into();
        self.chain.call(self.owner, token.call_mut().transfer(who, amount, Vec::new())).unwrap();
        for spender in [address(&self.registry), address(&self.staking), address(&self.incentive)] {
            self.allow(who, spender);
        }
    }

    /// TAO of an account, in rao.
    pub fn balance(&mut self, who: AccountId) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = address(&self.token).into();
        self.chain.call(who, token.call().balance_of(who))
    }

    /// All TAO, in rao.
    pub fn supply(&mut self) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = address(&self.token).into();
        self.chain.call(self.owner, token.call().total_supply())
    }

    /// Registers a hotkey of the owner's coldkey, with this stake if any; its uid.
    pub fn register(&mut self, hotkey: AccountId, stake: u128) -> u16 {
        self.register_as(self.owner, hotkey, stake)
    }

    /// Registers a hotkey of `coldkey`, with this stake if any; its uid.
    pub fn register_as(&mut self, coldkey: AccountId, hotkey: AccountId, stake: u128) -> u16 {
        let uid = self.chain.call(coldkey, self.registry.call_mut().register(NETUID, hotkey, NO_LIMIT)).unwrap();
        if stake > 0 {
            self.stake(coldkey, hotkey, stake).unwrap();
        }
        uid
    }

    /// Stakes TAO of `who`.
    pub fn stake(&mut self, who: AccountId, hotkey: AccountId, amount: u128) -> Result<(), StakingError> {
        self.chain.call(who, self.staking.call_mut().stake(hotkey, amount))
    }

    /// Stake of the whole network, in rao.
    pub fn total_stake(&mut self) -> u128 {
        u128::from(self.chain.call(self.owner, StakeLedger::total_stake(self.staking.call())))
    }

    /// What a stake is worth, in rao.
    pub fn position(&mut self, hotkey: AccountId, coldkey: AccountId) -> u64 {
        self.chain.call(self.owner, self.staking.call().position(hotkey, coldkey)).value
    }

    /// Sets a hyperparameter as governance would.
    pub fn set(&mut self, parameter: Hyperparameter, value: u64) {
        let council = address(&self.governance);
        let message = self.registry.call_mut().set_hyperparameter(NETUID, parameter, value);
        self.chain.call(council, message).unwrap();
    }

    /// Weights as they are committed: each uid with the registration that holds it now.
    pub fn weights(&mut self, weights: &[(u16, u16)]) -> Vec<WeightEntry> {
        let mut tenants = Vec::new();
        for page in 0..4 {
            let neurons = self.chain.call(self.owner, SubnetRegistry::neurons(self.registry.call(), NETUID, page));
            tenants.extend(neurons.iter().map(|neuron| neuron.registration_id));
        }
        weights.iter().map(|(uid, weight)| (*uid, tenants[usize::from(*uid)], *weight)).collect()
    }

    /// The hash of a commit of the running epoch.
    pub fn hash(&mut self, hotkey: AccountId, weights: &[WeightEntry]) -> Hash {
        let epoch = self.clock().epoch;
        let contract = address(&self.incentive);
        let transcript = Hash::default();
        let weights = weights.to_vec().into();
        Commitment { contract, netuid: NETUID, epoch, hotkey, weights, version_key: 0, transcript, salt: SALT }.hash()
    }

    /// Commits weights of the running epoch.
    pub fn commit(&mut self, hotkey: AccountId, weights: &[WeightEntry]) -> Result<(), IncentiveError> {
        let hash = self.hash(hotkey, weights);
        self.chain.call(hotkey, self.incentive.call_mut().commit_weights(NETUID, hash))
    }

    /// Reveals weights committed in an epoch.
    pub fn reveal(&mut self, hotkey: AccountId, epoch: u64, weights: &[WeightEntry]) -> Result<(), IncentiveError> {
        let message =
            self.incentive.call_mut().reveal_weights(NETUID, epoch, weights.to_vec().into(), 0, Hash::default(), SALT);
        self.chain.call(hotkey, message)
    }

    /// Lets the epoch's time pass and turns it.
    pub fn turn(&mut self) {
        self.chain.advance(TEMPO);
        assert_eq!(self.chain.call(account(99), self.incentive.call_mut().run_epoch(NETUID)), Ok(()));
    }

    /// Where the subnet stands in time.
    pub fn clock(&mut self) -> Clock {
        self.chain.call(self.owner, self.incentive.call().clock(NETUID)).unwrap()
    }

    /// Where its emission stands.
    pub fn emission_of(&mut self, netuid: u16) -> SubnetEmission {
        self.chain.call(self.owner, self.emission.call().emission(netuid)).unwrap()
    }

    /// What a hotkey is owed as a miner, in rao.
    pub fn owed(&mut self, hotkey: AccountId) -> u128 {
        self.chain.call(self.owner, self.emission.call().owed(NETUID, hotkey)).unwrap()
    }

    /// The first page of the metagraph.
    pub fn metagraph(&mut self) -> Vec<NeuronStanding> {
        self.chain.call(self.owner, self.incentive.call().metagraph(NETUID, 0)).unwrap()
    }

    /// Has governance make a call: the owner, who must have stake on `hotkey`, proposes and votes, time passes, and the
    /// call is made.
    pub fn govern<A: Encode, R: Decode>(
        &mut self,
        hotkey: AccountId,
        target: AccountId,
        message: Message<A, R>,
    ) -> Result<(), GovernanceError> {
        let proposal = self.pass(hotkey, target, message);
        self.chain.call(self.owner, self.governance.call_mut().execute(proposal))
    }

    /// As [`Network::govern`], but leaves the call to be made; the proposal's number.
    pub fn pass<A: Encode, R: Decode>(&mut self, hotkey: AccountId, target: AccountId, message: Message<A, R>) -> u32 {
        let input = crate::chain::input(message);
        let propose = self.governance.call_mut().propose(Hash::default(), target, input, hotkey);
        let proposal = self.chain.call(self.owner, propose).unwrap();
        self.chain.call(self.owner, self.governance.call_mut().vote(proposal, hotkey, true)).unwrap();
        self.chain.advance(2 * HOUR);
        proposal
    }

    /// Lets days pass.
    pub fn days(&mut self, days: u64) {
        self.chain.advance(days * DAY);
    }

    /// Holds the contracts' books against the tokens that they really hold. `hotkeys` are all that may be owed something
    /// on the first subnet.
    pub fn reconcile(&mut self, hotkeys: &[AccountId]) {
        let books = self.chain.call(self.owner, self.emission.call().books());
        let network_carry = self.chain.call(self.owner, self.emission.call().network_carry());
        let subnet = self.emission_of(NETUID);
        let owed: u128 = hotkeys.iter().map(|hotkey| self.owed(*hotkey)).sum();
        let kept = u128::from(subnet.pending + subnet.carry_miners + subnet.carry_validators) + network_carry;
        let paid = u128::from(books.miners + books.validators + books.reserve + books.owners);
        assert_eq!(paid + kept, u128::from(books.issued), "issued = paid + carried");
        let (emission, staking) = (address(&self.emission), address(&self.staking));
        assert_eq!(self.balance(emission), owed + u128::from(subnet.owner_owed) + kept, "it holds what it owes");
        assert_eq!(self.balance(address(&self.governance)), u128::from(books.reserve));
        assert_eq!(self.balance(staking), self.total_stake(), "staking holds what its pools are worth");
    }
}
