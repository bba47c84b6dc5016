//! Attacks on the suite, each carried out as the attacker would and shown to fail. Every test is named after its attack.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use ink::{codegen::TraitCallBuilder, contract_ref, env::DefaultEnvironment, primitives::AccountId};
use inktensor_e2e::{
    TAO, account,
    network::{HOUR, NETUID, NO_LIMIT, Network, TEMPO, address},
};
use inktensor_primitives::{
    WeightEntry,
    governance::{GovernanceError, ProposalState},
    hyperparameters::Hyperparameter,
    incentive::{IncentiveError, WeightsRevealed},
    psp22::PSP22,
    registry::{RegistryError, SubnetRegistry},
    staking::StakingError,
};

fn transfer(network: &mut Network, from: AccountId, to: AccountId, amount: u128) {
    let mut token: contract_ref!(PSP22, DefaultEnvironment) = address(&network.token).into();
    network.chain.call(from, token.call_mut().transfer(to, amount, Vec::new())).unwrap();
}

/// A validator that copies what others revealed is an epoch late: it misses the miner that rises, and its weights toward
/// the one that falls are cut back.
#[test]
fn weight_copier() {
    let mut network = Network::new();
    let (honest, second, copier) = (account(20), account(21), account(22));
    for hotkey in [honest, second, copier] {
        network.register(hotkey, 10_000 * TAO);
    }
    for miner in 30..34 {
        network.register(account(miner), 0);
    }
    network.turn();
    // In each epoch another miner is the best. The copier knows only what was revealed.
    let truth = |network: &mut Network, epoch: u64| {
        let best = 3 + u16::try_from(epoch % 4).unwrap();
        let weights: Vec<_> = (3..7).map(|uid| (uid, if uid == best { 60_000 } else { 2_000 })).collect();
        network.weights(&weights)
    };
    let (mut committed, mut copied) = (None::<Vec<WeightEntry>>, None::<Vec<WeightEntry>>);
    for _ in 0..8 {
        let epoch = network.clock().epoch;
        let (now, known) = (truth(&mut network, epoch), truth(&mut network, epoch.saturating_sub(1)));
        network.commit(honest, &now).unwrap();
        network.commit(second, &now).unwrap();
        network.commit(copier, &known).unwrap();
        if let (Some(before), Some(known)) = (committed.take(), copied.take()) {
            network.reveal(honest, epoch - 1, &before).unwrap();
            network.reveal(second, epoch - 1, &before).unwrap();
            network.reveal(copier, epoch - 1, &known).unwrap();
        }
        (committed, copied) = (Some(now), Some(known));
        network.turn();
    }
    let graph = network.metagraph();
    let (honest, copier) = (graph[0].dividends, graph[2].dividends);
    println!("dividends: honest {honest}, copier {copier} of 65535, with the same stake");
    assert!(
        u32::from(copier) * 4 < u32::from(honest) * 3,
        "the copier earns less than three quarters: {copier}, {honest}"
    );
}

/// A validator that commits and then reveals only what suits it pays for each commit that it keeps to itself.
#[test]
fn selective_non_revealer() {
    let mut network = Network::new();
    let validator = account(20);
    network.register(validator, 10_000 * TAO);
    network.register(account(30), 0);
    network.register(account(31), 0);
    network.set(Hyperparameter::CommitBond, 1_000_000_000);
    network.turn();
    let (one, other) = (network.weights(&[(1, 1)]), network.weights(&[(2, 1)]));
    assert_eq!(network.commit(validator, &one), Err(IncentiveError::BondTooLow));
    let deposit = network.incentive.call_mut().deposit_bond(NETUID, validator, TAO);
    network.chain.call(network.owner, deposit).unwrap();
    let supply = network.supply();

    // Two commits, of which one will be revealed.
    network.commit(validator, &one).unwrap();
    network.chain.advance(100 * 12_000);
    network.commit(validator, &other).unwrap();
    network.turn();
    network.reveal(validator, 1, &other).unwrap();
    let bond = network.chain.call(account(1), network.incentive.call().bond(NETUID, validator));
    assert_eq!(bond, TAO * 4 / 5, "a fifth is gone");
    assert_eq!(network.balance(address(&network.incentive)), TAO * 4 / 5);
    assert!(network.supply() < supply + u128::from(2 * TEMPO / 12_000) * TAO, "it is destroyed");
    assert_eq!(network.commit(validator, &one), Err(IncentiveError::BondTooLow), "and must be made good");
}

/// Whoever takes a uid between the commit and the reveal of weights toward it does not get them.
#[test]
fn uid_sniper_between_commit_and_reveal() {
    let mut network = Network::new();
    network.set(Hyperparameter::MaxAllowedUids, 64);
    network.set(Hyperparameter::ImmunityPeriod, 0);
    let validator = account(20);
    network.register(validator, 10_000 * TAO);
    for miner in 30..93 {
        network.chain.advance(TEMPO);
        network.register(account(miner), 0);
    }
    network.turn();
    network.turn();
    // Uid 1 has earned least for longest: it is the next to go.
    let weights = network.weights(&[(1, 60_000), (2, 6_000)]);
    let epoch = network.clock().epoch;
    network.commit(validator, &weights).unwrap();
    let sniper = account(200);
    assert_eq!(network.register(sniper, 0), 1);
    network.turn();
    network.reveal(validator, epoch, &weights).unwrap();
    assert_eq!(network.chain.events::<WeightsRevealed>()[0].dropped, 1);
    network.turn();
    let graph = network.metagraph();
    assert_eq!((graph[1].hotkey, graph[1].incentive), (sniper, 0));
    assert_eq!(graph[2].incentive, u16::MAX, "all goes to the miner that is still there");
}

/// Two newcomers race in one block. The slower does not pay the faster one's price.
#[test]
fn registration_race_with_price_limit() {
    let mut network = Network::new();
    let (fast, slow) = (account(50), account(51));
    for racer in [fast, slow] {
        network.enrich(racer, 100 * TAO);
    }
    let price = network.chain.call(slow, network.registry.call().burn(NETUID)).unwrap();
    let register = |network: &mut Network, who: AccountId, hotkey: u8, limit: u128| {
        network.chain.call(who, network.registry.call_mut().register(NETUID, account(hotkey), limit))
    };
    assert_eq!(register(&mut network, fast, 60, price), Ok(0));
    assert_eq!(register(&mut network, slow, 61, price), Err(RegistryError::PriceAboveLimit));
    assert_eq!(network.balance(slow), 100 * TAO, "nothing was paid");
    let dearer = network.chain.call(slow, network.registry.call().burn(NETUID)).unwrap();
    assert_eq!(register(&mut network, slow, 61, dearer), Ok(1));
}

/// The owner of a subnet gives all weight to a miner of its own. The majority of stake does not, so it earns nothing;
/// nor can the owner change the majority, or the rules when the epoch ends.
#[test]
fn self_dealing_subnet_owner() {
    let mut network = Network::new();
    let (own, first, second) = (account(40), account(20), account(21));
    network.register(first, 10_000 * TAO);
    network.register(second, 10_000 * TAO);
    network.register(own, 9_000 * TAO);
    network.register(account(30), 0);
    let shill = network.register(account(31), 0);
    network.chain.call(network.owner, network.registry.call_mut().set_owner_hotkey(NETUID, own)).unwrap();
    network.turn();
    let (fair, unfair) = (network.weights(&[(3, 1)]), network.weights(&[(2, 60_000), (shill, 60_000)]));
    for (hotkey, weights) in [(first, &fair), (second, &fair), (own, &unfair)] {
        network.commit(hotkey, weights).unwrap();
    }
    network.turn();
    for (hotkey, weights) in [(first, &fair), (second, &fair), (own, &unfair)] {
        network.reveal(hotkey, 1, weights).unwrap();
    }
    network.turn();
    let graph = network.metagraph();
    assert_eq!((graph[usize::from(shill)].incentive, graph[2].incentive), (0, 0));
    assert_eq!(graph[2].dividends, 0, "weights that consensus cuts away buy no bonds");

    let set = |network: &mut Network, parameter, value| {
        let message = network.registry.call_mut().set_hyperparameter(NETUID, parameter, value);
        network.chain.call(network.owner, message)
    };
    assert_eq!(set(&mut network, Hyperparameter::Kappa, 0), Err(RegistryError::GovernanceOnly));
    network.chain.advance(TEMPO - 60_000);
    assert_eq!(set(&mut network, Hyperparameter::BondsPenalty, 0), Err(RegistryError::FreezeWindow));
}

/// Dust buys no storage and upsets no books, and nobody can make others pay for it.
#[test]
fn dust_and_deposit_griefing() {
    let mut network = Network::new();
    let (validator, miner, griefer) = (account(20), account(30), account(66));
    network.register(validator, 10_000 * TAO);
    network.register(miner, 0);
    network.enrich(griefer, 10 * TAO);
    network.turn();
    assert_eq!(network.stake(griefer, validator, 1), Err(StakingError::AmountTooLow));
    let state = network.chain.root();
    assert_eq!(network.stake(griefer, validator, 1_999_999), Err(StakingError::AmountTooLow));
    assert_eq!(network.chain.root(), state);

    // Tokens that nobody asked for are nobody's stake and nobody's reward.
    let total = network.total_stake();
    let contracts = [address(&network.staking), address(&network.emission), address(&network.incentive)];
    for contract in contracts {
        transfer(&mut network, griefer, contract, 7);
    }
    assert_eq!(network.total_stake(), total);
    let weights = network.weights(&[(1, 1)]);
    network.commit(validator, &weights).unwrap();
    network.turn();
    network.reveal(validator, 1, &weights).unwrap();
    network.turn();
    network.turn();
    assert_eq!(network.chain.last.deposit, 0, "turning an epoch again costs its caller no deposit");
    let owed = network.owed(miner);
    let claim = network.emission.call_mut().claim(NETUID, miner);
    assert_eq!(network.chain.call(griefer, claim), Ok(owed));
}

/// Stake that comes just before an epoch ends earns nothing of it, and cannot leave at once.
#[test]
fn stake_flash_around_an_epoch() {
    let mut network = Network::new();
    let (validator, flash, whale) = (account(20), account(21), account(50));
    network.register(validator, 1_000 * TAO);
    network.enrich(whale, 101_000 * TAO);
    network.register_as(whale, flash, 0);
    network.register(account(30), 0);
    network.turn();
    let weights = network.weights(&[(2, 1)]);
    for hotkey in [validator, flash] {
        network.commit(hotkey, &weights).unwrap();
    }
    network.turn();
    network.reveal(validator, 1, &weights).unwrap();
    network.chain.advance(TEMPO);
    network.stake(whale, flash, 100_000 * TAO).unwrap();
    assert_eq!(network.reveal(flash, 1, &weights), Err(IncentiveError::NoPermit));
    network.turn();
    assert_eq!(network.position(flash, whale), u64::try_from(100_000 * TAO).unwrap(), "no dividends");
    let unstake = network.staking.call_mut().unstake(flash, 100_000 * TAO);
    assert_eq!(network.chain.call(whale, unstake), Ok(100_000 * TAO));
    network.days(6);
    let withdraw = network.staking.call_mut().withdraw();
    assert_eq!(network.chain.call(whale, withdraw), Err(StakingError::NothingToWithdraw));
}

/// Stake that voted votes no second time: not after leaving, moving to another hotkey, or passing to another coldkey.
#[test]
fn vote_double_use() {
    let mut network = Network::new();
    let (owner, first, second) = (network.owner, account(20), account(21));
    network.register(first, 1_000 * TAO);
    network.register(second, 0);
    let target = address(&network.emission);
    let input = inktensor_e2e::input(network.emission.call_mut().set_split(10_000, 0, 0, 0));
    let propose = network.governance.call_mut().propose(Default::default(), target, input, first);
    let proposal = network.chain.call(owner, propose).unwrap();
    let vote = |network: &mut Network, who, hotkey| {
        network.chain.call(who, network.governance.call_mut().vote(proposal, hotkey, true))
    };
    assert_eq!(vote(&mut network, owner, first), Ok(()));
    assert_eq!(vote(&mut network, owner, first), Err(GovernanceError::AlreadyVoted));
    let amount = 1_000 * TAO;
    let away = network.staking.call_mut().unstake(first, amount);
    assert_eq!(network.chain.call(owner, away), Err(StakingError::StakeLocked));
    let moved = network.staking.call_mut().move_stake(first, second, amount);
    assert_eq!(network.chain.call(owner, moved), Err(StakingError::StakeLocked));
    let passed = network.staking.call_mut().transfer_stake(account(50), first, amount);
    assert_eq!(network.chain.call(owner, passed), Err(StakingError::StakeLocked));
    let none = vote(&mut network, owner, second);
    assert_eq!(none, Err(GovernanceError::NotEnoughStake));
    let ballot = network.chain.call(owner, network.governance.call().proposal(proposal)).unwrap();
    assert_eq!(u128::from(ballot.ayes), amount, "counted once");
}

/// A call that fails is no half-done call, stops no other proposal, and may be tried again.
#[test]
fn proposal_with_a_reverting_call() {
    let mut network = Network::new();
    let hotkey = account(20);
    network.register(hotkey, 1_000 * TAO);
    let target = address(&network.emission);
    let broken = network.emission.call_mut().set_split(10_000, 1, 0, 0);
    let broken = network.pass(hotkey, target, broken);
    let execute = |network: &mut Network, proposal| {
        network.chain.call(account(77), network.governance.call_mut().execute(proposal))
    };
    network.chain.fund(account(77));
    let state = network.chain.root();
    for _ in 0..2 {
        assert_eq!(execute(&mut network, broken), Err(GovernanceError::CallFailed));
        assert_eq!(network.chain.root(), state, "nothing changed");
    }
    let sound = network.emission.call_mut().set_split(4_100, 4_100, 0, 1_800);
    assert_eq!(network.govern(hotkey, target, sound), Ok(()));
    assert_eq!(network.chain.call(account(1), network.emission.call().split()).unwrap().owner, 1_800);
}

/// A contract that calls back while governance waits for it is stopped by the chain, and the proposal with it. The same
/// contract gets through where it calls somebody else: it is the re-entry that is refused.
#[test]
fn re_entry_through_a_hostile_callee() {
    let mut network = Network::new();
    let hotkey = account(20);
    network.register(hotkey, 1_000 * TAO);
    network.turn();
    let (council, token) = (address(&network.governance), address(&network.token));
    let pay = inktensor_e2e::input(network.governance.call_mut().execute(1));
    let supply = inktensor_e2e::input(PSP22::total_supply(network.token.call()));
    for (number, (callee, input, expected)) in
        (1..).zip([(council, pay, Err(GovernanceError::CallFailed)), (token, supply, Ok(()))])
    {
        let hostile = network.chain.deploy_code(account(66), calling_code(callee, &input), ());
        let treasury = network.balance(council);
        let propose = network.governance.call_mut().propose(Default::default(), hostile, vec![1, 2, 3, 4], hotkey);
        assert_eq!(network.chain.call(network.owner, propose), Ok(number));
        network.chain.call(network.owner, network.governance.call_mut().vote(number, hotkey, true)).unwrap();
        network.chain.advance(2 * HOUR);
        let execute = network.governance.call_mut().execute(number);
        assert_eq!(network.chain.call(account(66), execute), expected);
        let state = if expected.is_ok() { ProposalState::Executed } else { ProposalState::Pending };
        let proposal = network.chain.call(account(1), network.governance.call().proposal(number)).unwrap();
        assert_eq!((proposal.state, network.balance(council)), (state, treasury));
    }
}

/// A contract whose every message sends `input` to `callee` and then answers `Ok(Ok(()))`.
fn calling_code(callee: AccountId, input: &[u8]) -> Vec<u8> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let callee: &[u8; 32] = callee.as_ref();
    let (callee, length, input) = (hex(callee), input.len(), hex(input));
    let text = format!(
        r#"(module
            (import "env" "memory" (memory 1 1))
            (import "seal1" "seal_call"
                (func $call (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
            (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
            (data (i32.const 0) "{callee}")
            (data (i32.const 64) "{input}")
            (func (export "deploy"))
            (func (export "call")
                (drop (call $call
                    (i32.const 0) (i32.const 0) (i64.const 0) (i32.const 512)
                    (i32.const 64) (i32.const {length}) (i32.const -1) (i32.const 0)))
                (call $return (i32.const 0) (i32.const 600) (i32.const 2))))"#
    );
    wat::parse_str(text).unwrap()
}

/// The first to stake in a pool cannot make the second one's stake worth less by inflating the price of a share.
#[test]
fn first_depositor_rounding() {
    let mut network = Network::new();
    let (hotkey, attacker, victim) = (account(20), account(50), account(51));
    network.enrich(attacker, 50_000 * TAO);
    network.enrich(victim, 50_000 * TAO);
    network.register_as(attacker, hotkey, 2_000_000);
    // A gift to the contract is no gift to the pool; dividends are the only way to raise its price.
    let staking = address(&network.staking);
    transfer(&mut network, attacker, staking, 20_000 * TAO);
    assert_eq!(network.position(hotkey, attacker), 2_000_000);
    for _ in 0..3 {
        network.turn();
    }
    let before = network.position(hotkey, attacker);
    for amount in [2_000_000, 3 * TAO + 1, 7_777_777_777] {
        let worth = u128::from(network.position(hotkey, victim));
        network.stake(victim, hotkey, amount).unwrap();
        let gained = u128::from(network.position(hotkey, victim)) - worth;
        assert!(gained + 1 >= amount && gained <= amount, "{amount} became {gained}");
    }
    assert!(network.position(hotkey, attacker) <= before + 3, "what rounding leaves is less than a rao each time");
}

/// An owner that attracts nominators by a low take cannot raise it over what they have already earned.
#[test]
fn take_change_before_payout() {
    let mut network = Network::new();
    let (hotkey, nominator) = (account(20), account(50));
    network.register(hotkey, 10_000 * TAO);
    network.register(account(30), 0);
    network.enrich(nominator, 10_000 * TAO);
    network.chain.call(network.owner, network.staking.call_mut().set_take(hotkey, 0)).unwrap();
    network.stake(nominator, hotkey, 10_000 * TAO).unwrap();
    network.turn();
    let weights = network.weights(&[(1, 1)]);
    network.commit(hotkey, &weights).unwrap();
    network.turn();
    network.reveal(hotkey, 1, &weights).unwrap();
    network.chain.advance(TEMPO);
    network.chain.call(network.owner, network.staking.call_mut().set_take(hotkey, 11_796)).unwrap();
    network.turn();
    let (owner, nominator) = (network.position(hotkey, network.owner), network.position(hotkey, nominator));
    assert!(owner > 10_000 * 1_000_000_000, "dividends came");
    assert!(owner.abs_diff(nominator) <= 1, "and were shared without a take: {owner}, {nominator}");
    let pool = network.chain.call(account(1), network.staking.call().pool(hotkey)).unwrap();
    assert_eq!(pool.take.now, 0);
    network.days(1);
    let pool = network.chain.call(account(1), network.staking.call().pool(hotkey)).unwrap();
    assert_eq!(pool.take.now, 11_796, "it counts from a day later");
}

/// A vote is weighed against the stake of the day it was called for: stake that comes later blocks nothing.
#[test]
fn quorum_raised_after_the_vote() {
    let mut network = Network::new();
    let (hotkey, whale) = (account(20), account(50));
    network.register(hotkey, 1_000 * TAO);
    network.enrich(whale, 100_000 * TAO);
    let target = address(&network.emission);
    let split = network.emission.call_mut().set_split(4_100, 4_100, 0, 1_800);
    let proposal = network.pass(hotkey, target, split);
    network.stake(whale, hotkey, 90_000 * TAO).unwrap();
    assert_eq!(network.chain.call(account(77), network.governance.call_mut().execute(proposal)), Ok(()));
}

/// A stranger cannot register somebody else's hotkey, and keeps none that he took before its owner did: it says whose it is.
#[test]
fn hotkey_of_somebody_else() {
    let mut network = Network::new();
    let (hotkey, thief) = (account(20), account(50));
    network.register(hotkey, 0);
    network.enrich(thief, 100 * TAO);
    let register = network.registry.call_mut().register(NETUID, hotkey, NO_LIMIT);
    assert_eq!(network.chain.call(thief, register), Err(RegistryError::NotHotkeyOwner));
    assert_eq!(network.balance(thief), 100 * TAO);
    let seat = network.chain.call(thief, SubnetRegistry::seat(network.registry.call(), NETUID, hotkey)).unwrap();
    assert_eq!(seat.neuron.coldkey, network.owner);

    let free = account(21);
    network.chain.call(thief, network.registry.call_mut().associate(free)).unwrap();
    let associate = network.registry.call_mut().associate(free);
    assert_eq!(network.chain.call(network.owner, associate), Err(RegistryError::NotHotkeyOwner));
    network.days(6);
    network.chain.fund(free);
    network.chain.call(free, network.registry.call_mut().consent(network.owner)).unwrap();
    let known = network.chain.call(thief, SubnetRegistry::hotkey(network.registry.call(), free)).unwrap();
    assert_eq!(known.coldkey, network.owner);
    let back = network.registry.call_mut().consent(thief);
    assert_eq!(network.chain.call(free, back), Err(RegistryError::NotHotkeyOwner), "once and for all");
}
