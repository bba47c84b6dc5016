//! Neurons: registration, pruning, epochs, models, axons, and what the other contracts ask.

use super::*;
use crate::{chain::Moment, neurons::Tenants, price::Burn, prune::Rules};
use inktensor_primitives::{
    hyperparameters::Hyperparameter,
    registry::{ModelFamily, RegistryError::*},
};
use proptest::prelude::*;

#[ink::test]
fn registrations_count_up_and_raise_the_price() {
    let mut registry = with_subnet();
    let owner = account(OWNER);
    assert_eq!(enrol(&mut registry, 1, hotkey(0), owner, TAO - 1), Err(PriceAboveLimit));
    assert_eq!(enrol(&mut registry, 2, hotkey(0), owner, TAO), Err(UnknownSubnet));
    assert_eq!(enrol(&mut registry, 1, hotkey(0), owner, TAO), Ok((0, 1_000_000_000)));
    assert_eq!(registry.burn(1), Some(1_260_000_000));
    assert_eq!(enrol(&mut registry, 1, hotkey(1), owner, NO_LIMIT), Ok((1, 1_260_000_000)));
    assert_eq!(enrol(&mut registry, 1, hotkey(1), owner, NO_LIMIT), Err(AlreadyRegistered));
    assert_eq!(enrol(&mut registry, 1, hotkey(1), account(STRANGER), NO_LIMIT), Err(NotHotkeyOwner));
    let seat = registry.seat(1, hotkey(1)).unwrap();
    assert_eq!((seat.uid, seat.neuron.registration_id, seat.neuron.coldkey), (1, 2, owner));
    assert_eq!(registry.registration(1, 2), Some((hotkey(1), owner)));
    assert_eq!((registry.registration(1, 0), registry.registration(1, 3)), (None, None));
    assert_eq!(registry.subnet(1).map(|subnet| (subnet.neurons, subnet.registrations)), Some((2, 2)));
}

#[ink::test]
fn pages_hold_64_neurons_in_the_order_of_uids() {
    let mut registry = with_subnet();
    for number in 0..130 {
        // Others take numbers between, so that keys of one page of neurons lie on many pages of keys.
        registry.associate(hotkey(1_000 + number)).unwrap();
        fill(&mut registry, [number]);
    }
    let sizes: Vec<usize> = [0, 1, 2, 3, u16::MAX].iter().map(|page| registry.neurons(1, *page).len()).collect();
    assert_eq!(sizes, [64, 64, 2, 0, 0]);
    for uid in 0..130_u16 {
        let neuron = &registry.neurons(1, uid / 64)[usize::from(uid % 64)];
        assert_eq!((neuron.hotkey, neuron.hotkey_id), (hotkey(uid), u32::from(uid) * 2 + 1));
        assert_eq!(registry.seat(1, hotkey(uid)).map(|seat| (seat.uid, seat.neuron)), Some((uid, neuron.clone())));
    }
    assert!(registry.neurons(2, 0).is_empty());
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
    record(&mut registry, earned);
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
    assert_eq!(registry.neurons.tenants(1).emissions[9..11], [0, 3]);
    assert_eq!(registry.subnet(1).map(|subnet| subnet.neurons), Some(64));
    // What the former tenant published limits the new one not, and comes not back.
    act_as(hotkey(64));
    assert_eq!(registry.commit_model(1, [2; 32].into(), 1, ModelFamily::Dataset, "u".into()), Ok(()));
    assert_eq!(registry.serve_axon(1, vec![2]), Ok(()));
    assert_eq!((registry.models(1, 0)[0].1.registration_id, registry.axon(1, 9)), (65, Some(vec![2])));
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
    assert_eq!(enrol(&mut registry, 1, hotkey(64), account(OWNER), NO_LIMIT), Err(NoFreeUid));
    assert_eq!(registry.seat(1, hotkey(64)), None);
}

#[ink::test]
fn a_lower_number_of_uids_removes_nobody() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..70);
    registry.set_hyperparameter(1, Hyperparameter::MaxAllowedUids, 64).unwrap();
    at(40 * DAY);
    fill(&mut registry, [70]);
    assert_eq!(registry.subnet(1).unwrap().neurons, 70);
    assert_eq!(registry.seat(1, hotkey(70)).unwrap().uid, 0);
}

#[ink::test]
fn the_incentive_contract_alone_records_an_epoch() {
    let mut unwired = deployed();
    assert_eq!(unwired.record_epoch(1, vec![]), Err(NotIncentive));
    let mut registry = with_subnet();
    fill(&mut registry, 0..3);
    for other in [STRANGER, OWNER, GOVERNANCE, DEPLOYER] {
        act_as(account(other));
        assert_eq!(registry.record_epoch(1, vec![1, 2, 3]), Err(NotIncentive));
    }
    act_as(account(INCENTIVE));
    assert_eq!(registry.record_epoch(2, vec![1, 2, 3]), Err(UnknownSubnet));
    assert_eq!(registry.record_epoch(1, vec![1, 2]), Err(WrongLength));
    assert_eq!((registry.neurons.tenants(1).emissions, registry.roster().last_epoch_ms), (vec![0; 3], vec![0]));
    at(2 * DAY);
    assert_eq!(registry.record_epoch(1, vec![1_000, 2_000, 28_000]), Ok(()));
    assert_eq!(registry.neurons.tenants(1).emissions, [1_000, 2_000, 28_000]);
    // 31,000 rao in a day, in a window of 30 days.
    let roster = registry.roster();
    assert_eq!(roster.last_epoch_ms, [2 * DAY]);
    assert!((999..=1_000).contains(&roster.moving_emission[0]), "{roster:?}");
}

#[ink::test]
fn epochs_and_weights_see_the_same_neurons() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..2);
    at(DAY + 5);
    fill(&mut registry, 2..3);
    let terms = registry.epoch_terms(1).unwrap();
    assert_eq!((terms.generation, terms.started), (1, false));
    assert_eq!((terms.hotkeys, terms.registration_ids), (vec![0, 1, 2], vec![1, 2, 3]));
    assert_eq!(terms.registered_ms, [DAY, DAY, DAY + 5]);
    assert_eq!(terms.bonds_from_ms, terms.registered_ms);
    assert_eq!(terms.rules, registry.hyperparameters(1).unwrap().epoch());
    let weights = registry.weight_terms(1, hotkey(2), true).unwrap();
    assert_eq!((weights.seat, weights.tenants, weights.generation), (Some((2, 3, 2)), vec![1, 2, 3], 1));
    assert_eq!(weights.rules, registry.hyperparameters(1).unwrap().weights());
    let stranger = registry.weight_terms(1, hotkey(9), false).unwrap();
    assert_eq!((stranger.seat, stranger.is_owner, stranger.tenants), (None, false, vec![]));
}

#[ink::test]
fn a_new_model_resets_bonds_where_the_subnet_wants_it() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..2);
    let commit = |registry: &mut Registry| {
        act_as(hotkey(1));
        registry.commit_model(1, [1; 32].into(), 1, ModelFamily::Llama, "u".into()).unwrap();
        registry.epoch_terms(1).unwrap().bonds_from_ms
    };
    at(2 * DAY);
    assert_eq!(commit(&mut registry), [DAY, DAY]);
    act_as(account(OWNER));
    registry.set_hyperparameter(1, Hyperparameter::BondsReset, 1).unwrap();
    at(3 * DAY);
    assert_eq!(commit(&mut registry), [DAY, 3 * DAY]);
}

#[ink::test]
fn a_neuron_commits_to_one_model_at_a_time() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..2);
    let mut commit = |who, netuid, size, uri: &str| {
        act_as(who);
        registry.commit_model(netuid, [9; 32].into(), size, ModelFamily::Llama, uri.into())
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

#[test]
fn registration_ids_end_before_they_repeat() {
    let mut tenants = Tenants::none(u32::MAX, Burn::default());
    let rules = Rules { now_ms: 0, immunity_ms: 0, min_non_immune: 0, owner_hotkey: None };
    let admission = tenants.admit(1, 256, rules, Moment { time_ms: DAY, block: 0 });
    assert_eq!(admission.map_err(Refusal::told), Err(Overflow));
}

#[test]
fn every_cell_and_answer_of_a_full_subnet_stays_below_16_kib() {
    let mut tenants = Tenants::none(0, Burn::default());
    let rules = Rules { now_ms: 0, immunity_ms: 0, min_non_immune: 0, owner_hotkey: None };
    for number in 0..256 {
        tenants.admit(number, 256, rules, Moment { time_ms: DAY, block: 0 }).unwrap();
    }
    assert_eq!(tenants.count(), 256);
    assert!(scale::Encode::encoded_size(&tenants) < 10 * 1_024);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_hotkey_has_the_seat_that_the_pages_show(numbers in prop::collection::vec(0_u16..90, 0..160)) {
        test::run_test::<DefaultEnvironment, _>(|_| {
            let mut registry = full_subnet();
            for number in &numbers {
                let seated = registry.seat(1, hotkey(*number)).is_some();
                let enrolled = enrol(&mut registry, 1, hotkey(*number), account(OWNER), NO_LIMIT);
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
