//! Hotkeys and coldkeys: association, consent, swaps.

use super::*;
use crate::{
    coldkeys::{REANNOUNCE_MS, SWAP_DELAY_MS},
    hotkeys::{CONSENT_MS, SWAP_INTERVAL_MS},
};
use inktensor_primitives::registry::{coldkey_hash, ModelFamily, RegistryError::*};
use proptest::prelude::*;

fn coldkey_of(registry: &Registry, number: u16) -> Option<AccountId> {
    registry.hotkey(hotkey(number)).map(|entry| entry.coldkey)
}

/// Swaps a hotkey of `OWNER`'s, short of its payment.
fn swap_hotkey(registry: &mut Registry, old: u16, new: u16) -> Result<(), RegistryError> {
    registry.replace_hotkey(account(OWNER), hotkey(old), hotkey(new)).map_err(Refusal::told)
}

#[ink::test]
fn a_hotkey_has_one_coldkey_and_a_number_of_its_own() {
    let mut registry = deployed();
    act_as(account(OWNER));
    assert_eq!((registry.hotkey(hotkey(0)), registry.hotkey_by_id(0)), (None, None));
    for number in 0..70 {
        assert_eq!(registry.associate(hotkey(number)), Ok(()));
        assert_eq!(registry.associate(hotkey(number)), Ok(()));
    }
    for number in 0..70 {
        let entry = registry.hotkey(hotkey(number)).unwrap();
        assert_eq!((entry.id, entry.hotkey, entry.coldkey), (u32::from(number), hotkey(number), account(OWNER)));
        assert_eq!(registry.hotkey_by_id(entry.id), Some(entry));
    }
    assert_eq!((registry.hotkey_by_id(70), registry.hotkey_by_id(u32::MAX)), (None, None));
    act_as(account(STRANGER));
    assert_eq!(registry.associate(hotkey(0)), Err(NotHotkeyOwner));
    assert_eq!(registry.stake_terms(hotkey(0), account(STRANGER)).0.map(|entry| entry.coldkey), Some(account(OWNER)));
}

#[ink::test]
fn a_hotkey_corrects_who_associated_it_once_and_in_time() {
    let mut registry = deployed();
    act_as(account(STRANGER));
    for number in 0..3 {
        registry.associate(hotkey(number)).unwrap();
    }
    at(DAY + CONSENT_MS - 1);
    act_as(hotkey(0));
    assert_eq!(registry.consent(account(OWNER)), Ok(()));
    assert_eq!(registry.hotkey(hotkey(0)).map(|entry| (entry.id, entry.coldkey)), Some((0, account(OWNER))));
    // Once: whoever steals the key later gains nothing.
    assert_eq!(registry.consent(account(DEPLOYER)), Err(NotHotkeyOwner));
    assert_eq!(registry.consent(account(OWNER)), Ok(()));
    // To consent to the owner that it has settles it as well.
    act_as(hotkey(1));
    assert_eq!(registry.consent(account(STRANGER)), Ok(()));
    assert_eq!(registry.consent(account(OWNER)), Err(NotHotkeyOwner));
    at(DAY + CONSENT_MS);
    act_as(hotkey(2));
    assert_eq!(registry.consent(account(OWNER)), Err(NotHotkeyOwner));
    // A hotkey that nobody owns names its owner.
    act_as(hotkey(3));
    assert_eq!(registry.consent(account(OWNER)), Ok(()));
    assert_eq!(registry.consent(account(STRANGER)), Err(NotHotkeyOwner));
    assert_eq!(coldkey_of(&registry, 3), Some(account(OWNER)));
}

#[ink::test]
fn a_swapped_hotkey_leaves_all_it_had_to_the_new_one() {
    let mut registry = with_subnet();
    at(2 * DAY);
    open(&mut registry, NO_LIMIT).unwrap();
    fill(&mut registry, 0..3);
    enrol(&mut registry, 2, hotkey(1), account(OWNER), NO_LIMIT).unwrap();
    registry.set_owner_hotkey(2, hotkey(1)).unwrap();
    act_as(hotkey(1));
    registry.commit_model(1, [1; 32].into(), 1, ModelFamily::Llama, "u".into()).unwrap();

    assert_eq!(swap_hotkey(&mut registry, 9, 4), Err(NotHotkeyOwner));
    assert_eq!(swap_hotkey(&mut registry, 1, 2), Err(KeyInUse));
    assert_eq!(swap_hotkey(&mut registry, 1, 1), Err(KeyInUse));
    assert_eq!(swap_hotkey(&mut registry, 1, 7), Ok(()));
    assert_eq!((registry.hotkey(hotkey(1)), registry.seat(1, hotkey(1))), (None, None));
    assert_eq!(registry.hotkey(hotkey(7)).map(|entry| (entry.id, entry.coldkey)), Some((1, account(OWNER))));
    for netuid in [1, 2] {
        let seat = registry.seat(netuid, hotkey(7)).unwrap();
        assert_eq!((seat.uid, seat.neuron.hotkey), (2 - netuid, hotkey(7)));
    }
    assert_eq!(registry.registration(1, 2), Some((hotkey(7), account(OWNER))));
    assert_eq!(registry.subnet(2).unwrap().owner_hotkey, Some(hotkey(7)));
    assert_eq!(registry.models(1, 0).len(), 1);
    // The new key cannot be talked into another owner.
    act_as(hotkey(7));
    assert_eq!(registry.consent(account(STRANGER)), Err(NotHotkeyOwner));
    // The old one begins anew, with another number.
    act_as(account(STRANGER));
    assert_eq!(registry.associate(hotkey(1)), Ok(()));
    assert_eq!(registry.hotkey(hotkey(1)).unwrap().id, 3);
    at(2 * DAY + SWAP_INTERVAL_MS - 1);
    assert_eq!(swap_hotkey(&mut registry, 2, 8), Err(SwapRateLimited));
    at(2 * DAY + SWAP_INTERVAL_MS);
    assert_eq!(swap_hotkey(&mut registry, 2, 8), Ok(()));
}

/// `OWNER` has announced a swap for `account(20)` at day 1.
fn announced() -> Registry {
    let mut registry = with_subnet();
    fill(&mut registry, 0..2);
    assert_eq!(registry.announce_coldkey_swap(coldkey_hash(account(20))), Ok(()));
    assert_eq!(registry.coldkey_swap(account(OWNER)).map(|swap| swap.due_ms), Some(DAY + SWAP_DELAY_MS));
    registry
}

#[ink::test]
fn an_announced_coldkey_is_locked() {
    let mut registry = announced();
    assert!(registry.is_locked(account(OWNER)) && !registry.is_locked(account(20)));
    assert!(registry.stake_terms(hotkey(0), account(OWNER)).1);
    let digest = [0; 32].into();
    assert_eq!(registry.create_subnet(NO_LIMIT), Err(ColdkeyLocked));
    assert_eq!(registry.register(1, hotkey(5), NO_LIMIT), Err(ColdkeyLocked));
    assert_eq!(registry.associate(hotkey(5)), Err(ColdkeyLocked));
    assert_eq!(registry.swap_hotkey(hotkey(0), hotkey(5)), Err(ColdkeyLocked));
    assert_eq!(registry.start(1), Err(ColdkeyLocked));
    assert_eq!(registry.offer_subnet(1, account(20)), Err(ColdkeyLocked));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(0)), Err(ColdkeyLocked));
    assert_eq!(registry.set_identity(1, "x".into(), "x".into()), Err(ColdkeyLocked));
    let kappa = inktensor_primitives::hyperparameters::Hyperparameter::MinBurn;
    assert_eq!(registry.set_hyperparameter(1, kappa, 1), Err(ColdkeyLocked));
    let kind = inktensor_primitives::registry::EvaluatorKind::Component;
    assert_eq!(registry.set_evaluator(1, kind, digest, "x".into(), "".into()), Err(ColdkeyLocked));
    // Its hotkeys go on working.
    act_as(hotkey(0));
    assert_eq!(registry.commit_model(1, digest, 1, ModelFamily::Llama, "u".into()), Ok(()));
}

#[ink::test]
fn a_coldkey_is_swapped_after_its_delay_and_its_things_follow() {
    let mut registry = announced();
    let (old, new) = (account(OWNER), account(20));
    act_as(account(STRANGER));
    assert_eq!(registry.swap_coldkey(new), Err(SwapNotAnnounced));
    assert_eq!(registry.inherit_hotkey(hotkey(0)), Err(NotSwapped));
    assert_eq!(registry.inherit_hotkey(hotkey(9)), Err(NotSwapped));
    assert_eq!(registry.inherit_subnet(1), Err(NotSwapped));
    assert_eq!(registry.inherit_subnet(2), Err(UnknownSubnet));
    act_as(old);
    at(DAY + SWAP_DELAY_MS - 1);
    assert_eq!(registry.swap_coldkey(new), Err(SwapNotDue));
    at(DAY + SWAP_DELAY_MS);
    assert_eq!(registry.swap_coldkey(account(21)), Err(SwapMismatch));
    assert_eq!(registry.successor(old), None);
    assert_eq!(registry.swap_coldkey(new), Ok(()));
    assert_eq!((registry.successor(old), registry.is_locked(old), registry.is_locked(new)), (Some(new), true, false));
    assert_eq!(registry.coldkey_swap(old).and_then(|swap| swap.successor), Some(new));
    assert_eq!(registry.swap_coldkey(new), Err(SwapNotAnnounced));
    assert_eq!(registry.announce_coldkey_swap(coldkey_hash(new)), Err(KeyInUse));
    assert_eq!(registry.dispute_coldkey_swap(), Err(SwapNotAnnounced));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.reset_coldkey_swap(old), Err(SwapNotAnnounced));

    act_as(account(STRANGER));
    assert_eq!(registry.inherit_hotkey(hotkey(1)), Ok(()));
    assert_eq!(registry.inherit_hotkey(hotkey(1)), Err(NotSwapped));
    assert_eq!((coldkey_of(&registry, 0), coldkey_of(&registry, 1)), (Some(old), Some(new)));
    assert_eq!(registry.neurons(1, 0)[1].coldkey, new);
    assert_eq!(registry.registration(1, 2), Some((hotkey(1), new)));
    assert_eq!(registry.inherit_subnet(1), Ok(()));
    assert_eq!(registry.inherit_subnet(1), Err(NotSwapped));
    act_as(new);
    assert_eq!(registry.start(1), Ok(()));
    assert_eq!(registry.set_owner_hotkey(1, hotkey(1)), Ok(()));
}

#[ink::test]
fn what_a_coldkey_left_goes_to_the_last_of_its_successors() {
    let mut registry = announced();
    let (first, second, third) = (account(OWNER), account(20), account(21));
    act_as(second);
    registry.announce_coldkey_swap(coldkey_hash(third)).unwrap();
    at(DAY + SWAP_DELAY_MS);
    act_as(first);
    // Not to a coldkey that is itself about to be swapped.
    assert_eq!(registry.swap_coldkey(second), Err(KeyInUse));
    act_as(account(GOVERNANCE));
    registry.reset_coldkey_swap(second).unwrap();
    act_as(first);
    assert_eq!(registry.swap_coldkey(second), Ok(()));
    act_as(second);
    registry.announce_coldkey_swap(coldkey_hash(third)).unwrap();
    at(DAY + 2 * SWAP_DELAY_MS);
    assert_eq!(registry.swap_coldkey(third), Ok(()));
    registry.inherit_hotkey(hotkey(0)).unwrap();
    registry.inherit_subnet(1).unwrap();
    assert_eq!((coldkey_of(&registry, 0), registry.subnet(1).unwrap().owner), (Some(third), third));
    // No coldkey succeeds itself.
    act_as(third);
    registry.announce_coldkey_swap(coldkey_hash(first)).unwrap();
    at(DAY + 3 * SWAP_DELAY_MS);
    assert_eq!(registry.swap_coldkey(first), Err(KeyInUse));
}

#[ink::test]
fn a_disputed_swap_waits_for_governance() {
    let mut registry = announced();
    act_as(account(STRANGER));
    assert_eq!(registry.dispute_coldkey_swap(), Err(SwapNotAnnounced));
    assert_eq!(registry.reset_coldkey_swap(account(OWNER)), Err(NotAuthorised));
    act_as(account(OWNER));
    assert_eq!(registry.dispute_coldkey_swap(), Ok(()));
    assert_eq!(registry.dispute_coldkey_swap(), Err(SwapDisputed));
    at(DAY + 2 * SWAP_DELAY_MS);
    assert_eq!(registry.swap_coldkey(account(20)), Err(SwapDisputed));
    assert_eq!(registry.announce_coldkey_swap(coldkey_hash(account(20))), Err(SwapDisputed));
    assert!(registry.is_locked(account(OWNER)));
    act_as(account(GOVERNANCE));
    assert_eq!(registry.reset_coldkey_swap(account(OWNER)), Ok(()));
    assert!(!registry.is_locked(account(OWNER)));
    act_as(account(OWNER));
    assert_eq!(registry.start(1), Ok(()));
}

#[ink::test]
fn another_swap_is_announced_after_a_day_and_begins_its_delay_anew() {
    let mut registry = announced();
    at(DAY + REANNOUNCE_MS - 1);
    assert_eq!(registry.announce_coldkey_swap(coldkey_hash(account(21))), Err(SwapRateLimited));
    at(DAY + REANNOUNCE_MS);
    let due_ms = DAY + REANNOUNCE_MS + SWAP_DELAY_MS;
    assert_eq!(registry.announce_coldkey_swap(coldkey_hash(account(21))), Ok(()));
    at(due_ms - 1);
    assert_eq!(registry.swap_coldkey(account(21)), Err(SwapNotDue));
    at(due_ms);
    assert_eq!(registry.swap_coldkey(account(20)), Err(SwapMismatch));
    assert_eq!(registry.swap_coldkey(account(21)), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is associated and swapped, a key has one number and a number one key.
    #[test]
    fn keys_and_numbers_belong_together(steps in prop::collection::vec((0_u16..20, 0_u16..20), 1..80)) {
        test::run_test::<DefaultEnvironment, _>(|_| {
            let mut registry = deployed();
            act_as(account(OWNER));
            let (mut dealt, mut now) = (0, DAY);
            for (old, new) in &steps {
                let taken = registry.hotkey(hotkey(*new)).is_some();
                if registry.hotkey(hotkey(*old)).is_none() {
                    registry.associate(hotkey(*old)).unwrap();
                    dealt += 1;
                } else {
                    now += SWAP_INTERVAL_MS;
                    at(now);
                    assert_eq!(swap_hotkey(&mut registry, *old, *new).err(), taken.then_some(KeyInUse));
                }
                let owned: Vec<_> = (0..20).filter_map(|number| registry.hotkey(hotkey(number))).collect();
                assert_eq!(owned.len(), dealt);
                assert!(owned.iter().all(|entry| registry.hotkey_by_id(entry.id) == Some(*entry)));
            }
            Ok(())
        })
        .unwrap();
    }
}
