//! The whole suite: validators commit and reveal, epochs turn, and every rao is where the books say it is.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

use incentive::peers::Peers;
use ink::{codegen::TraitCallBuilder, primitives::Hash};
use inktensor_e2e::{
    BUDGET, TAO, account,
    network::{NETUID, Network, TEMPO, address},
};
use inktensor_primitives::{
    emission::{EmissionError, RewardSplit},
    incentive::IncentiveError,
};

/// Hotkeys of [`staffed`].
const HOTKEYS: [u8; 5] = [20, 21, 30, 31, 32];

/// Two validators (stake 3 to 1) and three miners, one epoch old: the validators hold permits.
fn staffed() -> Network {
    let mut network = Network::new();
    for (hotkey, stake) in [(20, 30_000 * TAO), (21, 10_000 * TAO), (30, 0), (31, 0), (32, 0)] {
        network.register(account(hotkey), stake);
    }
    network.turn();
    network
}

#[test]
fn validators_decide_and_every_rao_is_accounted_for() {
    let mut network = staffed();
    let good = network.weights(&[(2, 60_000), (3, 20_000)]);
    let (first, second) = (account(20), account(21));
    let mut committed = Vec::new();
    for _ in 0..5 {
        let epoch = network.clock().epoch;
        network.commit(first, &good).unwrap();
        network.commit(second, &good).unwrap();
        if let Some(before) = committed.last().copied() {
            network.reveal(first, before, &good).unwrap();
            network.reveal(second, before, &good).unwrap();
        }
        committed.push(epoch);
        network.turn();
        network.reconcile(&HOTKEYS.map(account));
    }
    let graph = network.metagraph();
    assert!(graph[2].incentive > 2 * graph[3].incentive, "incentive follows weights");
    assert_eq!(graph[4].incentive, 0, "no weight, no incentive");
    assert!(graph[0].dividends > 2 * graph[1].dividends, "dividends follow stake");
    assert!(graph[0].permit && graph[1].permit);
    assert!(graph[0].stake > 30_000 * 1_000_000_000, "dividends raise the stake");

    let before = network.balance(network.owner);
    let owed = network.owed(account(30));
    let paid = network.chain.call(account(77), network.emission.call_mut().claim(NETUID, account(30)));
    assert_eq!(paid, Ok(owed));
    assert_eq!(network.balance(network.owner), before + owed, "anyone may claim, the coldkey is paid");
    let again = network.chain.call(account(77), network.emission.call_mut().claim(NETUID, account(30)));
    assert_eq!(again, Err(EmissionError::NothingToClaim));
    network.reconcile(&HOTKEYS.map(account));
}

#[test]
fn what_nobody_earns_is_carried_and_paid_when_somebody_does() {
    let mut network = staffed();
    let idle = network.emission_of(NETUID);
    assert!(idle.carry_miners > 0 && idle.carry_validators > 0);
    network.reconcile(&HOTKEYS.map(account));
    let weights = network.weights(&[(2, 1)]);
    let validator = account(20);
    network.commit(validator, &weights).unwrap();
    network.turn();
    network.reveal(validator, 1, &weights).unwrap();
    network.turn();
    network.reconcile(&HOTKEYS.map(account));
    assert_eq!(network.emission_of(NETUID).carry_miners, 0, "one miner has it all: nothing is left over");
}

#[test]
fn epochs_turn_when_due_and_not_before() {
    let mut network = staffed();
    network.chain.advance(TEMPO - 1);
    let early = network.chain.call(account(1), network.incentive.call_mut().run_epoch(NETUID));
    assert_eq!(early, Err(IncentiveError::EpochNotDue));
    network.chain.advance(1);
    assert_eq!(network.chain.call(account(1), network.incentive.call_mut().run_epoch(NETUID)), Ok(()));
    let twice = network.chain.call(account(2), network.incentive.call_mut().run_epoch(NETUID));
    assert_eq!(twice, Err(IncentiveError::EpochNotDue));
    let unknown = network.chain.call(account(2), network.incentive.call_mut().run_epoch(9));
    assert_eq!(unknown, Err(IncentiveError::NotActive));
}

#[test]
fn a_reveal_must_match_its_commit_and_its_epoch() {
    let mut network = staffed();
    let validator = account(20);
    let weights = network.weights(&[(2, 100), (3, 50)]);
    let other = network.weights(&[(2, 50), (3, 100)]);
    network.commit(validator, &weights).unwrap();
    assert_eq!(network.reveal(validator, 1, &weights), Err(IncentiveError::RevealTooEarly));
    network.turn();
    let before = network.metagraph();
    assert_eq!(network.reveal(validator, 1, &other), Err(IncentiveError::RevealMismatch), "other weights");
    assert_eq!(network.reveal(account(21), 1, &weights), Err(IncentiveError::RevealMismatch), "another's commit");
    assert_eq!(network.reveal(validator, 2, &weights), Err(IncentiveError::RevealMismatch), "another epoch");
    assert_eq!(network.metagraph(), before, "a refusal changes nothing");
    network.turn();
    assert_eq!(network.reveal(validator, 1, &weights), Err(IncentiveError::RevealExpired));
}

#[test]
fn strangers_and_the_unpermitted_are_refused() {
    let mut network = staffed();
    let (stranger, miner) = (account(66), account(30));
    let weights = network.weights(&[(2, 1)]);
    assert_eq!(network.commit(stranger, &weights), Err(IncentiveError::NotRegistered));
    assert_eq!(network.reveal(stranger, 1, &weights), Err(IncentiveError::NotRegistered));
    network.commit(miner, &weights).unwrap();
    network.turn();
    assert_eq!(network.reveal(miner, 1, &weights), Err(IncentiveError::NoPermit));
    let split = network.chain.call(stranger, network.emission.call_mut().set_split(10_000, 0, 0, 0));
    assert_eq!(split, Err(EmissionError::NotGovernance));
    let kept = network.chain.call(stranger, network.emission.call().split());
    assert_eq!(kept, Ok(RewardSplit { miners: 5_000, validators: 2_500, reserve: 2_500, owner: 0 }));
    let claim = network.chain.call(stranger, network.emission.call_mut().claim(NETUID, stranger));
    assert_eq!(claim, Err(EmissionError::NotRegistered));
}

#[test]
fn malformed_weights_are_named() {
    let mut network = staffed();
    let validator = account(20);
    let (two, three) = (network.weights(&[(2, 1)])[0], network.weights(&[(3, 1)])[0]);
    for (weights, error) in [
        (vec![], IncentiveError::TooFewWeights),
        (vec![two; 6], IncentiveError::TooManyWeights),
        (vec![(5, 1, 1)], IncentiveError::UidOutOfRange),
        (vec![three, two], IncentiveError::UidsNotAscending),
        (vec![two, two], IncentiveError::UidsNotAscending),
    ] {
        assert_eq!(network.reveal(validator, 1, &weights), Err(error));
    }
}

#[test]
fn commits_are_limited_in_rate() {
    let mut network = staffed();
    let hash = Hash::from([1; 32]);
    let validator = account(20);
    let commit = |network: &mut Network| {
        network.chain.call(validator, network.incentive.call_mut().commit_weights(NETUID, hash))
    };
    assert_eq!(commit(&mut network), Ok(()));
    assert_eq!(commit(&mut network), Err(IncentiveError::CommitRateLimited));
    network.chain.advance(100 * 12_000);
    assert_eq!(commit(&mut network), Ok(()));
}

#[test]
fn a_subnet_is_activated_once_and_only_when_started() {
    let mut network = Network::new();
    let twice = network.chain.call(account(1), network.incentive.call_mut().activate(NETUID));
    assert_eq!(twice, Err(IncentiveError::AlreadyActive));
    let unknown = network.chain.call(account(1), network.incentive.call_mut().activate(2));
    assert_eq!(unknown, Err(IncentiveError::UnknownSubnet));
    network.chain.advance(7_200 * 12_000);
    assert_eq!(network.chain.call(network.owner, network.registry.call_mut().create_subnet(u128::MAX)), Ok(2));
    let asleep = network.chain.call(account(1), network.incentive.call_mut().activate(2));
    assert_eq!(asleep, Err(IncentiveError::NotStarted));
}

#[test]
fn the_contract_tells_its_peers() {
    let mut network = Network::new();
    let peers = network.chain.call(account(1), network.incentive.call().peers()).unwrap();
    let (token, governance) = (address(&network.token), address(&network.governance));
    assert!(matches!(peers, Peers { token: t, governance: g, .. } if t == token && g == governance));
}

#[test]
fn issue_follows_the_schedule_to_the_slot() {
    let mut network = staffed();
    let supply = network.supply();
    network.turn();
    assert_eq!(network.supply() - supply, u128::from(TEMPO / 12_000) * TAO, "1 TAO for each 12 s");
}

#[test]
fn an_epoch_of_a_full_subnet_is_one_message_within_the_budget() {
    let mut network = Network::new();
    for number in 0..256u16 {
        let mut hotkey = [0x40; 32];
        hotkey[..2].copy_from_slice(&number.to_le_bytes());
        // Registration gets dearer by 26 % each time; an hour and a bit halves it again.
        network.chain.advance(TEMPO);
        network.register(hotkey.into(), if number < 64 { (1_000 + u128::from(number)) * TAO } else { 0 });
    }
    network.turn();
    let hotkeys: Vec<_> = (0..64u16)
        .map(|number| {
            let mut hotkey = [0x40; 32];
            hotkey[..2].copy_from_slice(&number.to_le_bytes());
            hotkey.into()
        })
        .collect();
    let mut neurons = Vec::new();
    for page in 0..4 {
        let found = network.chain.call(
            account(1),
            inktensor_primitives::registry::SubnetRegistry::neurons(network.registry.call(), NETUID, page),
        );
        neurons.extend(found);
    }
    assert_eq!(neurons.len(), 256);
    let row = |seed: u16| -> Vec<_> {
        (0..256u16)
            .map(|uid| {
                let weight = uid.wrapping_mul(251).wrapping_add(seed.wrapping_mul(17)) | 1;
                (uid, neurons[usize::from(uid)].registration_id, weight)
            })
            .collect()
    };
    for round in 0..2 {
        let epoch = network.clock().epoch;
        for (seed, hotkey) in (0..).zip(&hotkeys) {
            network.commit(*hotkey, &row(seed)).unwrap();
            if round > 0 {
                network.reveal(*hotkey, epoch - 1, &row(seed)).unwrap();
            }
        }
        network.turn();
    }
    // Bonds exist now: the dearest epoch is the next.
    network.turn();
    let consumed = network.chain.consumed();
    println!("epoch of 64 x 256: {consumed} ref_time");
    assert!(consumed <= BUDGET, "{consumed} of {BUDGET}");
    let graph = network.metagraph();
    assert!(graph.iter().all(|neuron| neuron.permit && neuron.dividends > 0));
}
