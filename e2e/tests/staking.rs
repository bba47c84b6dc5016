//! Staking with the token and the registry: the way of every rao in, through dividends and out.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::{
    ToAccountId,
    codegen::TraitCallBuilder,
    contract_ref,
    env::{DefaultEnvironment, call::FromAccountId},
    primitives::AccountId,
};
use inktensor_e2e::{BUDGET, Chain, DAY, TAO, account};
use inktensor_primitives::{
    HotkeyId,
    psp22::{PSP22, TransferError},
    registry::SubnetRegistry,
    staking::{PositionInfo, StakeLedger, StakingError},
};
use proptest::prelude::*;
use registry::RegistryRef;
use staking::StakingRef;

const NETUID: u16 = 1;
const UNBONDING: u64 = 7 * DAY;
const MINIMUM: u128 = 2_000_000;
const MAXIMUM_TAKE: u16 = 11_796;

/// Token, registry and staking; governance and emission are plain accounts, so that tests can act as them. `owner`
/// owns `hotkey`, `nominators` hold TAO too, and all of them let staking take what it asks.
struct Network {
    chain: Chain,
    token: AccountId,
    registry: RegistryRef,
    staking: StakingRef,
    address: AccountId,
    governance: AccountId,
    emission: AccountId,
    owner: AccountId,
    hotkey: AccountId,
    nominators: [AccountId; 2],
}

impl Network {
    fn new() -> Self {
        let mut chain = Chain::new();
        let (deployer, governance, emission, owner) = (account(1), account(2), account(3), account(10));
        let token = chain.deploy(deployer, "token", (governance, emission, 10_000_000 * TAO));
        let registry = chain.deploy(deployer, "registry", (governance, token));
        let address = chain.deploy(deployer, "staking", (governance, token, registry));
        let mut staking = StakingRef::from_account_id(address);
        assert_eq!(chain.call(deployer, staking.call_mut().wire(emission)), Ok(()));
        let registry = RegistryRef::from_account_id(registry);
        let (hotkey, nominators) = (account(20), [account(11), account(12)]);
        let mut network =
            Self { chain, token, registry, staking, address, governance, emission, owner, hotkey, nominators };
        network.associate(owner, hotkey);
        for staker in [owner, nominators[0], nominators[1]] {
            network.send(emission, staker, 100_000 * TAO);
            network.allow(staker, u128::MAX);
        }
        network.chain.advance(0);
        network
    }

    fn associate(&mut self, coldkey: AccountId, hotkey: AccountId) {
        assert_eq!(self.chain.call(coldkey, self.registry.call_mut().associate(hotkey)), Ok(()));
    }

    fn send(&mut self, from: AccountId, to: AccountId, amount: u128) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        assert_eq!(self.chain.call(from, token.call_mut().transfer(to, amount, Vec::new())), Ok(()));
    }

    fn allow(&mut self, who: AccountId, amount: u128) {
        let mut token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        assert_eq!(self.chain.call(who, token.call_mut().approve(self.address, amount)), Ok(()));
    }

    fn balance(&mut self, who: AccountId) -> u128 {
        let token: contract_ref!(PSP22, DefaultEnvironment) = self.token.into();
        self.chain.call(who, token.call().balance_of(who))
    }

    fn ledger(&self) -> contract_ref!(StakeLedger, DefaultEnvironment) {
        self.address.into()
    }

    fn stake(&mut self, who: AccountId, amount: u128) -> Result<(), StakingError> {
        self.chain.call(who, self.staking.call_mut().stake(self.hotkey, amount))
    }

    fn unstake(&mut self, who: AccountId, amount: u128) -> Result<u128, StakingError> {
        self.chain.call(who, self.staking.call_mut().unstake(self.hotkey, amount))
    }

    fn withdraw(&mut self, who: AccountId) -> Result<u128, StakingError> {
        self.chain.call(who, self.staking.call_mut().withdraw())
    }

    fn position(&mut self, who: AccountId) -> PositionInfo {
        self.chain.call(who, self.staking.call().position(self.hotkey, who))
    }

    fn total_stake(&mut self) -> u64 {
        let ledger = self.ledger();
        self.chain.call(self.owner, ledger.call().total_stake())
    }

    fn unbonding(&mut self, who: AccountId) -> u64 {
        let entries = self.chain.call(who, self.staking.call().unbonding(who));
        entries.iter().map(|entry| entry.amount).sum()
    }

    /// Number of a hotkey; one that nobody has where nobody owns it.
    fn number(&mut self, hotkey: AccountId) -> HotkeyId {
        let registry: contract_ref!(SubnetRegistry, DefaultEnvironment) = self.registry.to_account_id().into();
        self.chain.call(self.owner, registry.call().hotkey(hotkey)).map_or(HotkeyId::MAX, |hotkey| hotkey.id)
    }

    /// As the emission contract does: sends the sum, then says whose it is.
    fn distribute(&mut self, dividends: Vec<(AccountId, u64)>) -> Result<(), StakingError> {
        let sum = dividends.iter().map(|(_, amount)| u128::from(*amount)).sum();
        self.send(self.emission, self.address, sum);
        let mut ledger = self.ledger();
        let (hotkeys, amounts): (Vec<_>, Vec<_>) = dividends.into_iter().unzip();
        let hotkeys = hotkeys.into_iter().map(|hotkey| self.number(hotkey)).collect();
        self.chain.call(self.emission, ledger.call_mut().distribute(NETUID, hotkeys, amounts))
    }

    /// Every rao that staking holds is somebody's.
    fn assert_books_balance(&mut self) {
        let stakers = [self.owner, self.nominators[0], self.nominators[1]];
        let unbonding: u64 = stakers.iter().map(|staker| self.unbonding(*staker)).sum();
        assert_eq!(self.balance(self.address), u128::from(self.total_stake()) + u128::from(unbonding));
    }
}

#[test]
fn stake_counts_at_once_and_leaves_after_unbonding() {
    let mut network = Network::new();
    let nominator = network.nominators[0];
    let held = network.balance(nominator);
    assert_eq!(network.stake(nominator, 10 * TAO), Ok(()));
    assert_eq!(network.balance(network.address), 10 * TAO);
    let ledger = network.ledger();
    let hotkey = network.number(network.hotkey);
    let stakes = network.chain.call(nominator, ledger.call().stakes_of(NETUID, vec![hotkey + 7, hotkey]));
    assert_eq!(stakes, [0, 10_000_000_000]);

    assert_eq!(network.unstake(nominator, 4 * TAO), Ok(4 * TAO));
    assert_eq!(network.position(nominator).value, 6_000_000_000);
    network.chain.advance(UNBONDING - 1);
    assert_eq!(network.withdraw(nominator), Err(StakingError::NothingToWithdraw));
    network.chain.advance(1);
    assert_eq!(network.withdraw(nominator), Ok(4 * TAO));
    assert_eq!(network.withdraw(nominator), Err(StakingError::NothingToWithdraw));
    assert_eq!(network.balance(nominator), held - 6 * TAO);

    // What would stay is below the minimum, so all of it comes.
    assert_eq!(network.unstake(nominator, 6 * TAO - MINIMUM + 1), Ok(6 * TAO));
    assert_eq!(network.total_stake(), 0);
    network.chain.advance(UNBONDING);
    assert_eq!(network.withdraw(nominator), Ok(6 * TAO));
    assert_eq!((network.balance(nominator), network.balance(network.address)), (held, 0));
}

#[test]
fn a_refused_stake_changes_nothing() {
    let mut network = Network::new();
    let (nominator, hotkey) = (network.nominators[0], network.hotkey);
    network.hotkey = account(98);
    assert_eq!(network.stake(nominator, TAO), Err(StakingError::HotkeyNotAssociated));
    network.hotkey = hotkey;
    assert_eq!(network.stake(nominator, MINIMUM - 1), Err(StakingError::AmountTooLow));
    assert_eq!(network.stake(nominator, 0), Err(StakingError::AmountTooLow));
    let held = network.balance(nominator);
    let refusal = StakingError::Transfer(TransferError::InsufficientBalance);
    assert_eq!(network.stake(nominator, held + 1), Err(refusal));
    network.allow(nominator, TAO - 1);
    let refusal = StakingError::Transfer(TransferError::InsufficientAllowance);
    assert_eq!(network.stake(nominator, TAO), Err(refusal));
    assert_eq!(network.chain.call(nominator, network.staking.call().pool(hotkey)), None);
    assert_eq!(network.chain.call(nominator, network.staking.call().delegate_count()), 0);
    assert_eq!((network.balance(nominator), network.total_stake()), (held, 0));
}

#[test]
fn dividends_reach_owner_and_nominators() {
    let mut network = Network::new();
    let (owner, nominator, hotkey) = (network.owner, network.nominators[0], network.hotkey);
    network.stake(owner, 100 * TAO).unwrap();
    network.stake(nominator, 300 * TAO).unwrap();
    network.distribute(vec![(hotkey, 100_000_000_000)]).unwrap();
    // 18 % are the owner's; 500 TAO are then held 117.999542229 to 300.
    assert_eq!(network.position(owner).value, 141_147_932_363);
    assert_eq!(network.position(nominator).value, 358_852_067_636);
    let pool = network.chain.call(owner, network.staking.call().pool(hotkey)).unwrap();
    assert_eq!(
        (pool.coldkey, pool.value, pool.own, pool.take.now),
        (owner, 500_000_000_000, 141_147_932_363, MAXIMUM_TAKE)
    );
    network.assert_books_balance();
    for staker in [nominator, owner] {
        let worth = network.position(staker).value;
        network.unstake(staker, u128::from(worth)).unwrap();
    }
    network.chain.advance(UNBONDING);
    let paid = network.withdraw(nominator).unwrap() + network.withdraw(owner).unwrap();
    assert_eq!((paid, network.balance(network.address)), (500 * TAO, 0));
}

#[test]
fn dividends_open_a_pool_for_the_owner() {
    let mut network = Network::new();
    let hotkey = network.hotkey;
    network.distribute(vec![(hotkey, 7), (hotkey, 5)]).unwrap();
    assert_eq!(network.position(network.owner).value, 12);
    assert_eq!(network.distribute(vec![(account(98), 1)]), Err(StakingError::HotkeyNotAssociated));
    assert_eq!(network.total_stake(), 12);
}

#[test]
fn nobody_but_the_emission_contract_distributes() {
    let mut network = Network::new();
    let (mut ledger, hotkey) = (network.ledger(), network.number(network.hotkey));
    for stranger in [account(1), network.governance, network.owner] {
        let refused = network.chain.call(stranger, ledger.call_mut().distribute(NETUID, vec![hotkey], vec![1]));
        assert_eq!(refused, Err(StakingError::NotEmission));
    }
    assert_eq!(network.total_stake(), 0);
}

#[test]
fn a_vote_locks_the_position_until_it_ends() {
    let mut network = Network::new();
    let mut ledger = network.ledger();
    let (hotkey, until_ms) = (network.hotkey, network.chain.now_ms() + 10 * DAY);
    for voter in [network.owner, network.nominators[0]] {
        network.stake(voter, 5 * TAO).unwrap();
        let stranger = network.chain.call(voter, ledger.call_mut().lock_votes(voter, hotkey, until_ms));
        assert_eq!(stranger, Err(StakingError::NotGovernance));
        let power = network.chain.call(network.governance, ledger.call_mut().lock_votes(voter, hotkey, until_ms));
        assert_eq!(power, Ok((network.number(hotkey), 5_000_000_000)));
        // A vote that ends sooner shortens nothing, and stake may still be added.
        network.chain.call(network.governance, ledger.call_mut().lock_votes(voter, hotkey, 0)).unwrap();
        network.stake(voter, TAO).unwrap();
        assert_eq!(network.position(voter).locked_until_ms, until_ms);
        assert_eq!(network.unstake(voter, 1), Err(StakingError::StakeLocked));
    }
    let nobody = network.chain.call(network.governance, ledger.call_mut().lock_votes(account(97), hotkey, until_ms));
    assert_eq!(nobody, Err(StakingError::NotEnoughStake));
    network.chain.advance(11 * DAY);
    for voter in [network.owner, network.nominators[0]] {
        assert_eq!(network.unstake(voter, 6 * TAO), Ok(6 * TAO));
    }
}

#[test]
fn only_the_owner_sets_the_take() {
    let mut network = Network::new();
    let (owner, nominator, hotkey) = (network.owner, network.nominators[0], network.hotkey);
    let number = network.number(hotkey);
    let mut set = |who, take| network.chain.call(who, network.staking.call_mut().set_take(hotkey, take));
    assert_eq!(set(nominator, 0), Err(StakingError::NotHotkeyOwner));
    assert_eq!(set(owner, MAXIMUM_TAKE + 1), Err(StakingError::TakeTooHigh));
    assert_eq!(set(owner, 0), Ok(()));
    assert_eq!(set(owner, 100), Ok(()));
    assert_eq!(set(owner, 101), Err(StakingError::TakeRateLimited));
    let delegates = network.chain.call(nominator, network.staking.call().delegates(0));
    assert_eq!(delegates.len(), 1);
    assert_eq!((delegates[0].0, delegates[0].1.take.next, delegates[0].1.value), (number, 100, 0));
}

#[test]
fn a_coldkey_unbonds_sixteen_times_at_once() {
    let mut network = Network::new();
    let nominator = network.nominators[0];
    network.stake(nominator, 100 * TAO).unwrap();
    for _ in 0..16 {
        assert_eq!(network.unstake(nominator, TAO), Ok(TAO));
    }
    assert_eq!(network.unstake(nominator, TAO), Err(StakingError::TooManyUnbondings));
    assert_eq!(network.position(nominator).value, 84_000_000_000);
    network.chain.advance(UNBONDING);
    assert_eq!(network.withdraw(nominator), Ok(16 * TAO));
    assert_eq!(network.unstake(nominator, TAO), Ok(TAO));
}

#[test]
fn a_new_unbonding_time_is_for_what_is_unstaked_later() {
    let mut network = Network::new();
    let nominator = network.nominators[0];
    network.stake(nominator, 10 * TAO).unwrap();
    network.unstake(nominator, TAO).unwrap();
    let stranger = network.chain.call(nominator, network.staking.call_mut().set_unbonding(0));
    assert_eq!(stranger, Err(StakingError::NotGovernance));
    let set = network.chain.call(network.governance, network.staking.call_mut().set_unbonding(DAY));
    assert_eq!(set, Ok(()));
    network.unstake(nominator, 2 * TAO).unwrap();
    network.chain.advance(DAY);
    assert_eq!(network.withdraw(nominator), Ok(2 * TAO));
    network.chain.advance(UNBONDING - DAY);
    assert_eq!(network.withdraw(nominator), Ok(TAO));
}

#[test]
fn a_full_subnet_fits_the_budget() {
    let mut network = Network::new();
    let hotkeys: Vec<_> = (0..=255_u8)
        .map(|number| AccountId::from(std::array::from_fn(|byte| if byte == 0 { number } else { 0xAA })))
        .collect();
    for hotkey in &hotkeys {
        network.associate(network.owner, *hotkey);
    }
    let dividends: Vec<_> = hotkeys.iter().map(|hotkey| (*hotkey, 1_000_000_007)).collect();
    let mut ledger = network.ledger();
    let numbers: Vec<_> = hotkeys.iter().map(|hotkey| network.number(*hotkey)).collect();
    // At first pools are opened, for as many hotkeys as can have a permit.
    for permitted in dividends.chunks(64) {
        network.distribute(permitted.to_vec()).unwrap();
        println!("distribute to 64 hotkeys without a pool: {} ref_time", network.chain.consumed());
        assert!(network.chain.consumed() < BUDGET);
    }
    network.distribute(dividends.clone()).unwrap();
    println!("distribute to 256 hotkeys: {} ref_time", network.chain.consumed());
    assert!(network.chain.consumed() < BUDGET / 2);
    let stakes = network.chain.call(network.owner, ledger.call().stakes_of(NETUID, numbers.clone()));
    println!("stakes of 256 hotkeys: {} ref_time", network.chain.consumed());
    assert!(network.chain.consumed() < BUDGET / 10);
    assert_eq!(stakes, [2_000_000_014; 256]);
    let too_many = [&numbers[..], &numbers[..1]].concat();
    let refused = network.chain.call(network.emission, ledger.call_mut().distribute(NETUID, too_many, vec![1; 257]));
    assert_eq!(refused, Err(StakingError::BatchTooLarge));
    let pages: Vec<_> =
        (0..5).map(|page| network.chain.call(network.owner, network.staking.call().delegates(page))).collect();
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [63, 64, 64, 64, 1], "number 0 has no pool");
    assert_eq!(network.chain.call(network.owner, network.staking.call().delegate_pages()), 5);
    assert!(pages.iter().flatten().map(|(hotkey, _)| hotkey).eq(&numbers));
}

#[derive(Debug, Clone)]
enum Operation {
    Stake { who: usize, amount: u128 },
    Unstake { who: usize, part: u8 },
    Withdraw { who: usize },
    Distribute { amount: u64 },
    Wait { ms: u64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        3 => (0..3_usize, MINIMUM - 1..50 * TAO).prop_map(|(who, amount)| Operation::Stake { who, amount }),
        3 => (0..3_usize, any::<u8>()).prop_map(|(who, part)| Operation::Unstake { who, part }),
        2 => (0..3_usize).prop_map(|who| Operation::Withdraw { who }),
        2 => prop_oneof![1..10_u64, 1..1_000_000_000_000_u64].prop_map(|amount| Operation::Distribute { amount }),
        1 => (0..2 * UNBONDING).prop_map(|ms| Operation::Wait { ms }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever people do, accepted or refused, what the contract holds is what it owes.
    #[test]
    fn the_contract_holds_what_it_owes(operations in prop::collection::vec(operation(), 1..40)) {
        let mut network = Network::new();
        let hotkey = network.hotkey;
        let stakers = [network.owner, network.nominators[0], network.nominators[1]];
        for operation in operations {
            match operation {
                Operation::Stake { who, amount } => drop(network.stake(stakers[who], amount)),
                Operation::Unstake { who, part } => {
                    let worth = u128::from(network.position(stakers[who]).value);
                    drop(network.unstake(stakers[who], worth * u128::from(part) / 250));
                }
                Operation::Withdraw { who } => drop(network.withdraw(stakers[who])),
                Operation::Distribute { amount } => network.distribute(vec![(hotkey, amount)]).unwrap(),
                Operation::Wait { ms } => network.chain.advance(ms),
            }
            network.assert_books_balance();
            let worth: u64 = stakers.iter().map(|staker| network.position(*staker).value).sum();
            let total = network.total_stake();
            prop_assert!(worth <= total && total - worth <= 2, "{} of {}", worth, total);
        }
    }
}
