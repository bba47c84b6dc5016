//! What governance does to the contract itself.

use super::*;
use inktensor_primitives::{
    hyperparameters::Hyperparameter,
    registry::{coldkey_hash, EvaluatorKind, ModelFamily, RegistryError::*},
    upkeep::{Pausable, Upgradable, UpkeepError, MAX_PAUSE_MS},
};

#[ink::test]
fn governance_alone_changes_the_code_and_pauses() {
    let mut registry = with_subnet();
    for other in [OWNER, DEPLOYER, INCENTIVE, STRANGER] {
        act_as(account(other));
        assert_eq!(registry.set_code([1; 32].into()), Err(UpkeepError::NotGovernance));
        assert_eq!(registry.pause(2 * DAY), Err(UpkeepError::NotGovernance));
    }
    act_as(account(GOVERNANCE));
    assert_eq!(registry.pause(DAY + MAX_PAUSE_MS + 1), Err(UpkeepError::PauseTooLong));
    assert_eq!(registry.paused_until(), 0);
    assert_eq!(registry.pause(DAY + MAX_PAUSE_MS), Ok(()));
    assert_eq!(registry.paused_until(), DAY + MAX_PAUSE_MS);
    assert_eq!(registry.peers().and_then(|peers| peers.incentive), Some(account(INCENTIVE)));
}

/// What every message that changes something answers to whoever may call it, in the order of the contract.
fn answers(registry: &mut Registry) -> Vec<Result<(), RegistryError>> {
    let (owner, zero) = (account(OWNER), [0; 32].into());
    act_as(account(DEPLOYER));
    let mut answers = vec![registry.wire(owner)];
    act_as(account(GOVERNANCE));
    answers.push(registry.set_network(0, 0, 0, 9, 0));
    answers.push(registry.dissolve(1));
    answers.push(registry.reset_coldkey_swap(owner));
    act_as(account(INCENTIVE));
    answers.push(registry.record_epoch(1, vec![0]));
    act_as(hotkey(0));
    answers.push(registry.consent(owner));
    answers.push(registry.commit_model(1, zero, 1, ModelFamily::Llama, "u".into()));
    answers.push(registry.serve_axon(1, vec![1]));
    act_as(owner);
    answers.push(registry.create_subnet(NO_LIMIT).map(drop));
    answers.push(registry.start(1));
    answers.push(registry.set_hyperparameter(1, Hyperparameter::MinBurn, 1));
    answers.push(registry.set_evaluator(1, EvaluatorKind::Component, zero, "u".into(), "".into()));
    answers.push(registry.set_identity(1, "n".into(), "u".into()));
    answers.push(registry.set_owner_hotkey(1, hotkey(0)));
    answers.push(registry.offer_subnet(1, owner));
    answers.push(registry.accept_subnet(1));
    answers.push(registry.associate(hotkey(3)));
    answers.push(registry.register(1, hotkey(3), NO_LIMIT).map(drop));
    answers.push(registry.swap_hotkey(hotkey(0), hotkey(3)));
    answers.push(registry.announce_coldkey_swap(coldkey_hash(owner)));
    answers.push(registry.swap_coldkey(owner));
    answers.push(registry.dispute_coldkey_swap());
    answers.push(registry.inherit_hotkey(hotkey(0)));
    answers.push(registry.inherit_subnet(1));
    answers
}

#[ink::test]
fn a_paused_registry_only_answers() {
    let mut registry = with_subnet();
    fill(&mut registry, 0..1);
    act_as(account(GOVERNANCE));
    registry.pause(2 * DAY).unwrap();
    let before = (registry.roster(), registry.subnet(1), registry.neurons(1, 0), registry.hyperparameters(1));
    for answer in answers(&mut registry) {
        assert_eq!(answer, Err(Paused));
    }
    assert_eq!((registry.roster(), registry.subnet(1), registry.neurons(1, 0), registry.hyperparameters(1)), before);
    assert_eq!(registry.burn(1), Some(1_260_000_000));
    // It ends by itself, or when governance says so.
    act_as(account(OWNER));
    at(2 * DAY - 1);
    assert_eq!(registry.associate(hotkey(8)), Err(Paused));
    act_as(account(GOVERNANCE));
    registry.pause(0).unwrap();
    act_as(account(OWNER));
    assert_eq!(registry.associate(hotkey(8)), Ok(()));
}

#[ink::test]
fn a_pause_ends_by_itself() {
    let mut registry = with_subnet();
    act_as(account(GOVERNANCE));
    registry.pause(2 * DAY).unwrap();
    at(2 * DAY);
    act_as(account(OWNER));
    assert_eq!(registry.associate(hotkey(8)), Ok(()));
}
