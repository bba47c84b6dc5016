//! Subnets: opening, limits, owners, hyperparameters, evaluators.

use super::*;
use crate::subnets::{FREEZE_MS, OWNER_RATE_LIMIT};
use inktensor_primitives::{
    hyperparameters::{Hyperparameter, Setter, TABLE},
    limits::MAX_SUBNETS,
    registry::{EvaluatorKind, RegistryError::*, Roster, SubnetIdentity},
};
use proptest::prelude::*;

const TEMPO: u64 = 360 * 12_000;

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
fn a_contract_that_no_constructor_made_does_nothing() {
    let mut registry = Registry::default();
    assert_eq!(registry.wire(account(INCENTIVE)), Err(NotWired));
    assert_eq!(registry.associate(hotkey(0)), Err(NotWired));
    assert_eq!((registry.peers(), registry.paused_until()), (None, 0));
}

#[ink::test]
fn governance_alone_sets_the_terms_of_the_network() {
    let mut registry = deployed();
    assert_eq!(registry.set_network(5 * TAO, 0, 0, 1, 0), Err(NotAuthorised));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.set_network(u128::from(u64::MAX) + 1, 0, 0, 1, 0), Err(AmountTooLarge));
    for limit in [0, MAX_SUBNETS + 1] {
        assert_eq!(registry.set_network(5 * TAO, 0, 0, limit, 0), Err(OutOfBounds));
    }
    assert_eq!(registry.lock_cost(), 1_000 * TAO);
    assert_eq!(registry.set_network(5 * TAO, 0, 0, 1, 0), Ok(()));
    assert_eq!(registry.lock_cost(), 5 * TAO);
    // A lock that does not fall, and a limit of one.
    open(&mut registry, NO_LIMIT).unwrap();
    at(900 * DAY);
    assert_eq!(registry.lock_cost(), 10 * TAO);
    assert_eq!(open(&mut registry, NO_LIMIT).map(|opened| opened.netuid), Ok(1));
}

#[ink::test]
fn a_subnet_locks_no_more_than_the_limit_and_one_opens_a_day() {
    let mut registry = deployed();
    assert_eq!(open(&mut registry, 1_000 * TAO - 1), Err(PriceAboveLimit));
    assert!(registry.subnets().is_empty());
    // The very first one waits for nobody.
    let first = open(&mut registry, 1_000 * TAO).unwrap();
    assert_eq!((first.netuid, first.generation, first.locked, first.closed), (1, 1, 1_000_000_000_000, None));
    assert_eq!(registry.lock_cost(), 2_000 * TAO);
    at(2 * DAY - 1);
    assert_eq!(open(&mut registry, NO_LIMIT), Err(NetworkRateLimited));
    at(2 * DAY);
    let cost = registry.lock_cost();
    assert!(cost < 2_000 * TAO && cost > 1_900 * TAO);
    assert_eq!(open(&mut registry, cost).map(|opened| u128::from(opened.locked)), Ok(cost));
    assert_eq!(registry.subnets(), [1, 2]);
    let subnet = registry.subnet(2).unwrap();
    assert_eq!((subnet.owner, u128::from(subnet.locked), subnet.created_ms), (account(OWNER), cost, 2 * DAY));
    assert_eq!((subnet.generation, subnet.neurons, subnet.burn), (2, 0, 1_000_000_000));
    assert_eq!((registry.subnet(3), registry.life(3), registry.epoch_terms(3)), (None, None, None));
}

/// A network of two subnets at most, both opened; the lock is 1 TAO and stays.
fn full_network() -> Registry {
    let mut registry = with_subnet();
    act_as(account(GOVERNANCE));
    assert_eq!(registry.set_network(TAO, 0, 30 * DAY, 2, 0), Ok(()));
    act_as(account(OWNER));
    at(2 * DAY);
    assert_eq!(open(&mut registry, NO_LIMIT).map(|opened| opened.netuid), Ok(2));
    registry
}

#[ink::test]
fn a_full_network_gives_up_the_subnet_that_earns_least_past_its_immunity() {
    let mut registry = full_network();
    fill(&mut registry, 0..1);
    assert_eq!(open(&mut registry, NO_LIMIT), Err(NoFreeNetuid));
    // Subnet 1 earns, subnet 2 does not; but only subnet 1 is past its immunity.
    record(&mut registry, vec![1_000_000_000]);
    at(31 * DAY);
    let opened = open(&mut registry, NO_LIMIT).unwrap();
    let closed = opened.closed.unwrap();
    assert_eq!((opened.netuid, opened.generation), (1, 3));
    assert_eq!(
        (closed.netuid, closed.generation, closed.owner, closed.locked),
        (1, 1, account(OWNER), 1_000_000_000_000)
    );
    // Now subnet 2 is the older one; subnet 1 is as immune as new.
    at(33 * DAY);
    assert_eq!(open(&mut registry, NO_LIMIT).map(|opened| (opened.netuid, opened.generation)), Ok((2, 4)));
    assert_eq!(open(&mut registry, NO_LIMIT), Err(NoFreeNetuid));
    assert_eq!(registry.subnets(), [1, 2]);
}

#[ink::test]
fn nothing_of_a_dissolved_subnet_is_left_to_the_next_but_what_was_earned() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..3);
    registry.set_identity(1, "One".into(), "u".into()).unwrap();
    registry.set_evaluator(1, EvaluatorKind::Component, [1; 32].into(), "u".into(), "p".into()).unwrap();
    registry.set_hyperparameter(1, Hyperparameter::MinBurn, 9).unwrap();
    registry.set_owner_hotkey(1, hotkey(0)).unwrap();
    act_as(hotkey(1));
    registry.commit_model(1, [1; 32].into(), 1, inktensor_primitives::registry::ModelFamily::Mlp, "u".into()).unwrap();
    registry.serve_axon(1, vec![1]).unwrap();
    act_as(account(OWNER));
    assert_eq!(registry.dissolve(1), Err(NotAuthorised));
    assert_eq!(registry.close(9).map_err(Refusal::told), Err(UnknownSubnet));

    let closed = registry.close(1).unwrap();
    assert_eq!((closed.owner, closed.locked), (account(OWNER), 1_000_000_000_000));
    assert_eq!((registry.subnet(1), registry.life(1)), (None, None));
    assert_eq!((registry.burn(1), registry.hyperparameters(1)), (None, None));
    assert_eq!((registry.neurons(1, 0), registry.seat(1, hotkey(1))), (vec![], None));
    assert_eq!((registry.models(1, 0), registry.axon(1, 1)), (vec![], None));
    assert_eq!(registry.weight_terms(1, hotkey(1), true), None);
    assert_eq!(enrol(&mut registry, 1, hotkey(1), account(OWNER), NO_LIMIT), Err(UnknownSubnet));
    // Rewards are drawn by registration.
    assert_eq!(registry.registration(1, 2), Some((hotkey(1), account(OWNER))));

    at(2 * DAY);
    assert_eq!(open(&mut registry, NO_LIMIT).map(|opened| (opened.netuid, opened.generation)), Ok((1, 2)));
    let subnet = registry.subnet(1).unwrap();
    assert_eq!((subnet.generation, subnet.neurons, subnet.registrations, subnet.owner_hotkey), (2, 0, 3, None));
    assert_eq!((subnet.evaluator.kind, subnet.identity), (EvaluatorKind::LanguageModel, None));
    assert_eq!(registry.hyperparameters(1).unwrap().min_burn, 500_000);
    // Neither the rate limit of the former owner nor its models are inherited.
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 9), Ok(()));
    fill(&mut registry, [7, 1]);
    assert_eq!(registry.seat(1, hotkey(1)).map(|seat| (seat.uid, seat.neuron.registration_id)), Some((1, 5)));
    assert_eq!((registry.models(1, 0), registry.axon(1, 1)), (vec![], None));
    assert_eq!(registry.registration(1, 2), Some((hotkey(1), account(OWNER))));
}

#[ink::test]
fn strangers_and_governance_do_not_run_a_subnet() {
    let mut registry = with_subnet();
    for other in [STRANGER, GOVERNANCE, DEPLOYER] {
        act_as(account(other));
        assert_eq!(registry.start(1), Err(NotSubnetOwner));
        assert_eq!(registry.set_owner_hotkey(1, hotkey(0)), Err(NotSubnetOwner));
        assert_eq!(registry.offer_subnet(1, account(other)), Err(NotSubnetOwner));
        assert_eq!(registry.set_identity(1, "x".into(), "x".into()), Err(NotSubnetOwner));
        let evaluator = registry.set_evaluator(1, EvaluatorKind::Component, [1; 32].into(), "x".into(), "".into());
        assert_eq!(evaluator, Err(NotSubnetOwner));
    }
    act_as(account(STRANGER));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 0), Err(NotSubnetOwner));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::Kappa, 0), Err(NotSubnetOwner));
}

#[ink::test]
fn the_owner_starts_a_subnet_once() {
    let mut registry = with_subnet();
    assert_eq!(registry.start(2), Err(UnknownSubnet));
    assert_eq!(
        registry.life(1).map(|life| (life.owner, life.generation, life.started)),
        Some((account(OWNER), 1, false))
    );
    at(DAY + 7);
    assert_eq!(registry.start(1), Ok(()));
    assert_eq!(registry.start(1), Err(AlreadyStarted));
    assert_eq!(registry.subnet(1).and_then(|subnet| subnet.started_ms), Some(DAY + 7));
    assert!(registry.life(1).unwrap().started && registry.epoch_terms(1).unwrap().started);
}

#[ink::test]
fn an_evaluator_takes_over_with_the_epoch_after_the_one_in_which_it_is_announced() {
    let mut registry = with_subnet();
    let choose = |registry: &mut Registry, code: u8, length: usize| {
        registry.set_evaluator(1, EvaluatorKind::Component, [code; 32].into(), "u".repeat(length), "".into())
    };
    assert_eq!(choose(&mut registry, 1, 129), Err(TooLong));
    let told = |registry: &mut Registry, length: usize| {
        registry.set_evaluator(1, EvaluatorKind::Component, [1; 32].into(), "u".into(), "p".repeat(length))
    };
    assert_eq!(told(&mut registry, 513), Err(TooLong));
    assert_eq!(told(&mut registry, 512), Ok(()));
    assert_eq!(registry.subnet(1).unwrap().evaluator.parameters.len(), 512);
    // Nobody evaluates before the subnet is started: at once.
    assert_eq!(choose(&mut registry, 1, 128), Ok(()));
    let current = |registry: &Registry| registry.subnet(1).unwrap().evaluator.code_hash;
    assert_eq!(current(&registry), [1; 32].into());
    at(DAY);
    assert_eq!(registry.start(1), Ok(()));
    assert_eq!(choose(&mut registry, 2, 1), Ok(()));
    let subnet = registry.subnet(1).unwrap();
    assert_eq!((subnet.evaluator.code_hash, subnet.next_evaluator_ms), ([1; 32].into(), DAY + TEMPO));
    at(DAY + TEMPO);
    assert_eq!(current(&registry), [1; 32].into(), "the first epoch is not turned yet");
    record(&mut registry, vec![]);
    assert_eq!(current(&registry), [2; 32].into());

    // Announced twice in an epoch: the last one counts.
    at(DAY + TEMPO + 1);
    assert_eq!(choose(&mut registry, 3, 1), Ok(()));
    assert_eq!(choose(&mut registry, 4, 1), Ok(()));
    let subnet = registry.subnet(1).unwrap();
    assert_eq!((subnet.evaluator.code_hash, subnet.next_evaluator_ms), ([2; 32].into(), DAY + 2 * TEMPO));
    assert_eq!(subnet.next_evaluator.map(|next| next.code_hash), Some([4; 32].into()));
    // Also in an epoch that is overdue.
    at(DAY + 3 * TEMPO);
    assert_eq!(choose(&mut registry, 5, 1), Ok(()));
    assert_eq!(current(&registry), [2; 32].into());
    at(DAY + 3 * TEMPO + 1);
    record(&mut registry, vec![]);
    assert_eq!(current(&registry), [5; 32].into());
    assert_eq!(registry.subnet(1).unwrap().next_evaluator, None);
    // And in the block in which an epoch began, which may have been turned before.
    at(DAY + 5 * TEMPO);
    record(&mut registry, vec![]);
    assert_eq!(choose(&mut registry, 6, 1), Ok(()));
    assert_eq!(current(&registry), [5; 32].into());
}

/// What happens to a subnet.
#[derive(Debug, Clone)]
enum Event {
    Wait(u64),
    Choose,
    Tempo(u64),
    Turn,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..2 * TEMPO).prop_map(Event::Wait),
        Just(Event::Choose),
        (TEMPO / 2..3 * TEMPO).prop_map(Event::Tempo),
        Just(Event::Turn),
    ];
    prop::collection::vec(event, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Two validators that look at any two moments of an epoch see the same evaluator, whatever the owner does and however
    /// late epochs are turned; and what is announced takes over when no epoch was turned too early for it.
    #[test]
    fn no_evaluator_changes_during_an_epoch(events in events()) {
        test::run_test::<DefaultEnvironment, _>(|_| {
            let mut registry = with_subnet();
            let (mut now_ms, mut code) = (DAY, 0);
            at(now_ms);
            registry.start(1).unwrap();
            let mut running = registry.subnet(1).unwrap().evaluator;
            for event in events {
                match event {
                    Event::Wait(time_ms) => {
                        now_ms += time_ms;
                        at(now_ms);
                    }
                    Event::Choose => {
                        code += 1;
                        let chosen = [code; 32].into();
                        registry.set_evaluator(1, EvaluatorKind::Component, chosen, "u".into(), "".into()).unwrap();
                    }
                    // May be refused, as the rules for hyperparameters say.
                    Event::Tempo(tempo) => drop(registry.set_hyperparameter(1, Hyperparameter::Tempo, tempo)),
                    Event::Turn => {
                        let before = registry.subnet(1).unwrap();
                        record(&mut registry, vec![]);
                        let announced = before.next_evaluator.filter(|_| before.next_evaluator_ms <= now_ms);
                        running = announced.unwrap_or(running);
                    }
                }
                assert_eq!(registry.subnet(1).unwrap().evaluator, running);
            }
            Ok(())
        })
        .unwrap();
    }
}

#[ink::test]
fn a_subnet_has_a_name() {
    let mut registry = with_subnet();
    assert_eq!(registry.subnet(1).unwrap().identity, None);
    assert_eq!(registry.set_identity(2, "x".into(), "x".into()), Err(UnknownSubnet));
    assert_eq!(registry.set_identity(1, "".into(), "x".into()), Err(Empty));
    assert_eq!(registry.set_identity(1, "n".repeat(33), "x".into()), Err(TooLong));
    assert_eq!(registry.set_identity(1, "n".into(), "u".repeat(129)), Err(TooLong));
    assert_eq!(registry.set_identity(1, "n".repeat(32), "".into()), Ok(()));
    let identity = SubnetIdentity { name: "n".repeat(32), uri: "".into() };
    assert_eq!(registry.subnet(1).unwrap().identity, Some(identity));
}

#[ink::test]
fn a_subnet_changes_hands_when_it_is_offered_and_accepted() {
    let mut registry = with_subnet();
    registry.set_owner_hotkey(1, hotkey(0)).unwrap();
    assert_eq!(registry.offer_subnet(1, account(STRANGER)), Ok(()));
    assert_eq!(registry.subnet(1).unwrap().offered_to, Some(account(STRANGER)));
    act_as(account(DEPLOYER));
    assert_eq!(registry.accept_subnet(1), Err(NotOffered));
    assert_eq!(registry.accept_subnet(2), Err(UnknownSubnet));
    // Taken back, and offered anew.
    act_as(account(OWNER));
    registry.offer_subnet(1, account(OWNER)).unwrap();
    act_as(account(STRANGER));
    assert_eq!(registry.accept_subnet(1), Err(NotOffered));
    act_as(account(OWNER));
    registry.offer_subnet(1, account(STRANGER)).unwrap();
    act_as(account(STRANGER));
    assert_eq!(registry.accept_subnet(1), Ok(()));
    let subnet = registry.subnet(1).unwrap();
    assert_eq!((subnet.owner, subnet.owner_hotkey, subnet.offered_to), (account(STRANGER), None, None));
    assert_eq!(registry.start(1), Ok(()));
    act_as(account(OWNER));
    assert_eq!(registry.offer_subnet(1, account(OWNER)), Err(NotSubnetOwner));
}

#[ink::test]
fn an_offer_of_an_owner_who_is_locked_is_not_accepted() {
    let mut registry = with_subnet();
    registry.offer_subnet(1, account(STRANGER)).unwrap();
    registry.announce_coldkey_swap([1; 32].into()).unwrap();
    act_as(account(STRANGER));
    assert_eq!(registry.accept_subnet(1), Err(ColdkeyLocked));
}

#[ink::test]
fn hyperparameters_keep_their_bounds_and_their_setters() {
    let mut registry = with_subnet();
    for row in TABLE {
        if row.parameter == Hyperparameter::AlphaLow || row.parameter == Hyperparameter::AlphaHigh {
            continue; // They bound each other: below.
        }
        act_as(account(OWNER));
        let by_owner = registry.set_hyperparameter(1, row.parameter, row.minimum);
        let governed = row.setter == Setter::Governance;
        assert_eq!(by_owner, if governed { Err(GovernanceOnly) } else { Ok(()) }, "{}", row.name);
        act_as(account(GOVERNANCE));
        for value in [row.minimum, row.maximum] {
            assert_eq!(registry.set_hyperparameter(1, row.parameter, value), Ok(()), "{}", row.name);
            assert_eq!(registry.hyperparameters(1).unwrap().get(row.parameter), value, "{}", row.name);
        }
        for beyond in [row.minimum.checked_sub(1), row.maximum.checked_add(1)].into_iter().flatten() {
            assert_eq!(registry.set_hyperparameter(1, row.parameter, beyond), Err(OutOfBounds), "{}", row.name);
            assert_eq!(registry.hyperparameters(1).unwrap().get(row.parameter), row.maximum, "{}", row.name);
        }
        assert_eq!(registry.set_hyperparameter(1, row.parameter, row.default), Ok(()), "{}", row.name);
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
fn an_owner_changes_a_hyperparameter_once_in_two_tempos() {
    let mut registry = with_subnet();
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 1), Ok(()));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MaxBurn, 1_000_000_000), Ok(()));
    at(DAY + OWNER_RATE_LIMIT * TEMPO - 1);
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 2), Err(OwnerRateLimited));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 3), Ok(()));
    act_as(account(OWNER));
    at(DAY + OWNER_RATE_LIMIT * TEMPO);
    assert_eq!(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 4), Ok(()));
}

#[ink::test]
fn an_owner_changes_nothing_shortly_before_an_epoch_ends() {
    let mut registry = with_subnet();
    record(&mut registry, vec![]);
    let set = |registry: &mut Registry, value| registry.set_hyperparameter(1, Hyperparameter::MinBurn, value);
    // Also while the epoch is overdue.
    for time in [DAY + TEMPO - FREEZE_MS, DAY + TEMPO, DAY + 9 * TEMPO] {
        at(time);
        assert_eq!(set(&mut registry, 1), Err(FreezeWindow));
        act_as(account(GOVERNANCE));
        assert_eq!(set(&mut registry, 2), Ok(()));
        act_as(account(OWNER));
    }
    record(&mut registry, vec![]);
    at(DAY + 10 * TEMPO - FREEZE_MS - 1);
    assert_eq!(set(&mut registry, 3), Ok(()));
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
fn the_owners_hotkey_must_be_the_owners() {
    let mut registry = with_subnet();
    act_as(account(STRANGER));
    registry.associate(hotkey(0)).unwrap();
    act_as(account(OWNER));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(0)), Err(NotHotkeyOwner));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(1)), Ok(()));
    assert_eq!(registry.subnet(1).and_then(|subnet| subnet.owner_hotkey), Some(hotkey(1)));
    assert_eq!(registry.hotkey(hotkey(1)).map(|entry| entry.coldkey), Some(account(OWNER)));
    assert_eq!(registry.epoch_terms(1).unwrap().owner_uid, None);
    fill(&mut registry, [5, 1]);
    assert_eq!(registry.epoch_terms(1).unwrap().owner_uid, Some(1));
    let is_owner = |number| registry.weight_terms(1, hotkey(number), false).unwrap().is_owner;
    assert_eq!((is_owner(1), is_owner(5), is_owner(9)), (true, false, false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Subnets come and go; what the roster says and what is stored never part.
    #[test]
    fn the_roster_lists_what_lives_and_no_generation_returns(
        steps in prop::collection::vec((any::<bool>(), 1_u16..6, 0_u64..9), 1..60),
        limit in 1_u16..6,
    ) {
        test::run_test::<DefaultEnvironment, _>(|_| {
            let mut registry = deployed();
            act_as(account(GOVERNANCE));
            registry.set_network(TAO, 0, 5 * DAY, limit, 0).unwrap();
            let (mut generation, mut today) = (0, 1);
            for (opens, netuid, days) in &steps {
                today += days;
                at(today * DAY);
                let before = registry.subnets();
                if *opens {
                    match open(&mut registry, NO_LIMIT) {
                        Ok(opened) => {
                            generation += 1;
                            assert_eq!(opened.generation, generation);
                            assert_eq!(opened.closed.is_some(), before.len() == usize::from(limit));
                            assert!(opened.closed.is_none_or(|closed| before.contains(&closed.netuid)));
                        }
                        Err(refusal) => {
                            assert_eq!((refusal, before.len()), (NoFreeNetuid, usize::from(limit)));
                            assert_eq!(registry.subnets(), before);
                        }
                    }
                } else {
                    assert_eq!(registry.close(*netuid).is_ok(), before.contains(netuid));
                }
                let Roster { netuids, created_ms, .. } = registry.roster();
                assert!(netuids.is_sorted() && netuids.len() <= usize::from(limit));
                for netuid in 1..=6 {
                    let listed = netuids.iter().position(|listed| *listed == netuid).map(|place| created_ms[place]);
                    assert_eq!(registry.subnet(netuid).map(|subnet| subnet.created_ms), listed);
                }
            }
            Ok(())
        })
        .unwrap();
    }
}
