//! The registry and the token together: what opening a subnet and registering cost, and what a refusal leaves.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, primitives::AccountId};
use inktensor_e2e::{BUDGET, Chain, DAY, TAO, account};
use inktensor_primitives::{
    hyperparameters::Hyperparameter,
    psp22::{PSP22, TransferError},
    registry::{ModelFamily, RegistryError, SubnetRegistry},
    token::Issuance,
};
use registry::RegistryRef;
use scale::Encode;

const NO_LIMIT: u128 = u128::MAX;
const GENESIS: u128 = 1_000_000 * TAO;

/// Registry and token; governance and incentive are plain accounts, so that tests can act as them.
struct Network {
    chain: Chain,
    registry: RegistryRef,
    address: AccountId,
    token: AccountId,
    owner: AccountId,
    governance: AccountId,
    incentive: AccountId,
}

impl Network {
    /// A network without subnets, in which `owner` holds all TAO.
    fn new() -> Self {
        let mut chain = Chain::new();
        let (deployer, governance, incentive, owner) = (account(1), account(2), account(3), account(10));
        let token = chain.deploy(deployer, "token", (governance, owner, GENESIS));
        let address = chain.deploy(deployer, "registry", (governance, token));
        let mut registry: RegistryRef = ink::env::call::FromAccountId::from_account_id(address);
        assert_eq!(chain.call(deployer, registry.call_mut().wire(incentive)), Ok(()));
        Self { chain, registry, address, token, owner, governance, incentive }
    }

    /// A network whose subnet 1 belongs to `owner`, who lets the registry take whatever it asks.
    fn with_subnet() -> Self {
        let mut network = Self::new();
        network.allow(NO_LIMIT);
        assert_eq!(network.create(NO_LIMIT), Ok(1));
        network
    }

    fn allow(&mut self, amount: u128) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(self.owner, token.call_mut().approve(self.address, amount)).unwrap();
    }

    fn create(&mut self, max_lock: u128) -> Result<u16, RegistryError> {
        self.chain.call(self.owner, self.registry.call_mut().create_subnet(max_lock))
    }

    fn register(&mut self, hotkey: AccountId, max_burn: u128) -> Result<u16, RegistryError> {
        self.chain.call(self.owner, self.registry.call_mut().register(1, hotkey, max_burn))
    }

    fn balance(&mut self, who: AccountId) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(self.owner, token.call().balance_of(who))
    }

    /// Supply and issuance.
    fn issued(&mut self) -> (u128, u128) {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        let issuance: contract_ref!(Issuance, DefaultEnvironment) = self.token.into();
        let supply = self.chain.call(self.owner, token.call().total_supply());
        (supply, self.chain.call(self.owner, issuance.call().issuance()))
    }

    fn burn(&mut self) -> u128 {
        self.chain.call(self.owner, self.registry.call().burn(1)).unwrap()
    }

    fn seat_of(&mut self, hotkey: AccountId) -> Option<u16> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.address.into();
        self.chain.call(self.owner, registry.call().seat(1, hotkey)).map(|seat| seat.uid)
    }

    fn coldkey_of(&mut self, hotkey: AccountId) -> Option<AccountId> {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.address.into();
        self.chain.call(self.owner, registry.call().hotkey(hotkey)).map(|hotkey| hotkey.coldkey)
    }
}

fn hotkey(number: u16) -> AccountId {
    let mut bytes = [0xAA; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

#[test]
fn a_subnet_locks_tao_in_the_registry() {
    let mut network = Network::new();
    network.allow(5_000 * TAO);
    assert_eq!(network.create(1_000 * TAO - 1), Err(RegistryError::PriceAboveLimit));
    assert_eq!(network.create(1_000 * TAO), Ok(1));
    assert_eq!(network.balance(network.address), 1_000 * TAO);
    assert_eq!(network.balance(network.owner), GENESIS - 1_000 * TAO);
    assert_eq!(network.create(NO_LIMIT), Err(RegistryError::NetworkRateLimited));

    network.chain.advance(DAY);
    let cost = network.chain.call(network.owner, network.registry.call().lock_cost());
    assert_eq!(network.create(cost), Ok(2));
    assert_eq!(network.balance(network.address), 1_000 * TAO + cost);
    // Locked TAO still exists.
    assert_eq!(network.issued(), (GENESIS, GENESIS));
}

#[test]
fn a_subnet_that_is_not_paid_does_not_exist() {
    let mut network = Network::new();
    network.allow(1_000 * TAO - 1);
    let refusal = RegistryError::Transfer(TransferError::InsufficientAllowance);
    assert_eq!(network.create(NO_LIMIT), Err(refusal));
    assert!(network.chain.call(network.owner, network.registry.call().subnets()).is_empty());
    // The refusal cost neither the netuid nor the day.
    network.allow(1_000 * TAO);
    assert_eq!(network.create(NO_LIMIT), Ok(1));
}

#[test]
fn a_registration_recycles_its_price() {
    let mut network = Network::with_subnet();
    let (price, lock) = (network.burn(), network.balance(network.address));
    assert_eq!(network.register(hotkey(0), price - 1), Err(RegistryError::PriceAboveLimit));
    assert_eq!(network.register(hotkey(0), price), Ok(0));
    assert_eq!(network.issued(), (GENESIS - price, GENESIS - price));
    assert_eq!(network.balance(network.address), lock);
    assert_eq!(network.balance(network.owner), GENESIS - lock - price);
    assert_eq!(network.burn(), price * 126 / 100);
}

#[test]
fn a_registration_that_is_not_paid_changes_nothing() {
    let mut network = Network::with_subnet();
    let price = network.burn();
    network.allow(price - 1);
    let refusal = RegistryError::Transfer(TransferError::InsufficientAllowance);
    assert_eq!(network.register(hotkey(0), NO_LIMIT), Err(refusal));
    assert_eq!((network.seat_of(hotkey(0)), network.coldkey_of(hotkey(0))), (None, None));
    assert_eq!((network.burn(), network.issued()), (price, (GENESIS, GENESIS)));
    // A price above the limit is refused after the hotkey was looked at, and leaves it unowned as well.
    assert_eq!(network.register(hotkey(0), price - 1), Err(RegistryError::PriceAboveLimit));
    assert_eq!(network.coldkey_of(hotkey(0)), None);
}

#[test]
fn whoever_holds_no_tao_is_refused() {
    let mut network = Network::with_subnet();
    let poor = account(11);
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = network.token.into();
    network.chain.call(poor, token.call_mut().approve(network.address, NO_LIMIT)).unwrap();
    let register = network.registry.call_mut().register(1, hotkey(0), NO_LIMIT);
    let refusal = RegistryError::Transfer(TransferError::InsufficientBalance);
    assert_eq!(network.chain.call(poor, register), Err(refusal));
    assert_eq!(network.coldkey_of(hotkey(0)), None);
}

#[test]
fn a_free_registration_needs_no_allowance() {
    let mut network = Network::with_subnet();
    network.allow(0);
    let set = network.registry.call_mut().set_hyperparameter(1, Hyperparameter::MinBurn, 0);
    assert_eq!(network.chain.call(network.owner, set), Ok(()));
    network.chain.advance(10 * DAY);
    assert_eq!(network.register(hotkey(0), 0), Ok(0));
}

#[test]
fn a_token_that_does_not_answer_is_told_by_name() {
    let mut network = Network::with_subnet();
    let nobody = account(99);
    let address = network.chain.deploy(account(1), "registry", (network.governance, nobody));
    let mut registry: RegistryRef = ink::env::call::FromAccountId::from_account_id(address);
    let create = registry.call_mut().create_subnet(NO_LIMIT);
    assert_eq!(network.chain.call(network.owner, create), Err(RegistryError::PeerUnreachable));
}

#[test]
fn a_full_subnet_stays_inside_the_budget_of_a_message() {
    let mut network = Network::with_subnet();
    for number in 0..256 {
        assert_eq!(network.register(hotkey(number), NO_LIMIT), Ok(number));
    }
    let mut earned: Vec<u64> = (1_000..1_256).collect();
    earned[200] = 0;
    let mut peer: contract_ref!(SubnetRegistry, DefaultEnvironment) = network.address.into();
    let record = peer.call_mut().record_epoch(1, earned);
    assert_eq!(network.chain.call(network.incentive, record), Ok(()));
    assert!(network.chain.consumed() < BUDGET, "record_epoch: {}", network.chain.consumed());

    network.chain.advance(100 * DAY);
    assert_eq!(network.register(hotkey(256), NO_LIMIT), Ok(200));
    assert!(network.chain.consumed() < BUDGET, "register: {}", network.chain.consumed());
    assert_eq!(network.seat_of(hotkey(200)), None);

    for uid in 0..32 {
        let model = network.registry.call_mut().commit_model(1, [1; 32].into(), 7, ModelFamily::Llama, "u".repeat(128));
        assert_eq!(network.chain.call(hotkey(uid), model), Ok(()));
    }
    let models = network.chain.call(network.owner, network.registry.call().models(1, 0));
    assert!(network.chain.consumed() < BUDGET, "models: {}", network.chain.consumed());
    assert_eq!(models.len(), 32);
    for page in 0..4 {
        let neurons = network.chain.call(network.owner, peer.call().neurons(1, page));
        assert!(neurons.len() == 64 && neurons.encoded_size() < 16 * 1_024);
    }
}
