//! Weights.

use crate::{staffed, told};
use ink::codegen::TraitCallBuilder;
use inktensor_e2e::{TAO, account, network::NETUID};
use inktensor_primitives::{hyperparameters::Hyperparameter, incentive::IncentiveError};

#[test]
fn where_weights_are_committed_they_are_not_set_and_the_other_way_round() {
    let mut network = staffed();
    let validator = account(20);
    let set = network.incentive.call_mut().set_weights(NETUID, vec![1], vec![1], 0);
    assert_eq!(told(&mut network.chain, validator, set), IncentiveError::CommitRevealEnabled);
    network.set(Hyperparameter::CommitReveal, 0);
    let commit = network.incentive.call_mut().commit_weights(NETUID, [1; 32].into());
    assert_eq!(told(&mut network.chain, validator, commit), IncentiveError::CommitRevealDisabled);
    let set = network.incentive.call_mut().set_weights(NETUID, vec![1], vec![1], 0);
    assert_eq!(network.chain.call(validator, set), Ok(()));
    network.turn();
    network.turn();
    assert!(network.owed(account(30)) > 0, "and count");
}

#[test]
fn a_validator_below_the_threshold_writes_no_weights() {
    let mut network = staffed();
    let validator = account(20);
    let rao = u64::try_from(10_000 * TAO).unwrap();
    network.set(Hyperparameter::StakeThreshold, rao + 1);
    let commit = network.incentive.call_mut().commit_weights(NETUID, [1; 32].into());
    assert_eq!(told(&mut network.chain, validator, commit), IncentiveError::NotEnoughStake);
    let batch = network.incentive.call_mut().commit_weights_batch(vec![(NETUID, [1; 32].into())]);
    assert_eq!(told(&mut network.chain, validator, batch), IncentiveError::NotEnoughStake);
    network.set(Hyperparameter::StakeThreshold, rao);
    let weights = network.weights(&[(1, 1)]);
    network.commit(validator, &weights).unwrap();
    // The threshold holds for the reveal, too.
    network.turn();
    network.set(Hyperparameter::StakeThreshold, 2 * rao);
    let reveal = network.incentive.call_mut().reveal_weights(
        NETUID,
        1,
        weights.clone().into(),
        0,
        Default::default(),
        inktensor_e2e::network::SALT,
    );
    assert_eq!(told(&mut network.chain, validator, reveal), IncentiveError::NotEnoughStake);
    network.set(Hyperparameter::StakeThreshold, rao);
    assert_eq!(network.reveal(validator, 1, &weights), Ok(()));
}

#[test]
fn weights_of_an_old_evaluator_are_refused() {
    let mut network = staffed();
    let validator = account(20);
    network.set(Hyperparameter::CommitReveal, 0);
    network.set(Hyperparameter::WeightsVersionKey, 7);
    let set = network.incentive.call_mut().set_weights(NETUID, vec![1], vec![1], 6);
    assert_eq!(told(&mut network.chain, validator, set), IncentiveError::VersionTooOld);
    let set = network.incentive.call_mut().set_weights(NETUID, vec![1], vec![1], 7);
    assert_eq!(network.chain.call(validator, set), Ok(()));
}

#[test]
fn a_batch_is_written_on_all_subnets_or_on_none() {
    let mut network = staffed();
    let validator = account(20);
    let batch = network.incentive.call_mut().commit_weights_batch(vec![(NETUID, [1; 32].into()), (2, [1; 32].into())]);
    assert_eq!(told(&mut network.chain, validator, batch), IncentiveError::NotActive);
    let empty = network.incentive.call_mut().commit_weights_batch(Vec::new());
    assert_eq!(told(&mut network.chain, validator, empty), IncentiveError::MalformedBatch);
    let long = network.incentive.call_mut().commit_weights_batch(vec![(NETUID, [1; 32].into()); 11]);
    assert_eq!(told(&mut network.chain, validator, long), IncentiveError::MalformedBatch);
    assert!(network.chain.call(validator, network.incentive.call().commits(NETUID, validator)).is_empty());
}
