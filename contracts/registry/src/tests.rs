//! What each message does and refuses, short of calls to the token, which `e2e` tests on a chain.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use crate::{neurons::Neurons, registry::Registry, Moment};
use ink::{
    env::{test, DefaultEnvironment},
    primitives::AccountId,
};
use inktensor_primitives::{
    hyperparameters::{Hyperparameter, TABLE},
    limits::MAX_SUBNETS,
    registry::{EvaluatorKind, ModelFamily, RegistryError::*, SubnetRegistry},
};
use proptest::prelude::*;

const TAO: u128 = 1_000_000_000;
const DAY: u64 = 24 * 3_600 * 1_000;
const NO_LIMIT: u128 = u128::MAX;

const DEPLOYER: u8 = 1;
const GOVERNANCE: u8 = 2;
const INCENTIVE: u8 = 4;
const OWNER: u8 = 10;
const STRANGER: u8 = 11;

fn account(number: u8) -> AccountId {
    [number; 32].into()
}

fn hotkey(number: u16) -> AccountId {
    let mut bytes = [0xAA; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    bytes.into()
}

fn act_as(who: AccountId) {
    test::set_caller::<DefaultEnvironment>(who);
}

fn at(time_ms: u64) {
    test::set_block_timestamp::<DefaultEnvironment>(time_ms);
}

/// A registry that is not wired to the incentive contract yet.
fn deployed() -> Registry {
    at(DAY);
    act_as(account(DEPLOYER));
    Registry::new(account(GOVERNANCE), account(3))
}

/// A registry with subnet 1, which belongs to `OWNER`. The caller is `OWNER`.
fn with_subnet() -> Registry {
    let mut registry = deployed();
    assert_eq!(registry.wire(account(INCENTIVE)), Ok(()));
    act_as(account(OWNER));
    assert_eq!(registry.open(account(OWNER), NO_LIMIT).map(|opened| opened.0), Ok(1));
    registry
}

/// Gives the hotkeys of these numbers uids of subnet 1; each has `OWNER` for a coldkey.
fn fill(registry: &mut Registry, numbers: impl IntoIterator<Item = u16>) {
    for number in numbers {
        registry.enrol(1, hotkey(number), account(OWNER), NO_LIMIT).unwrap();
    }
}

#[ink::test]
fn the_deployer_wires_once() {
    let mut registry = deployed();
    act_as(account(STRANGER));
    assert_eq!(registry.wire(account(INCENTIVE)), Err(NotAuthorised));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.wire(account(INCENTIVE)), Err(NotAuthorised));
    act_as(account(DEPLOYER));
    assert_eq!(registry.wire(account(INCENTIVE)), Ok(()));
    assert_eq!(registry.wire(account(STRANGER)), Err(AlreadyWired));
    assert_eq!(registry.peers().and_then(|peers| peers.incentive), Some(account(INCENTIVE)));
}

#[ink::test]
fn governance_alone_sets_the_terms_of_the_network() {
    let mut registry = deployed();
    assert_eq!(registry.set_network(5 * TAO, 0), Err(NotAuthorised));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.set_network(u128::from(u64::MAX) + 1, 0), Err(AmountTooLarge));
    assert_eq!(registry.lock_cost(), 1_000 * TAO);
    assert_eq!(registry.set_network(5 * TAO, 0), Ok(()));
    assert_eq!(registry.lock_cost(), 5 * TAO);
}

#[ink::test]
fn a_subnet_locks_no_more_than_the_limit_and_one_opens_a_day() {
    let mut registry = deployed();
    let owner = account(OWNER);
    assert_eq!(registry.open(owner, 1_000 * TAO - 1), Err(PriceAboveLimit));
    assert!(registry.subnets().is_empty());
    // The very first one waits for nobody.
    assert_eq!(registry.open(owner, 1_000 * TAO), Ok((1, 1_000_000_000_000)));
    assert_eq!(registry.lock_cost(), 2_000 * TAO);
    at(2 * DAY - 1);
    assert_eq!(registry.open(owner, NO_LIMIT), Err(NetworkRateLimited));
    at(2 * DAY);
    let cost = registry.lock_cost();
    assert!(cost < 2_000 * TAO && cost > 1_900 * TAO);
    assert_eq!(registry.open(owner, cost).map(|opened| u128::from(opened.1)), Ok(cost));
    assert_eq!(registry.subnets(), [1, 2]);
    let subnet = registry.subnet(2).unwrap();
    assert_eq!((subnet.owner, u128::from(subnet.locked), subnet.created_ms), (owner, cost, 2 * DAY));
    assert_eq!(registry.subnet(3), None);
}

#[ink::test]
fn the_network_has_a_limit_of_subnets() {
    let mut registry = deployed();
    act_as(account(GOVERNANCE));
    registry.set_network(0, 0).unwrap();
    for netuid in 1..=MAX_SUBNETS {
        assert_eq!(registry.open(account(OWNER), NO_LIMIT).map(|opened| opened.0), Ok(netuid));
    }
    assert_eq!(registry.open(account(OWNER), NO_LIMIT), Err(TooManySubnets));
}

#[ink::test]
fn strangers_and_governance_do_not_run_a_subnet() {
    let mut registry = with_subnet();
    for other in [STRANGER, GOVERNANCE, DEPLOYER] {
        act_as(account(other));
        assert_eq!(registry.start(1), Err(NotSubnetOwner));
        assert_eq!(registry.set_owner_hotkey(1, hotkey(0)), Err(NotSubnetOwner));
        let evaluator = registry.set_evaluator(1, EvaluatorKind::Component, [1; 32].into(), "x".into());
        assert_eq!(evaluator, Err(NotSubnetOwner));
    }
    act_as(account(STRANGER));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 0), Err(NotSubnetOwner));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::Kappa, 0), Err(NotSubnetOwner));
}

#[ink::test]
fn the_owner_starts_a_subnet_once_and_chooses_its_evaluator() {
    let mut registry = with_subnet();
    assert_eq!(registry.start(2), Err(UnknownSubnet));
    assert_eq!(registry.terms(1).and_then(|terms| terms.started_ms), None);
    at(DAY + 7);
    assert_eq!(registry.start(1), Ok(()));
    assert_eq!(registry.start(1), Err(AlreadyStarted));
    assert_eq!(registry.terms(1).and_then(|terms| terms.started_ms), Some(DAY + 7));

    let (kind, hash) = (EvaluatorKind::Component, [7; 32].into());
    assert_eq!(registry.set_evaluator(1, kind, hash, "u".repeat(129)), Err(TooLong));
    assert_eq!(registry.set_evaluator(1, kind, hash, "u".repeat(128)), Ok(()));
    let evaluator = registry.subnet(1).unwrap().evaluator;
    assert_eq!((evaluator.kind, evaluator.code_hash, evaluator.uri.len()), (kind, hash, 128));
}

#[ink::test]
fn hyperparameters_keep_their_bounds_and_their_setters() {
    let mut registry = with_subnet();
    for row in TABLE {
        if row.parameter == Hyperparameter::AlphaLow || row.parameter == Hyperparameter::AlphaHigh {
            continue; // They bound each other: below.
        }
        for value in [row.minimum, row.maximum] {
            act_as(account(OWNER));
            let by_owner = registry.set_hyperparameter(1, row.parameter, value);
            let governed = row.setter == inktensor_primitives::hyperparameters::Setter::Governance;
            assert_eq!(by_owner, if governed { Err(GovernanceOnly) } else { Ok(()) }, "{}", row.name);
            act_as(account(GOVERNANCE));
            assert_eq!(registry.set_hyperparameter(1, row.parameter, value), Ok(()), "{}", row.name);
            assert_eq!(registry.hyperparameters(1).unwrap().get(row.parameter), value, "{}", row.name);
        }
        for beyond in [row.minimum.checked_sub(1), row.maximum.checked_add(1)].into_iter().flatten() {
            assert_eq!(registry.set_hyperparameter(1, row.parameter, beyond), Err(OutOfBounds), "{}", row.name);
            assert_eq!(registry.hyperparameters(1).unwrap().get(row.parameter), row.maximum, "{}", row.name);
        }
    }
    assert_eq!(registry.set_hyperparameter(9, Hyperparameter::MinBurn, 0), Err(UnknownSubnet));
}

#[ink::test]
fn alpha_low_does_not_pass_alpha_high() {
    let mut registry = with_subnet();
    let high = u64::from(registry.hyperparameters(1).unwrap().alpha_high);
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::AlphaLow, high + 1), Err(OutOfBounds));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::AlphaLow, high), Ok(()));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::AlphaHigh, high - 1), Err(OutOfBounds));
}

#[ink::test]
fn a_new_half_life_does_not_reprice_the_past() {
    let mut registry = with_subnet();
    assert_eq!(registry.burn(1), Some(TAO));
    assert_eq!(registry.burn(2), None);
    at(2 * DAY);
    let price = registry.burn(1).unwrap();
    assert!(price < TAO);
    registry.set_hyperparameter(1, Hyperparameter::BurnHalfLife, 0).unwrap();
    assert_eq!(registry.burn(1), Some(price));
    at(30 * DAY);
    assert_eq!(registry.burn(1), Some(price));
}

#[ink::test]
fn a_hotkey_has_one_coldkey() {
    let mut registry = deployed();
    act_as(account(OWNER));
    assert_eq!(registry.coldkey_of(hotkey(0)), None);
    assert_eq!(registry.associate(hotkey(0)), Ok(()));
    assert_eq!(registry.associate(hotkey(0)), Ok(()));
    act_as(account(STRANGER));
    assert_eq!(registry.associate(hotkey(0)), Err(NotHotkeyOwner));
    assert_eq!(registry.coldkey_of(hotkey(0)), Some(account(OWNER)));
}

#[ink::test]
fn the_owners_hotkey_must_be_the_owners() {
    let mut registry = with_subnet();
    act_as(account(STRANGER));
    registry.associate(hotkey(0)).unwrap();
    act_as(account(OWNER));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(0)), Err(NotHotkeyOwner));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(1)), Ok(()));
    assert_eq!(registry.terms(1).and_then(|terms| terms.owner_hotkey), Some(hotkey(1)));
    assert_eq!(registry.coldkey_of(hotkey(1)), Some(account(OWNER)));
}

#[ink::test]
fn registrations_count_up_and_raise_the_price() {
    let mut registry = with_subnet();
    let owner = account(OWNER);
    assert_eq!(registry.enrol(1, hotkey(0), owner, TAO - 1), Err(PriceAboveLimit));
    assert_eq!(registry.enrol(2, hotkey(0), owner, TAO), Err(UnknownSubnet));
    assert_eq!(registry.enrol(1, hotkey(0), owner, TAO), Ok((0, 1_000_000_000)));
    assert_eq!(registry.burn(1), Some(1_260_000_000));
    assert_eq!(registry.enrol(1, hotkey(1), owner, NO_LIMIT), Ok((1, 1_260_000_000)));
    assert_eq!(registry.enrol(1, hotkey(1), owner, NO_LIMIT), Err(AlreadyRegistered));
    assert_eq!(registry.enrol(1, hotkey(1), account(STRANGER), NO_LIMIT), Err(NotHotkeyOwner));
    let seat = registry.seat(1, hotkey(1)).unwrap();
    assert_eq!((seat.uid, seat.neuron.registration_id, seat.neuron.coldkey), (1, 2, owner));
    assert_eq!(registry.registration(1, 2), Some((hotkey(1), owner)));
    assert_eq!((registry.registration(1, 0), registry.registration(1, 3)), (None, None));
    assert_eq!(registry.subnet(1).map(|subnet| subnet.neurons), Some(2));
}

#[ink::test]
fn pages_hold_64_neurons_in_the_order_of_uids() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..130);
    let sizes: Vec<usize> = (0..4).map(|page| registry.neurons(1, page).len()).collect();
    assert_eq!(sizes, [64, 64, 2, 0]);
    for uid in 0..130_u16 {
        let neuron = &registry.neurons(1, uid / 64)[usize::from(uid % 64)];
        assert_eq!(neuron.hotkey, hotkey(uid));
        assert_eq!(registry.seat(1, hotkey(uid)).map(|seat| (seat.uid, seat.neuron)), Some((uid, neuron.clone())));
    }
}

/// Subnet 1 with 64 of 64 uids taken and none of them immune.
fn full_subnet() -> Registry {
    let mut registry = with_subnet();
    registry.set_hyperparameter(1, Hyperparameter::MaxAllowedUids, 64).unwrap();
    fill(&mut registry, 0..64);
    at(40 * DAY);
    registry
}

#[ink::test]
fn a_newcomer_takes_the_place_of_the_least_earner() {
    let mut registry = full_subnet();
    let mut earned = vec![5; 64];
    (earned[9], earned[10]) = (2, 3);
    act_as(account(INCENTIVE));
    registry.record_epoch(1, earned).unwrap();
    act_as(hotkey(9));
    registry.commit_model(1, [1; 32].into(), 1, ModelFamily::Llama, "u".into()).unwrap();
    registry.serve_axon(1, vec![1]).unwrap();
    act_as(account(OWNER));
    registry.set_owner_hotkey(1, hotkey(10)).unwrap();

    fill(&mut registry, [64]);
    assert_eq!(registry.seat(1, hotkey(64)).map(|seat| (seat.uid, seat.neuron.registration_id)), Some((9, 65)));
    assert_eq!(registry.seat(1, hotkey(9)), None);
    assert_eq!(registry.registration(1, 10), Some((hotkey(9), account(OWNER))));
    assert_eq!((registry.models(1, 0), registry.axon(1, 9)), (vec![], None));
    assert_eq!(registry.emissions(1)[9..11], [0, 3]);
    assert_eq!(registry.subnet(1).map(|subnet| subnet.neurons), Some(64));
    // The newcomer is immune and uid 10 is the owner's, so the next one goes by age and uid.
    fill(&mut registry, [65]);
    assert_eq!(registry.seat(1, hotkey(65)).map(|seat| seat.uid), Some(0));
    // Whoever was replaced may come back.
    fill(&mut registry, [9]);
    assert_eq!(registry.seat(1, hotkey(9)).map(|seat| seat.neuron.registration_id), Some(67));
}

#[ink::test]
fn a_full_subnet_can_have_no_uid_to_give() {
    let mut registry = full_subnet();
    act_as(account(GOVERNANCE));
    registry.set_hyperparameter(1, Hyperparameter::MinNonImmuneUids, 64).unwrap();
    assert_eq!(registry.enrol(1, hotkey(64), account(OWNER), NO_LIMIT), Err(NoFreeUid));
    assert_eq!(registry.seat(1, hotkey(64)), None);
}

#[ink::test]
fn the_incentive_contract_alone_records_an_epoch() {
    let mut unwired = deployed();
    assert_eq!(unwired.record_epoch(1, vec![]), Err(NotWired));
    let mut registry = with_subnet();
    fill(&mut registry, 0..3);
    for other in [STRANGER, OWNER, GOVERNANCE, DEPLOYER] {
        act_as(account(other));
        assert_eq!(registry.record_epoch(1, vec![1, 2, 3]), Err(NotIncentive));
    }
    act_as(account(INCENTIVE));
    assert_eq!(registry.record_epoch(2, vec![1, 2, 3]), Err(UnknownSubnet));
    assert_eq!(registry.record_epoch(1, vec![1, 2]), Err(WrongLength));
    assert!(registry.emissions(1).is_empty());
    assert_eq!(registry.record_epoch(1, vec![1, 2, 3]), Ok(()));
    assert_eq!(registry.emissions(1), [1, 2, 3]);
}

#[ink::test]
fn a_neuron_commits_to_one_model_at_a_time() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..2);
    let mut commit = |who, netuid, size, uri: &str| {
        act_as(who);
        let digest = [9; 32].into();
        registry.commit_model(netuid, digest, size, ModelFamily::Llama, uri.into())
    };
    assert_eq!(commit(hotkey(0), 2, 1, "u"), Err(UnknownSubnet));
    // The coldkey does not commit: the hotkey does.
    assert_eq!(commit(account(OWNER), 1, 1, "u"), Err(NotRegistered));
    assert_eq!(commit(hotkey(1), 1, 0, "u"), Err(Empty));
    assert_eq!(commit(hotkey(1), 1, 1, ""), Err(Empty));
    assert_eq!(commit(hotkey(1), 1, 1, &"u".repeat(129)), Err(TooLong));
    assert_eq!(commit(hotkey(1), 1, 1, &"u".repeat(128)), Ok(()));
    let limit = 50 * 12_000;
    at(DAY + limit - 1);
    assert_eq!(commit(hotkey(1), 1, 2, "v"), Err(ServingRateLimited));
    assert_eq!(commit(hotkey(0), 1, 2, "v"), Ok(()));
    at(DAY + limit);
    assert_eq!(commit(hotkey(1), 1, 3, "w"), Ok(()));
    let models = registry.models(1, 0);
    let shown: Vec<_> = models.iter().map(|(uid, model)| (*uid, model.size, model.registration_id)).collect();
    assert_eq!(shown, [(0, 2, 1), (1, 3, 2)]);
    assert_eq!(models[1].1.committed_ms, DAY + limit);
    assert!(registry.models(1, 1).is_empty() && registry.models(1, u16::MAX).is_empty());
}

#[ink::test]
fn an_answer_of_models_stays_below_16_kib() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..64);
    for number in 0..64 {
        act_as(hotkey(number));
        registry.commit_model(1, [9; 32].into(), 1, ModelFamily::Mlp, "u".repeat(128)).unwrap();
    }
    let uids = |page| registry.models(1, page).iter().map(|model| model.0).collect::<Vec<_>>();
    assert_eq!((uids(0), uids(1)), ((0..32).collect(), (32..64).collect()));
    assert!(scale::Encode::encoded_size(&registry.models(1, 0)) < 16 * 1_024 - 8);
}

#[ink::test]
fn a_neuron_serves_an_axon() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..1);
    act_as(account(OWNER));
    assert_eq!(registry.serve_axon(1, vec![1]), Err(NotRegistered));
    assert_eq!(registry.serve_axon(2, vec![1]), Err(UnknownSubnet));
    act_as(hotkey(0));
    assert_eq!(registry.serve_axon(1, vec![]), Err(Empty));
    assert_eq!(registry.serve_axon(1, vec![1; 129]), Err(TooLong));
    assert_eq!(registry.serve_axon(1, vec![1; 128]), Ok(()));
    assert_eq!(registry.serve_axon(1, vec![2]), Err(ServingRateLimited));
    assert_eq!(registry.axon(1, 0), Some(vec![1; 128]));
    at(DAY + 50 * 12_000);
    assert_eq!(registry.serve_axon(1, vec![2]), Ok(()));
    assert_eq!(registry.axon(1, 0), Some(vec![2]));
}

#[ink::test]
fn registration_ids_end_before_they_repeat() {
    let registry = with_subnet();
    let mut subnet = registry.subnet(1).unwrap();
    subnet.registrations = u32::MAX;
    let (terms, now) = (registry.hyperparameters(1).unwrap(), Moment { time_ms: DAY, block: 0 });
    let newcomer = (hotkey(0), account(OWNER));
    assert_eq!(Neurons::default().admit(1, &mut subnet, &terms, newcomer, now), Err(Overflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_hotkey_has_the_seat_that_the_pages_show(numbers in prop::collection::vec(0_u16..90, 0..160)) {
        test::run_test::<DefaultEnvironment, _>(|_| {
            let mut registry = full_subnet();
            for number in &numbers {
                let seated = registry.seat(1, hotkey(*number)).is_some();
                let enrolled = registry.enrol(1, hotkey(*number), account(OWNER), NO_LIMIT);
                assert_eq!(enrolled.err(), seated.then_some(AlreadyRegistered));
            }
            let tenants = registry.neurons(1, 0);
            assert_eq!((tenants.len(), registry.neurons(1, 1).len()), (64, 0));
            for (uid, neuron) in (0..).zip(&tenants) {
                assert_eq!(registry.seat(1, neuron.hotkey).map(|seat| seat.uid), Some(uid));
                let registered = registry.registration(1, neuron.registration_id);
                assert_eq!(registered, Some((neuron.hotkey, neuron.coldkey)));
            }
            let seated = (0..90).filter(|number| registry.seat(1, hotkey(*number)).is_some());
            assert_eq!(seated.count(), 64);
            Ok(())
        })
        .unwrap();
    }
}
